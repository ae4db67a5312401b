"""Faults in the records of a list: bytes that spoil one of them, elements that are too many or missing in all.

Bytes in, bytes out; which faults there are says `fault_kinds`.
"""

import re

from vatriage_simulator.faults import Fault, FaultKind

_OPTIONAL = (
    *("DNS", "DNS_DATA", "NETBIOS", "OS", "COMMENTS", "QG_HOSTID", "NETWORK_NAME", "LAST_VM_SCANNED_DURATION"),
    *("RESULTS", "TIMES_FOUND", "TIMES_REOPENED", "SERVICE", "FQDN", "IS_DISABLED", "LAST_PROCESSED_DATETIME"),
    *("DIAGNOSIS", "CONSEQUENCE", "SOLUTION", "PCI_FLAG", "BUGTRAQ_LIST", "PATCHABLE", "CATEGORY"),
)
"""What a record can do without. A detection's identity, status and dates of finding, a host's id, addresses and scan
dates, and an entry's kind, CVEs and discovery stay: without them the record would say something else."""

_OPTIONAL_ELEMENT = re.compile(
    rb"[ \t]*<(" + "|".join(_OPTIONAL).encode() + rb")(?: [^>]*)?>(?:<!\[CDATA\[.*?\]\]>|.)*?</\1>\n?", re.DOTALL
)
_WITH_CHILDREN = re.compile(rb"</(HOST|DETECTION|VULN)>")
_UNKNOWN = b'<X_NEW kind="7"><X_INNER>1</X_INNER><!-- of a later version --></X_NEW>'
_BYTES = {
    FaultKind.BAD_BYTE: b"\xff",
    FaultKind.CONTROL_BYTE: b"\x0b",
    FaultKind.LATIN_1: "stra\u00dfe".encode("latin-1"),
    FaultKind.UNKNOWN_ENTITY: b"&nosuchentity;",
}


def spoilt(record: bytes, fault: Fault) -> bytes:
    """Return a record's bytes with the fault in them."""
    place = record.rindex(b"</")
    if fault.kind is FaultKind.UNCLOSED_TAG:
        return record[:place] + record[record.index(b">", place) + 1 :]
    return record[:place] + b"<COMMENTS>" + _BYTES[fault.kind] + b"</COMMENTS>" + record[place:]


def altered(record: bytes, kind: FaultKind | None) -> bytes:
    """Return a record with unknown elements, or without its optional ones; of other kinds as it is."""
    if kind is FaultKind.UNKNOWN_ELEMENTS:
        return _WITH_CHILDREN.sub(_UNKNOWN + rb"</\1>", record)
    if kind is FaultKind.OPTIONAL_MISSING:
        return _OPTIONAL_ELEMENT.sub(b"", record)
    return record
