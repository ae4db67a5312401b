"""Cuts a document of any size into blocks of whole records, in bounded memory.

A document is a frame (its head up to the first record, what stands between lists, its tail) around records. The frame
is handed out piece by piece and makes a small document of its own; the records come in blocks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vatriage.vendors.xml.long_record import HEAD_SIZE, TEXT_LIMIT, LongRecord
from vatriage.vendors.xml.source import BLOCK_SIZE, ByteSource
from vatriage.vendors.xml.tags import (
    CDATA_END,
    HOLD_BACK,
    SECTION_ENDS,
    RecordTag,
    end_of_records,
    next_tag,
    record_spans,
)

_LONG = TEXT_LIMIT - BLOCK_SIZE
"""A record that has not ended after so many bytes is watched while it is read; blocks never exceed TEXT_LIMIT, so they
cannot hold a text that is too long."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes of the document that belong to no record; all frames in order are a well-formed document without records."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Records:
    """One or more whole records, with blanks and comments between them."""

    offset: int
    """Of the first byte in the document."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Oversized:
    """A record that no parser may see; it was skipped to its end."""

    offset: int
    length: int
    head: bytes
    """Its first bytes, at most HEAD_SIZE."""
    problem: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The document stops inside this record; nothing follows but the frame's end."""

    offset: int
    head: bytes
    """Its first bytes, at most HEAD_SIZE."""


Part = Frame | Records | Oversized | Unfinished


class RecordSplitter:
    """Splits one document; `parts()` is iterated once."""

    def __init__(self, source: ByteSource, rest: bytes, offset: int, *tags: RecordTag) -> None:
        """Begin at the root's start tag.

        Args:
            source: what has not been read yet.
            rest: what has been read from the root's start tag on.
            offset: where that is in the document.
            tags: what a record is; where there are several, each stands in lists of its own.
        """
        self._source = source
        self._tags = tags
        self._tag = tags[0]
        self._data = rest
        self._offset = offset
        self._exhausted = False

    @property
    def tag(self) -> RecordTag:
        """What the records of the part handed out last are."""
        return self._tag

    def parts(self) -> Iterator[Part]:
        """Yield the document's parts in order."""
        while True:
            yield from self._frame()
            if self._exhausted and not self._data:
                return
            yield from self._records()

    def _fill(self, size: int = BLOCK_SIZE) -> bool:
        """Read another block; False at the end of the document."""
        piece = b"" if self._exhausted else self._source.read(size)
        self._exhausted = not piece
        self._data += piece
        return bool(piece)

    def _drop(self, size: int) -> None:
        """Forget bytes that have been handed out."""
        self._data = self._data[size:]
        self._offset += size

    def _frame(self) -> Iterator[Frame]:
        """Hand out the frame up to the next record, or to the end of the document; comments are left out.

        Left out because a tokeniser has to see a whole comment at once, and the server decides how long it is.
        """
        closing = b""
        while True:
            position, closing, pieces, at_record = self._frame_pieces(closing)
            yield from map(Frame, pieces)
            self._drop(position)
            if at_record:
                return
            if not self._fill():
                if closing in {b"", CDATA_END}:
                    yield Frame(self._data)
                self._drop(len(self._data))
                return

    def _frame_pieces(self, closing: bytes) -> tuple[int, bytes, list[bytes], bool]:
        """Cut what has been read of the frame.

        Returns: how far it was read, what closes the section it stopped in, the pieces, and whether a record follows.
        """
        data, position, pieces = self._data, 0, []
        while True:
            if closing:
                end = data.find(closing, position)
                stop = end + len(closing) if end >= 0 else max(position, len(data) - len(closing) + 1)
                if closing == CDATA_END:
                    pieces.append(data[position:stop])
                position = stop
                if end < 0:
                    return position, closing, pieces, False
            match = self._next_tag(data, position)
            if not match:
                last = data.rfind(b"<", max(position, len(data) - HOLD_BACK))
                stop = last if last >= 0 else len(data)
                pieces.append(data[position:stop])
                return stop, b"", pieces, False
            closing = SECTION_ENDS.get(match.group(), b"")
            at_record = match.lastgroup in {"start", "empty"}
            stop = match.start() if at_record or (closing and closing != CDATA_END) else match.end()
            pieces.append(data[position:stop])
            if at_record:
                return stop, b"", pieces, True
            position = match.end()

    def _next_tag(self, data: bytes, position: int) -> re.Match[bytes] | None:
        """Return the next tag of any kind of record, or opener of a section; a record's kind is the current one then."""
        found = [(match, tag) for tag in self._tags if (match := tag.pattern.search(data, position))]
        if not found:
            return None
        match, tag = min(found, key=lambda item: item[0].start())
        if match.lastgroup in {"start", "empty"}:
            self._tag = tag
        return match

    def _records(self) -> Iterator[Part]:
        """Hand out blocks of records, from the first byte of one on, until what follows is frame."""
        while True:
            while len(self._data) < BLOCK_SIZE and self._fill():
                pass
            cut = end_of_records(self._tag, self._data)
            if cut:
                block, offset = self._data[:cut], self._offset
                self._drop(cut)
                yield from self._whole(block, offset)
                continue
            start = self._start_of_record()
            if start < 0:
                return
            if self._exhausted or len(self._data) > _LONG or not self._fill():
                yield Frame(self._data[:start])
                self._drop(start)
                yield from self._long_record()

    def _start_of_record(self) -> int:
        """Return where an unfinished record begins in what has been read, -1 if none does."""
        match = next_tag(self._tag.pattern, self._data, 0) if self._tag.may_begin(self._data) else None
        return match.start() if match and match.lastgroup != "end" else -1

    def _whole(self, block: bytes, offset: int) -> Iterator[Part]:
        """Hand out a block of whole records; a list that ends in its midst goes to the frame.

        Why: a parser counts the records of a second list from zero again, and a warning may stand between two lists.
        """
        if not self._tag.closes_list(block):
            yield Records(offset, block)
            return
        start = end = 0
        spans = record_spans(self._tag, block)
        if not spans:
            yield Frame(block)
            return
        for begins, ends in spans:
            if self._tag.closes_list(block[end:begins]):
                if end:
                    yield Records(offset + start, block[start:end])
                yield Frame(block[end:begins])
                start = begins
            end = ends
        yield Records(offset + start, block[start:end])

    def _long_record(self) -> Iterator[Part]:
        """Read one record that is longer than a block, or that the document's end cuts off."""
        record = LongRecord(self._tag, self._offset)
        while True:
            self._drop(record.take(self._data))
            if record.ended or not self._fill():
                break
        if not record.ended:
            yield Unfinished(record.offset, (record.kept + self._data)[:HEAD_SIZE])
            self._drop(len(self._data))
        elif record.problem:
            yield Oversized(record.offset, record.length, record.kept, record.problem)
        else:
            yield Records(record.offset, record.kept)
