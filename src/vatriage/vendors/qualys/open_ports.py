"""The open ports that a scan lists: not an element of their own, but the result table of two QIDs."""

import pyarrow as pa
import pyarrow.compute as pc

from vatriage.model.evidence import PROTOCOL_NUMBERS, Status
from vatriage.model.report import OPEN_PORTS

_OPEN_SERVICES = {82023: PROTOCOL_NUMBERS["tcp"], 82004: PROTOCOL_NUMBERS["udp"]}
"""QIDs "Open TCP Services List" and "Open UDP Services List": their RESULTS are tables whose first column is a port."""


def open_ports(detections: pa.Table, hosts: pa.Table) -> pa.Table:
    """Return the ports that the lists of open services name.

    Only lists found in the host's last scan count: an older list says nothing of what that scan reached, and one found
    fixed says nothing any more.
    """
    scanned_at = pc.take(hosts["scanned_at"], detections["host"])
    listing = pc.and_(
        pc.is_in(detections["qid"], pa.array(list(_OPEN_SERVICES))),
        pc.and_(pc.equal(detections["last_found"], scanned_at), pc.not_equal(detections["status"], int(Status.FIXED))),
    )
    found: set[tuple[int, int, int]] = set()
    for row in detections.select(["host", "qid", "results"]).filter(listing).to_pylist():
        protocol = _OPEN_SERVICES[row["qid"]]
        found.update((row["host"], protocol, port) for port in _listed_ports(row["results"]))
    columns = zip(*sorted(found), strict=True) if found else ((), (), ())
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, OPEN_PORTS, strict=True)], schema=OPEN_PORTS
    )


def _listed_ports(results: str) -> list[int]:
    """Return the ports in the first column of a tab-separated table; a header row holds no number there."""
    first = (line.split("\t", 1)[0].strip() for line in results.splitlines())
    return [
        int(text) for text in first if text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536
    ]
