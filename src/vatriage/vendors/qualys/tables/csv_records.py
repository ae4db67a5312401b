"""CSV records with their line numbers (RFC 4180, comma, quoted line ends), and what is wrong with the bad ones.

Quoting is read strictly: after a text that is quoted wrongly nobody knows where a field ends, so its row is left out and
reading goes on with the next line.
"""

import csv
from collections.abc import Iterator
from typing import NamedTuple

from vatriage.vendors.qualys.tables.lines import RECORD_LIMIT, LineSource, RecordTooLongError

_CUT = "unexpected end of data"
"""The csv module's words for a quoted field that the document's end leaves open."""


class Record(NamedTuple):
    """One row."""

    line: int
    """The line on which it begins."""
    fields: list[str]


class BrokenRecord(NamedTuple):
    """Lines that are no row."""

    line: int
    last_line: int
    problem: str
    cut: bool
    """The document ends inside it."""


def csv_records(lines: LineSource) -> Iterator[Record | BrokenRecord]:
    """Yield a document's rows in order; `lines.record` holds the lines of the one yielded last."""
    csv.field_size_limit(RECORD_LIMIT)  # the module's own limit, 128 KiB, is below what a finding's text may have
    reader = csv.reader(lines, strict=True)
    while True:
        lines.begin()
        line = lines.number + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except RecordTooLongError:
            yield BrokenRecord(line, lines.number, f"it is longer than {RECORD_LIMIT >> 20} MiB", cut=False)
        except csv.Error as error:
            yield BrokenRecord(line, lines.number, f"it is no CSV ({error})", cut=_CUT in str(error))
        else:
            yield Record(line, fields)
