"""What of a noun a caller sees: of zones that are not theirs, nothing is said to be there."""

from vatriage.errors import NotAllowedError, NotFoundError
from vatriage.model.viewer import Viewer
from vatriage.store.devices import Device
from vatriage.usecases.devices import find_device


def seen_device(viewer: Viewer, name: str) -> Device:
    """Return a device. Raises: NotFoundError: there is none of that name in the caller's zones."""
    device = find_device(name)
    if not viewer.sees(device.zone.name):
        raise NotFoundError(f"There is no device named {name!r}.", "GET /devices lists those you see.")
    return device


def check_zone(viewer: Viewer, zone: str | None) -> None:
    """Raise: NotAllowedError: the caller names a zone that is not theirs."""
    if zone is not None and not viewer.sees(zone):
        raise NotAllowedError(f"The zone {zone!r} is not one that you see.", "GET /me names yours.")


def check_all_zones(viewer: Viewer) -> None:
    """Raise: NotAllowedError: the caller sees some zones only, and what they ask for reaches across all."""
    if viewer.zones is not None:
        raise NotAllowedError("This reaches across all zones, and you see some only.", "Ask who sees all of them.")
