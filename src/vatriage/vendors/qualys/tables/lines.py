"""A document's text, line by line, in bounded memory; bytes that are no UTF-8 are kept as such until they are told."""

from codecs import getincrementaldecoder
from collections.abc import Iterator

from vatriage.vendors.xml.source import ByteSource

RECORD_LIMIT = 8 * 1024 * 1024
"""Characters of one row; the longest text of a finding (RESULTS) seen is far below a mebibyte."""

_BLOCK = 1024 * 1024


class RecordTooLongError(Exception):
    """A row is longer than RECORD_LIMIT."""


class LineSource:
    """An iterator of lines, each with its line end, that remembers those of the present record.

    Memory: one block of text and one record.
    """

    def __init__(self, source: ByteSource) -> None:
        self._lines = _lines(source)
        self._size = 0
        self.number = 0
        """Number of the last line given out; the first is 1."""
        self.record: list[str] = []
        """The lines given out since `begin`."""
        self.ended = True
        """The last line given out has a line end."""

    def begin(self) -> None:
        """Begin a record."""
        self.record = []
        self._size = 0

    def __iter__(self) -> "LineSource":
        return self

    def __next__(self) -> str:
        """Return the next line. Raises: RecordTooLongError: the record is longer than RECORD_LIMIT with it."""
        line = next(self._lines)
        self.number += 1
        self.ended = line.endswith("\n")
        self.record.append(line)
        self._size += len(line)
        if self._size > RECORD_LIMIT:
            raise RecordTooLongError
        return line

    def raw(self, limit: int) -> bytes:
        """Return the record's bytes, at most `limit` of them."""
        return "".join(self.record)[:limit].encode("utf-8", "surrogateescape")[:limit]


def decoded(source: ByteSource) -> Iterator[str]:
    """Yield a document's text in blocks, without its byte order mark; bytes that are no UTF-8 become surrogates."""
    decoder = getincrementaldecoder("utf-8-sig")("surrogateescape")
    while block := source.read(_BLOCK):
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _lines(source: ByteSource) -> Iterator[str]:
    """Yield lines that end in LF (or the end); one longer than RECORD_LIMIT is cut, its rest is dropped."""
    pending: list[str] = []
    length = 0
    for block in decoded(source):
        first, *others = block.split("\n")
        if length <= RECORD_LIMIT:
            pending.append(first)
        length += len(first)
        for following in others:
            yield "".join(pending) + "\n"
            pending, length = [following], len(following)
    if length:
        yield "".join(pending)
