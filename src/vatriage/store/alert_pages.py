"""Pages of alerts and of groups, by key: the rows after a given one, never the n-th."""

from collections.abc import Sequence
from typing import Any

from vatriage.model.alert import Disposition
from vatriage.model.alert_filter import AlertFilter, Order
from vatriage.model.verdict import Verdict
from vatriage.store.alert_branches import (
    FEW,
    Condition,
    all_of,
    asked_of_alerts,
    asks_reviewed,
    branches_of,
    is_narrow,
    one_of,
    one_of_signatures,
    read_branches,
    reviewed,
    seen_zones,
)
from vatriage.store.alert_counts import HOUR_US, LEVELS
from vatriage.store.bulk import fetch, fetch_in
from vatriage.store.hidden import group_left_in
from vatriage.store.reviews import REVIEWED_WHOLE
from vatriage.store.tuning_rules import MARKED_GROUPS

COLUMNS = (
    "id", "zone", "at_us", "gid", "sid", "rev", "source_address", "source_port", "destination_address",
    "destination_port", "protocol", "sensor", "disposition", "target_address", "target_port", "attacker_address", "host",
    "verdict", "rank", "conflict", "reasons", "group_id", "first_judged_us", "last_judged_us",
)  # fmt: skip
GROUP_COLUMNS = (
    "id", "zone", "gid", "sid", "target_address", "attacker_address", "alerts", "first_at_us", "last_at_us", "worst",
    *LEVELS, "system_determined",
)  # fmt: skip
Key = tuple[int, int, str]
"""Rank (of a group: worst verdict), instant and id of the last row of a page."""
Row = dict[str, Any]


def alerts_after(
    wanted: AlertFilter,
    order: Order,
    signatures: Sequence[tuple[int, int]] | None,
    after: Key | None,
    limit: int,
    now: int,
) -> list[Row]:
    """Return the next alerts of a list.

    Args:
        wanted: the filter, already within what the viewer sees.
        order: of the list.
        signatures: (gid, sid) of the filter's signature, None = it asks for none.
        after: the last row of the page before; None = the first page.
        limit: at most so many.
        now: seconds; a review may have expired.
    """
    keys = ("rank", "at_us", "id") if order is Order.RANK else ("at_us", "id")
    branches = branches_of(wanted, order, signatures, now)
    if after is not None:
        behind = _behind("a", keys, after)
        branches = [all_of([branch, behind]) for branch in branches]
    found = sorted(read_branches(branches, keys, limit, narrow=is_narrow(wanted)), reverse=True)[:limit]
    sql = f"SELECT {', '.join(COLUMNS)} FROM alerts WHERE id IN ({{keys}})"
    rows = {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in fetch_in(sql, [key[-1] for key in found])}
    return [rows[key[-1]] for key in found if key[-1] in rows]


def groups_after(
    wanted: AlertFilter,
    order: Order,
    signatures: Sequence[tuple[int, int]] | None,
    after: Key | None,
    limit: int,
    now: int,
) -> list[Row]:
    """Return the next groups that hold an alert of the filter, with counts of all their alerts; see `alerts_after`."""
    keys = ("worst", "last_at_us", "id") if order is Order.RANK else ("last_at_us", "id")
    rest = [Condition("g.alerts > 0"), *_of_groups(wanted, signatures)]
    if _asks_alerts(wanted):
        rest += [*_promising(wanted, now), _some_alert(wanted, now)]
    elif wanted.leave_out:
        rest.append(Condition(*group_left_in(wanted.leave_out, now)))
    if after is not None:
        rest.append(_behind("g", keys, after))
    condition = all_of(rest)
    columns, ordered = ", ".join(f"g.{name}" for name in GROUP_COLUMNS), ", ".join(f"g.{name} DESC" for name in keys)
    found: list[Row] = []
    for zone in seen_zones(wanted.zones):
        sql = f"SELECT {columns} FROM alert_groups g WHERE g.zone = %s AND {condition.sql} ORDER BY {ordered} LIMIT {limit:d}"
        found += [dict(zip(GROUP_COLUMNS, row, strict=True)) for row in fetch(sql, [zone, *condition.values])]
    return _first(found, keys, limit)


def group_row(group_id: str, zones: frozenset[str] | None) -> Row | None:
    """Return one group, None if it is not here or not to be seen."""
    columns = ", ".join(GROUP_COLUMNS)
    rows = fetch(f"SELECT {columns} FROM alert_groups WHERE id = %s", [group_id])
    found = dict(zip(GROUP_COLUMNS, rows[0], strict=True)) if rows else None
    return found if found and (zones is None or found["zone"] in zones) else None


def alert_row(alert_id: str, zones: frozenset[str] | None) -> Row | None:
    """Return one alert, None if it is not here or not to be seen."""
    rows = fetch(f"SELECT {', '.join(COLUMNS)} FROM alerts WHERE id = %s", [alert_id])
    found = dict(zip(COLUMNS, rows[0], strict=True)) if rows else None
    return found if found and (zones is None or found["zone"] in zones) else None


def raw_event(alert_id: str) -> bytes:
    """Return an alert as the sensor wrote it; b"" where that was not kept."""
    rows = fetch("SELECT raw FROM alert_events WHERE alert_id = %s", [alert_id])
    return bytes(rows[0][0]) if rows else b""


def messages_of(signatures: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Return by (gid, sid) what signatures are called."""
    sql = "SELECT gid, sid, message FROM alert_signatures WHERE sid IN ({keys})"
    return {(gid, sid): message for gid, sid, message in fetch_in(sql, sorted({sid for _, sid in signatures}))}


def all_signatures() -> list[tuple[int, int, str]]:
    """Return gid, sid and message of every signature that alerts named."""
    return [(gid, sid, message) for gid, sid, message in fetch("SELECT gid, sid, message FROM alert_signatures")]


def _first(rows: list[Row], keys: Sequence[str], limit: int) -> list[Row]:
    rows.sort(key=lambda row: tuple(row[name] for name in keys), reverse=True)
    return rows[:limit]


def _behind(table: str, keys: Sequence[str], after: Key) -> Condition:
    names = ", ".join(f"{table}.{name}" for name in keys)
    return Condition(f"({names}) < ({', '.join(['%s'] * len(keys))})", after[-len(keys) :])


def _asks_alerts(wanted: AlertFilter) -> bool:
    """Whether a group's own columns cannot tell if it holds an alert of the filter."""
    return any(
        (
            wanted.from_us is not None, wanted.until_us is not None, wanted.reason, wanted.reviewed is not None,
            wanted.decisions, wanted.disposition is not None, wanted.contradicted, wanted.marked is not None,
        )
    )  # fmt: skip


def _of_groups(wanted: AlertFilter, signatures: Sequence[tuple[int, int]] | None) -> list[Condition]:
    parts = []
    if wanted.group_id:
        parts.append(Condition("g.id = %s", (wanted.group_id,)))
    if wanted.verdicts:
        counted = [level.name.lower() for level in sorted(wanted.verdicts) if level.name.lower() in LEVELS]
        parts.append(Condition(f"({' OR '.join(f'g.{name} > 0' for name in counted) or '1 = 0'})"))
    if wanted.address:
        parts.append(Condition("(g.target_address = %s OR g.attacker_address = %s)", (wanted.address,) * 2))
    if signatures is not None:
        parts.append(one_of_signatures("g", signatures))
    return parts


def _promising(wanted: AlertFilter, now: int) -> list[Condition]:
    """Return what groups must be to hold an alert of the filter, as far as their own columns can tell."""
    parts = []
    if wanted.from_us is not None:
        parts.append(Condition("g.last_at_us >= %s", (wanted.from_us,)))
    if wanted.until_us is not None:
        parts.append(Condition("g.first_at_us < %s", (wanted.until_us,)))
    if wanted.from_us is not None and wanted.until_us is not None and _alerts_between(wanted) < FEW:
        zones = one_of("a.zone", seen_zones(wanted.zones))
        span = f"SELECT a.group_id FROM alerts a WHERE {zones.sql} AND a.at_us >= %s AND a.at_us < %s"
        parts.append(Condition(f"g.id IN ({span})", (*zones.values, wanted.from_us, wanted.until_us)))
    if wanted.disposition is Disposition.BLOCKED and wanted.verdicts == {Verdict.NOT_AFFECTED}:
        parts.append(Condition("g.system_determined > 0"))
    if asks_reviewed(wanted):
        groups, alerts = reviewed(wanted)
        alone = f"SELECT a.group_id FROM alerts a WHERE a.id IN ({alerts.sql})"
        parts.append(Condition(f"g.id IN ({groups.sql} UNION {alone})", groups.values + alerts.values))
    if wanted.marked:
        parts.append(Condition(f"g.id IN ({MARKED_GROUPS})"))
    if wanted.reviewed is False:
        alone = "SELECT a.group_id FROM reviews r JOIN alerts a ON a.id = r.alert_id WHERE r.superseded_by = 0"
        parts.append(Condition(f"(NOT EXISTS ({REVIEWED_WHOLE}) OR g.id IN ({alone}))", (now,)))
    return parts


def _alerts_between(wanted: AlertFilter) -> int:
    """Return about how many alerts the filter's span of time holds, from the counters."""
    hours = [int(at or 0) // HOUR_US for at in (wanted.from_us, wanted.until_us)]
    return int(fetch("SELECT COALESCE(SUM(alerts), 0) FROM verdict_hours WHERE hour BETWEEN %s AND %s", hours)[0][0])


def _some_alert(wanted: AlertFilter, now: int) -> Condition:
    """Return that the group `g` holds an alert of the filter."""
    some = all_of([Condition("a.zone = g.zone AND a.group_id = g.id"), *asked_of_alerts(wanted, now)])
    return Condition(f"EXISTS (SELECT 1 FROM alerts a WHERE {some.sql})", some.values)
