"""The fields of a lease, each checked: an address, a MAC, a name, an instant. What is wrong raises ValueError."""

from datetime import UTC, datetime

from vatriage.leases.interface import FOREVER, LONGEST_LINE, RAW_KEPT, LeaseRecord, LeaseReject
from vatriage.model.address import format_address, names_no_single_host, pack_address
from vatriage.model.mac import canonical_mac

_LONGEST_NAME = 255
NO_NAMES = frozenset({"", "-", "*", "(empty)", "null"})
"""How formats write that nothing is stated."""


def mac_of(text: str) -> str:
    """Return a MAC in its one spelling, "" for none. Raises: ValueError: it is none."""
    return "" if text.strip().lower() in NO_NAMES else canonical_mac(text)


def name_of(text: str) -> str:
    """Return a host name as it is compared, without the dot at its end. Raises: ValueError: it cannot be one."""
    name = text.strip().rstrip(".")
    if name.lower() in NO_NAMES:
        return ""
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise ValueError(f"{name[:60]!r} is no host name")
    return name


def seconds_of(value: str | float) -> int:
    """Return an instant as whole seconds: a number since the epoch, or ISO 8601 (UTC where it names no zone).

    Raises: ValueError: it is none, or lies before 1980 or after 2200.
    """
    try:
        at = int(float(value))
    except (ValueError, OverflowError):
        at = _iso_seconds(str(value).strip())
    if not 315_532_800 <= at <= 7_258_118_400:
        raise ValueError(f"{str(value)[:60]!r} is no instant between 1980 and 2200")
    return at


def _iso_seconds(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:60]!r} is no instant") from error


def record(address: str, mac: str, hostname: str, start: int, end: int) -> LeaseRecord:
    """Return a lease. Raises: ValueError: a field is wrong, or it ends before it starts."""
    try:
        packed = pack_address(address)
    except ValueError as error:
        raise ValueError(f"{address[:60]!r} is no IP address") from error
    if names_no_single_host(packed):
        raise ValueError(f"{address[:60]!r} is no address of one host")
    if not 0 < start < FOREVER:
        raise ValueError(f"{start} is no instant")
    if end < start:
        raise ValueError("the lease ends before it starts")
    return LeaseRecord(format_address(packed), mac_of(mac), name_of(hostname), start, min(end, FOREVER))


def reject(line: int, problem: object, raw: bytes) -> LeaseReject:
    """Return a record that cannot be read, its bytes cut."""
    return LeaseReject(line, str(problem), raw[:RAW_KEPT])


def decoded(line: bytes) -> str:
    """Return a line's text. Raises: ValueError: it is too long, or no UTF-8."""
    if len(line) > LONGEST_LINE:
        raise ValueError(f"the line has more than {LONGEST_LINE:,} bytes")
    return line.decode().rstrip("\r\n")
