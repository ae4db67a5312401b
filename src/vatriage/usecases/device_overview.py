"""Devices as lists and pages show them: what acts, what waits, what their pulls brought."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Max

from vatriage.errors import NotFoundError
from vatriage.model.instant import US, parse_instant
from vatriage.store.changes import PendingChange
from vatriage.store.devices import Device, PermitLimit
from vatriage.store.ledger import COMPLETE
from vatriage.store.pulls import Pull

PULLS_SHOWN = 20
_PULLS_LOOKED_AT = 50
"""How many complete pulls are looked through for the newest scan: a saved report that was taken before brings none."""


class DeviceState(StrEnum):
    """Where a device stands between Submit and Activate."""

    SUBMITTED = "submitted"
    ACTIVE = "active"
    CHANGING = "change pending"
    DELETING = "deletion pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLine:
    """A device, as the list shows it. Instants are seconds, 0 = never."""

    device: Device
    """What acts; of a device that was never activated: what was submitted."""
    state: DeviceState
    pull: Pull | None
    """The last one, None = never pulled."""
    complete_at: int
    """When the last complete pull began."""
    data_at: int
    """When the newest scan was that its pulls reported."""


def device_lines(zones: Iterable[str] | None) -> list[DeviceLine]:
    """Return the devices of some zones (None = all), in order of name."""
    devices = Device.objects.select_related("zone")
    shown = list(devices if zones is None else devices.filter(zone__name__in=list(zones)))
    newest = Pull.objects.filter(device__in=shown).order_by().values("device").annotate(newest=Max("pk"))
    pulls = Pull.objects.in_bulk([row["newest"] for row in newest])
    by_device = {pull.device_id: pull for pull in pulls.values()}
    waiting = {row.subject: row for row in PendingChange.objects.filter(kind="device")}
    return sorted(
        (_line(device, waiting.get(device.name), by_device.get(device.pk)) for device in shown),
        key=lambda line: line.device.name,
    )


def device_line(name: str, zones: Iterable[str] | None) -> DeviceLine:
    """Return one device. Raises: NotFoundError: there is none of that name in these zones."""
    devices = Device.objects.select_related("zone").filter(name=name)
    device = (devices if zones is None else devices.filter(zone__name__in=list(zones))).first()
    if device is None:
        raise NotFoundError(f"There is no device named {name!r}.", "The list of devices shows all that you may see.")
    waiting = PendingChange.objects.filter(kind="device", subject=name).first()
    return _line(device, waiting, Pull.objects.filter(device=device).order_by("-pk").first())


def pulls_of(device: Device) -> list[Pull]:
    """Return the device's last pulls, newest first."""
    return list(Pull.objects.filter(device=device).order_by("-pk")[:PULLS_SHOWN])


def quota_of(account: str) -> list[PermitLimit]:
    """Return what the server's answers said of an account's limits, in order of resource."""
    return list(PermitLimit.objects.filter(account=account, noted_at__gt=0).order_by("resource"))


def _line(device: Device, waiting: PendingChange | None, pull: Pull | None) -> DeviceLine:
    complete = Pull.objects.filter(device=device, state=COMPLETE).order_by("-pk")
    counted = list(complete.values_list("started_at", "counts__newest_scan")[:_PULLS_LOOKED_AT]) if pull else []
    return DeviceLine(
        device=device, state=_state(device, waiting), pull=pull, complete_at=counted[0][0] if counted else 0,
        data_at=max((_seconds(said) for _, said in counted), default=0),
    )  # fmt: skip


def newest_scan_of(counts: Mapping[str, Any]) -> int:
    """Return when the newest scan was that a pull reported, 0 = it reported none."""
    return _seconds(counts.get("newest_scan"))


def _seconds(said: str | None) -> int:
    return parse_instant(said) // US if said else 0


def _state(device: Device, waiting: PendingChange | None) -> DeviceState:
    if not device.active:
        return DeviceState.SUBMITTED
    if waiting is None:
        return DeviceState.ACTIVE
    return DeviceState.DELETING if waiting.content is None else DeviceState.CHANGING
