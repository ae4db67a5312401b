"""Which stored alerts hiding would have hidden, and what came to light of them.

An alert *would have been hidden* if the first verdict that was stored of it is NOT_AFFECTED: what anybody saw first.
Windows are alert times in microseconds, the end not included.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from vatriage.model.verdict import Verdict
from vatriage.store.bulk import fetch
from vatriage.store.hidden import ALWAYS
from vatriage.store.reviews import wide_of

_FIRST = (
    "JOIN verdicts v ON v.alert_id = a.id AND v.verdict = 1 "
    "AND NOT EXISTS (SELECT 1 FROM verdicts e WHERE e.alert_id = v.alert_id AND e.id < v.id)"
)
_SUBJECTS = (
    "r.alert_id <> '' AND a.id = r.alert_id AND a.zone || '' = r.zone",
    "r.group_id <> '' AND a.group_id = r.group_id AND a.zone = r.zone",
    f"{wide_of('a')} AND r.decision = 'confirmed_positive'",
)
"""An alert `a` that a review `r` is of. CROSS JOIN before them: SQLite begins with the reviews, which are few.

That all of a signature is harmless, said of alerts that nobody looked at, says nothing of one; that it is an attack does.
"""
_WINDOW = "a.zone = %s AND a.at_us >= %s AND a.at_us < %s"
_CHUNK = 10_000


class Window(NamedTuple):
    """Alerts of a zone in a stretch of time."""

    zone: str
    from_us: int
    until_us: int


class Spoken(NamedTuple):
    """A review, not superseded, of an alert that would have been hidden, or of its group."""

    alert_id: str
    at_us: int
    first_judged_us: int
    number: int
    decision: str
    said_at: int
    """Seconds."""


def count_alerts(window: Window) -> int:
    """Return how many alerts a window holds."""
    return int(fetch(f"SELECT COUNT(*) FROM alerts a WHERE {_WINDOW}", window)[0][0])


def count_hidden(window: Window) -> tuple[int, int]:
    """Return how many of them would have been hidden, and how many of these were given any worse verdict later."""
    raised = f"SUM(CASE WHEN {ALWAYS} THEN 0 ELSE 1 END)"
    sql = f"SELECT COUNT(*), COALESCE({raised}, 0) FROM alerts a {_FIRST} WHERE {_WINDOW}"
    hidden, worse = fetch(sql, window)[0]
    return int(hidden), int(worse)


def hidden_alerts(window: Window) -> Iterator[tuple[str, int]]:
    """Yield id and instant of each alert that would have been hidden, in order of time, in bounded memory."""
    sql = (
        f"SELECT a.id, a.at_us FROM alerts a {_FIRST} WHERE a.zone = %s AND (a.at_us, a.id) > (%s, %s) "
        f"AND a.at_us < %s ORDER BY a.at_us, a.id LIMIT {_CHUNK}"
    )
    name, at_us = "", window.from_us
    while rows := fetch(sql, [window.zone, at_us, name, window.until_us]):
        yield from rows
        name, at_us = rows[-1]


def escalated(window: Window) -> list[tuple[str, int]]:
    """Return id and instant of each that was judged AFFECTED or worse later."""
    sql = (
        f"SELECT a.id, a.at_us FROM alerts a {_FIRST} WHERE {_WINDOW} AND EXISTS "
        f"(SELECT 1 FROM verdicts w WHERE w.alert_id = a.id AND w.verdict >= {Verdict.AFFECTED:d})"
    )
    return fetch(sql, window)


def spoken_of(window: Window) -> list[Spoken]:
    """Return what people say of those alerts, one by one, by group, and by signature if they call it an attack."""
    columns = "a.id, a.at_us, a.first_judged_us, r.id, r.decision, r.at"
    rows: list[Any] = []
    for subject in _SUBJECTS:
        rows += fetch(
            f"SELECT {columns} FROM reviews r CROSS JOIN alerts a {_FIRST} WHERE {subject} "
            f"AND r.superseded_by = 0 AND r.decision <> 'withdrawn' AND {_WINDOW}",
            window,
        )
    return [Spoken(*row) for row in rows]


def newest_marks() -> tuple[int, int]:
    """Return the greatest numbers of a verdict and of a review."""
    return tuple(int(fetch(f"SELECT COALESCE(MAX(id), 0) FROM {table}")[0][0]) for table in ("verdicts", "reviews"))  # type: ignore[return-value] # two


def contradicted_by_verdict(zone: str, mark: int) -> str | None:
    """Return an alert of a zone that would have been hidden, and that a verdict after a mark calls AFFECTED or worse."""
    return _one(
        f"SELECT a.id FROM verdicts w CROSS JOIN alerts a {_FIRST} WHERE a.id = w.alert_id AND w.id > %s "
        f"AND w.verdict + 0 >= {Verdict.AFFECTED:d} AND a.zone || '' = %s LIMIT 1",
        mark, zone,
    )  # fmt: skip


def contradicted_by_review(zone: str, mark: int) -> str | None:
    """Return an alert of a zone that would have been hidden, and that a review after a mark calls an attack."""
    for subject in _SUBJECTS:
        found = _one(
            f"SELECT a.id FROM reviews r CROSS JOIN alerts a {_FIRST} WHERE {subject} "
            "AND r.id > %s AND r.decision = 'confirmed_positive' AND r.zone = %s LIMIT 1",
            mark, zone,
        )  # fmt: skip
        if found:
            return found
    return None


def day_counts(zone: str, start_hour: int, end_hour: int) -> list[tuple[int, int, bool]]:
    """Return hour, alerts, and whether they are NOT_AFFECTED, of a zone's counters; hours since 1970, the end not included."""
    sql = (
        "SELECT hour, SUM(alerts), verdict = 1 FROM verdict_hours WHERE zone = %s AND hour >= %s AND hour < %s "
        "GROUP BY hour, verdict = 1"
    )
    rows = fetch(sql, [zone, start_hour, end_hour])
    return [(int(hour), int(alerts), bool(hidden)) for hour, alerts, hidden in rows]


def _one(sql: str, mark: int, zone: str) -> str | None:
    rows = fetch(sql, [mark, zone])
    return str(rows[0][0]) if rows else None
