"""Many rows at once through Django's own connection: raw executemany, never row by row through the ORM."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection

CHUNK = 5_000
"""Rows of one statement, and values of one IN list (SQLite allows 32,766 variables)."""

Row = Sequence[Any]


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


def fetch_in(sql: str, keys: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query for many keys; `{keys}` in the text is where the list of placeholders goes."""
    found: list[tuple[Any, ...]] = []
    for chunk in chunks(keys):
        found += fetch(sql.replace("{keys}", ", ".join(["%s"] * len(chunk))), chunk)
    return found


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
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    return f'INSERT INTO "{table}" ({names}) VALUES ({marks}){tail}'


def update_all(columns: Sequence[str]) -> str:
    """Return the SET list that takes every column from the row that was refused."""
    return ", ".join(f'"{name}" = excluded."{name}"' for name in columns)
