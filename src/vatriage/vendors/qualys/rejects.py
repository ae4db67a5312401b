"""How rejects name a record: by what its first bytes say, because nothing more of a bad record can be trusted."""

import re
from dataclasses import dataclass

from vatriage.model.address import format_address, pack_address
from vatriage.model.report import Reject
from vatriage.vendors.xml.finder import Piece

RAW_LIMIT = 64 * 1024
"""Bytes kept of a rejected record (model.report.Reject.raw)."""

_HEAD = 16 * 1024
_VALUE = rb"\s*>\s*(?:<!\[CDATA\[)?\s*([0-9a-fA-F.:]{1,45})\s*(?:\]\]>)?\s*</"
_ID = re.compile(rb"<ID" + _VALUE, re.IGNORECASE)
_IP = re.compile(rb"<IP(?:\s[^<>]{0,256})?" + _VALUE, re.IGNORECASE)
_QID = re.compile(rb"<QID(?:\s[^<>]{0,256})?" + _VALUE, re.IGNORECASE)
_LIST = re.compile(rb"<(?:DETECTION_LIST|VULN_INFO_LIST)", re.IGNORECASE)
_SCANNED = re.compile(rb"""\A<IP\s(?:[^<>]*?\s)?value\s*=\s*["']\s*([0-9a-fA-F.:]{1,45})\s*["']""")
_NUMBER = re.compile(rb"""\A<[A-Z]{4,8}\s(?:[^<>]*?\s)?number\s*=\s*["']\s*(\d{1,18})\s*["']""")


@dataclass(frozen=True, slots=True)
class HostName:
    """What a host record says of itself, read without a parser."""

    host_id: int
    """0 if it cannot be read."""
    address: str
    """Canonical, "" if it cannot be read."""

    def __str__(self) -> str:
        """Return `host 6506432 (10.10.10.11)`, as far as it is known."""
        if not self.host_id and not self.address:
            return "host without readable ID and IP"
        name = f"host {self.host_id}" if self.host_id else "host"
        return f"{name} ({self.address})" if self.address else name


def host_of(record: bytes) -> HostName:
    """Return what a host record's head, before its detections, says of the host."""
    head = record[:_HEAD]
    detections = _LIST.search(head)
    head = head[: detections.start()] if detections else head
    return HostName(_number(_ID, head), _address(head))


def scanned_host_of(record: bytes) -> HostName:
    """Return what the start tag of a scan report's IP element says of the host: its address only."""
    return HostName(0, _address(record[:_HEAD], _SCANNED))


def vulnerability_of(record: bytes) -> str:
    """Return `QID 38170` for a KnowledgeBase record, as far as it is known."""
    qid = _number(_QID, record[:_HEAD])
    return f"QID {qid}" if qid else "entry without readable QID"


def detection_of(host: str, element: bytes) -> str:
    """Return `host 6506432 (10.10.10.11), QID 38170` for a detection."""
    qid = _number(_QID, element[:_HEAD]) or _number(_NUMBER, element[:_HEAD])
    return f"{host}, QID {qid}" if qid else f"{host}, a detection without readable QID"


def reject(name: str, piece: Piece, subject: str, problem: str) -> Reject:
    """Return a reject of a piece of the document called `name`."""
    return Reject(where=f"{name}, byte {piece.offset}", subject=subject, problem=problem, raw=piece.data[:RAW_LIMIT])


def _number(pattern: re.Pattern[bytes], head: bytes) -> int:
    """Return the positive decimal that a pattern finds, 0 if there is none."""
    found = pattern.search(head)
    return int(found[1]) if found and found[1].isdigit() and len(found[1]) <= 18 else 0


def _address(head: bytes, pattern: re.Pattern[bytes] = _IP) -> str:
    """Return the canonical address of a head, "" if there is none."""
    found = pattern.search(head)
    try:
        return format_address(pack_address(found[1].decode())) if found else ""
    except ValueError:
        return ""
