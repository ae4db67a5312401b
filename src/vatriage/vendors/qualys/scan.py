"""SCAN: the report of one scan (scan-1.dtd), saved, or streamed while the scan runs (API v1 guide, scan.php).

What it proves. It names its targets and its option profile, but not what the profile tests: that its check set is
complete, a person has to vouch for. It lists every host that answered, those without findings as well; a host that did
not answer (`status="down"`) was not scanned. Whether the scan logged in, it does not say of a host (its options only
say what was tried), so it counts as a scan from outside. A report that is streamed, cut, or of a scan that did not
finish confirms and never refutes. Hosts have no id, only an address.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vatriage.model.evidence import Kind
from vatriage.model.report import HOSTS, VULNERABILITIES, DescribedBy, Reject, ReportPage
from vatriage.vendors.qualys.claims import BUGTRAQ, CVE, ClaimForm, distinct, references
from vatriage.vendors.qualys.columns import Columns
from vatriage.vendors.qualys.host_detections import ELEMENT, Shape, detection_page
from vatriage.vendors.qualys.hosts import ID_LIMIT, HostNaming, lost_host_page
from vatriage.vendors.qualys.rejects import reject, scanned_host_of
from vatriage.vendors.qualys.scan_dates import NOT_SCANNED
from vatriage.vendors.xml.mapping import PARENT, RECORD, Tables
from vatriage.vendors.xml.tables import RecordTables, Trouble

_SECTIONS = (
    ("infos", "INFO", "Ig", Kind.INFORMATION),
    ("services", "SERVICE", "Ig", Kind.INFORMATION),
    ("vulns", "VULN", "Vuln", Kind.CONFIRMED),
    ("practices", "PRACTICE", "Practice", Kind.POTENTIAL),
)
"""Table, element, type in the words of the current API, kind."""

_SHAPE = Shape(HostNaming(scanned_host_of, by_address=True))
_UNNAMED = "No registered hostname"
_FINISHED = ("", "finish", "finished")
"""IP@status of a host that was scanned to the end; exports leave it out."""


def scan_page(block: RecordTables, name: str) -> ReportPage:
    """Return a block's hosts and findings, not yet dated; `name` is the document's."""
    tables = {"hosts": _hosts(block.tables["hosts"]), "detections": _detections(block.tables)}
    page = detection_page(replace(block, tables=tables), name, _SHAPE)
    described, claims, rejects = _described(block, name)
    return replace(
        page,
        hosts=_unfinished(page.hosts, block.tables["hosts"]),
        vulnerabilities=described,
        references=claims,
        described_by=DescribedBy.FINDINGS,
        rejects=(*page.rejects, *rejects),
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
            "NETWORK_ID": found["NETWORK_ID"],
        }
    )


def _detections(tables: Tables) -> pa.Table:
    """Return the findings of all sections in the words of host detections, host by host, in the document's order."""
    parts = []
    for table, element, kind, _ in _SECTIONS:
        found = tables[table]
        parts.append(
            pa.table(
                {
                    RECORD: found[RECORD],
                    ELEMENT: pa.array([element] * found.num_rows, pa.string()),
                    "QID": found["number"],
                    "TYPE": pa.array([kind] * found.num_rows, pa.string()),
                    "SEVERITY": found["severity"],
                    "PORT": found["port"],
                    "PROTOCOL": found["protocol"],
                    "SSL": _over_ssl(Columns(found).text("misc")),
                    "INSTANCE": found["INSTANCE"],
                    "FQDN": Columns(found).text("FQDN", "fqdn"),
                    "RESULTS": found["RESULT"],
                }
            )
        )
    whole = pa.concat_tables(parts)
    return whole.take(pa.array(np.argsort(whole[RECORD].to_numpy(), kind="stable")))


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


def _described(block: RecordTables, name: str) -> tuple[pa.Table, pa.Table, list[Reject]]:
    """Return what the findings say of their QIDs, their references, and the ids that are none."""
    entries, pairs, rejects = [], [], []
    for table, element, _, kind in _SECTIONS:
        found = block.tables[table]
        columns = Columns(found)
        qids = columns.number("number", 1, ID_LIMIT, 0)
        entries.append(_entries(columns, qids, kind))
        rows, ids = _listed(columns.text("cveid"))
        lists = [
            (rows, ids, CVE),
            (block.tables[f"{table}_cve_ids"][PARENT].to_numpy(), _ids(block.tables[f"{table}_cve_ids"]), CVE),
            (block.tables[f"{table}_bugtraq_ids"][PARENT].to_numpy(), _ids(block.tables[f"{table}_bugtraq_ids"]), BUGTRAQ),
        ]
        for parents, texts, form in lists:
            known, malformed = _references(qids, parents, texts, form)
            pairs.append(known)
            for parent, problem in malformed:
                rejects.append(_reject(block, name, found, element, parent, problem))
    return _once(pa.concat_tables(entries)), distinct(pairs), rejects


def _references(
    qids: NDArray[np.int64], parents: NDArray[np.int64], ids: pa.Array, form: ClaimForm
) -> tuple[pa.Table, list[tuple[int, str]]]:
    """Return pairs, and for each malformed id its finding's row and what is wrong."""
    pairs, malformed = references(qids[parents], ids, form)
    return pairs, [(int(parents[row]), problem) for row, problem in malformed]


def _reject(block: RecordTables, name: str, found: pa.Table, element: str, row: int, problem: str) -> Reject:
    """Return a reject of a finding's reference."""
    record = found[RECORD][row].as_py()
    ordinal = row - int(np.searchsorted(found[RECORD].to_numpy(), record))
    piece = block.finder.element(record, element, ordinal)
    return reject(name, piece, f"{scanned_host_of(block.finder.record(record).data)}, QID of {element}", problem)


def _entries(columns: Columns, qids: NDArray[np.int64], kind: Kind) -> pa.Table:
    """Return the findings' words on their QIDs with schema VULNERABILITIES."""
    count = len(qids)
    neutral = {pa.int64(): 0, pa.int8(): 0, pa.string(): "", pa.large_string(): "", pa.bool_(): False}
    stated = {
        "qid": qids,
        "kind": np.full(count, int(kind)),
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


def _ids(found: pa.Table) -> pa.Array:
    """Return the ids of a list of elements."""
    return Columns(found).text("ID")
