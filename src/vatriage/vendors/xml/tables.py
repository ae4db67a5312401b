"""From a block of records to tables, with a judge and without losing what cannot be read.

The block is cleaned, read by the fast tokeniser and, where that fails or is in doubt, by the strict one. If that fails
as well, records are read one by one: the bad ones are named, the others kept.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from vatriage.vendors.xml.fast import DoubtError, FastTokeniser
from vatriage.vendors.xml.finder import Piece, RecordFinder, pieces_of
from vatriage.vendors.xml.mapping import PARENT, RECORD, Mapping, Tables
from vatriage.vendors.xml.records import Records
from vatriage.vendors.xml.repair import is_clean, repair, transcode
from vatriage.vendors.xml.strict import StrictError, StrictTokeniser
from vatriage.vendors.xml.tags import RecordTag, next_tag, record_spans, start_tags


@dataclass(frozen=True, slots=True)
class Trouble:
    """A record that was left out, or repaired and kept."""

    piece: Piece
    problem: str


@dataclass(frozen=True, slots=True)
class RecordTables:
    """What was read of one block."""

    tables: Tables
    """Rows of the records that could be read; their column `record` counts only those."""
    finder: RecordFinder
    """Where each of them came from."""
    broken: tuple[Trouble, ...] = ()
    """Records that could not be read."""
    repaired: tuple[Trouble, ...] = ()
    """Records that were read after a repair."""
    strays: dict[int, str] = field(default_factory=dict)
    """Records that were read but for an element that ought to be a row and is out of place: its name."""


@dataclass(frozen=True, slots=True)
class _Clean:
    """A record that is fit for the tokenisers."""

    piece: Piece
    data: bytes


class TableReader:
    """Reads blocks of one document."""

    def __init__(self, mapping: Mapping, fast: FastTokeniser, tag: RecordTag, encoding: str) -> None:
        """Prepare to read.

        Args:
            mapping: the document kind's.
            fast: compiled for the mapping; not asked where names may be in any case.
            tag: what a record is.
            encoding: Python's name of the document's encoding, "" for UTF-8.
        """
        self._mapping = mapping
        self._fast = fast
        self._strict = StrictTokeniser(mapping, any_case=tag.any_case)
        self._tag = tag
        self._encoding = encoding
        self._stray_starts = start_tags(mapping.row_names)

    def read(self, block: Records) -> RecordTables:
        """Read a block. Never raises for what it holds: see RecordTables.broken."""
        if is_clean(block.data, self._encoding):
            tables, strays = self._read_whole(transcode(block.data, self._encoding))
            if tables is not None:
                outside = self._outside(block, strays[-1]) if -1 in strays else ()
                return RecordTables(tables, RecordFinder(self._tag, block), outside, strays=_in_records(strays))
        records, repaired = self._repaired(pieces_of(self._tag, block))
        if repaired:
            tables, strays = self._read_whole(b"\n".join(record.data for record in records))
            if tables is not None:
                pieces = [record.piece for record in records]
                finder = RecordFinder(self._tag, block, pieces)
                return RecordTables(tables, finder, self._outside(block), repaired, _in_records(strays))
        return self._read_one_by_one(block, records, repaired)

    def _read_whole(self, data: bytes) -> tuple[Tables | None, dict[int, str]]:
        """Return the tables of a clean block, None if it is not well-formed; and StrictTokeniser.strays."""
        try:
            if not self._tag.any_case:
                return self._fast.read(data), {}
        except DoubtError:
            pass  # the strict tokeniser is the judge
        try:
            return self._strict.read(data), self._strict.strays
        except StrictError:
            return None, {}

    def _repaired(self, pieces: list[Piece]) -> tuple[list[_Clean], tuple[Trouble, ...]]:
        """Return the records, each fit for the tokenisers, and which of them needed repair."""
        records, repaired = [], []
        for piece in pieces:
            data, problem = repair(piece.data, self._encoding)
            records.append(_Clean(piece, transcode(data, "")))
            if problem:
                repaired.append(Trouble(piece, problem))
        return records, tuple(repaired)

    def _read_one_by_one(self, block: Records, records: list[_Clean], repaired: tuple[Trouble, ...]) -> RecordTables:
        """Read each record alone; the bad ones become `broken`."""
        kept: list[Piece] = []
        broken: list[Trouble] = []
        strays: dict[int, str] = {}
        found: list[Tables] = [{table.name: table.schema.empty_table() for table in self._mapping.tables}]
        for record in records:
            try:
                found.append(self._read_single(record.data, len(kept)))
                strays.update((len(kept), name) for name in self._strict.strays.values())
                kept.append(record.piece)
            except StrictError as error:
                broken.append(Trouble(record.piece, str(error)))
        broken.extend(self._outside(block))
        lost = {trouble.piece.offset for trouble in broken}
        return RecordTables(
            self._joined(found),
            RecordFinder(self._tag, block, kept),
            tuple(broken),
            tuple(trouble for trouble in repaired if trouble.piece.offset not in lost),
            strays,
        )

    def _outside(self, block: Records, stray: str = "") -> tuple[Trouble, ...]:
        """Return what stands between records and belongs to one that never began, or is a row of nobody's.

        Args:
            block: its records' spans are looked for anew.
            stray: such a row that the tokeniser met; it is told in any case.
        """
        troubles, position = [], 0
        for start, end in [*record_spans(self._tag, block.data), (len(block.data), len(block.data))]:
            between = block.data[position:start]
            piece = Piece(block.offset + position, between)
            if next_tag(self._tag.pattern, between, 0):
                troubles.append(Trouble(piece, "an end tag stands here without its start tag"))
            elif found := next_tag(self._stray_starts, between, 0):
                # No more than the tag is kept of it: what follows may be more than one, and name one host only.
                piece = Piece(piece.offset + found.start(), found["start"])
                troubles.append(Trouble(piece, out_of_place(found["start"][1:].decode(errors="replace"))))
            position = end
        if stray and not troubles:
            troubles.append(Trouble(Piece(block.offset, b""), out_of_place(stray)))
        return tuple(troubles)

    def _joined(self, found: list[Tables]) -> Tables:
        """Return the tables of single records as those of one block: parents are counted through all of them."""
        before = Counter[str]()
        for tables in found:
            sizes = {name: table.num_rows for name, table in tables.items()}
            for mapping in self._mapping.tables:
                if mapping.parent:
                    table = tables[mapping.name]
                    parents = pa.array(table[PARENT].to_numpy() + np.uint32(before[mapping.parent]))
                    tables[mapping.name] = table.set_column(1, table.schema.field(PARENT), parents)
            before.update(sizes)
        return {name: pa.concat_tables([tables[name] for tables in found]) for name in found[0]}

    def _read_single(self, data: bytes, number: int) -> Tables:
        """Return the tables of one record, numbered.

        Raises: StrictError: it is not well-formed, or not one record.
        """
        tables = self._strict.read(data)
        if tables[self._mapping.tables[0].name].num_rows != 1:
            raise StrictError("its tags do not make one record")
        return {name: _numbered(table, number) for name, table in tables.items()}


def out_of_place(name: str) -> str:
    """Return what is wrong with an element that ought to be a row and is nobody's."""
    return f"the element {name!r} stands where none is read, or is not written as it ought to be"


def _in_records(strays: dict[int, str]) -> dict[int, str]:
    return {record: name for record, name in strays.items() if record >= 0}


def _numbered(table: pa.Table, number: int) -> pa.Table:
    """Return a table with all its rows belonging to the record of that number."""
    numbers = pa.array(np.full(table.num_rows, number, np.uint32))
    return table.set_column(0, table.schema.field(RECORD), numbers)
