"""One end of a packet as text formats write it: `10.0.0.1:80`, `[2001:db8::1]:80`, `2001:db8::1:80`, or without a port.

IPv6 without brackets can often be read in two ways. Suricata's fast.log writes all eight groups, which is clear; what
Snort shortens is read as its sources write it (ports for TCP and UDP, none else), and the alert is in doubt.
"""

from typing import NamedTuple

from vatriage.model.address import pack_address
from vatriage.model.alert import Doubt
from vatriage.sensors.eve_lenient import FieldError
from vatriage.sensors.report import has_ports

_LONGEST = 100


class End(NamedTuple):
    """An address and a port, each None if it is not there."""

    address: str | None
    port: int | None
    doubts: tuple[Doubt, ...] = ()


def read_end(text: str, protocol: str, field: str, *, always_port: bool = False) -> End:
    """Return one end.

    Args:
        text: as it stands in the alert; empty if nothing stands there.
        protocol: as `protocol_name` returns it.
        field: what to call it in an error.
        always_port: the format writes a port (maybe 0) behind every address, so that nothing is in doubt.

    Raises: FieldError: it is no address, or no port stands behind its last colon.
    """
    if not text or text == ":0":
        return End(None, None)
    if len(text) > _LONGEST:
        raise FieldError(field, text)
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        return End(_address(address, field, text), _port(rest.removeprefix(":"), field, text) if rest else None)
    head, colon, tail = text.rpartition(":")
    joined = bool(colon) and _is_address(head) and tail.isascii() and tail.isdigit() and len(tail) <= 5
    if not joined:
        return End(_address(text, field, text), None)
    if always_port or not _is_address(text):
        return End(head, _port(tail, field, text))
    if has_ports(protocol):
        return End(head, _port(tail, field, text), (Doubt.ADDRESS,))
    return End(text, None, (Doubt.ADDRESS,))


def _is_address(text: str) -> bool:
    try:
        pack_address(text)
    except ValueError:
        return False
    return True


def _address(text: str, field: str, shown: str) -> str:
    if not _is_address(text):
        raise FieldError(field, shown)
    return text


def _port(text: str, field: str, shown: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise FieldError(field, shown)
    return int(text)
