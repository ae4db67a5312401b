"""Reads Qualys's CSV reports: what stands before the header row, the rows, and what follows them.

Seen in real files: no metadata at all; VMDR's three lines (title and date, company, user); a scan's title, its own small
header (`Launch Date`, ...) and its values; frames (`----BEGIN_RESPONSE_BODY_CSV`) with a footer that may hold a
truncation warning; blank lines; sections of hosts that were not scanned.
"""

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from vatriage.model.report import Reject, ReportEnd, ReportPage, Truncation
from vatriage.vendors.qualys.rejects import RAW_LIMIT
from vatriage.vendors.qualys.tables.batch import Batch
from vatriage.vendors.qualys.tables.csv_records import BrokenRecord, Record, csv_records
from vatriage.vendors.qualys.tables.foreign_kinds import ForeignKind
from vatriage.vendors.qualys.tables.header import (
    missing_columns,
    narrowed_by,
    normal,
    places_of,
    recognise,
    unknown_columns,
)
from vatriage.vendors.qualys.tables.instants import LATEST_S, parse_table_time, zone_of
from vatriage.vendors.qualys.tables.kinds import DETECTION_CSV, TableKind
from vatriage.vendors.qualys.tables.lines import LineSource
from vatriage.vendors.qualys.tables.rows import DAMAGED, PLACE, Row, TableFacts, make_fields, repair_text
from vatriage.vendors.xml.source import ByteSource

HEADER_RECORDS = 1_000
"""Rows within which the header row must stand; a report by template lists its asset groups before it."""

_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}
_FRAME = re.compile(r"-{2,}(BEGIN|END)_RESPONSE_(\w+)_CSV", re.ASCII)
_TRAILERS = (
    "hosts not scanned",
    "target distribution across scanner appliances",
    "no vulnerabilities match your filters",
)
_NAMES = frozenset(PLACE[name] for name in ("ID", "IP", "IPV6"))
_NEXT_ID = re.compile(r"[?&;]id_min=(\d{1,18})(?!\d)")
_REMEDY = (
    "Export VMDR detections, scan results or a scan report as CSV with commas, or fetch host detections by API (XML)."
)


class CsvReading:
    """See Reading. Memory: two pages of rows, one row of at most RECORD_LIMIT, and the names of the hosts."""

    def __init__(self, source: BinaryIO, name: str, head: bytes) -> None:
        """Read up to the header row.

        Args:
            source: the document's bytes.
            name: what it is called in rejects and errors.
            head: its first bytes, already taken from the source.
        """
        self._source = ByteSource(source, head)
        self._lines = LineSource(self._source)
        self._records = csv_records(self._lines)
        self._name = name
        self._errors: list[str] = []
        self._partial = False
        self._truncation: Truncation | None = None
        self._before: list[list[str]] = []
        self._frame = ""
        self._header: list[str] = []
        self._header_fields: list[str] = []
        self._header_line = 0
        self._trailer = False
        self._last_rejected = 0
        self._facts: TableFacts | None = None
        self.kind: str | None = None
        self._find_header()

    @property
    def end(self) -> ReportEnd:
        """See Reading.end."""
        return ReportEnd(
            generated_at=self._facts.generated_at if self._facts else 0,
            truncation=self._truncation,
            partial=self._partial,
            narrowed=narrowed_by(self.kind),
            error=" ".join(self._errors) or None,
            bytes_read=self._source.bytes_read,
        )

    def pages(self) -> Iterator[ReportPage]:
        """See Reading.pages. Raises: OSError: the source failed."""
        if self._facts is None:
            return
        batch = Batch(self._facts)
        yield from self._header_notes(batch, self._facts)
        yield from self._body(batch, self._facts)
        yield from batch.finish()
        self._judge_end()

    def _find_header(self) -> None:
        """Read until the header row and learn what stands before it; without one, say why."""
        for count, record in enumerate(self._records):
            if count >= HEADER_RECORDS:
                break
            if isinstance(record, BrokenRecord):
                continue
            if self._is_frame(record.fields):
                continue
            kind = recognise(record.fields)
            if kind is not None:
                self._take_header(kind, record)
                return
            self._before.append(record.fields)
        self._errors.append(self._no_header())

    def _take_header(self, kind: TableKind | ForeignKind, record: Record) -> None:
        self.kind = kind.name
        self._header = [normal(name) for name in record.fields]
        self._header_fields = record.fields
        self._header_line = record.line
        if isinstance(kind, ForeignKind):
            self._errors.append(f"{kind.sentence} (kind {kind.name})")
            return
        missing = missing_columns(kind, self._header)
        if missing:
            self._errors.append(
                f"The {kind.name} has no column {', no column '.join(repr(name) for name in missing)} in its header, "
                f"line {record.line}: without it a row says nothing. Export it with that column."
            )
            return
        self._facts = TableFacts(name=self._name, unit="line", kind=kind)
        self._learn_from_metadata(self._facts)

    def _no_header(self) -> str:
        first = next((row for row in self._before if any(field.strip() for field in row)), None)
        if first is None:
            return f"The CSV document holds no rows. {_REMEDY}"
        for separator, plural in _OTHER_SEPARATORS.items():
            if any(recognise(",".join(row).split(separator)) for row in self._before[:50]):
                return f"The table's fields are separated by {plural}. {_REMEDY}"
        shown = ", ".join(repr(field[:30]) for field in first[:6])
        return f"The document is CSV, but none of its rows is a header that we know; its first row holds {shown}. {_REMEDY}"

    def _learn_from_metadata(self, facts: TableFacts) -> None:
        """Learn the report's date and zone, and a scan's launch and state, from the rows before the header."""
        for row in self._before:
            stated = next((zone for zone in map(_zone_of_date, row) if zone is not None), None)
            facts.offset_s = facts.offset_s if facts.offset_s is not None else stated
        launched, state = self._scan_facts()
        dates = (_seconds(field, facts.offset_s) for row in self._before for field in row)
        stated_at = next((date for date in dates if date), 0)
        facts.generated_at = stated_at + LATEST_S if stated_at and facts.unsure else stated_at
        if not {"first detected", "last detected"} & set(self._header):
            facts.scanned_at = _seconds(launched, facts.offset_s)
        self._partial = state.lower() not in {"", "finished"}

    def _scan_facts(self) -> tuple[str, str]:
        """Return a scan's launch date and state, "" if they are not stated."""
        for row, following in zip(self._before, self._before[1:], strict=False):
            names = [normal(field) for field in row]
            if "launch date" in names and len(following) == len(row):
                values = dict(zip(names, following, strict=True))
                return values["launch date"], values.get("status", "").strip()
        return "", ""

    def _header_notes(self, batch: Batch, facts: TableFacts) -> Iterator[ReportPage]:
        """Tell the columns that nobody knows."""
        unknown = unknown_columns(facts.kind, self._header)
        if unknown:
            shown = ", ".join(name[:40] for name in unknown[:30])
            problem = f"{len(unknown)} columns are not known here and were not read: {shown}"
            yield from batch.reject(facts.reject(self._header_line, "the header row", problem))

    def _body(self, batch: Batch, facts: TableFacts) -> Iterator[ReportPage]:
        """Yield the rows' pages, and read what follows them."""
        places = places_of(facts.kind, self._header)
        owner: tuple[str, ...] | None = None
        for record in self._records:
            if isinstance(record, BrokenRecord) or self._is_misplaced(record.fields):
                owner = None
                yield from batch.reject(self._no_row(record, facts))
            elif self._is_row(record.fields):
                values, damaged = repair_text(record.fields)
                row = Row(record.line, make_fields(values, places), self._lines.raw(RAW_LIMIT))
                if damaged:
                    yield from batch.reject(facts.reject(record.line, "a row", DAMAGED, row.raw))
                if facts.kind is DETECTION_CSV:
                    row = _with_owner(row, owner)
                    owner = row.fields if any(row.fields[place] for place in _NAMES) else None
                yield from batch.add(row)

    def _is_row(self, fields: Sequence[str]) -> bool:
        """Whether a record that is in its place is a row: tables put together bring their header again."""
        return len(fields) == len(self._header) and self._frame in {"", "BODY"} and fields != self._header_fields

    def _is_misplaced(self, fields: Sequence[str]) -> bool:
        """Whether a record is neither a row nor anything that may stand between or behind rows."""
        if self._is_frame(fields) or not any(field.strip() for field in fields):
            return False
        if self._frame not in {"", "BODY"}:
            return not self._take_footer(fields)
        if len(fields) == len(self._header):
            self._trailer = False
            return False
        self._trailer = self._trailer or normal(fields[0]).startswith(_TRAILERS)
        return not self._trailer

    def _is_frame(self, fields: Sequence[str]) -> bool:
        """Whether the row is a frame's border; which part we are in is remembered."""
        found = _FRAME.fullmatch(fields[0].strip()) if len(fields) == 1 else None
        if found:
            self._frame = found[2] if found[1] == "BEGIN" else f"after {found[2]}"
        return found is not None

    def _take_footer(self, fields: Sequence[str]) -> bool:
        """Take a footer's row: a warning says where the next page begins (CODE, TEXT, URL). False if it is none."""
        if len(fields) == 3 and fields[0].strip().isdecimal():
            code, text, url = repair_text(fields)[0]
            found = _NEXT_ID.search(url.replace("&amp;", "&"))
            self._truncation = Truncation(
                code=code.strip(),
                text=" ".join(text.split()),
                url=url.strip(),
                next_id=int(found[1]) if found else 0,
            )
        return self._frame == "FOOTER" and len(fields) <= 3

    def _no_row(self, record: Record | BrokenRecord, facts: TableFacts) -> Reject:
        """Return the reject of what is no row; the document may end inside it."""
        self._last_rejected = self._lines.number
        if isinstance(record, BrokenRecord):
            if record.cut:
                self._cut(f"inside the quoted text that begins in line {record.line}")
            more = f" to {record.last_line}" if record.last_line > record.line else ""
            problem = f"{record.problem}: line {record.line}{more} was left out"
        elif self._frame in {"", "BODY"}:
            problem = f"it has {len(record.fields)} fields, the header has {len(self._header)}: the row was left out"
        else:
            problem = "it stands outside of the frame of rows: it was left out"
        return facts.reject(record.line, "a row", problem, self._lines.raw(RAW_LIMIT))

    def _judge_end(self) -> None:
        """Say so if the document stops before its end: in a frame, or in a last row without line end."""
        if self._frame == "BODY":
            self._cut("inside its frame")
        elif self._last_rejected == self._lines.number and not self._lines.ended:
            self._cut(f"inside line {self._lines.number}")

    def _cut(self, where: str) -> None:
        if not self._partial or not self._errors:
            self._errors.append(
                f"The document stops before its end, {where}. What is whole was kept. Export it again: it was cut."
            )
        self._partial = True


def _with_owner(row: Row, owner: tuple[str, ...] | None) -> Row:
    """Return a row with the host of the row before it, where it states none itself.

    With `suppress_duplicated_data_from_csv=1` only a host's first row names it. After a row that could not be read
    nobody knows whose the next ones are: they stay without host and are left out.
    """
    if owner is None or any(row.fields[place] for place in _NAMES):
        return row
    fields = tuple(owner[place] if place in _NAMES else value for place, value in enumerate(row.fields))
    return row._replace(fields=fields)


def _seconds(text: str, offset_s: int | None) -> int:
    """Return a date in seconds, 0 if it is none."""
    try:
        return max(parse_table_time(text, offset_s), 0) if any(mark in text for mark in ":/-") else 0
    except (ValueError, OverflowError):
        return 0


def _zone_of_date(text: str) -> int | None:
    """Return the zone that a date states, None if the text is no date or states none."""
    return zone_of(text) if _seconds(text, None) else None
