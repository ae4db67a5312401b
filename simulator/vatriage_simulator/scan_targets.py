"""The addresses of a v1 call: `ip=1.2.3.4,1.2.3.9-1.2.3.12`.

The wordings of the refusals are recorded for a host name and for a URL; that ranges backwards and blanks fail in the
same words is the simulator's own choice. A CIDR block is taken, because the recorded text speaks of its format.
"""

import ipaddress
import re
from collections.abc import Iterator

from vatriage_simulator.number_set import NumberSet, of_ranges

_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_PRIVATE = of_ranges(
    (int(network.network_address), int(network.broadcast_address))
    for network in map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
)
"""RFC 1918: what the service's own scanners cannot reach."""


class BadTargetsError(Exception):
    """One sentence for each value that is no address, range or block."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))


def parse_targets(written: str, name: str = "ip") -> NumberSet:
    """Read the comma list of IPv4 addresses, dash ranges and CIDR blocks of a parameter.

    Raises: BadTargetsError: one or more values are none of these.
    """
    ranges, refused = [], []
    for part in written.split(","):
        try:
            ranges.append(_range(part))
        except ValueError:
            kind = "Invalid CIDR format" if "/" in part else "Invalid IP or range."
            refused.append(f"Invalid value for '{name}' : {part}. {kind}")
    if refused:
        raise BadTargetsError(refused)
    return of_ranges(ranges)


def private_part(addresses: NumberSet) -> NumberSet:
    """Return the private addresses (RFC 1918) among some."""
    return of_ranges(_overlaps(addresses, _PRIVATE))


def written_ranges(addresses: NumberSet) -> str:
    """Return addresses as a comma list of single ones and ranges."""
    return ",".join(_written(low, high) for low, high in zip(addresses.starts, addresses.ends, strict=True))


def _range(part: str) -> tuple[int, int]:
    """Return the bounds of one value; ValueError if it has none."""
    if "/" in part:
        block = ipaddress.IPv4Network(part)
        return int(block.network_address), int(block.broadcast_address)
    first, dash, last = part.partition("-")
    low, high = _address(first), _address(last if dash else first)
    if low > high:
        raise ValueError(part)
    return low, high


def _address(written: str) -> int:
    """Return the number of an address; ValueError if it is none."""
    if not _ADDRESS.fullmatch(written):
        raise ValueError(written)
    return int(ipaddress.IPv4Address(written))


def _overlaps(one: NumberSet, other: NumberSet) -> Iterator[tuple[int, int]]:
    """Yield the ranges that two sets share."""
    for low, high in zip(one.starts, one.ends, strict=True):
        for start, end in zip(other.starts, other.ends, strict=True):
            if max(low, start) <= min(high, end):
                yield max(low, start), min(high, end)


def _written(low: int, high: int) -> str:
    """Return one range as v1 writes it."""
    first = str(ipaddress.IPv4Address(low))
    return first if low == high else f"{first}-{ipaddress.IPv4Address(high)}"
