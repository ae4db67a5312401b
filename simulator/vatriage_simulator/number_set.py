"""Sets of ids and addresses as the API writes them: `1,5-9`, `10.0.0.1-10.0.0.9`."""

import ipaddress
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_IDS = re.compile(r"([1-9][0-9]{0,18})(?:-([1-9][0-9]{0,18}))?")
_V6_OFFSET = 1 << 32
"""IPv6 addresses stand behind all IPv4 addresses, so that one set holds both."""


@dataclass(frozen=True, slots=True)
class NumberSet:
    """Whole numbers as sorted ranges that do not touch; asks cost a binary search."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    """Inclusive."""

    def __contains__(self, number: int) -> bool:
        """Whether a number is in one of the ranges."""
        place = bisect_right(self.starts, number) - 1
        return place >= 0 and number <= self.ends[place]

    def numbers(self) -> Iterator[int]:
        """Yield every number it holds, ascending."""
        for low, high in zip(self.starts, self.ends, strict=True):
            yield from range(low, high + 1)

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return sum(high - low + 1 for low, high in zip(self.starts, self.ends, strict=True))

    def holds(self, other: "NumberSet") -> bool:
        """Whether every number of another set is in this one."""
        return all(
            low in self and self.ends[bisect_right(self.starts, low) - 1] >= high
            for low, high in zip(other.starts, other.ends, strict=True)
        )


def of_ranges(ranges: Iterable[tuple[int, int]]) -> NumberSet:
    """Return the set of all numbers of inclusive ranges in any order."""
    merged: list[list[int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], high)
        else:
            merged.append([low, high])
    return NumberSet(tuple(low for low, _ in merged), tuple(high for _, high in merged))


def parse_ids(written: str) -> NumberSet:
    """Read a comma list of positive integers and ranges.

    Raises: ValueError: its text is the part that is neither.
    """
    return of_ranges(_id_ranges(written))


def parse_addresses(written: str) -> NumberSet:
    """Read a comma list of IPv4 or IPv6 addresses and dash ranges.

    Raises: ValueError: its text is the part that is neither.
    """
    return of_ranges(_address_ranges(written))


def address_number(address: str) -> int:
    """Return the number of an address, as the sets of `parse_addresses` hold it.

    Raises: ValueError: no address.
    """
    found = ipaddress.ip_address(address)
    return int(found) if found.version == 4 else int(found) + _V6_OFFSET


def _id_ranges(written: str) -> Iterator[tuple[int, int]]:
    """Yield the inclusive ranges of a comma list of ids."""
    for part in written.split(","):
        match = _IDS.fullmatch(part.strip())
        if match is None:
            raise ValueError(part)
        low, high = int(match[1]), int(match[2] or match[1])
        if low > high:
            raise ValueError(part)
        yield low, high


def _address_ranges(written: str) -> Iterator[tuple[int, int]]:
    """Yield the inclusive ranges of a comma list of addresses, as numbers."""
    for part in written.split(","):
        first, _, last = part.strip().partition("-")
        try:
            low, high = address_number(first.strip()), address_number((last or first).strip())
        except ValueError:
            raise ValueError(part) from None
        if low > high:
            raise ValueError(part)
        yield low, high
