"""Finding lines of the audit log: by key, never by offset, in a log that only grows."""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from vatriage.store.bulk import fetch
from vatriage.store.json_column import json_object
from vatriage.store.searched_text import anywhere, holds


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSearch:
    """Which lines are wanted; "" and 0 do not narrow."""

    actor: str = ""
    """Part of who it was, whatever the case; so are action, subject and text."""
    action: str = ""
    subject: str = ""
    text: str = ""
    """Part of what stands before or after, or of the address."""
    begin: int = 0
    """Not before, seconds."""
    end: int = 0
    """Before, seconds."""


class AuditLine(NamedTuple):
    """A line of the log."""

    id: int
    at: int
    actor: str
    address: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


_COLUMNS = "id, at, actor, address, action, subject, before, after"


def newest_lines(search: AuditSearch, *, below: int, limit: int) -> list[AuditLine]:
    """Return lines, newest first; `below` is a line's number that all must be below, 0 = from the newest."""
    where, values = _where(search)
    bound, last = (" AND id < %s", [below]) if below else ("", [])
    sql = f"SELECT {_COLUMNS} FROM audit WHERE {where}{bound} ORDER BY id DESC LIMIT %s"
    return [_line(row) for row in fetch(sql, [*values, *last, limit])]


def oldest_lines(search: AuditSearch, *, above: int, up_to: int, limit: int) -> list[AuditLine]:
    """Return lines, oldest first, with numbers above one and up to another."""
    where, values = _where(search)
    sql = f"SELECT {_COLUMNS} FROM audit WHERE {where} AND id > %s AND id <= %s ORDER BY id LIMIT %s"
    return [_line(row) for row in fetch(sql, [*values, above, up_to, limit])]


def last_line() -> int:
    """Return the number of the newest line, 0 without any."""
    return int(fetch("SELECT COALESCE(MAX(id), 0) FROM audit")[0][0])


def _where(search: AuditSearch) -> tuple[str, list[Any]]:
    parts: list[str] = ["1 = 1"]
    values: list[Any] = []
    for column, wanted in (("actor", search.actor), ("action", search.action), ("subject", search.subject)):
        if wanted:
            parts.append(holds(column))
            values.append(anywhere(wanted))
    if search.text:
        columns = ("address", "CAST(before AS TEXT)", "CAST(after AS TEXT)")
        # SQLite keeps JSON as it was written, other letters than ASCII escaped; PostgreSQL keeps the letters.
        spellings = list(dict.fromkeys((search.text, json.dumps(search.text)[1:-1])))
        likes = [holds(column) for column in columns for _ in spellings]
        parts.append(f"({' OR '.join(likes)})")
        values += [anywhere(text) for _ in columns for text in spellings]
    for sign, instant in ((">=", search.begin), ("<", search.end)):
        if instant:
            parts.append(f"at {sign} %s")
            values.append(instant)
    return " AND ".join(parts), values


def _line(row: tuple[Any, ...]) -> AuditLine:
    number, at, actor, address, action, subject, before, after = row
    return AuditLine(number, at, actor, address, action, subject, json_object(before), json_object(after))
