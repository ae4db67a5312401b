"""Sums over the counters of alerts: small tables only, whatever the number of alerts."""

from typing import Any

from vatriage.store.alert_branches import one_of
from vatriage.store.alert_counts import LEVELS
from vatriage.store.bulk import fetch
from vatriage.store.reviews import wide_of


def verdict_totals(zones: frozenset[str] | None) -> list[tuple[int, str, int, int]]:
    """Return verdict, reasons, alerts and blocked ones among them."""
    where, values = _in("zone", zones)
    return fetch(
        f"SELECT verdict, reasons, SUM(alerts), SUM(blocked) FROM verdict_reasons WHERE {where} AND alerts > 0 "
        "GROUP BY verdict, reasons",
        values,
    )


def verdict_hours(zones: frozenset[str] | None, start: int, end: int) -> list[tuple[int, int, int]]:
    """Return hour, verdict and alerts, hours from `start` (inclusive) to `end` (exclusive), in order."""
    where, values = _in("zone", zones)
    sql = (
        f"SELECT hour, verdict, SUM(alerts) FROM verdict_hours WHERE {where} AND hour >= %s AND hour < %s AND alerts > 0 "
        "GROUP BY hour, verdict ORDER BY hour, verdict"
    )
    return [(int(hour), int(verdict), int(alerts)) for hour, verdict, alerts in fetch(sql, [*values, start, end])]


def last_hour(zones: frozenset[str] | None) -> int | None:
    """Return the hour of the newest alert, None if there is none."""
    where, values = _in("zone", zones)
    newest = fetch(f"SELECT MAX(hour) FROM verdict_hours WHERE {where} AND alerts > 0", values)[0][0]
    return None if newest is None else int(newest)


def reviewed_groups(zones: frozenset[str] | None, now: int) -> list[tuple[Any, ...]]:
    """Return of every group with a review that has not expired: its id, the review's number, decision and seen verdict,
    and the numbers of its alerts by verdict, in the order of LEVELS."""  # noqa: D209 - one sentence
    where, values = _in("g.zone", zones)
    counts = ", ".join(f"g.{name}" for name in LEVELS)
    return fetch(
        f"SELECT g.id, r.id, r.decision, r.seen_verdict, {counts} FROM reviews r JOIN alert_groups g ON g.id = r.group_id "
        f"WHERE r.superseded_by = 0 AND r.group_id <> '' AND (r.expires_at = 0 OR r.expires_at > %s) AND {where}",
        [now, *values],
    )


def widely_reviewed_groups(zones: frozenset[str] | None, now: int) -> list[tuple[Any, ...]]:
    """Return the same of every group that a review of its signature covers, once for each such review."""
    where, values = _in("g.zone", zones)
    counts = ", ".join(f"g.{name}" for name in LEVELS)
    return fetch(
        f"SELECT g.id, r.id, r.decision, r.seen_verdict, {counts} FROM reviews r JOIN alert_groups g ON {wide_of('g')} "
        f"WHERE r.superseded_by = 0 AND (r.expires_at = 0 OR r.expires_at > %s) AND {where}",
        [now, *values],
    )


def reviewed_alerts(zones: frozenset[str] | None, now: int) -> list[tuple[Any, ...]]:
    """Return of every alert with a review of its own that has not expired: its group, its verdict, the review's number,
    decision and seen verdict."""  # noqa: D209 - one sentence
    where, values = _in("a.zone", zones)
    return fetch(
        "SELECT a.group_id, a.verdict, r.id, r.decision, r.seen_verdict FROM reviews r JOIN alerts a ON a.id = r.alert_id "
        f"WHERE r.superseded_by = 0 AND r.alert_id <> '' AND (r.expires_at = 0 OR r.expires_at > %s) AND {where}",
        [now, *values],
    )


def last_pulls(zones: frozenset[str] | None, limit: int) -> list[dict[str, Any]]:
    """Return the newest pulls and imports: id, device or None, zone, origin, state, started_at, finished_at, error."""
    where, values = _in("z.name", zones)
    names = ("id", "device", "zone", "origin", "state", "started_at", "finished_at", "error")
    sql = (
        "SELECT p.id, d.name, z.name, p.origin, p.state, p.started_at, p.finished_at, p.error FROM pulls p "
        f"JOIN zones z ON z.id = p.zone_id LEFT JOIN devices d ON d.id = p.device_id WHERE {where} "
        "ORDER BY p.id DESC LIMIT %s"
    )
    return [dict(zip(names, row, strict=True)) for row in fetch(sql, [*values, limit])]


def _in(column: str, zones: frozenset[str] | None) -> tuple[str, list[Any]]:
    if zones is None:
        return "1 = 1", []
    condition = one_of(column, zones)
    return condition.sql, list(condition.values)
