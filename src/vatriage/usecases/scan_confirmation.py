"""A scan is started only where a person confirmed how many addresses it may touch.

How many an asset group holds, only the server knows, and it may change: such a scan is never confirmed by a number, but
by the word for it, which stands in the store as a ceiling of its own.
"""

from vatriage.errors import UsageError
from vatriage.model.scan_ceiling import GROUPS
from vatriage.store.devices import Device
from vatriage.vendors.interface import QueryKind, ReportQuery


def is_confirmed(query: ReportQuery, ceiling: int) -> bool:
    """Whether a ceiling (0 = none) covers a real-time query."""
    return 0 < query.scan_addresses <= ceiling or (not query.scan_addresses and ceiling == GROUPS)


def check_confirmed(device: Device, query: ReportQuery) -> None:
    """Raise: UsageError: the device starts scans, and nobody has confirmed so many addresses for this URL."""
    if query.kind is not QueryKind.REAL_TIME:
        return
    known = device.scan_ceiling if device.scan_confirmed_url == device.url else 0
    if is_confirmed(query, known):
        return
    many = f"{query.scan_addresses:,} addresses" if query.scan_addresses else "the asset groups of its URL"
    if not known or not query.scan_addresses:
        option = f"--confirm-scan {query.scan_addresses}" if query.scan_addresses else "--confirm-groups"
        raise UsageError(
            f"Device {device.name!r} starts a scan of {many} at every pull, and nobody has confirmed that.",
            f"Confirm it once: vatriage activate {option}",
        )
    raise UsageError(
        f"Device {device.name!r} would scan {many}; {known:,} are confirmed.",
        "Name fewer addresses in its URL, or confirm more.",
    )
