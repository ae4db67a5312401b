"""Reads Qualys's XML documents: reports, lists, the KnowledgeBase and short answers.

What a document is, its root element says, not the URL it came from: HTTP 200 with an error inside is common.
Splitting, tokenising and repairing are `vendors.xml`'s; what a column means stands in the file of its document kind.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files
from typing import BinaryIO

from vatriage.model.report import ReportEnd, ReportPage
from vatriage.vendors.held_pages import HeldPages
from vatriage.vendors.interface import Reading
from vatriage.vendors.qualys.frame import ID_RANGES_A_PAGE, DocumentFrame
from vatriage.vendors.qualys.kinds import KINDS, DocumentKind, RecordKind
from vatriage.vendors.qualys.refused import refusal_of
from vatriage.vendors.qualys.tables.csv_reading import CsvReading
from vatriage.vendors.qualys.tables.head import Family, family_of, read_head
from vatriage.vendors.qualys.tables.json_reading import JsonReading
from vatriage.vendors.xml.fast import FastTokeniser
from vatriage.vendors.xml.finder import Piece, pieces_of
from vatriage.vendors.xml.frame import Attributes, FrameError, FrameReader
from vatriage.vendors.xml.mapping import Mapping, load_mapping
from vatriage.vendors.xml.prolog import Prolog, PrologError, open_document
from vatriage.vendors.xml.records import Frame, Oversized, Records, RecordSplitter, Unfinished
from vatriage.vendors.xml.source import ByteSource
from vatriage.vendors.xml.tables import TableReader, Trouble, out_of_place
from vatriage.vendors.xml.tags import RecordTag, next_tag
from vatriage.vendors.xml.unknown import UnknownElements

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
        self._told = DocumentFrame(name)
        self._partial = False
        self._errors: list[str] = []
        self._last: tuple[RecordKind, Records] | None = None
        self._unknown: dict[str, UnknownElements] = {}
        """By the name of the records' mapping."""
        self._prolog: Prolog | None = None
        self.kind: str | None = None
        try:
            self._prolog = open_document(self._source)
            self.kind = self._prolog.root.upper()
        except PrologError as error:
            self._errors.append(str(error))
            self._partial = error.partial
        if self.kind in KINDS:
            self._told = KINDS[self.kind].frame(name)

    @property
    def end(self) -> ReportEnd:
        """See Reading.end."""
        return ReportEnd(
            generated_at=self._told.generated_at,
            truncation=self._told.truncation,
            partial=self._partial,
            narrowed=self._told.narrowed,
            asked_whole=self._told.asked_whole,
            scan=self._told.scan,
            versions=self._told.versions,
            unknown={name: count for found in self._unknown.values() for name, count in found.counts.items()},
            error=" ".join(self._errors) or None,
            error_code=self._told.code or None,
            bytes_read=self._source.bytes_read,
        )

    def pages(self) -> Iterator[ReportPage]:
        """See Reading.pages. Raises: OSError: the source failed."""
        if self._prolog is None or self.kind is None:
            return
        if self.kind not in KINDS:
            self._errors.append(refusal_of(self._prolog.root))
            return
        with HeldPages() as held:
            for page in self._parts(KINDS[self.kind], self._prolog):
                yield from self._completed(page, held)
            yield from map(self._told.complete, held.drain())
        yield from self._gathered(at_least=1)
        if error := self._told.error:
            self._errors.insert(0, error)

    def _completed(self, page: ReportPage, held: HeldPages) -> Iterator[ReportPage]:
        """Yield a page, once the document has told what its hosts wait for; before that, keep it in order."""
        self._told.see(page)
        if not page.hosts.num_rows:
            yield page
        elif not self._told.ready:
            if page.rejects:
                yield ReportPage(rejects=page.rejects)
            held.put(replace(page, rejects=()))
        else:
            yield from map(self._told.complete, held.drain())
            yield self._told.complete(page)

    def _parts(self, kind: DocumentKind, prolog: Prolog) -> Iterator[ReportPage]:
        """Read the document part by part: its frame into what it tells, its records into pages."""
        any_case = not prolog.root.isupper()
        tags = {RecordTag(item.record_name, item.list_name, any_case): item for item in kind.records}
        strays = _Strays(kind, self._told, self._name)
        frame = FrameReader(strays.element, prolog.encoding, self._told.enter)
        tables = {tag: _tables(item, tag, prolog.encoding) for tag, item in tags.items()}
        splitter = RecordSplitter(self._source, prolog.rest, prolog.offset, *(tags or (_NO_RECORDS,)))
        unfinished: Unfinished | None = None
        for part in splitter.parts():
            if isinstance(part, Frame):
                fed = self._fed(frame, part)
                yield from strays.take()
                if not fed:
                    break
                yield from self._gathered(at_least=ID_RANGES_A_PAGE)
            elif isinstance(part, Unfinished):
                unfinished = part
            elif tags:
                yield self._page(tags, tables[splitter.tag], splitter.tag, part)
        if not frame.closed:
            self._cut(tags, splitter.tag, unfinished)

    def _page(
        self, tags: dict[RecordTag, RecordKind], tables: TableReader, tag: RecordTag, part: Records | Oversized
    ) -> ReportPage:
        """Return the page of a block, or of a record that no parser may see."""
        kind = tags[tag]
        if isinstance(part, Oversized):
            piece = Piece(part.offset, part.head)
            return kind.lost(Trouble(piece, f"{part.problem} ({part.length} bytes)"), self._name)
        self._last = kind, part
        self._look_for_unknown(kind, tag, part.data)
        for other in tags:
            if other is not tag and other.may_begin(part.data) and next_tag(other.pattern, part.data, 0):
                self._errors.append(
                    f"The document is out of order: a {other.name} stands in {tag.list_name}, before byte "
                    f"{self._source.bytes_read}, and was left out. Create the report again."
                )
        return kind.page(tables.read(part), self._name)

    def _look_for_unknown(self, kind: RecordKind, tag: RecordTag, data: bytes) -> None:
        """Count the elements of a block that nobody has heard of."""
        if kind.unread is None:
            return
        if kind.mapping_file not in self._unknown:
            known = kind.unread | _tokeniser(kind.mapping_file)[0].known_names
            self._unknown[kind.mapping_file] = UnknownElements(known, any_case=tag.any_case)
        self._unknown[kind.mapping_file].look(data)

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

    def _gathered(self, at_least: int) -> Iterator[ReportPage]:
        """Yield what the frame has gathered since the last time, if it is enough for a page."""
        if self._told.gathered < at_least:
            return
        page = self._told.take()
        if page is None:
            return
        if page.id_ranges and self.kind not in {"HOST_LIST_OUTPUT", "HOST_LIST_VM_DETECTION_OUTPUT"}:
            remedy = "The document holds only QIDs, no entries: ask for it with details=Basic or details=All."
            self._errors = [*(error for error in self._errors if error != remedy), remedy]
            page = replace(page, id_ranges=())
        yield page

    def _cut(self, tags: dict[RecordTag, RecordKind], tag: RecordTag, unfinished: Unfinished | None) -> None:
        """Say where a document stops that is not whole."""
        self._partial = True
        places = []
        if tags and unfinished:
            name = tags[tag].name_of(unfinished.head)
            places.append(f"inside {name}, whose record begins at byte {unfinished.offset}")
        if self._last:
            kind, records = self._last
            last = pieces_of(next(item for item in tags if tags[item] is kind), records)[-1:]
            places += [f"after {kind.name_of(piece.data)}" for piece in last]
        self._errors.append(
            f"The document stops before its end, at byte {self._source.bytes_read}"
            + "".join(f", {place}" for place in places)
            + ". What is whole was kept. Fetch it again: its transfer was cut."
        )


class _Strays:
    """Stands before a document's frame and keeps what is part of no record but ought to be: rows and records astray."""

    def __init__(self, kind: DocumentKind, told: DocumentFrame, name: str) -> None:
        self._told = told
        self._name = name
        self._kinds = {row: item for item in kind.records for row in _tokeniser(item.mapping_file)[0].row_names}
        self._pages: list[ReportPage] = []

    def element(self, path: tuple[str, ...], text: str, attributes: Attributes) -> None:
        """See FrameReader's Leaf."""
        name = path[-1].rpartition(":")[2]
        if name in self._kinds and not self._told.strays.intersection(path) and len(path) > 1:
            self._pages.append(self._kinds[name].lost(Trouble(Piece(0, b""), out_of_place(path[-1])), self._name))
        self._told.element(path, text, attributes)

    def take(self) -> Iterator[ReportPage]:
        """Yield what has been met since the last time, and forget it."""
        yield from self._pages
        self._pages = []


def _tables(kind: RecordKind, tag: RecordTag, encoding: str) -> TableReader:
    """Return a reader of a kind's records."""
    mapping, fast = _tokeniser(kind.mapping_file)
    return TableReader(mapping, fast, tag, encoding)


@cache
def _tokeniser(mapping_file: str) -> tuple[Mapping, FastTokeniser]:
    """Return a mapping and its compiled tokeniser: compiled once a process, because that costs as much as a page."""
    with as_file(files("vatriage.vendors.qualys") / "documents" / mapping_file) as path:
        mapping = load_mapping(path)
        return mapping, FastTokeniser(mapping, path)
