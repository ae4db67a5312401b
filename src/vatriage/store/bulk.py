"""Many rows at once through Django's own connection, never row by row through the ORM.

SQLite takes them by `executemany`, PostgreSQL by COPY: straight into the table, or into a temporary one from which a
single INSERT ... ON CONFLICT takes them. `insert_many` picks; the SQL of everything else is the same on both.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection, transaction

CHUNK = 5_000
"""Rows of one statement."""
KEYS = 1_024
"""Values of one IN list, a power of two (SQLite allows 32,766 variables)."""
FEW = 20
"""Up to so many rows go one by one on PostgreSQL as well: COPY costs four statements."""

Row = Sequence[Any]


class Target(NamedTuple):
    """Where rows go, and what happens to a row whose key is there already."""

    table: str
    columns: Sequence[str]
    """All columns without a default in the database; `id` is given by the database."""
    key: Sequence[str] = ()
    """The columns that name a row; without them every row is a new one."""
    update: str = ""
    """The SET list, and WHERE if any, applied to the row that is there; "" leaves it as it is."""

    @property
    def conflict(self) -> str:
        """What follows ON CONFLICT, "" for a table without a key."""
        action = f"DO UPDATE SET {self.update}" if self.update else "DO NOTHING"
        return f"({_quoted(self.key)}) {action}" if self.key else ""


def on_postgresql() -> bool:
    """Whether the store lies on PostgreSQL; else it is SQLite."""
    return connection.vendor == "postgresql"


def chunks(items: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """Yield the items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def fetch(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return all rows of a query with `%s` placeholders."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def fetch_in(sql: str, keys: Iterable[Any], before: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return the rows of a query for many keys.

    Args:
        sql: `{keys}` in the text is where the list of placeholders goes.
        keys: the values of that list.
        before: the values of the placeholders in front of it.
    """
    found: list[tuple[Any, ...]] = []
    for marks, values in key_lists(keys):
        found += fetch(sql.replace("{keys}", marks), [*before, *values])
    return found


def key_lists(keys: Iterable[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield IN lists of at most KEYS values: the placeholders and the values, the last of them repeated.

    Their lengths are powers of two, because SQLite's driver keeps the last 128 statements compiled: one of its own for
    every number of keys would be a megabyte each time, up to a hundred megabytes.
    """
    for chunk in chunks(keys, KEYS):
        length = 1 << (len(chunk) - 1).bit_length()
        yield ", ".join(["%s"] * length), chunk + chunk[-1:] * (length - len(chunk))


def insert_many(target: Target, rows: Iterable[Row]) -> None:
    """Insert rows as if one after the other: the second of two with the same key meets the first."""
    given = list(rows)
    if len(given) <= FEW or not on_postgresql():
        write_many(insert(target.table, target.columns, target.conflict), given)
    elif not target.key:
        _copy(target.table, target.columns, given)
    else:
        _copy_and_settle(target, given)


def write_many(sql: str, rows: Iterable[Row]) -> None:
    """Run one statement for many rows."""
    with connection.cursor() as cursor:
        for chunk in chunks(rows):
            cursor.executemany(sql, chunk)


def execute(sql: str, values: Sequence[Any] = ()) -> int:
    """Run one statement; return the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def insert(table: str, columns: Sequence[str], conflict: str = "") -> str:
    """Return an INSERT with placeholders; `conflict` is what follows ON CONFLICT, if anything."""
    marks = ", ".join(["%s"] * len(columns))
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    return f'INSERT INTO "{table}" ({_quoted(columns)}) VALUES ({marks}){tail}'


def update_all(columns: Sequence[str]) -> str:
    """Return the SET list that takes every column from the row that was refused."""
    return ", ".join(f'"{name}" = excluded."{name}"' for name in columns)


def plain(text: str) -> str:
    """Return a text that both databases hold: NUL and half surrogates (from odd names of files) become `?`."""
    return text.replace("\0", "?").encode(errors="replace").decode()


def json_text(value: Any) -> str:
    """Return a JSON column's text, its texts made `plain`."""
    return json.dumps(_plain_texts(value), ensure_ascii=False)


def _plain_texts(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(str(name)): _plain_texts(item) for name, item in value.items()}
    return [_plain_texts(item) for item in value] if isinstance(value, list | tuple) else value


def _quoted(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _copy(table: str, columns: Sequence[str], rows: list[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({_quoted(columns)}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def _copy_and_settle(target: Target, rows: list[Row]) -> None:
    """Copy rows into a temporary table and let one INSERT settle which are new."""
    incoming, names = f"incoming_{target.table}", _quoted(target.columns)
    settle = f'INSERT INTO "{target.table}" ({names}) SELECT {names} FROM "{incoming}" ON CONFLICT {target.conflict}'
    with transaction.atomic(savepoint=False):
        execute(
            f'CREATE TEMPORARY TABLE IF NOT EXISTS "{incoming}" ON COMMIT DELETE ROWS AS '
            f'SELECT {names} FROM "{target.table}" WITH NO DATA'
        )
        for turn in _turns(target, rows):
            _copy(incoming, target.columns, turn)
            execute(settle)
            execute(f'TRUNCATE "{incoming}"')


def _turns(target: Target, rows: list[Row]) -> Iterator[list[Row]]:
    """Yield the rows in lists without a repeated key: PostgreSQL refuses to update a row twice in one statement."""
    places = [list(target.columns).index(name) for name in target.key]
    while rows:
        first: dict[tuple[Any, ...], Row] = {}
        met = [first.setdefault(tuple(row[place] for place in places), row) for row in rows]
        yield list(first.values())
        rows = [row for row, earlier in zip(rows, met, strict=True) if earlier is not row]
