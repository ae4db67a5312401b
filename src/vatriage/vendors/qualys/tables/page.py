"""Rows of a table into a page: hosts, detections and the CVE and Bugtraq ids that stand beside their QIDs.

A row ties a QID to CVEs. Its pairs are handed out as `references` that findings state, **without** entries
(`vulnerabilities`): a table describes no QID. So they confirm and object, as those of a scan's report do, and never
clear: a pair that no copy of the KnowledgeBase holds is never the last word on its claim. As a copy of it they would
replace what a real one says, and seem to remove every pair that they leave out (a row of a report by CVE holds one).
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vatriage.model.address import format_address, pack_address
from vatriage.model.evidence import Kind, Status
from vatriage.model.report import HOSTS, REFERENCES, DescribedBy, Reject, ReportPage
from vatriage.vendors.qualys.columns import Columns
from vatriage.vendors.qualys.host_detections import FATAL, detection_table, problem_of
from vatriage.vendors.qualys.tables.instants import EARLIEST_S, LATEST_S, iso_text, parse_table_time
from vatriage.vendors.qualys.tables.kinds import DATE_FIELDS, HOST_FIELDS
from vatriage.vendors.qualys.tables.rows import PLACE, Row, TableFacts

_CVE = re.compile(r"(?:CVE|CAN)-(\d{4}-\d{4,19})", re.ASCII)
_BUGTRAQ = re.compile(r"0*([1-9]\d{0,9})", re.ASCII)
_SEPARATORS = re.compile(r"[,;\s]+")
_NO_ID = frozenset({"-", "'-", "n/a", "none"})
_HOST_DATES = ("LAST_SCAN_DATETIME", "LAST_VM_SCANNED_DATE")
_TEXTS = {
    "tracking_method": "TRACKING_METHOD",
    "network_id": "NETWORK_ID",
    "os": "OS",
    "os_cpe": "OS_CPE",
    "dns": "DNS",
    "netbios": "NETBIOS",
    "agent_id": "QG_HOSTID",
}
"""Columns of HOSTS -> our fields."""

_NEUTRAL_VALUES: dict[pa.DataType, int | str | bool] = {pa.int64(): 0, pa.string(): "", pa.bool_(): False}
_NEUTRAL = {column.name: _NEUTRAL_VALUES[column.type] for column in HOSTS}
"""A row of HOSTS that states nothing."""


def table_page(rows: Sequence[Row], facts: TableFacts, rejects: Iterable[Reject] = ()) -> ReportPage:
    """Return the page of some rows.

    Args:
        rows: in the document's order.
        facts: of the document; its hosts and fixed findings are added to.
        rejects: of rows that never became rows.
    """
    return _TablePage(rows, facts, list(rejects)).page()


class _TablePage:
    """The rows of one page on their way."""

    def __init__(self, rows: Sequence[Row], facts: TableFacts, rejects: list[Reject]) -> None:
        self._facts = facts
        self._rejects = rejects
        self._hosts: dict[tuple[int, str], dict[str, int | str | bool]] = {}
        self._host_of_words: dict[tuple[str, ...], tuple[int, str] | None] = {}
        self._numbers: dict[tuple[int, str], int] = {}
        self._rows: list[Row] = []
        self._host_of_row: list[int] = []
        for row in rows:
            self._take(row)

    def page(self) -> ReportPage:
        """Return the page; its rejects are complete only once all tables are made."""
        detections = self._detections()
        references = self._references()
        repeated = len(self._hosts.keys() & self._facts.hosts)
        self._facts.hosts |= self._hosts.keys()
        return ReportPage(
            hosts=pa.Table.from_pylist(list(self._hosts.values()), schema=HOSTS),
            detections=detections,
            references=references,
            described_by=DescribedBy.FINDINGS,
            repeated_hosts=repeated,
            rejects=tuple(self._rejects),
        )

    def _take(self, row: Row) -> None:
        """Take a row with a finding, or one that says that a host was scanned and nothing was found."""
        status = row.get("IP_STATUS").lower()
        finding = bool(row.get("QID")) or not status
        if not finding and not status.startswith("host scanned"):
            return  # a host that was not scanned: it may not even exist
        key = self._host(row)
        if key is None:
            return
        self._numbers.setdefault(key, len(self._numbers))
        if finding:
            self._rows.append(row)
            self._host_of_row.append(self._numbers[key])

    def _host(self, row: Row) -> tuple[int, str] | None:
        """Return the row's host, None if the row names none; what the same words said before is not read again."""
        words = row.fields[: len(HOST_FIELDS)]
        if words not in self._host_of_words:
            self._host_of_words[words] = self._read_host(row)
        key = self._host_of_words[words]
        if key is None:
            self._add(row, "it names no host by a readable address: the row was left out")
        return key

    def _read_host(self, row: Row) -> tuple[int, str] | None:
        """Take what a row says of its host, and return its key; the first statement of each fact counts."""
        host_id = _host_id(row.get("ID"))
        addresses, strange = _addresses(row)
        if not host_id and not addresses:
            return None
        if strange or len(addresses) > 2:
            lost = ", ".join([*strange, *addresses[2:]])[:200]
            self._add(row, f"{lost!r}: of a host's addresses two are kept, these were left out")
        blank = _blank_host(host_id, addresses)
        key = (host_id, "" if host_id else str(blank["address"] or blank["address6"]))
        known = self._hosts.setdefault(key, blank)
        for column, name in _TEXTS.items():
            known[column] = known[column] or row.get(name)
        known["agent"] = "agent" in str(known["tracking_method"]).lower()
        for name in _HOST_DATES:
            known["last_scan"] = max(int(known["last_scan"]), self._host_date(row, name))
        return key

    def _host_date(self, row: Row, name: str) -> int:
        try:
            return max(parse_table_time(row.get(name), self._facts.offset_s), 0) if row.get(name) else 0
        except ValueError:
            self._add(row, f"{name} {row.get(name)[:60]!r} cannot be read: the field was left empty")
            return 0

    def _detections(self) -> pa.Table:
        """Return the rows' detections; those that cannot be read are left out and told, their host is marked."""
        host = np.array(self._host_of_row, np.int32)
        columns = Columns(self._text_table())
        found = detection_table(columns, host)
        bad = found["qid"].to_numpy() == 0
        bad[[doubt.row for doubt in columns.doubts if doubt.field in FATAL]] = True
        told = set()
        for doubt in columns.doubts:
            if doubt.field in FATAL or not bad[doubt.row]:
                told.add(doubt.row)
                self._add(self._rows[doubt.row], problem_of(doubt))
        for row in np.flatnonzero(bad).tolist():
            if row not in told:
                self._add(self._rows[row], "it has no QID: the row was left out")
        hosts = list(self._hosts.values())
        for row in np.flatnonzero(bad).tolist():
            hosts[host[row]]["rejected"] = True
        self._see_hosts(hosts, host[~bad], found["last_found"].to_numpy()[~bad])
        kept = [row for row, left_out in zip(self._rows, bad.tolist(), strict=True) if not left_out]
        return self._without_fixed(found.filter(pa.array(~bad)), kept)

    def _text_table(self) -> pa.Table:
        """Return the rows as columns of text, with dates in ISO 8601 as the column readers want them."""
        fields = zip(*(row.fields for row in self._rows), strict=True) if self._rows else ((),) * len(PLACE)
        columns = dict(zip(PLACE, (list(column) for column in fields), strict=True))
        for name in DATE_FIELDS:
            earlier = EARLIEST_S if self._facts.unsure and name == "FIRST_FOUND_DATETIME" else 0
            columns[name] = _iso_column(columns[name], self._facts.offset_s, earlier)
        if self._facts.scanned_at:
            launched = iso_text(self._facts.scanned_at)
            for name in ("FIRST_FOUND_DATETIME", "LAST_FOUND_DATETIME"):
                columns[name] = [text or launched for text in columns[name]]
        columns["SSL"] = ["1" if text.lower() == "over ssl" else text for text in columns["SSL"]]
        return pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()})

    def _see_hosts(
        self, hosts: list[dict[str, int | str | bool]], host: NDArray[np.int32], seen: NDArray[np.int64]
    ) -> None:
        """Let each host have been seen when a finding of it was, or when the scan was launched."""
        last = np.full(len(hosts), self._facts.scanned_at, np.int64)
        earlier = EARLIEST_S if self._facts.unsure and not self._facts.scanned_at else 0
        np.maximum.at(last, host, np.maximum(seen - earlier, 0))
        for known, at in zip(hosts, last.tolist(), strict=True):
            known["last_scan"] = max(int(known["last_scan"]), at)

    def _without_fixed(self, detections: pa.Table, rows: Sequence[Row]) -> pa.Table:
        """Return the detections with fixed ones as information (see kinds.py).

        What was true before the fix stays true until the latest instant at which it can have happened: the stamp.
        """
        status = detections["status"].to_numpy()
        fixed = status == Status.FIXED
        if not fixed.any():
            return detections
        self._facts.first_fixed = self._facts.first_fixed or rows[int(np.flatnonzero(fixed)[0])].number
        self._facts.fixed += int(fixed.sum())
        later = LATEST_S if self._facts.unsure else 1
        fixes = detections["last_fixed"].to_numpy()
        seen = np.maximum(detections["last_found"].to_numpy(), detections["last_test"].to_numpy())
        at = np.where(fixes > 0, fixes + later, np.maximum(seen + later, self._facts.generated_at))
        changed = {
            "kind": np.where(fixed, int(Kind.INFORMATION), detections["kind"].to_numpy()),
            "status": np.where(fixed, int(Status.ACTIVE), status),
            "last_update": np.where(fixed, at, detections["last_update"].to_numpy()),
        }
        for name, values in changed.items():
            place = detections.schema.get_field_index(name)
            typed = pc.cast(pa.array(values), detections.schema.field(name).type)
            detections = detections.set_column(place, detections.schema.field(name), typed)
        return detections

    def _references(self) -> pa.Table:
        """Return the (QID, claim) pairs of the rows, each once."""
        pairs: dict[tuple[int, str], None] = {}
        for row in self._rows:
            qid = row.get("QID")
            if not (qid.isascii() and qid.isdigit()) or len(qid) > 18:
                continue
            pairs.update(dict.fromkeys((int(qid), claim) for claim in self._claims(row) if int(qid)))
        columns = zip(*pairs, strict=True) if pairs else ((), ())
        arrays = [pa.array(column, field.type) for column, field in zip(columns, REFERENCES, strict=True)]
        return pa.Table.from_arrays(arrays, schema=REFERENCES)

    def _claims(self, row: Row) -> Iterator[str]:
        """Yield a row's claims; what is no id is told."""
        for name, pattern, prefix in (("CVE", _CVE, "CVE"), ("BUGTRAQ", _BUGTRAQ, "BUGTRAQ")):
            for word in _SEPARATORS.split(row.get(name)):
                found = pattern.fullmatch(word.upper())
                if found:
                    yield f"{prefix}-{found[1]}"
                elif word and word.lower() not in _NO_ID:
                    self._add(row, f"{word[:60]!r} is no {prefix} id: the reference was left out")

    def _add(self, row: Row, problem: str) -> None:
        self._rejects.append(self._facts.reject(row.number, _subject(row), problem, row.raw))


def _host_id(text: str) -> int:
    """Return a host id, 0 if none is stated or readable."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _addresses(row: Row) -> tuple[list[str], list[str]]:
    """Return a row's addresses in their canonical texts, in order, and what can be read as none."""
    found: dict[str, None] = {}
    strange = []
    for text in (*row.get("IP").split(","), *row.get("IPV6").split(",")):
        if not text.strip():
            continue
        try:
            found[format_address(pack_address(text))] = None
        except ValueError:
            strange.append(text.strip()[:60])
    return list(found), strange


def _blank_host(host_id: int, addresses: Sequence[str]) -> dict[str, int | str | bool]:
    """Return a host of which nothing but its names is known, as a row of HOSTS.

    The second place is meant for an IPv6 address; a host of two IPv4 addresses has its second one there, because an
    alert on either must find it. An IPv6 address alone stands there as well.
    """
    first = [address for address in addresses if ":" not in address][:1]
    others = [address for address in addresses if address not in first][:1]
    names: dict[str, int | str | bool] = {"host_id": host_id, "address": "".join(first), "address6": "".join(others)}
    return _NEUTRAL | names


def _iso_column(texts: Sequence[str], offset_s: int | None, earlier_s: int) -> list[str]:
    """Return dates in ISO 8601, in UTC, so many seconds earlier; what is no date stays as it is, for the column's reader to tell."""
    known: dict[str, str] = {}
    for text in set(texts):
        try:
            known[text] = iso_text(parse_table_time(text, offset_s) - earlier_s) if text else ""
        except (ValueError, OverflowError, OSError):
            known[text] = text
    return [known[text] for text in texts]


def _subject(row: Row) -> str:
    """Return `host 10.0.0.1, QID 38170`, as far as the row says it."""
    address = (row.get("IP") or row.get("IPV6") or row.get("ID"))[:60]
    qid = row.get("QID")[:20]
    return f"host {address or 'without address'}, {f'QID {qid}' if qid else 'no QID'}"
