"""Escalations: verdicts of stored alerts that rose, in the order in which they were stored.

Whoever announces them (a page, mail, a webhook) reads them by number and keeps the last one it told of: numbers are given
under the lock of who stores alerts, so none appears behind one that was read.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from vatriage.model.verdict import Reason, Verdict
from vatriage.store.alert_branches import one_of
from vatriage.store.bulk import Target, fetch, insert_many

_ESCALATIONS = Target(
    "escalations", ("alert_id", "zone", "at_us", "before", "after", "cause", "snapshot", "pull")
)  # fmt: skip
_COLUMNS = (
    "id", "alert_id", "zone", "at_us", "before", "after", "cause", "snapshot", "pull", "alert_at_us", "gid", "sid", "rev",
    "target_address", "target_port", "attacker_address", "verdict", "group_id",
)  # fmt: skip
Zones = frozenset[str] | None


class Rise(NamedTuple):
    """One stored alert's verdict, before and after."""

    alert_id: str
    zone: str
    at_us: int
    before: int
    after: int
    reasons: str
    snapshot: str


def is_escalation(before: int, after: int) -> bool:
    """Whether a verdict that became another one says more danger than before; UNVERIFIABLE and UNKNOWN say the same."""
    return after > before and (before, after) != (Verdict.UNVERIFIABLE, Verdict.UNKNOWN)


def note_escalations(rises: Iterable[Rise]) -> None:
    """Keep what rose, in the transaction that stores the new verdicts."""
    rows = [one for one in rises if is_escalation(one.before, one.after)]
    if not rows:
        return
    pull = int(fetch("SELECT COALESCE(MAX(id), 0) FROM pulls WHERE finished_at > 0")[0][0])
    insert_many(
        _ESCALATIONS,
        [
            (one.alert_id, one.zone, one.at_us, one.before, one.after, _cause(one), one.snapshot, pull)
            for one in sorted(rows, key=lambda one: (-one.after, one.alert_id))
        ],
    )


def _cause(rise: Rise) -> str:
    return "outcome" if Reason.OUTCOME_SEEN in rise.reasons.split(",") else "evidence"


def escalations(
    zones: Zones, *, since: int | None = None, before: int = 0, limit: int = 100
) -> list[dict[str, Any]]:  # fmt: skip
    """Return escalations with their alerts.

    Args:
        zones: that may be seen, None = all.
        since: only with greater numbers, in their order: what announces them goes on so. None = `before` counts.
        before: only with smaller numbers, the greatest first; 0 = from the newest on.
        limit: at most so many.
    """
    where, values = _in(zones)
    if since is not None:
        where, values, order = f"{where} AND e.id > %s", [*values, since], "e.id"
    else:
        where, values, order = f"{where} AND (%s = 0 OR e.id < %s)", [*values, before, before], "e.id DESC"
    columns = ", ".join(f"e.{name}" for name in _COLUMNS[:9])
    alert = ", ".join(f"a.{name}" for name in ("at_us", *_COLUMNS[10:]))
    sql = (
        f"SELECT {columns}, {alert} FROM escalations e JOIN alerts a ON a.id = e.alert_id WHERE {where} "
        f"ORDER BY {order} LIMIT {limit:d}"
    )
    return [dict(zip(_COLUMNS, row, strict=True)) for row in fetch(sql, values)]


def count_escalations(zones: Zones, since_us: int) -> int:
    """Return how many there were since an instant."""
    where, values = _in(zones)
    return int(fetch(f"SELECT COUNT(*) FROM escalations e WHERE {where} AND e.at_us >= %s", [*values, since_us])[0][0])


def _in(zones: Zones) -> tuple[str, list[Any]]:
    if zones is None:
        return "1 = 1", []
    condition = one_of("e.zone", zones)
    return condition.sql, list(condition.values)
