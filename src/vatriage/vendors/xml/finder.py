"""Finds the record, or the element of a record, that a row came from: for rejects, which name and keep it."""

from dataclasses import dataclass

from vatriage.vendors.xml.records import Records
from vatriage.vendors.xml.tags import RecordTag, record_spans


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the document: a record, or an element of one."""

    offset: int
    """Of its first byte in the document."""
    data: bytes
    """As it stands in the document, before any repair."""


class RecordFinder:
    """Looks into one block, and only when asked: good blocks are never scanned a second time."""

    def __init__(self, tag: RecordTag, block: Records, records: list[Piece] | None = None) -> None:
        """Prepare to find records.

        Args:
            tag: what a record is.
            block: the whole block.
            records: the records that were read, by number; None if the block was read whole.
        """
        self._tag = tag
        self._block = block
        self._records = records
        self._spans: tuple[int, str, list[tuple[int, int]]] = (-1, "", [])

    def record(self, number: int) -> Piece:
        """Return the record of that number among those that were read."""
        if self._records is None:
            self._records = pieces_of(self._tag, self._block)
        return self._records[number] if number < len(self._records) else Piece(self._block.offset, b"")

    def element(self, number: int, name: str, ordinal: int) -> Piece:
        """Return the `ordinal`-th element (from 0) of that name in a record; the record itself if there is no such."""
        whole = self.record(number)
        if self._spans[:2] != (number, name):
            tag = RecordTag(name, "", any_case=self._tag.any_case)
            self._spans = (number, name, record_spans(tag, whole.data))
        spans = self._spans[2]
        if ordinal >= len(spans):
            return whole
        start, end = spans[ordinal]
        return Piece(whole.offset + start, whole.data[start:end])


def pieces_of(tag: RecordTag, block: Records) -> list[Piece]:
    """Return the records of a block."""
    return [Piece(block.offset + start, block.data[start:end]) for start, end in record_spans(tag, block.data)]
