"""The strict tokeniser: expat follows the same mapping, field by field.

It is the reference that the fast tokeniser is tested against, reads what the fast one cannot (names in another case),
and tells which record of a block is bad.
"""

from dataclasses import dataclass, field

import pyarrow as pa

from vatriage.vendors.xml.expat import ExpansionError, ExpatError, message_of, new_parser
from vatriage.vendors.xml.mapping import Mapping, Tables

Value = str | int | None


class StrictError(Exception):
    """The block is not well-formed, or a record says a field twice; the text is the tokeniser's."""


@dataclass(slots=True)
class _Node:
    """One element that the mapping knows."""

    children: "dict[str, _Node]" = field(default_factory=dict)
    row_of: int = -1
    """Number of the table whose row this element is, -1 for none."""
    field_of: tuple[int, int] | None = None
    """Table and column that this element's text fills."""
    attributes: "list[tuple[str, int, int]]" = field(default_factory=list)
    """Attributes of this element that fill a column: name, table, column."""
    around: "list[tuple[str, int, int]]" = field(default_factory=list)
    """Attributes of this element that fill a column of each row in it."""


class StrictTokeniser:
    """Reads blocks of records with one mapping."""

    def __init__(self, mapping: Mapping, *, any_case: bool = False) -> None:
        """Prepare to read; with `any_case`, element names are taken as upper case."""
        self._mapping = mapping
        self._any_case = any_case
        self._top = _tree(mapping)
        self.strays: dict[int, str] = {}
        """Of the block read last: records in which an element that ought to be a row stands where none is expected, or is
        written in another case or with a prefix, and its name. -1 stands for what is in no record."""

    def read(self, block: bytes) -> Tables:
        """Return a block's tables, equal to the fast tokeniser's.

        Raises: StrictError: see there; nothing of the block is returned.
        """
        rows: list[list[list[Value]]] = [[] for _ in self._mapping.tables]
        walk = _Walk(self._mapping, self._top, rows)
        self.strays = walk.strays
        parser = new_parser()
        parser.StartElementHandler = walk.start_any_case if self._any_case else walk.start
        parser.EndElementHandler = walk.end
        parser.CharacterDataHandler = walk.text
        try:
            parser.Parse(b"".join((self._mapping.prefix, block, self._mapping.suffix)), True)
        except ExpatError as error:
            raise StrictError(message_of(error)) from error
        except ExpansionError as error:
            raise StrictError(str(error)) from error
        return {
            table.name: _as_table(found, table.schema) for table, found in zip(self._mapping.tables, rows, strict=True)
        }


class _Walk:
    """Handlers for one block: where we are in the mapping, and the rows so far."""

    def __init__(self, mapping: Mapping, top: _Node, rows: list[list[list[Value]]]) -> None:
        self._stack: list[_Node | None] = [top]
        self._rows = rows
        self._blank: list[list[Value]] = [[None] * len(table.fields) for table in mapping.tables]
        self._parents = _parents(mapping)
        self._texts: list[list[str]] = []
        self._record = -1
        self._row_names = mapping.row_names
        self._record_level = len(mapping.tables[0].row_path)
        self.strays: dict[int, str] = {}
        """See StrictTokeniser.strays."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Enter an element."""
        above = self._stack[-1]
        node = above.children.get(name) if above else None
        self._stack.append(node)
        if node is None:
            if name.rpartition(":")[2].upper() in self._row_names:
                self.strays.setdefault(self._record_here(), name)
            return
        for attribute, table, column in node.around:
            self._blank[table][column - self._first_column(table)] = attributes.get(attribute) or None
        if node.row_of >= 0:
            self._begin_row(node.row_of)
        for attribute, table, column in node.attributes:
            self._rows[table][-1][column] = attributes.get(attribute) or None
        if node.field_of:
            self._texts.append([])

    def _record_here(self) -> int:
        """Return the number of the record that the innermost element stands in, -1 if it stands in none."""
        level = self._record_level
        return self._record if len(self._stack) > level + 1 and self._stack[level] else -1

    def start_any_case(self, name: str, attributes: dict[str, str]) -> None:
        """Enter an element whose name may be in any case."""
        self.start(name.upper(), attributes)

    def text(self, data: str) -> None:
        """Take text that stands directly in a field's element (not in an element inside it)."""
        node = self._stack[-1]
        if node and node.field_of:
            self._texts[-1].append(data)

    def end(self, name: str) -> None:
        """Leave an element; a field gets its text.

        Raises: StrictError: the record says this field twice.
        """
        node = self._stack.pop()
        if node is None or not node.field_of:
            return
        table, column = node.field_of
        row = self._rows[table][-1]
        if row[column] is not None:
            raise StrictError(f"the element {name} stands twice in one record")
        row[column] = "".join(self._texts.pop()) or None

    def _begin_row(self, table: int) -> None:
        """Add an empty row; the first table's rows are the records."""
        if table == 0:
            self._record += 1
        parent = self._parents[table]
        numbers = [self._record] if parent < 0 else [self._record, len(self._rows[parent]) - 1]
        self._rows[table].append([*numbers, *self._blank[table]])

    def _first_column(self, table: int) -> int:
        """Return the column of the first field: the counters stand before it."""
        return 1 if self._parents[table] < 0 else 2


def _as_table(rows: list[list[Value]], schema: pa.Schema) -> pa.Table:
    """Return rows as a table."""
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _tree(mapping: Mapping) -> _Node:
    """Return the mapping's elements as a tree."""
    top = _Node()
    for number, table in enumerate(mapping.tables):
        _node(top, table.row_path).row_of = number
        for column, field_mapping in enumerate(table.fields, start=2 if table.parent else 1):
            node = _node(top, field_mapping.path)
            if field_mapping in table.around:
                node.around.append((field_mapping.attribute, number, column))
            elif field_mapping.attribute:
                node.attributes.append((field_mapping.attribute, number, column))
            else:
                node.field_of = (number, column)
    return top


def _parents(mapping: Mapping) -> list[int]:
    """Return for each table the number of its parent table, -1 where that is the records'."""
    numbers = {table.name: number for number, table in enumerate(mapping.tables)}
    return [numbers[table.parent] if table.parent else -1 for table in mapping.tables]


def _node(top: _Node, path: tuple[str, ...]) -> _Node:
    """Return the node of a path, made if it is not there."""
    node = top
    for name in path:
        node = node.children.setdefault(name, _Node())
    return node
