"""Reads a scan's results in JSON (SCAN_JSON in kinds.py); other JSON is refused by name."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, BinaryIO

from vatriage.model.report import ReportEnd, ReportPage
from vatriage.vendors.qualys.rejects import RAW_LIMIT
from vatriage.vendors.qualys.tables.batch import Batch
from vatriage.vendors.qualys.tables.header import narrowed_by, normal, places_of, unknown_columns
from vatriage.vendors.qualys.tables.instants import parse_table_time
from vatriage.vendors.qualys.tables.json_records import BrokenJson, JsonRecord, JsonRecords
from vatriage.vendors.qualys.tables.kinds import SCAN_JSON
from vatriage.vendors.qualys.tables.rows import DAMAGED, Row, TableFacts, make_fields, repair_text
from vatriage.vendors.xml.source import ByteSource

_FIRST_RECORDS = 100
"""Records within which a finding or a header row must stand."""

_HEADER_SIGNS = frozenset({"scan report template title", "launch date", "scan title", "result date"})
_TRAILER_SIGNS = ("hosts not scanned", "target distribution", "no vulnerabilities match")
_ROW_SIGNS = ({"qid", "ip"}, {"qid", "ip status"}, {"ip", "ip status"})
_REMEDY = (
    "Readable JSON is a scan's results (/api/2.0/fo/scan/?action=fetch); fetch host detections, host list and "
    "KnowledgeBase by API as XML."
)
_FOREIGN = (
    (
        "ServiceResponse",
        "QPS_PORTAL_JSON",
        "an answer of the portal's API (/qps/rest: assets, Web Application Scanning)",
    ),
    ("x-ratelimit-limit", "HTTP_HEADERS_JSON", "a set of HTTP headers"),
    ("headers", "HTTP_EXCHANGE_JSON", "a record of an HTTP request and its answer's headers"),
    ("hosts", "VMRS_JSON", "an answer of the new detections API (/vmrs/api)"),
)
"""A key of the document -> its kind, and what it is."""

_UNKNOWN_KEPT = 1_000
"""Names of unknown fields that are remembered."""


class JsonReading:
    """See Reading. Memory: two pages of rows, one record of at most RECORD_LIMIT, and the names of the hosts."""

    def __init__(self, source: BinaryIO, name: str, head: bytes) -> None:
        """Read up to the first record that tells what the document is.

        Args:
            source: the document's bytes.
            name: what it is called in rejects and errors.
            head: its first bytes, already taken from the source.
        """
        self._source = ByteSource(source, head)
        self._records = JsonRecords(self._source)
        self._facts = TableFacts(name=name, unit="record", kind=SCAN_JSON)
        self._errors: list[str] = []
        self._partial = False
        self._known = False
        self._unknown: dict[str, None] = {}
        self._stream: Iterator[JsonRecord | BrokenJson] = iter(())
        self.kind: str | None = None
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            self._refuse_object(head)
        else:
            self._look_at_first_records()

    @property
    def end(self) -> ReportEnd:
        """See Reading.end."""
        return ReportEnd(
            generated_at=self._facts.generated_at,
            partial=self._partial,
            narrowed=narrowed_by(self.kind),
            error=" ".join(self._errors) or None,
            bytes_read=self._source.bytes_read,
        )

    def pages(self) -> Iterator[ReportPage]:
        """See Reading.pages. Raises: OSError: the source failed."""
        if not self._known:
            return
        batch = Batch(self._facts)
        for record in self._stream:
            yield from self._take(record, batch)
        if self._unknown:
            shown = ", ".join(name[:40] for name in list(self._unknown)[:30])
            problem = f"{len(self._unknown)} fields are not known here and were not read: {shown}"
            yield from batch.reject(self._facts.reject(0, "all records", problem))
        yield from batch.finish()
        self._judge_end()

    def _look_at_first_records(self) -> None:
        """Find out whether the array is a scan's results."""
        stream, first = iter(self._records), []
        for record in stream:
            first.append(record)
            if isinstance(record, JsonRecord) and _is_known(record.value):
                self._known, self.kind = True, SCAN_JSON.name
                self._stream = chain(first, stream)
                self._learn(first)
                return
            if len(first) >= _FIRST_RECORDS:
                break
        self._refuse_array(first)

    def _learn(self, first: list[JsonRecord | BrokenJson]) -> None:
        """Take a header row at once, so that the report's date is known before the first page."""
        for record in first:
            if isinstance(record, JsonRecord) and isinstance(record.value, dict):
                self._take_header(_texts(record.value))

    def _refuse_array(self, first: list[JsonRecord | BrokenJson]) -> None:
        if not first:
            what = "an empty JSON array, which does not tell what it is a list of"
            if not self._records.closed:
                what, self._partial = "JSON that stops inside its first record", True
        elif isinstance(first[0], BrokenJson):
            what = f"no JSON: {first[0].problem}"
        else:
            keys = list(first[0].value)[:6] if isinstance(first[0].value, dict) else [first[0].raw[:40]]
            self.kind = "JSON_ARRAY"
            what = f"a JSON array, but not of a scan's findings; its first element holds {', '.join(map(repr, keys))}"
        self._errors.append(f"The document is {what}. {_REMEDY}")

    def _refuse_object(self, head: bytes) -> None:
        """Name a document that is a JSON object, by the keys that its head shows."""
        text = head.decode("utf-8", "replace").lower()
        for key, kind, what in _FOREIGN:
            if f'"{key.lower()}"' in text:
                self.kind = kind
                self._errors.append(f"The document is {what}, kind {kind}, not a report we read. {_REMEDY}")
                return
        self.kind = "JSON_OBJECT"
        self._errors.append(f"The document is a JSON object that begins {text[:80]!r}, not a report we read. {_REMEDY}")

    def _take(self, record: JsonRecord | BrokenJson, batch: Batch) -> Iterator[ReportPage]:
        """Take one record: a finding, a header or trailer row, or what is neither."""
        raw = record.raw[:RAW_LIMIT].encode("utf-8", "surrogateescape")
        if isinstance(record, BrokenJson):
            problem = f"{record.problem}: the record was left out"
            yield from batch.reject(self._facts.reject(record.number, "a record", problem, raw))
            return
        values = _texts(record.value) if isinstance(record.value, dict) else {}
        if any(sign <= values.keys() for sign in _ROW_SIGNS):
            yield from self._take_row(record.number, values, raw, batch)
        elif not self._take_header(values) and not _is_trailer(values):
            problem = "it is neither a finding nor a header or trailer row: the record was left out"
            yield from batch.reject(self._facts.reject(record.number, "a record", problem, raw))

    def _take_row(self, number: int, values: Mapping[str, str], raw: bytes, batch: Batch) -> Iterator[ReportPage]:
        names = tuple(values)
        for name in _unknown(names):
            if len(self._unknown) < _UNKNOWN_KEPT:
                self._unknown[name] = None
        texts, damaged = repair_text(list(values.values()))
        if damaged:
            yield from batch.reject(self._facts.reject(number, "a record", DAMAGED, raw))
        yield from batch.add(Row(number, make_fields(texts, _places(names)), raw))

    def _take_header(self, values: Mapping[str, str]) -> bool:
        """Take a scan's facts from a header row; False if it is none."""
        if not values.keys() & _HEADER_SIGNS or "qid" in values:
            return False
        launched = _seconds(values.get("launch date", ""))
        self._facts.scanned_at = self._facts.scanned_at or launched
        self._facts.generated_at = _seconds(values.get("result date", "")) or self._facts.generated_at or launched
        self._partial = self._partial or values.get("status", "").strip().lower() not in {"", "finished"}
        return True

    def _judge_end(self) -> None:
        if self._records.too_long:
            self._partial = True
            self._errors.append(
                "A record is longer than 8 MiB, reading stopped there. What is whole was kept. Fetch it again."
            )
        elif not self._records.closed:
            self._partial = True
            self._errors.append(
                "The document stops before its end. What is whole was kept. Fetch it again: it was cut."
            )
        elif self._records.trailing:
            self._errors.append("Something follows the JSON array's end: it was not read. Fetch it again.")


def _is_known(value: Any) -> bool:
    names = {normal(str(key)) for key in value} if isinstance(value, dict) else set()
    return any(sign <= names for sign in _ROW_SIGNS) or bool(names & _HEADER_SIGNS)


def _is_trailer(values: Mapping[str, str]) -> bool:
    return any(name.startswith(_TRAILER_SIGNS) for name in values)


def _texts(value: Mapping[str, Any]) -> dict[str, str]:
    """Return a record's fields as text, by normal names; of equal names the first counts, null is ""."""
    found: dict[str, str] = {}
    for key, item in value.items():
        found.setdefault(normal(key), item if isinstance(item, str) else _text(item))
    return found


def _text(item: Any) -> str:
    """Return what is no text as text: a list of texts as a comma list; null and what is deeper is not ours, ""."""
    if isinstance(item, bool):
        return "yes" if item else "no"
    return ",".join(part for part in item if isinstance(part, str)) if isinstance(item, list) else ""


@lru_cache(maxsize=64)
def _unknown(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(unknown_columns(SCAN_JSON, names))


@lru_cache(maxsize=64)
def _places(names: tuple[str, ...]) -> tuple[int, ...]:
    return places_of(SCAN_JSON, names)


def _seconds(text: str) -> int:
    """Return a date in seconds, 0 if it is none."""
    try:
        return max(parse_table_time(text), 0) if text else 0
    except (ValueError, OverflowError):
        return 0
