"""HOST_LIST_VM_DETECTION_OUTPUT: hosts with their detections (host detection DTD, HOST and DETECTION).

It lists findings, and only hosts that have some: which hosts were scanned, the host list says. Nothing of its options
stands in it; that it is whole and of a complete check set is known of a pull of ours, or vouched for by a person. The
other kinds of reports are read by the same code, in the same words.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vatriage.model.evidence import NO_PORT, PROTOCOL_NUMBERS, Kind, Status
from vatriage.model.report import DETECTIONS, Reject, ReportPage
from vatriage.vendors.qualys.columns import Columns, Doubt
from vatriage.vendors.qualys.hosts import BY_ID, ID_LIMIT, HostNaming, HostRows, broken_hosts
from vatriage.vendors.qualys.open_ports import open_ports
from vatriage.vendors.qualys.rejects import detection_of, reject
from vatriage.vendors.xml.mapping import RECORD
from vatriage.vendors.xml.tables import RecordTables

_KINDS = {
    "confirmed": Kind.CONFIRMED,
    "vuln": Kind.CONFIRMED,
    "potential": Kind.POTENTIAL,
    "practice": Kind.POTENTIAL,
    "info": Kind.INFORMATION,
    "information": Kind.INFORMATION,
    "information gathered": Kind.INFORMATION,
    "ig": Kind.INFORMATION,
}
"""TYPE; the words differ between output formats."""

_STATUSES = {
    "new": Status.NEW,
    "active": Status.ACTIVE,
    "re-opened": Status.REOPENED,
    "reopened": Status.REOPENED,
    "fixed": Status.FIXED,
}

_BAD_STATUS = 0

FATAL = frozenset({"QID", "PORT", "STATUS"})
"""Fields without which a detection says nothing, or something else."""

_INT32_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a kind of document has its hosts' names and its detections."""

    naming: HostNaming = BY_ID
    element: str = "DETECTION"
    """The element that is one detection."""


def detection_page(block: RecordTables, name: str, shape: Shape | None = None) -> ReportPage:
    """Return a block's hosts, detections and listed open ports; `name` is the document's."""
    return _Detections(block, name, shape or Shape()).page()


class _Detections:
    """The detections of one block on their way to a page."""

    def __init__(self, block: RecordTables, name: str, shape: Shape) -> None:
        self._block = block
        self._name = name
        self._shape = shape
        self._hosts = HostRows(block, name, shape.naming)
        raw = block.tables["detections"]
        self._records: NDArray[np.uint32] = raw[RECORD].to_numpy()
        columns = Columns(raw)
        self._table = detection_table(columns, self._hosts.row_of[self._records])
        self._doubts = columns.doubts
        self._bad: NDArray[np.bool_] = self._table["qid"].to_numpy() == 0
        self._bad[[doubt.row for doubt in columns.doubts if doubt.field in FATAL]] = True

    def page(self) -> ReportPage:
        """Return the page; a host of which a detection is left out is marked `rejected`."""
        of_known_host = self._table["host"].to_numpy() >= 0
        kept = self._table.filter(pa.array(of_known_host & ~self._bad))
        unwhole = self._hosts.row_of[self._records[self._bad & of_known_host]].tolist()
        hosts = self._hosts.whole_table(unwhole, self._block.broken)
        return ReportPage(
            hosts=hosts,
            detections=kept,
            open_ports=open_ports(kept, hosts),
            unnamed_hosts=self._hosts.unnamed(self._block.broken),
            rejects=(
                *broken_hosts(self._block, self._name, self._shape.naming),
                *self._hosts.rejects,
                *self._rejects(),
            ),
        )

    def _rejects(self) -> list[Reject]:
        """Return a reject for each field in doubt, and for each detection that was left out."""
        problems = [
            (doubt.row, problem_of(doubt)) for doubt in self._doubts if doubt.field in FATAL or not self._bad[doubt.row]
        ]
        told = {row for row, _ in problems}
        silent = [row for row in np.flatnonzero(self._bad).tolist() if row not in told]
        problems += [(row, "it has no QID: the detection was left out") for row in silent]
        return [self._reject(row, problem) for row, problem in sorted(problems)]

    def _reject(self, row: int, problem: str) -> Reject:
        """Return a reject of a detection."""
        record = int(self._records[row])
        element, ordinal = self._place(row, record)
        piece = self._block.finder.element(record, element, ordinal)
        return reject(self._name, piece, detection_of(self._hosts.subject(record), piece.data), problem)

    def _place(self, row: int, record: int) -> tuple[str, int]:
        """Return which element of its record a row came from: its name, and how many of that name precede it."""
        raw = self._block.tables["detections"]
        first = int(np.searchsorted(self._records, record))
        if ELEMENT not in raw.column_names:
            return self._shape.element, row - first
        elements = raw[ELEMENT].slice(first, row - first + 1).to_pylist()
        return elements[-1], elements.count(elements[-1]) - 1


ELEMENT = "element"
"""Optional column: the name of the element that a detection came from, where a kind has several."""


def detection_table(columns: Columns, host: NDArray[np.int32]) -> pa.Table:
    """Return all detections with schema DETECTIONS; those in fatal doubt hold neutral values."""
    # A detection without TYPE may be confirmed or not: as a potential one it can confirm nothing, and forbids refutation.
    kind = columns.choice("TYPE", _KINDS, Kind.POTENTIAL, Kind.POTENTIAL)
    # A port of 0 means host level, like none (Qualys writes both).
    port = columns.number("PORT", 0, 65535, 0)
    arrays = [
        host,
        columns.number("QID", 1, ID_LIMIT, 0),
        kind,
        columns.number("SEVERITY", 1, 5, 0),
        np.where(port == 0, NO_PORT, port),
        _protocols(columns.text("PROTOCOL")),
        columns.flag("SSL"),
        columns.text("INSTANCE"),
        columns.choice("STATUS", _STATUSES, Status.ACTIVE, _BAD_STATUS),
        columns.instant("FIRST_FOUND_DATETIME"),
        columns.instant("LAST_FOUND_DATETIME"),
        columns.instant("LAST_TEST_DATETIME"),
        columns.instant("LAST_FIXED_DATETIME"),
        columns.instant("LAST_UPDATE_DATETIME"),
        columns.instant("LAST_PROCESSED_DATETIME"),
        columns.number("TIMES_FOUND", 0, _INT32_MAX, 0),
        columns.number("QDS", 0, 100, 0),
        columns.flag("IS_IGNORED"),
        columns.flag("IS_DISABLED"),
        columns.text("SERVICE"),
        columns.text("FQDN"),
        columns.text("RESULTS"),
    ]
    typed = [pc.cast(pa.array(array), field.type) for array, field in zip(arrays, DETECTIONS, strict=True)]
    return pa.Table.from_arrays(typed, schema=DETECTIONS)


def _protocols(text: pa.Array) -> pa.Array:
    """Return IANA numbers, 0 for anything that names no protocol we know."""
    names = pa.array(list(PROTOCOL_NUMBERS), pa.string())
    numbers = pa.array(list(PROTOCOL_NUMBERS.values()), pa.int64())
    return pc.fill_null(pc.take(numbers, pc.index_in(pc.utf8_lower(text), names)), 0)


def problem_of(doubt: Doubt) -> str:
    """Return what a doubt means for the detection."""
    outcome = "the detection was left out" if doubt.field in FATAL else "the field was repaired"
    return f"{doubt.field} {doubt.value!r} cannot be read: {outcome}"
