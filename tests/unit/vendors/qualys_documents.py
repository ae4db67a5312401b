"""Small Qualys answers of our own making, for the tests of this folder."""

import io
from dataclasses import dataclass, field
from typing import Any

from vatriage.model.report import DescribedBy, Reject, ReportEnd, ScanSummary
from vatriage.vendors.qualys.readers import QualysReader

DECLARATION = b'<?xml version="1.0" encoding="UTF-8" ?>\n'

TABLES = ("hosts", "detections", "open_ports", "vulnerabilities", "references")


@dataclass
class Read:
    """Everything that was read of one document."""

    kind: str | None
    end: ReportEnd
    hosts: list[dict[str, Any]] = field(default_factory=list)
    detections: list[dict[str, Any]] = field(default_factory=list)
    open_ports: list[dict[str, Any]] = field(default_factory=list)
    vulnerabilities: list[dict[str, Any]] = field(default_factory=list)
    references: list[dict[str, Any]] = field(default_factory=list)
    id_ranges: list[tuple[int, int]] = field(default_factory=list)
    scans: list[ScanSummary] = field(default_factory=list)
    described_by: set[DescribedBy] = field(default_factory=set)
    rejects: list[Reject] = field(default_factory=list)


def read(document: bytes, name: str = "answer.xml") -> Read:
    """Read a document whole; the `host` of detections and open ports counts through all pages."""
    reading = QualysReader().open(io.BytesIO(document), name)
    found = Read(kind=reading.kind, end=reading.end)
    for page in reading.pages():
        before = len(found.hosts)
        for table in TABLES:
            getattr(page, table).validate(full=True)
            rows = getattr(page, table).to_pylist()
            if table in {"detections", "open_ports"}:
                rows = [row | {"host": row["host"] + before} for row in rows]
            getattr(found, table).extend(rows)
        found.id_ranges.extend(page.id_ranges)
        found.rejects.extend(page.rejects)
        found.scans.extend(page.scans)
        found.described_by.update([page.described_by] if page.vulnerabilities.num_rows else [])
    found.end = reading.end
    return found


def elements(**fields: str | int | None) -> str:
    """Return elements in order; None leaves one out."""
    return "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value is not None)


def detection(qid: str | int | None = 38170, **fields: str | int | None) -> str:
    """Return a DETECTION with usual fields, changed or left out as said."""
    usual: dict[str, str | int | None] = {
        "TYPE": "Confirmed",
        "SEVERITY": 3,
        "PORT": 443,
        "PROTOCOL": "tcp",
        "SSL": 1,
        "RESULTS": "<![CDATA[found]]>",
        "STATUS": "Active",
        "FIRST_FOUND_DATETIME": "2026-01-01T00:00:00Z",
        "LAST_FOUND_DATETIME": "2026-05-01T00:00:00Z",
    }
    return f"<DETECTION>{elements(QID=qid, **(usual | fields))}</DETECTION>"


def host(
    number: str | int | None = 1, *detections: str, ip: str | None = "10.0.0.1", **fields: str | int | None
) -> str:
    """Return a HOST; its detections come last, as in real answers."""
    listed = f"<DETECTION_LIST>{''.join(detections)}</DETECTION_LIST>" if detections else ""
    return f"<HOST>\n{elements(ID=number, IP=ip, **fields)}{listed}</HOST>\n"


def answer(root: str, list_name: str, *records: str | bytes, before: str = "", after: str = "") -> bytes:
    """Return a document with records in a list, and what else stands in RESPONSE before and after it."""
    body = b"".join(record.encode() if isinstance(record, str) else record for record in records)
    head = f"<{root}>\n<RESPONSE>\n<DATETIME>2026-05-03T10:00:00Z</DATETIME>\n{before}<{list_name}>\n"
    tail = f"</{list_name}>\n{after}</RESPONSE>\n</{root}>\n"
    return DECLARATION + head.encode() + body + tail.encode()


def detections_answer(*hosts: str | bytes, before: str = "", after: str = "") -> bytes:
    """Return a HOST_LIST_VM_DETECTION_OUTPUT."""
    return answer("HOST_LIST_VM_DETECTION_OUTPUT", "HOST_LIST", *hosts, before=before, after=after)


def host_list_answer(*hosts: str | bytes, before: str = "", after: str = "") -> bytes:
    """Return a HOST_LIST_OUTPUT."""
    return answer("HOST_LIST_OUTPUT", "HOST_LIST", *hosts, before=before, after=after)


def knowledge_base_answer(*entries: str | bytes) -> bytes:
    """Return a KNOWLEDGE_BASE_VULN_LIST_OUTPUT."""
    return answer("KNOWLEDGE_BASE_VULN_LIST_OUTPUT", "VULN_LIST", *entries)


def simple_return(**fields: str) -> bytes:
    """Return a SIMPLE_RETURN."""
    body = elements(DATETIME="2026-05-03T10:00:00Z", **fields)
    return DECLARATION + f"<SIMPLE_RETURN><RESPONSE>{body}</RESPONSE></SIMPLE_RETURN>".encode()
