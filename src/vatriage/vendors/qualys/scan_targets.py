"""The address grammar of `ip=` and `target=`: addresses and ranges, comma separated, no blanks (pure).

Source: the seed, "Add and Configure", step 4: `123.123.123.1,123.123.123.4`, `123.123.123.1-123.123.123.8`, or both.
"""

import ipaddress
import re
from dataclasses import dataclass

from vatriage.vendors.interface import RequestRefusedError

_ALLOWED = re.compile(r"[0-9.,\-]")
_OCTET = re.compile(r"\d{1,3}")


@dataclass(frozen=True, slots=True)
class ScanTargets:
    """Addresses to be scanned, as ranges of IPv4 numbers: sorted, joined, without overlap."""

    ranges: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        """How many addresses they are; each counts once."""
        return sum(last - first + 1 for first, last in self.ranges)

    @property
    def first_private(self) -> str:
        """The first address that is not reached from the Internet, "" if all are."""
        for first, last in self.ranges:
            # Private networks are few and wide: a range touches one at its ends or holds the network's first address.
            for network in _PRIVATE:
                low = max(first, int(network.network_address))
                if low <= min(last, int(network.broadcast_address)):
                    return str(ipaddress.IPv4Address(low))
        return ""

    def holds(self, address: str) -> bool:
        """Whether an address is one of them."""
        try:
            number = int(ipaddress.IPv4Address(address))
        except ipaddress.AddressValueError:
            return False
        return any(first <= number <= last for first, last in self.ranges)


_PRIVATE = [
    ipaddress.IPv4Network(text)
    for text in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
]


def parse_targets(text: str) -> ScanTargets:
    """Return the addresses of a text.

    Raises:
        RequestRefusedError: the text is no list of addresses; the message names the character.
    """
    if not text:
        raise _refused(text, 1, "no address is given")
    for place, character in enumerate(text, 1):
        if not _ALLOWED.fullmatch(character):
            what = "a blank" if character.isspace() else repr(character)
            kind = "host names are not taken" if character.isalpha() else "only digits, '.', ',' and '-' are taken"
            raise _refused(text, place, f"{what} is no part of an address; {kind}")
    ranges, place = [], 1
    for entry in text.split(","):
        ranges.append(_range(text, entry, place))
        place += len(entry) + 1
    return ScanTargets(_joined(ranges))


def _range(text: str, entry: str, place: int) -> tuple[int, int]:
    """Return an entry's first and last address; `place` is where it begins, 1 first."""
    parts = entry.split("-")
    if len(parts) > 2:
        raise _refused(text, place + len(parts[0]) + 1 + len(parts[1]), "a range has one '-'")
    numbers, start = [], place
    for part in parts:
        numbers.append(_address(text, part, start))
        start += len(part) + 1
    if numbers[0] > numbers[-1]:
        raise _refused(text, place, f"the range {entry} ends before it starts")
    return numbers[0], numbers[-1]


def _address(text: str, part: str, place: int) -> int:
    octets = part.split(".")
    at = place
    for number, octet in enumerate(octets, 1):
        if number > 4:
            raise _refused(text, at - 1, f"{part} has more than four numbers")
        if not _OCTET.fullmatch(octet) or int(octet) > 255:
            what = f"{octet} is no number from 0 to 255" if octet else "a number is missing"
            raise _refused(text, min(at, len(text)), what)
        if octet[0] == "0" and len(octet) > 1:
            raise _refused(text, at, f"{octet} begins with '0': some read it as octal; write {int(octet)}")
        at += len(octet) + 1
    if len(octets) < 4:
        raise _refused(text, place, f"{part} has fewer than four numbers")
    return int.from_bytes(bytes(map(int, octets)))


def _joined(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def _refused(text: str, place: int, problem: str) -> RequestRefusedError:
    return RequestRefusedError(
        f"The addresses {text!r} cannot be read at character {place}: {problem}.",
        "Write addresses and ranges, comma separated, without blanks: 192.0.2.1,192.0.2.5-192.0.2.9.",
    )
