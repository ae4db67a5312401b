"""What a document kind's columns are: the one declaration that both tokenisers follow.

A mapping file is xml2arrow's YAML written in its JSON form, so that this module can read it without a YAML library.
Every field is text; types are made afterwards, where a bad value costs one field and not the document.
"""

from functools import cached_property
from pathlib import Path

import msgspec
import pyarrow as pa


class Field(msgspec.Struct, frozen=True):
    """One column: the text of one element, or one attribute (`.../@name`)."""

    name: str
    xml_path: str
    data_type: str = "Utf8"
    nullable: bool = True

    @property
    def path(self) -> tuple[str, ...]:
        """The element's path from the root on; an attribute's is its element's."""
        path = tuple(self.xml_path.strip("/").split("/"))
        return path[:-1] if path[-1].startswith("@") else path

    @property
    def attribute(self) -> str:
        """The attribute's name, "" for an element's text."""
        last = self.xml_path.rpartition("/")[2]
        return last[1:] if last.startswith("@") else ""


class TableMapping(msgspec.Struct, frozen=True, dict=True):
    """One table: a row for each child of `xml_path`."""

    name: str
    xml_path: str
    levels: tuple[str, ...]
    """Names of the row counters from the outermost record down to this table's own rows."""
    fields: tuple[Field, ...]
    """The first one is of the row's own element. Attributes of the element around the rows may follow: each row gets
    them. Without fields it is no table, only the counter of a level that has none of its own."""
    parent: str = ""
    """Name of the table in whose rows these rows stand, "" for the records."""

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The path of the element whose children are rows."""
        return tuple(self.xml_path.strip("/").split("/"))

    @cached_property
    def row_path(self) -> tuple[str, ...]:
        """The path of a row's element: all fields but those of `around` stand in or below the same one."""
        return self.fields[0].path[: len(self.path) + 1]

    @cached_property
    def around(self) -> tuple[Field, ...]:
        """The fields that are attributes of the element around the rows."""
        return tuple(field for field in self.fields if field.path == self.path)

    @cached_property
    def schema(self) -> pa.Schema:
        """`record` (number of the record in the block, uint32), `parent` if it has one, one string column a field."""
        numbers = [RECORD, PARENT] if self.parent else [RECORD]
        return pa.schema(
            [*((name, pa.uint32()) for name in numbers), *((field.name, pa.string()) for field in self.fields)]
        )


class Mapping(msgspec.Struct, frozen=True, dict=True):
    """A document kind's tables; the first is the records' own, the others hang below it."""

    declared: tuple[TableMapping, ...] = msgspec.field(name="tables")

    @cached_property
    def tables(self) -> tuple[TableMapping, ...]:
        """The tables that have columns."""
        return tuple(table for table in self.declared if table.fields)

    @cached_property
    def prefix(self) -> bytes:
        """Start tags to put before a block of records, to make a document of it."""
        return "".join(f"<{name}>" for name in self.tables[0].path).encode()

    @cached_property
    def suffix(self) -> bytes:
        """The end tags to put behind it."""
        return "".join(f"</{name}>" for name in reversed(self.tables[0].path)).encode()

    @property
    def record(self) -> str:
        """The name of a record's element."""
        return self.tables[0].row_path[-1]

    @cached_property
    def row_names(self) -> frozenset[str]:
        """The names of the elements that are rows. One that stands anywhere else is a stray: its row would be lost."""
        return frozenset(table.row_path[-1] for table in self.tables)

    @cached_property
    def known_names(self) -> frozenset[str]:
        """The names of all elements that the mapping mentions."""
        return frozenset(
            name
            for table in self.declared
            for path in (table.path, *(field.path for field in table.fields))
            for name in path
        )

    @cached_property
    def longer_names(self) -> dict[str, tuple[str, ...]]:
        """For each row's name the known names of other elements that begin with it (`VULNS` with `VULN`)."""
        known = {name for table in self.tables for item in table.fields for name in (*item.path, *table.path)}
        return {name: _shortest({item for item in known if item.startswith(name)} - {name}) for name in self.row_names}


def _shortest(names: set[str]) -> tuple[str, ...]:
    """Return the names that begin with none of the others."""
    return tuple(name for name in names if not any(name.startswith(other) for other in names - {name}))


RECORD = "record"
"""Name of the column that says to which record of the block a row belongs."""

PARENT = "parent"
"""Name of the column that says in which row of the parent table (counted through the block) a row stands."""

Tables = dict[str, pa.Table]
"""By table name, with TableMapping.schema."""


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises: OSError, msgspec.DecodeError: the file is missing or no mapping; both are bugs of the installation.
    """
    return msgspec.json.decode(path.read_bytes(), type=Mapping)
