"""The fast tokeniser: xml2arrow (Rust) fills the columns of a block in one go.

Its quirks (0.19, measured) that make it need a judge: it neither checks characters nor entities outside the mapped
fields, reads `<q:HOST>` as `<HOST>`, gives TypeError for text that is no UTF-8, counts the records of a second list from zero, and says nothing of
rows it did not see. The attributes of the element around rows it gives to the first of them only, and if there is none,
to the first row of the next such element. `tables` cleans blocks beforehand and counts rows afterwards.
"""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from xml2arrow import XmlToArrowParser
from xml2arrow.exceptions import Xml2ArrowError

from vatriage.vendors.xml.mapping import Mapping, TableMapping, Tables
from vatriage.vendors.xml.tags import outside_cdata

_PREFIXED = re.compile(rb"<[^\s<>/!?:]+:")
_COMMENTED_SECTION = re.compile(rb"<(?:!--(?:(?!-->)[\s\S])*?|\?(?:(?!\?>)[\s\S])*?)<!\[CDATA\[")
Batches = dict[str, pa.RecordBatch]


class DoubtError(Exception):
    """The fast tokeniser failed, or its answer cannot be trusted: the strict one has to judge."""


class FastTokeniser:
    """Reads blocks of records with one compiled mapping."""

    def __init__(self, mapping: Mapping, path: Path) -> None:
        """Compile the mapping; `path` is the file it was loaded from."""
        self._mapping = mapping
        self._by_name = {table.name: table for table in mapping.tables}
        self._parser = XmlToArrowParser(path)

    def read(self, block: bytes) -> Tables:
        """Return a block's tables.

        Args:
            block: whole records of one list, clean UTF-8 with line ends normalised.

        Raises: DoubtError: see there.
        """
        try:
            batches = self._parser.parse(b"".join((self._mapping.prefix, block, self._mapping.suffix)))
        except (Xml2ArrowError, TypeError, ValueError) as error:
            raise DoubtError(str(error)) from error
        self._count(block, batches)
        return {table.name: self._shaped(table, batches) for table in self._mapping.tables}

    def _count(self, block: bytes, batches: Batches) -> None:
        """Compare rows with their start tags: a row lost or moved, or a stray that is nobody's, would be a hole nobody sees.

        Tables whose rows have one name are counted together; so are the elements around rows, of which none may be empty.
        """
        numbers = _counter(batches[self._mapping.tables[0].name], self._mapping.tables[0].levels[0])
        if not np.array_equal(numbers, np.arange(len(numbers))):
            raise DoubtError("records are not numbered in a row: a list ends inside the block")
        rows: Counter[str] = Counter()
        for table in self._mapping.tables:
            batch = batches[table.name]
            rows[table.row_path[-1]] += batch.num_rows
            if table.around:
                rows[table.path[-1]] += int(np.count_nonzero(_counter(batch, table.levels[-1]) == 0))
        self._compare(rows, _outside_texts(block))

    def _compare(self, rows: "Counter[str]", outside: bytes) -> None:
        """Compare rows with start tags: a row in any case, what is around rows as it is written; no tag may have a prefix.

        Names are first counted without looking at what follows them; where that does not come to the same, it is looked at.
        """
        if _PREFIXED.search(outside):
            raise DoubtError("a tag has a prefix, which xml2arrow does not look at")
        lowered = outside.lower()
        for name, count in rows.items():
            if name not in self._mapping.row_names:
                if len(re.findall(rb"<%b[\s/>]" % name.encode(), outside)) != count:
                    raise DoubtError(f"{count} rows are not as many as the start tags {name}")
                continue
            lower = name.lower().encode()
            longer = sum(lowered.count(b"<%b" % other.lower().encode()) for other in self._mapping.longer_names[name])
            if lowered.count(b"<%b" % lower) - longer == count:
                continue
            if len(re.findall(rb"<%b[\s/>]" % lower, lowered)) != count:
                raise DoubtError(f"{count} rows are not as many as the start tags {name} in any case")

    def _shaped(self, table: TableMapping, batches: Batches) -> pa.Table:
        """Return a batch with TableMapping.schema.

        The inner counters restart with every list inside a record; they only serve to find what a row stands in.
        """
        batch = batches[table.name]
        columns = [batch.column(f"<{table.levels[0]}>")]
        if table.parent:
            columns.append(pa.array(self._parents(table, batches)))
        columns += [batch.column(field.name) for field in table.fields]
        shaped = pa.Table.from_arrays(columns, schema=table.schema)
        for field in table.around:
            place = shaped.schema.get_field_index(field.name)
            shaped = shaped.set_column(
                place, shaped.schema.field(place), shaped[field.name].take(_firsts(table, batch))
            )
        return shaped

    def _parents(self, table: TableMapping, batches: Batches) -> NDArray[np.uint32]:
        """Return for each row the number of the row of its parent table that it stands in."""
        above = self._by_name[table.parent]
        keys = _keys(batches[above.name], above.levels)
        wanted = _keys(batches[table.name], above.levels)
        places = np.searchsorted(keys, wanted)
        if (np.diff(keys) <= 0).any() or not np.array_equal(keys[np.minimum(places, len(keys) - 1)], wanted):
            raise DoubtError(f"the rows of {table.name} cannot be told apart: a list stands twice in one record")
        return places.astype(np.uint32)


def _outside_texts(block: bytes) -> bytes:
    """Return a block without its CDATA sections. Raises: DoubtError: a comment makes it unsure which those are."""
    outside = outside_cdata(block)
    if (b"<!--" in outside or b"<?" in outside) and _COMMENTED_SECTION.search(block):
        raise DoubtError("a comment holds what opens a CDATA section")
    return outside


def _counter(batch: pa.RecordBatch, level: str) -> NDArray[np.int64]:
    counter: NDArray[np.int64] = batch.column(f"<{level}>").to_numpy().astype(np.int64)
    return counter


def _keys(batch: pa.RecordBatch, levels: tuple[str, ...]) -> NDArray[np.int64]:
    """Return one ascending number a row, made of its counters; a block is too small for a counter to need 21 bits twice."""
    keys = np.zeros(batch.num_rows, np.int64)
    for level in levels:
        counter = _counter(batch, level)
        if len(counter) and counter.max() >= 1 << 21:
            raise DoubtError(f"more than {1 << 21} rows of one level")
        keys = (keys << 21) | counter
    return keys


def _firsts(table: TableMapping, batch: pa.RecordBatch) -> pa.Array:
    """Return for each row the number of the first row in the same element."""
    numbers = np.arange(batch.num_rows)
    first = np.where(_counter(batch, table.levels[-1]) == 0, numbers, 0)
    return pa.array(np.maximum.accumulate(first))
