"""Zeek's dhcp.log, as TSV or as JSON lines: what a server acknowledged, and what a client gave back.

Source: Zeek, `base/protocols/dhcp/main.zeek`. Read: ts, mac, host_name, client_fqdn, assigned_addr, client_addr,
lease_time, msg_types. A conversation without ACK assigned nothing, and is neither a lease nor a reject. A RELEASE ends the
client's lease of that address before it.
"""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from vatriage.leases.fields import NO_NAMES, decoded, record, reject, seconds_of
from vatriage.leases.interface import LeaseFileError, LeaseRecord, LeaseReject
from vatriage.leases.lines import numbered_lines

_NEEDED = ("ts", "mac", "assigned_addr", "lease_time")


def read_zeek(source: BinaryIO) -> Iterator[LeaseRecord | LeaseReject]:
    """See LeaseReader."""
    header: list[str] = []
    last: dict[tuple[str, str], LeaseRecord] = {}
    for number, line in numbered_lines(source):
        try:
            text = decoded(line)
            if text.startswith("#fields"):
                header = _header(text)
            if not text.strip() or text.startswith("#"):
                continue
            said = json.loads(text) if text.startswith("{") else _cells(header, text)
            yield from _entry(said, last)
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            yield reject(number, error, line)


def _header(text: str) -> list[str]:
    header = text.split("\t")[1:]
    if not set(_NEEDED) <= set(header):
        raise LeaseFileError(
            f"The file's #fields do not name {', '.join(_NEEDED)}.", "Zeek's dhcp.log (of Zeek 3 and later) does."
        )
    return header


def _cells(header: list[str], text: str) -> dict[str, Any]:
    if not header:
        raise ValueError("no #fields stands before the line")
    cells = text.split("\t")
    if len(cells) != len(header):
        raise ValueError("the line has not as many columns as #fields")
    return {name: cell for name, cell in zip(header, cells, strict=True) if cell not in NO_NAMES}


def _entry(said: dict[str, Any], last: dict[tuple[str, str], LeaseRecord]) -> Iterator[LeaseRecord]:
    """Yield what a conversation says. Raises: ValueError: a field is wrong."""
    kinds, mac = said.get("msg_types", "ACK"), str(said.get("mac", ""))
    words = kinds if isinstance(kinds, list) else str(kinds).split(",")
    at = seconds_of(said.get("ts", ""))
    if "RELEASE" in words and "client_addr" in said:
        given_back = record(str(said["client_addr"]), mac, "", at, at)
        before = last.get((given_back.address, given_back.mac))
        if before is not None and before.start <= at <= before.end:
            yield before._replace(end=at)
    if "ACK" not in words or "assigned_addr" not in said or "lease_time" not in said:
        return
    name = str(said.get("host_name") or said.get("client_fqdn") or "")
    found = record(str(said["assigned_addr"]), mac, name, at, at + int(float(said["lease_time"])))
    last[found.address, found.mac] = found
    yield found
