"""What each QID tests, and which CVE and Bugtraq ids it is about.

Three kinds of documents say so, read by the same code: KNOWLEDGE_BASE_VULN_LIST_OUTPUT (its DTD, VULN), VULNS of the v1
API (knowledgebase_download.dtd, VULN) and the glossary of an asset data report (VULN_DETAILS). None says anything of a
host. The v1 KnowledgeBase bears no date, says neither when a QID was published nor how it is tested: what it ties
together can confirm; that a scan did not find its QIDs proves nothing. A glossary names the QIDs of its report only.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vatriage.model.evidence import Kind
from vatriage.model.report import VULNERABILITIES, DescribedBy, Reject, ReportPage
from vatriage.vendors.qualys.claims import BUGTRAQ, CVE, ClaimForm, distinct, references
from vatriage.vendors.qualys.columns import Columns
from vatriage.vendors.qualys.hosts import ID_LIMIT
from vatriage.vendors.qualys.rejects import reject, vulnerability_of
from vatriage.vendors.xml.finder import Piece
from vatriage.vendors.xml.mapping import RECORD
from vatriage.vendors.xml.tables import RecordTables, Trouble, out_of_place

_KINDS = {
    "vulnerability": Kind.CONFIRMED,
    "vulnerability or potential vulnerability": Kind.CONFIRMED,
    "potential vulnerability": Kind.POTENTIAL,
    "information gathered": Kind.INFORMATION,
}
"""VULN_TYPE -> the strongest kind that the QID can report."""


def knowledge_base_page(block: RecordTables, name: str) -> ReportPage:
    """Return a block's KnowledgeBase entries and their references; `name` is the document's."""
    return _Entries(block, name).page()


def glossary_page(block: RecordTables, name: str) -> ReportPage:
    """Return a block's glossary entries and their references; `name` is the document's."""
    return replace(knowledge_base_page(block, name), described_by=DescribedBy.GLOSSARY)


def lost_entry_page(trouble: Trouble, name: str) -> ReportPage:
    """Return the page of an entry that no parser may see: only its reject."""
    problem = f"{trouble.problem}: the record was left out"
    return ReportPage(rejects=(reject(name, trouble.piece, vulnerability_of(trouble.piece.data), problem),))


class _Entries:
    """The entries of one block on their way to a page."""

    def __init__(self, block: RecordTables, name: str) -> None:
        self._block = block
        self._name = name
        self._rejects: list[Reject] = [
            self._reject(trouble.piece, f"{trouble.problem}: the record was left out") for trouble in block.broken
        ]
        self._rejects += [
            self._reject(trouble.piece, f"{trouble.problem}: the record was kept") for trouble in block.repaired
        ]
        for record, element in block.strays.items():
            self._add(record, f"{out_of_place(element)}: it was left out")

    def page(self) -> ReportPage:
        """Return the page; its rejects are complete only once all tables are made."""
        columns = Columns(self._block.tables["vulnerabilities"])
        table = self._vulnerabilities(columns)
        qids = table["qid"].to_numpy()
        for doubt in columns.doubts:
            if qids[doubt.row]:
                problem = f"{doubt.field} {doubt.value!r} cannot be read: the field was repaired"
                self._add(doubt.row, problem)
        for record in np.flatnonzero(qids == 0).tolist():
            self._add(record, "its QID cannot be read: the record was left out")
        cves = self._claims("cve_ids", CVE, qids)
        bugtraqs = self._claims("bugtraq_ids", BUGTRAQ, qids)
        return ReportPage(
            vulnerabilities=table.filter(pc.not_equal(table["qid"], 0)),
            references=distinct([cves, bugtraqs]),
            rejects=tuple(self._rejects),
        )

    def _vulnerabilities(self, columns: Columns) -> pa.Table:
        """Return all entries with schema VULNERABILITIES; QID 0 where it cannot be read."""
        arrays = [
            columns.number("QID", 1, ID_LIMIT, 0),
            # An unknown type can prove no more than a potential vulnerability.
            columns.choice("VULN_TYPE", _KINDS, Kind.POTENTIAL, Kind.POTENTIAL),
            columns.number("SEVERITY_LEVEL", 1, 5, 0),
            columns.unescaped("TITLE"),
            columns.text("CATEGORY"),
            columns.instant("PUBLISHED_DATETIME"),
            columns.instant("CODE_MODIFIED_DATETIME"),
            columns.instant("LAST_SERVICE_MODIFICATION_DATETIME"),
            columns.flag("PATCHABLE"),
            columns.flag("DISCOVERY_REMOTE"),
            self._auth_types(),
            columns.flag("IS_DISABLED"),
            columns.text("SOLUTION"),
        ]
        typed = [pc.cast(pa.array(array), field.type) for array, field in zip(arrays, VULNERABILITIES, strict=True)]
        return pa.Table.from_arrays(typed, schema=VULNERABILITIES)

    def _auth_types(self) -> pa.Array:
        """Return each entry's authentication types as a comma list, in the document's order."""
        found = self._block.tables["auth_types"]
        records = found[RECORD].to_numpy()
        count = self._block.tables["vulnerabilities"].num_rows
        offsets = np.searchsorted(records, np.arange(count + 1)).astype(np.int32)
        lists = pa.ListArray.from_arrays(pa.array(offsets), Columns(found).text("AUTH_TYPE"))
        return pc.binary_join(lists, ",")

    def _claims(self, table: str, form: ClaimForm, qids: NDArray[np.int64]) -> pa.Table:
        """Return (QID, claim) pairs; empty ids are skipped (Qualys writes some), malformed ones rejected."""
        found = self._block.tables[table]
        records = found[RECORD].to_numpy()
        pairs, malformed = references(qids[records], Columns(found).text("ID"), form)
        for row, problem in malformed:
            self._add(int(records[row]), problem)
        return pairs

    def _add(self, record: int, problem: str) -> None:
        """Keep a reject of an entry."""
        self._rejects.append(self._reject(self._block.finder.record(record), problem))

    def _reject(self, piece: Piece, problem: str) -> Reject:
        """Return a reject of an entry."""
        return reject(self._name, piece, vulnerability_of(piece.data), problem)
