"""Which raw pages the ledger holds, and which of them may go."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vatriage.store import ledger
from vatriage.store.bulk import execute, fetch, fetch_in, key_lists


class KeptPull(NamedTuple):
    """A pull that has ended for good, some of whose raw pages are kept."""

    id: int
    ended_at: int
    """Seconds."""
    files: tuple[str, ...]


def removable_pulls() -> list[KeptPull]:
    """Return the pulls whose raw pages may go, those that ended first before the others.

    A pull under way, or one that may be gone on with, needs its pages; if its device was removed, nobody goes on with it.
    """
    sql = (
        "SELECT p.id, p.finished_at, p.started_at, g.raw_file FROM pull_pages g JOIN pulls p ON p.id = g.pull_id "
        "WHERE g.raw_file <> '' AND g.removed_at = 0 AND NOT (p.device_id IS NOT NULL AND (p.state = %s OR p.resumable)) "
        "ORDER BY p.finished_at, p.id, g.number"
    )
    found: dict[int, tuple[int, list[str]]] = {}
    for number, finished_at, started_at, name in fetch(sql, [ledger.RUNNING]):
        found.setdefault(int(number), (int(finished_at or started_at), []))[1].append(str(name))
    return [KeptPull(number, ended_at, tuple(names)) for number, (ended_at, names) in found.items()]


def note_removed(pulls: Sequence[int], now: int) -> None:
    """Note that the raw pages of some pulls are removed."""
    for marks, values in key_lists(pulls):
        sql = f"UPDATE pull_pages SET removed_at = %s WHERE removed_at = 0 AND raw_file <> '' AND pull_id IN ({marks})"
        execute(sql, [now, *values])


def removed_files(names: Iterable[str]) -> set[str]:
    """Return which of some files the ledger says are removed."""
    sql = "SELECT raw_file FROM pull_pages WHERE removed_at > 0 AND raw_file IN ({keys})"
    return {str(row[0]) for row in fetch_in(sql, names)}
