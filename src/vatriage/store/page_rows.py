"""The committed pages of a pull: what a process that goes on with it need not fetch again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vatriage.store import ledger
from vatriage.store.bulk import execute, fetch, insert
from vatriage.store.ledger import OpenPull

COUNTED = ("hosts", "detections", "vulnerabilities", "rejects", "unnamed_hosts")
"""What is counted of a page."""
_STATED = ("resource", "number", "request", "raw_file", "sha256", "size", "next_id", "step", "generated_at")
_COLUMNS = (*_STATED, "asked", "changes", *COUNTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLine:
    """The ledger's line of one page."""

    resource: str
    number: int
    """Counts the pages of the pull, 1 first."""
    request: str
    """Path and parameters: the same request is the same page."""
    raw_file: str
    sha256: str
    size: int
    """Bytes, as they came; 0 = not known."""
    next_id: int
    """Where the next page of a truncated list begins, 0 if this was the last."""
    step: str = ""
    """The step of the pull's plan (usecases/pull_current); "" = its kind has no plan."""
    asked: tuple[int, ...] = ()
    """The ids that the page has answered for: they are not asked for again in this step."""
    generated_at: int = 0
    """The page's own date, seconds; 0 = not stated."""
    changes: Mapping[str, int] = field(default_factory=dict)
    """What merging the page changed."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """By the names of COUNTED."""


def save_page(pull: OpenPull, line: PageLine, committed_at: int) -> None:
    """Add a page's line; must run in the page's own transaction."""
    values = [pull.id, *(getattr(line, name) for name in _STATED), ",".join(map(str, line.asked))]
    counts = [line.counts.get(name, 0) for name in COUNTED]
    sql = insert("pull_pages", ("pull_id", *_COLUMNS, "committed_at"))
    execute(sql, [*values, json.dumps(dict(line.changes)), *counts, committed_at])


def load_pages(pull: OpenPull) -> list[PageLine]:
    """Return the pages that were committed, in order."""
    rows = fetch(f"SELECT {', '.join(_COLUMNS)} FROM pull_pages WHERE pull_id = %s ORDER BY number", [pull.id])
    return [_line(row) for row in rows]


def unfinished(device_id: int) -> list[tuple[OpenPull, int, Mapping[str, Any]]]:
    """Return the device's pulls that another process might go on with, newest first: (pull, started at, request).

    Args:
        device_id: the device; the caller holds its lease, so that a running pull is a dead process's.
    """
    rows = fetch(
        "SELECT p.id, p.zone_id, z.name, p.account_id, a.name, p.started_at, p.request FROM pulls p "
        "JOIN zones z ON z.id = p.zone_id JOIN accounts a ON a.id = p.account_id "
        "WHERE p.device_id = %s AND (p.state = %s OR p.resumable) ORDER BY p.id DESC",
        [device_id, ledger.RUNNING],
    )
    return [(OpenPull(*row[:5]), int(row[5]), _json(row[6])) for row in rows]


def reopen(pull: OpenPull) -> None:
    """Go on with a pull."""
    sql = (
        "UPDATE pulls SET state = %s, error = '', cancel_requested = '', finished_at = 0, resumable = %s WHERE id = %s"
    )
    execute(sql, [ledger.RUNNING, False, pull.id])


def give_up(pull: OpenPull) -> None:
    """End a pull that nobody goes on with; what it found stands."""
    sql = (
        "UPDATE pulls SET state = %s, resumable = %s, error = CASE WHEN error = '' THEN %s ELSE error END WHERE id = %s"
    )
    execute(sql, [ledger.INCOMPLETE, False, "the process ended before the pull did", pull.id])


def ask_to_cancel(device_id: int, who: str) -> int:
    """Ask the device's pull that is under way to end after its page; return its number, 0 if there is none."""
    rows = fetch(
        "SELECT id FROM pulls WHERE device_id = %s AND state = %s ORDER BY id DESC LIMIT 1", [device_id, ledger.RUNNING]
    )
    for row in rows:
        execute("UPDATE pulls SET cancel_requested = %s WHERE id = %s", [who, row[0]])
    return int(rows[0][0]) if rows else 0


def who_cancels(pull: OpenPull) -> str:
    """Return who asked that a pull ends, "" if nobody did."""
    return str(fetch("SELECT cancel_requested FROM pulls WHERE id = %s", [pull.id])[0][0])


LAUNCHING = "?"
"""Stands for the ref of a scan that was asked for and has not told its ref yet."""


def note_scan(pull: OpenPull, ref: str) -> None:
    """Remember the scan that the pull started."""
    execute("UPDATE pulls SET scan_ref = %s WHERE id = %s", [ref, pull.id])


def scan_of(pull: OpenPull) -> str:
    """Return the ref of the scan that the pull started, LAUNCHING if it never came, "" if none was started."""
    return str(fetch("SELECT scan_ref FROM pulls WHERE id = %s", [pull.id])[0][0])


def last_scan(device_id: int) -> str:
    """Return the ref of the scan that the device started last, "" if none is known."""
    sql = "SELECT scan_ref FROM pulls WHERE device_id = %s AND scan_ref NOT IN ('', %s) ORDER BY id DESC LIMIT 1"
    rows = fetch(sql, [device_id, LAUNCHING])
    return str(rows[0][0]) if rows else ""


def pages_taken(device_id: int, resource: str) -> set[str]:
    """Return the requests of a resource whose pages came in earlier pulls of the device that were completed."""
    sql = (
        "SELECT g.request FROM pull_pages g JOIN pulls p ON p.id = g.pull_id "
        "WHERE p.device_id = %s AND p.state = %s AND g.resource = %s"
    )
    return {str(row[0]) for row in fetch(sql, [device_id, ledger.COMPLETE, resource])}


def _line(row: tuple[Any, ...]) -> PageLine:
    stated = dict(zip(_STATED, row, strict=False))
    asked, changes, *counts = row[len(_STATED) :]
    return PageLine(
        **stated, asked=tuple(map(int, filter(None, asked.split(",")))), changes=_json(changes),
        counts=dict(zip(COUNTED, map(int, counts), strict=True)),
    )  # fmt: skip


def _json(value: object) -> dict[str, Any]:
    """Return a JSON column as it comes from raw SQL: text from SQLite, parsed from PostgreSQL."""
    parsed = json.loads(value) if isinstance(value, str) else value
    return parsed if isinstance(parsed, dict) else {}
