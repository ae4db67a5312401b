"""Columns of text into columns of numbers, instants and flags, vectorised, with every doubt kept.

A value that cannot be read is never an error here: the column holds its neutral value, and a `Doubt` names the row.
The caller decides whether the field is repaired or the row is rejected.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vatriage.model.address import format_address, pack_address
from vatriage.model.instant import US, parse_instant

_SHOWN = 60
"""Characters of an unreadable value quoted in a reject."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value that could not be read."""

    row: int
    field: str
    value: str
    """What stood there, shortened."""


class Columns:
    """The text columns of one table, read by name; gathers the doubts on the way."""

    def __init__(self, table: pa.Table) -> None:
        """Take a table of strings."""
        self._table = table
        self.doubts: list[Doubt] = []
        """In the order in which the columns were read."""

    def text(self, *names: str) -> pa.Array:
        """Return a string column without surrounding blanks, "" where nothing is stated; the first stated name counts."""
        columns = [pc.ascii_trim_whitespace(self._column(name)).combine_chunks() for name in names]
        stated = [pc.if_else(pc.equal(column, ""), None, column) for column in columns[:-1]]
        return pc.fill_null(pc.coalesce(*stated, columns[-1]), "")

    def unescaped(self, name: str) -> pa.Array:
        """Return a string column with HTML's references resolved: a CDATA section holds them as they are."""
        text = self.text(name)
        if not pc.any(pc.match_substring(text, "&")).as_py():
            return text
        return self._by_unique_value(text, unescape, pa.string())

    def _column(self, name: str) -> pa.ChunkedArray:
        """Return a column as it was read; one that this kind of document does not have states nothing."""
        if name in self._table.column_names:
            return self._table[name]
        return pa.chunked_array([pa.nulls(self._table.num_rows, pa.string())])

    def number(self, name: str, low: int, high: int, neutral: int) -> NDArray[np.int64]:
        """Return a column of decimal integers from `low` to `high`; `neutral` where nothing is stated or readable."""
        text = self.text(name)
        digits = pc.and_(pc.ascii_is_decimal(text), pc.less_equal(pc.binary_length(text), 18))
        numbers = pc.fill_null(pc.cast(pc.if_else(digits, text, None), pa.int64()), -1).to_numpy(zero_copy_only=False)
        good = (numbers >= low) & (numbers <= high)
        self._doubt(name, text, ~good & _stated(text))
        read: NDArray[np.int64] = np.where(good, numbers, neutral)
        return read

    def instant(self, *names: str) -> NDArray[np.int64]:
        """Return a column of instants in whole seconds since the epoch; 0 where nothing is stated or readable."""
        text = self.text(*names)
        try:
            moments = pc.cast(pc.if_else(pc.equal(text, ""), None, text), pa.timestamp("s", "UTC"))
        except pa.ArrowInvalid:
            return self._lenient_instants(names[0], text)
        seconds: NDArray[np.int64] = pc.fill_null(pc.cast(moments, pa.int64()), 0).to_numpy(zero_copy_only=False)
        self._doubt(names[0], text, seconds < 0)
        return _not_before_1970(seconds)

    def choice(self, name: str, choices: Mapping[str, int], missing: int, unknown: int) -> NDArray[np.int64]:
        """Return a column of words as numbers, in any case; `missing` where nothing is stated."""
        text = self.text(name)
        words = pa.array(list(choices), pa.string())
        numbers = pc.take(pa.array(list(choices.values()), pa.int64()), pc.index_in(pc.utf8_lower(text), words))
        known = pc.is_valid(numbers).to_numpy(zero_copy_only=False)
        stated = _stated(text)
        self._doubt(name, text, ~known & stated)
        found = pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False)
        read: NDArray[np.int64] = np.where(known, found, np.where(stated, unknown, missing))
        return read

    def flag(self, name: str) -> pa.Array:
        """Return a column of yes and no; anything but 1, yes and true is no."""
        return pc.is_in(pc.utf8_lower(self.text(name)), pa.array(["1", "yes", "true"]))

    def address(self, name: str) -> pa.Array:
        """Return a column of IP addresses in their canonical text; "" where nothing is stated or readable."""
        text = self.text(name)
        found = self._by_unique_value(text, _canonical, pa.string())
        self._doubt(name, text, pc.and_(pc.equal(found, ""), pc.not_equal(text, "")).to_numpy(zero_copy_only=False))
        return found

    def _lenient_instants(self, name: str, text: pa.Array) -> NDArray[np.int64]:
        """Read instants one by one, each spelling once: zones, missing zones and nonsense."""
        seconds: NDArray[np.int64] = self._by_unique_value(text, _seconds, pa.int64()).to_numpy(zero_copy_only=False)
        self._doubt(name, text, (seconds < 0) & _stated(text))
        return _not_before_1970(seconds)

    def _by_unique_value(self, text: pa.Array, read: Callable[[str], Any], kind: pa.DataType) -> pa.Array:
        """Apply a function to each different value once."""
        encoded = pc.dictionary_encode(text)
        return pc.take(pa.array([read(value) for value in encoded.dictionary.to_pylist()], kind), encoded.indices)

    def _doubt(self, field: str, text: pa.Array, doubtful: NDArray[np.bool_]) -> None:
        """Keep the values of the rows in doubt."""
        for row in np.flatnonzero(doubtful).tolist():
            self.doubts.append(Doubt(row, field, text[row].as_py()[:_SHOWN]))


def _stated(text: pa.Array) -> NDArray[np.bool_]:
    """Return which values are not empty."""
    stated: NDArray[np.bool_] = pc.not_equal(text, "").to_numpy(zero_copy_only=False)
    return stated


def _not_before_1970(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return instants with 0, "not stated", for those that cannot be (Arrow's own arrays are read-only)."""
    later: NDArray[np.int64] = np.maximum(seconds, 0)
    return later


def _seconds(text: str) -> int:
    """Return one instant in whole seconds, -1 if it is none or lies before 1970."""
    try:
        return max(parse_instant(text) // US, -1)
    except ValueError:
        return -1


def _canonical(text: str) -> str:
    """Return an address's canonical text, "" if it is none."""
    try:
        return format_address(pack_address(text))
    except ValueError:
        return ""
