"""Reading the audit log: a page of it, and all of it as a file. Only who sees every zone may: its lines bear none."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from vatriage.errors import NotAllowedError
from vatriage.model.instant import format_instant
from vatriage.model.spreadsheet import defused
from vatriage.model.viewer import Right, Viewer
from vatriage.store.audit import note
from vatriage.store.audit_rows import AuditLine, AuditSearch, last_line, newest_lines, oldest_lines

PAGE = 50
"""Lines of a page."""
_BATCH = 1_000
_COLUMNS = ("id", "at", "actor", "address", "action", "subject", "before", "after")


class LogPage(NamedTuple):
    """A page of the log, newest first."""

    lines: list[AuditLine]
    next: int
    """What the next page's lines are below, 0 = there is none."""


def log_page(search: AuditSearch, below: int, *, viewer: Viewer, size: int = PAGE) -> LogPage:
    """Return a page of the log, so many lines. Raises: NotAllowedError."""
    _check(viewer)
    lines = newest_lines(search, below=below, limit=size + 1)
    return LogPage(lines[:size], lines[size - 1].id if len(lines) > size else 0)


def differences(line: AuditLine) -> list[tuple[str, str, str]]:
    """Return what a line says of each field: its name, before, after; fields that stayed the same are left out."""
    before, after = line.before or {}, line.after or {}
    names = [*before, *(name for name in after if name not in before)]
    return [(name, _text(before, name), _text(after, name)) for name in names if before.get(name) != after.get(name)]


def export(search: AuditSearch, kind: str, *, viewer: Viewer, now: int) -> Iterator[str]:
    """Return the log as a file, piece by piece, oldest line first; that it was exported is noted.

    Args:
        search: which lines.
        kind: "csv" or "jsonl".
        viewer: who wants it.
        now: seconds.

    Raises:
        NotAllowedError: they may not have it.
    """
    _check(viewer)
    up_to = last_line()
    note(viewer.who, now, "audit log exported", kind, None, None)
    return _csv(search, up_to) if kind == "csv" else _json_lines(search, up_to)


def _check(viewer: Viewer) -> None:
    if not viewer.may(Right.ADMIN) or viewer.zones is not None:
        raise NotAllowedError(
            "The audit log tells of every zone, and you see some of them only.", "Ask an Admin who sees all zones."
        )


def _csv(search: AuditSearch, up_to: int) -> Iterator[str]:
    yield _csv_row(_COLUMNS)
    for line in _all(search, up_to):
        yield _csv_row([defused(_cell(value)) for value in _facts(line).values()])


def _json_lines(search: AuditSearch, up_to: int) -> Iterator[str]:
    for line in _all(search, up_to):
        yield json.dumps(_facts(line), ensure_ascii=False) + "\n"


def _all(search: AuditSearch, up_to: int) -> Iterator[AuditLine]:
    above = 0
    while lines := oldest_lines(search, above=above, up_to=up_to, limit=_BATCH):
        yield from lines
        above = lines[-1].id


def _facts(line: AuditLine) -> dict[str, Any]:
    return line._asdict() | {"at": format_instant(line.at * 1_000_000)}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _csv_row(cells: Any) -> str:
    target = io.StringIO()
    csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return target.getvalue()


def _text(content: dict[str, Any], name: str) -> str:
    if name not in content:
        return ""
    value = content[name]
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | bool) or value is None else str(value)
