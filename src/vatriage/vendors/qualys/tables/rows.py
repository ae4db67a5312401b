"""A table's rows in one shape, whatever document they came from, and what the whole document says of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vatriage.model.report import Reject
from vatriage.vendors.qualys.rejects import RAW_LIMIT
from vatriage.vendors.qualys.tables.kinds import DETECTION_CSV, FIELDS, TableKind

PLACE = {name: place for place, name in enumerate(FIELDS)}
"""Name of a field -> its place in Row.fields."""

_KEPT_AS_THEY_ARE = frozenset({PLACE["RESULTS"], PLACE["DNS"], PLACE["NETBIOS"], PLACE["OS"]})
_NOTHING = frozenset({"", "-", "'-", "n/a", "none", "null"})
"""What Qualys writes where nothing is to be said; the quote keeps spreadsheets from calculating."""

_LONGEST_NOTHING = max(map(len, _NOTHING))

_DAMAGED = re.compile(r"[\ud800-\udfff\x00]")
"""Bytes that were no UTF-8, halves of characters, and NUL, which no database keeps."""

DAMAGED = "it holds bytes that are no UTF-8 text or NUL, they were replaced: it was kept"
"""The problem of a row whose text had to be repaired."""


class Row(NamedTuple):
    """One row that speaks of a host."""

    number: int
    """Of its line or record."""
    fields: tuple[str, ...]
    """In the order of FIELDS, trimmed, "" = not stated."""
    raw: bytes

    def get(self, name: str) -> str:
        """Return a field by its name."""
        return self.fields[PLACE[name]]


@dataclass(slots=True, kw_only=True)
class TableFacts:
    """What is known of the whole document; grows while it is read."""

    name: str
    """The document's, for rejects."""
    unit: str
    """What rows are counted in: `line` or `record`."""
    kind: TableKind
    generated_at: int = 0
    """The report's own date, seconds; 0 = not stated."""
    scanned_at: int = 0
    """When the scan was launched, for tables that hold one scan and no dates; 0 = not stated."""
    offset_s: int | None = None
    """The zone that the report states, seconds east of UTC."""
    hosts: set[tuple[int, str]] = field(default_factory=set)
    """(host id, address) of the hosts seen so far: about 200 bytes a host."""
    fixed: int = 0
    """Rows whose finding is fixed."""
    first_fixed: int = 0
    """The line or record of the first of them."""

    @property
    def unsure(self) -> bool:
        """Whether the dates of the table's rows may be in any zone (see instants.py)."""
        return self.offset_s is None and self.kind is not DETECTION_CSV

    def reject(self, number: int, subject: str, problem: str, raw: bytes = b"") -> Reject:
        """Return a reject of a line or record."""
        return Reject(where=f"{self.name}, {self.unit} {number}", subject=subject, problem=problem, raw=raw[:RAW_LIMIT])


def make_fields(values: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    """Return a row's fields in the order of FIELDS.

    Args:
        values: as they stand in the row.
        places: for each of FIELDS its place in the row, -1 if the table has no such column.
    """
    return tuple(_plain(values[place], number) if place >= 0 else "" for number, place in enumerate(places))


def repair_text(values: Sequence[str]) -> tuple[Sequence[str], bool]:
    """Return values that can be stored as text, and whether something had to be replaced."""
    if not _DAMAGED.search("".join(values)):
        return values, False
    return [_DAMAGED.sub("\ufffd", value) for value in values], True


def _plain(value: str, field_number: int) -> str:
    text = value.strip()
    if len(text) > _LONGEST_NOTHING or text.lower() not in _NOTHING or field_number in _KEPT_AS_THEY_ARE:
        return text
    return ""
