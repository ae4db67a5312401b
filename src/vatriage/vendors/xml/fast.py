"""The fast tokeniser: xml2arrow (Rust) fills the columns of a block in one go.

Its quirks (0.19, measured) that make it need a judge: it neither checks characters nor entities outside the mapped
fields, gives TypeError for text that is no UTF-8, counts the records of a second list from zero, and says nothing of
rows it did not see. `tables` cleans blocks beforehand and counts rows afterwards.
"""

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
from xml2arrow import XmlToArrowParser
from xml2arrow.exceptions import Xml2ArrowError

from vatriage.vendors.xml.mapping import RECORD, Mapping, TableMapping, Tables
from vatriage.vendors.xml.tags import outside_cdata


class DoubtError(Exception):
    """The fast tokeniser failed, or its answer cannot be trusted: the strict one has to judge."""


class FastTokeniser:
    """Reads blocks of records with one compiled mapping."""

    def __init__(self, mapping: Mapping, path: Path) -> None:
        """Compile the mapping; `path` is the file it was loaded from."""
        self._mapping = mapping
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
        tables = {table.name: _shaped(table, batches[table.name]) for table in self._mapping.tables}
        self._count(block, tables)
        return tables

    def _count(self, block: bytes, tables: Tables) -> None:
        """Compare each table's rows with its start tags: a row lost or moved would be a hole nobody sees."""
        numbers = tables[self._mapping.tables[0].name][RECORD].to_numpy()
        if not np.array_equal(numbers, np.arange(len(numbers))):
            raise DoubtError("records are not numbered in a row: a list ends inside the block")
        outside = b""
        for mapping in self._mapping.tables:
            start_tag = re.compile(rb"<%b[\s/>]" % mapping.row_path[-1].encode())
            rows = tables[mapping.name].num_rows
            if block.count(b"<%b>" % mapping.row_path[-1].encode()) == rows:
                continue
            outside = outside or outside_cdata(block)
            if len(start_tag.findall(outside)) != rows:
                raise DoubtError(f"{rows} rows of {mapping.name} are not as many as its start tags")


def _shaped(mapping: TableMapping, batch: pa.RecordBatch) -> pa.Table:
    """Return a batch with TableMapping.schema: only the counter of the outermost record is kept.

    The inner counters restart with every list inside a record, so they name nothing.
    """
    columns = [batch.column(f"<{mapping.levels[0]}>"), *(batch.column(field.name) for field in mapping.fields)]
    return pa.Table.from_arrays(columns, schema=mapping.schema)
