"""A scan is started only where a person confirmed how many addresses it may touch."""

from vatriage.errors import UsageError
from vatriage.store.devices import Device
from vatriage.vendors.interface import QueryKind, ReportQuery


def check_confirmed(device: Device, query: ReportQuery) -> None:
    """Raise: UsageError: the device starts scans, and nobody has confirmed so many addresses for this URL."""
    if query.kind is not QueryKind.REAL_TIME:
        return
    many = f"{query.scan_addresses:,} addresses" if query.scan_addresses else "the asset groups of its URL"
    if not device.scan_ceiling or device.scan_confirmed_url != device.url:
        raise UsageError(
            f"Device {device.name!r} starts a scan of {many} at every pull, and nobody has confirmed that.",
            f"Confirm it once: vatriage activate --confirm-scan {query.scan_addresses or 'N'}",
        )
    if query.scan_addresses > device.scan_ceiling:
        raise UsageError(
            f"Device {device.name!r} would scan {many}; {device.scan_ceiling:,} are confirmed.",
            "Name fewer addresses in its URL, or confirm more.",
        )
