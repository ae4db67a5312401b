"""SCAN: the report of one scan (scan-1.dtd), saved, or streamed while the scan runs (API v1 guide, scan.php).

What it proves. It names its targets and its option profile, but not what the profile tests: that its check set is
complete, a person has to vouch for. It lists every host that answered, those without findings as well; a host that did
not answer (`status="down"`) was not scanned. Whether the scan logged in, it does not say of a host (its options only
say what was tried), so it counts as a scan from outside. A report that is streamed, cut, or of a scan that did not
finish confirms and never refutes. Hosts have no id, only an address.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vatriage.model.evidence import Kind
from vatriage.model.report import HOSTS, VULNERABILITIES, DescribedBy, Reject, ReportPage
from vatriage.vendors.qualys.claims import BUGTRAQ, CVE, distinct, references
from vatriage.vendors.qualys.columns import Columns
from vatriage.vendors.qualys.host_detections import ELEMENT, Shape, detection_page
from vatriage.vendors.qualys.hosts import ID_LIMIT, HostNaming, lost_host_page
from vatriage.vendors.qualys.rejects import detection_of, reject, scanned_host_of
from vatriage.vendors.qualys.scan_dates import NOT_SCANNED
from vatriage.vendors.xml.mapping import PARENT, RECORD, Tables
from vatriage.vendors.xml.tables import RecordTables, Trouble


class _Section(NamedTuple):
    table: str
    element: str
    type: str
    """In the words of the current API."""
    kind: Kind


_SECTIONS = (
    _Section("infos", "INFO", "Ig", Kind.INFORMATION),
    _Section("services", "SERVICE", "Ig", Kind.INFORMATION),
    _Section("vulns", "VULN", "Vuln", Kind.CONFIRMED),
    _Section("practices", "PRACTICE", "Practice", Kind.POTENTIAL),
)

_SHAPE = Shape(HostNaming(scanned_host_of, by_address=True))
_UNNAMED = "No registered hostname"
_FINISHED = ("", "finish", "finished")
"""IP@status of a host that was scanned to the end; exports leave it out."""


def scan_page(block: RecordTables, name: str) -> ReportPage:
    """Return a block's hosts and findings, not yet dated; `name` is the document's."""
    found = _Found(block.tables)
    tables = {"hosts": _hosts(block.tables["hosts"]), "detections": found.detections()}
    page = detection_page(replace(block, tables=tables), name, _SHAPE)
    claims, malformed = found.references()
    return replace(
        page,
        hosts=_unfinished(page.hosts, block.tables["hosts"]),
        vulnerabilities=found.entries(),
        references=claims,
        described_by=DescribedBy.FINDINGS,
        rejects=(*page.rejects, *(_reject(block, name, *found.place(row), problem) for row, problem in malformed)),
    )


def lost_scanned_host_page(trouble: Trouble, name: str) -> ReportPage:
    """Return the page of a host record that no parser may see."""
    return replace(lost_host_page(trouble, name, _SHAPE.naming), described_by=DescribedBy.FINDINGS)


def _hosts(found: pa.Table) -> pa.Table:
    """Return the hosts in the words of the host list."""
    names = Columns(found).text("name")
    return pa.table(
        {
            RECORD: found[RECORD],
            "IP": found["value"],
            "OS": found["OS"],
            "OS_CPE": found["OS_CPE"],
            "DNS": pc.if_else(pc.equal(names, _UNNAMED), "", names),
            "NETBIOS": found["NETBIOS"],
            "NETWORK_ID": Columns(found).text("NETWORK_ID", "NETWORK"),
        }
    )


class _Found:
    """The findings of all sections of a block, section by section."""

    def __init__(self, tables: Tables) -> None:
        sections = [tables[section.table] for section in _SECTIONS]
        sizes = [table.num_rows for table in sections]
        self._tables = tables
        self._starts = np.cumsum([0, *sizes])
        self._section = np.repeat(np.arange(len(_SECTIONS)), sizes)
        self._raw = pa.concat_tables(sections)
        self._columns = Columns(self._raw)
        self._qids = self._columns.number("number", 1, ID_LIMIT, 0)

    def detections(self) -> pa.Table:
        """Return the findings in the words of host detections, host by host, in the document's order."""
        raw, columns = self._raw, self._columns
        whole = pa.table(
            {
                RECORD: raw[RECORD],
                ELEMENT: self._by_section([section.element for section in _SECTIONS]),
                "QID": raw["number"],
                "TYPE": self._by_section([section.type for section in _SECTIONS]),
                "SEVERITY": raw["severity"],
                "PORT": raw["port"],
                "PROTOCOL": raw["protocol"],
                "SSL": _over_ssl(columns.text("misc")),
                "INSTANCE": raw["INSTANCE"],
                "FQDN": columns.text("FQDN", "fqdn"),
                "RESULTS": raw["RESULT"],
            }
        )
        return whole.take(pa.array(np.argsort(whole[RECORD].to_numpy(), kind="stable")))

    def references(self) -> tuple[pa.Table, list[tuple[int, str]]]:
        """Return the (QID, claim) pairs, and for each id that is none its finding's row and what is wrong."""
        cves = [_listed(self._columns.text("cveid"))]
        bugtraqs: list[tuple[NDArray[np.int64], pa.Array]] = []
        for start, section in zip(self._starts.tolist(), _SECTIONS, strict=False):
            for found, of_form in ((f"{section.table}_cve_ids", cves), (f"{section.table}_bugtraq_ids", bugtraqs)):
                table = self._tables[found]
                of_form.append((table[PARENT].to_numpy().astype(np.int64) + start, Columns(table).text("ID")))
        pairs, malformed = [], []
        for parts, form in ((cves, CVE), (bugtraqs, BUGTRAQ)):
            parents = np.concatenate([part[0] for part in parts])
            known, problems = references(self._qids[parents], pa.concat_arrays([part[1] for part in parts]), form)
            pairs.append(known)
            malformed += [(int(parents[row]), problem) for row, problem in problems]
        return distinct(pairs), sorted(malformed)

    def entries(self) -> pa.Table:
        """Return what the findings say of their QIDs, each QID once, with schema VULNERABILITIES."""
        kinds = np.array([int(section.kind) for section in _SECTIONS])[self._section]
        return _once(_entries(self._columns, self._qids, kinds))

    def place(self, row: int) -> tuple[int, str, int]:
        """Return where a finding stands: its record, its element's name, and how many of that name precede it there."""
        record = self._raw[RECORD][row].as_py()
        section = int(self._section[row])
        start = int(self._starts[section])
        records = self._raw[RECORD].to_numpy()[start : row + 1]
        return record, _SECTIONS[section].element, row - start - int(np.searchsorted(records, record))

    def _by_section(self, words: list[str]) -> pa.Array:
        """Return a column that says the same in all rows of a section."""
        return pc.take(pa.array(words), pa.array(self._section))


def _over_ssl(misc: pa.Array) -> pa.Array:
    """Return the flag that CAT@misc (`over ssl`) stands for."""
    return pc.if_else(pc.match_substring(misc, "ssl", ignore_case=True), "1", "0")


def _unfinished(hosts: pa.Table, found: pa.Table) -> pa.Table:
    """Return the hosts with those marked on which the scan did not finish: their lists are not whole.

    A host is found again by its address, so of two elements of one address the worse one counts for both.
    """
    columns = Columns(found)
    finished = pc.is_in(pc.utf8_lower(columns.text("status")), pa.array(_FINISHED))
    undone = columns.address("value").filter(pc.invert(finished))
    marked = pc.is_in(hosts["address"], undone)
    rejected = pc.or_(hosts["rejected"], marked)
    scanned_at = pc.if_else(marked, NOT_SCANNED, hosts["scanned_at"])
    hosts = hosts.set_column(hosts.schema.get_field_index("rejected"), HOSTS.field("rejected"), rejected)
    return hosts.set_column(hosts.schema.get_field_index("scanned_at"), HOSTS.field("scanned_at"), scanned_at)


def _reject(block: RecordTables, name: str, record: int, element: str, ordinal: int, problem: str) -> Reject:
    """Return a reject of a finding's reference."""
    piece = block.finder.element(record, element, ordinal)
    host = str(scanned_host_of(block.finder.record(record).data))
    return reject(name, piece, detection_of(host, piece.data), problem)


def _entries(columns: Columns, qids: NDArray[np.int64], kinds: NDArray[np.int64]) -> pa.Table:
    """Return the findings' words on their QIDs with schema VULNERABILITIES."""
    count = len(qids)
    neutral = {pa.int64(): 0, pa.int8(): 0, pa.string(): "", pa.large_string(): "", pa.bool_(): False}
    stated = {
        "qid": qids,
        "kind": kinds,
        "qualys_severity": columns.number("severity", 1, 5, 0),
        "title": columns.unescaped("TITLE"),
        "category": columns.text("value"),
        "service_modified": columns.instant("LAST_UPDATE"),
        "solution": columns.text("SOLUTION"),
    }
    arrays = [
        pc.cast(pa.array(stated[field.name]), field.type)
        if field.name in stated
        else pa.array([neutral[field.type]] * count, field.type)
        for field in VULNERABILITIES
    ]
    return pa.Table.from_arrays(arrays, schema=VULNERABILITIES)


def _once(entries: pa.Table) -> pa.Table:
    """Return each QID once, as its strongest kind of finding says it."""
    order = np.lexsort((-entries["kind"].to_numpy().astype(np.int64), entries["qid"].to_numpy()))
    qids = entries["qid"].to_numpy()[order]
    first = np.r_[True, qids[1:] != qids[:-1]] if len(qids) else np.zeros(0, np.bool_)
    return entries.take(pa.array(order[first & (qids != 0)]))


def _listed(text: pa.Array) -> tuple[NDArray[np.int64], pa.Array]:
    """Return the ids of comma lists: for each the row it stands in, and the id."""
    lists = pc.split_pattern(text, ",")
    rows: NDArray[np.int64] = pc.list_parent_indices(lists).to_numpy()
    return rows, pc.ascii_trim_whitespace(pc.list_flatten(lists))
