"""Reads Qualys's answers: host lists, host detections, the KnowledgeBase and simple returns.

What a document is, its root element says, not the URL it came from: HTTP 200 with an error inside is common.
Splitting, tokenising and repairing are `vendors.xml`'s; what a column means stands in the file of its document kind.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import BinaryIO

from vatriage.model.report import ReportEnd, ReportPage
from vatriage.vendors.interface import Reading
from vatriage.vendors.qualys.frame import ID_RANGES_A_PAGE, AnswerFrame
from vatriage.vendors.qualys.host_detections import detection_page
from vatriage.vendors.qualys.host_list import host_page
from vatriage.vendors.qualys.hosts import lost_host_page
from vatriage.vendors.qualys.knowledge_base import knowledge_base_page, lost_entry_page
from vatriage.vendors.qualys.rejects import host_of, vulnerability_of
from vatriage.vendors.qualys.simple_return import SIMPLE_RETURN, error_of
from vatriage.vendors.qualys.tables.csv_reading import CsvReading
from vatriage.vendors.qualys.tables.head import Family, family_of, read_head
from vatriage.vendors.qualys.tables.json_reading import JsonReading
from vatriage.vendors.xml.fast import FastTokeniser
from vatriage.vendors.xml.finder import Piece, pieces_of
from vatriage.vendors.xml.frame import FrameError, FrameReader
from vatriage.vendors.xml.mapping import Mapping, load_mapping
from vatriage.vendors.xml.prolog import Prolog, PrologError, open_document
from vatriage.vendors.xml.records import Frame, Oversized, Records, RecordSplitter, Unfinished
from vatriage.vendors.xml.source import ByteSource
from vatriage.vendors.xml.tables import RecordTables, TableReader, Trouble
from vatriage.vendors.xml.tags import RecordTag


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one document kind is read."""

    mapping_file: str
    """In `documents/`."""
    record_name: str
    """The element that is one record."""
    list_name: str
    """The element it stands in."""
    page: Callable[[RecordTables, str], ReportPage]
    """Makes a page of a block."""
    lost: Callable[[Trouble, str], ReportPage]
    """Makes a page of a record that could not even be looked at."""
    name_of: Callable[[bytes], object]
    """Names a record by its first bytes."""


_KINDS = {
    "HOST_LIST_OUTPUT": _Kind("host_list.yaml", "HOST", "HOST_LIST", host_page, lost_host_page, host_of),
    "HOST_LIST_VM_DETECTION_OUTPUT": _Kind(
        "host_detections.yaml", "HOST", "HOST_LIST", detection_page, lost_host_page, host_of
    ),
    "KNOWLEDGE_BASE_VULN_LIST_OUTPUT": _Kind(
        "knowledge_base.yaml", "VULN", "VULN_LIST", knowledge_base_page, lost_entry_page, vulnerability_of
    ),
}
"""By root element, upper case."""


_NO_RECORDS = RecordTag("-", "-")
"""A name that XML does not allow: the whole document is frame."""


class QualysReader:
    """See ReportReader."""

    def open(self, source: BinaryIO, name: str) -> Reading:
        """See ReportReader.open. Raises: OSError: the source failed."""
        head = read_head(source)
        family = family_of(head)
        if family is Family.CSV:
            return CsvReading(source, name, head)
        if family is Family.JSON:
            return JsonReading(source, name, head)
        return QualysReading(source, name, head)


class QualysReading:
    """See Reading. Memory is bounded by vendors.xml: a few blocks, or one record of at most RECORD_LIMIT."""

    def __init__(self, source: BinaryIO, name: str, head: bytes = b"") -> None:
        """Read the document's prolog.

        Args:
            source: the document's bytes.
            name: what it is called in rejects and errors.
            head: its first bytes, already taken from the source.
        """
        self._source = ByteSource(source, head)
        self._name = name
        self._answer = AnswerFrame(name)
        self._partial = False
        self._errors: list[str] = []
        self._records = 0
        self._last = Records(0, b"")
        self._prolog: Prolog | None = None
        self.kind: str | None = None
        try:
            self._prolog = open_document(self._source)
            self.kind = self._prolog.root.upper()
        except PrologError as error:
            self._errors.append(str(error))
            self._partial = error.partial

    @property
    def end(self) -> ReportEnd:
        """See Reading.end."""
        return ReportEnd(
            generated_at=self._answer.generated_at,
            truncation=self._answer.truncation,
            partial=self._partial,
            error=" ".join(self._errors) or None,
            error_code=self._answer.code or None,
            bytes_read=self._source.bytes_read,
        )

    def pages(self) -> Iterator[ReportPage]:
        """See Reading.pages. Raises: OSError: the source failed."""
        if self._prolog is None or self.kind is None:
            return
        if self.kind == SIMPLE_RETURN:
            yield from self._parts(None, self._prolog, _NO_RECORDS)
        elif self.kind in _KINDS:
            kind = _KINDS[self.kind]
            any_case = not self._prolog.root.isupper()
            yield from self._parts(kind, self._prolog, RecordTag(kind.record_name, kind.list_name, any_case))
        else:
            known = ", ".join((*_KINDS, SIMPLE_RETURN))
            self._errors.append(f"Documents of kind {self.kind[:80]} are not readable here; readable are {known}.")
            return
        if error := error_of(self._answer):
            self._errors.insert(0, error)

    def _parts(self, kind: _Kind | None, prolog: Prolog, tag: RecordTag) -> Iterator[ReportPage]:
        """Read the document part by part: its frame into the answer, its records into pages."""
        frame = FrameReader(self._answer.element, prolog.encoding)
        tables = _tables(kind, tag, prolog.encoding) if kind else None
        unfinished: Unfinished | None = None
        for part in RecordSplitter(self._source, prolog.rest, prolog.offset, tag).parts():
            if isinstance(part, Frame):
                if not self._fed(frame, part):
                    break
                yield from self._told(kind, at_least=ID_RANGES_A_PAGE)
            elif isinstance(part, Unfinished):
                unfinished = part
            elif kind and tables:
                yield self._page(kind, tables, part)
        yield from self._told(kind, at_least=1)
        if not frame.closed:
            self._cut(kind, tag, unfinished)

    def _page(self, kind: _Kind, tables: TableReader, part: Records | Oversized) -> ReportPage:
        """Return the page of a block, or of a record that no parser may see."""
        if isinstance(part, Records):
            self._last = part
            return kind.page(tables.read(part), self._name)
        piece = Piece(part.offset, part.head)
        return kind.lost(Trouble(piece, f"{part.problem} ({part.length} bytes)"), self._name)

    def _fed(self, frame: FrameReader, part: Frame) -> bool:
        """Feed the frame; False if the document is over and more follows.

        A frame that is not well-formed can no longer be trusted to tell a truncation, but its records are still good.
        """
        if frame.failed:
            return True
        try:
            frame.feed(part.data)
        except FrameError as error:
            where = "after its end" if frame.closed else "around its records"
            self._errors.append(
                f"The document is not well-formed {where}, before byte {self._source.bytes_read}: {error}. Fetch it again."
            )
            self._partial = not frame.closed
            return not frame.closed
        return True

    def _told(self, kind: _Kind | None, at_least: int) -> Iterator[ReportPage]:
        """Yield what the frame has told since the last time, if it is enough for a page."""
        if len(self._answer.id_ranges) + len(self._answer.rejects) < at_least:
            return
        ranges, rejects = self._answer.take()
        if ranges and kind is not None and kind.list_name != "HOST_LIST":
            remedy = "The document holds only QIDs, no entries: ask for it with details=Basic or details=All."
            self._errors = [*(error for error in self._errors if error != remedy), remedy]
            ranges = ()
        yield ReportPage(id_ranges=ranges, rejects=rejects)

    def _cut(self, kind: _Kind | None, tag: RecordTag, unfinished: Unfinished | None) -> None:
        """Say where a document stops that is not whole."""
        self._partial = True
        places = []
        if kind and unfinished:
            places.append(f"inside {kind.name_of(unfinished.head)}, whose record begins at byte {unfinished.offset}")
        if kind and self._last.data:
            last = pieces_of(tag, self._last)[-1:]
            places += [f"after {kind.name_of(piece.data)}" for piece in last]
        self._errors.append(
            f"The document stops before its end, at byte {self._source.bytes_read}"
            + "".join(f", {place}" for place in places)
            + ". What is whole was kept. Fetch it again: its transfer was cut."
        )


def _tables(kind: _Kind, tag: RecordTag, encoding: str) -> TableReader:
    """Return a reader of a kind's records."""
    mapping, fast = _tokeniser(kind.mapping_file)
    return TableReader(mapping, fast, tag, encoding)


@cache
def _tokeniser(mapping_file: str) -> tuple[Mapping, FastTokeniser]:
    """Return a mapping and its compiled tokeniser: compiled once a process, because that costs as much as a page."""
    with as_file(files("vatriage.vendors.qualys") / "documents" / mapping_file) as path:
        mapping = load_mapping(path)
        return mapping, FastTokeniser(mapping, path)
