"""Plain CSV with a header: address, mac, hostname, start, end. MAC and host name may be empty.

Instants are ISO 8601 (UTC where no zone is named) or seconds since the epoch; an empty end is a lease without one.
"""

import csv
from collections.abc import Iterator
from typing import BinaryIO

from vatriage.leases.fields import decoded, record, reject, seconds_of
from vatriage.leases.interface import FOREVER, LeaseFileError, LeaseRecord, LeaseReject
from vatriage.leases.lines import numbered_lines

_NEEDED = ("address", "start", "end")


def read_csv(source: BinaryIO) -> Iterator[LeaseRecord | LeaseReject]:
    """See LeaseReader."""
    header: list[str] = []
    for number, line in numbered_lines(source):
        try:
            text = decoded(line)
            if not text.strip() or text.startswith("#"):
                continue
            cells = next(csv.reader([text], strict=True))
        except (ValueError, csv.Error) as error:
            yield reject(number, error, line)
            continue
        if not header:
            header = _header(cells)
            continue
        yield _row(number, line, header, cells)


def _header(cells: list[str]) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    if not set(_NEEDED) <= set(header):
        raise LeaseFileError(
            "The table's first line does not name the columns address, start and end.",
            "Write the header `address,mac,hostname,start,end`, or name another --format.",
        )
    return header


def _row(number: int, line: bytes, header: list[str], cells: list[str]) -> LeaseRecord | LeaseReject:
    if len(cells) != len(header):
        return reject(number, "the line has not as many columns as the header", line)
    said = dict(zip(header, cells, strict=True))
    try:
        end = seconds_of(said["end"]) if said["end"].strip() else FOREVER
        mac, name = said.get("mac", ""), said.get("hostname", "")
        return record(said["address"], mac, name, seconds_of(said["start"]), end)
    except ValueError as error:
        return reject(number, error, line)
