"""Kea's memfile (`kea-leases4.csv`, and its `.1`, `.2` of clean-ups): a log of rows, of which each replaces the one before.

Source: Kea Administrator Reference Manual, memfile. Read: address, hwaddr, valid_lifetime, expire, hostname, state. A lease
began `valid_lifetime` before its `expire`. A row with the lifetime 0 says that the lease was given back: the one before it
lasted surely no longer than its own start. State 1 (declined) names no client. Commas inside fields are written `&#x2c`.
"""

from collections.abc import Iterator
from typing import BinaryIO

from vatriage.leases.fields import decoded, record, reject
from vatriage.leases.interface import FOREVER, LeaseFileError, LeaseRecord, LeaseReject
from vatriage.leases.lines import numbered_lines

_NEEDED = ("address", "hwaddr", "valid_lifetime", "expire", "hostname")
_INFINITE = 0xFFFF_FFFF
_DECLINED = "1"


def read_kea(source: BinaryIO) -> Iterator[LeaseRecord | LeaseReject]:
    """See LeaseReader."""
    header: list[str] = []
    last: dict[str, LeaseRecord] = {}
    for number, line in numbered_lines(source):
        try:
            cells = decoded(line).split(",")
            if not header:
                header = _header(cells)
                continue
            if cells not in ([""], header):  # a header again, where two files were joined
                yield from _row(header, cells, last)
        except ValueError as error:
            yield reject(number, error, line)


def _header(cells: list[str]) -> list[str]:
    if not set(_NEEDED) <= set(cells):
        raise LeaseFileError(
            f"The file's first line does not name the columns {', '.join(_NEEDED)}.",
            "Kea's memfile of DHCPv4 does (kea-leases4.csv); else name another --format.",
        )
    return cells


def _row(header: list[str], cells: list[str], last: dict[str, LeaseRecord]) -> Iterator[LeaseRecord]:
    """Yield what a row says. Raises: ValueError: a field is wrong."""
    if len(cells) != len(header):
        raise ValueError("the line has not as many columns as the header")
    said = dict(zip(header, cells, strict=True))
    lifetime, expire = int(said["valid_lifetime"]), int(said["expire"])
    if said.get("state") == _DECLINED:
        return
    start = expire - lifetime
    if lifetime == _INFINITE:
        start, expire = (start if start > 0 else expire), FOREVER
    found = record(said["address"], said["hwaddr"], said["hostname"].replace("&#x2c", ","), start, expire)
    before = last.get(found.address)
    if lifetime == 0:
        if before is not None:
            yield before._replace(end=max(before.start, min(before.end, expire)))
        return
    last[found.address] = found
    yield found
