"""Tuning rules: rows <-> records, and what they match. Nothing is ever deleted: a revision supersedes the one before."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from vatriage.store.alert_counts import LEVELS
from vatriage.store.alert_pages import COLUMNS
from vatriage.store.bulk import execute, fetch, fetch_in, insert
from vatriage.store.tuning_rules import ACTING, matches

Row = dict[str, Any]


class RuleRow(NamedTuple):
    """One revision of a rule as it is stored; see `tuning_rules.TuningRule`."""

    rule: int
    revision: int
    zone: str
    gid: int
    sid: int
    source_network: str
    target_network: str
    source_low: str
    source_high: str
    target_low: str
    target_high: str
    bound: int
    mark: str
    reason: str
    enabled: int
    expires_at: int
    author: str
    at: int


_NAMES = ("id", *RuleRow._fields, "superseded_by")


def save_rule(row: RuleRow) -> int:
    """Add a revision, and let it supersede the one before; return the rule's number. Must run in a transaction.

    Args:
        row: with rule 0 for a new rule.
    """
    sql = insert("tuning_rules", (*RuleRow._fields, "superseded_by")) + " RETURNING id"
    number = int(fetch(sql, [*row, 0])[0][0])
    if not row.rule:
        execute("UPDATE tuning_rules SET rule = id WHERE id = %s", [number])
        return number
    execute(
        "UPDATE tuning_rules SET superseded_by = %s WHERE rule = %s AND superseded_by = 0 AND id <> %s",
        [number, row.rule, number],
    )
    return row.rule


def rule_rows(zones: frozenset[str] | None) -> list[Row]:
    """Return the newest revision of every rule of some zones (None = all), the newest rule first."""
    rows = map(_dict, fetch(f"SELECT {', '.join(_NAMES)} FROM tuning_rules WHERE superseded_by = 0 ORDER BY rule DESC"))
    return [row for row in rows if zones is None or row["zone"] in zones]


def revisions_of(rule: int) -> list[Row]:
    """Return every revision of a rule, the newest first; none if there is no such rule."""
    sql = f"SELECT {', '.join(_NAMES)} FROM tuning_rules WHERE rule = %s ORDER BY revision DESC"
    return list(map(_dict, fetch(sql, [rule])))


class Matched(NamedTuple):
    """What a rule matches among the stored alerts, whatever its bound."""

    groups: int
    by_verdict: tuple[int, ...]
    """In the order of LEVELS."""


def matched_by(row: RuleRow) -> Matched:
    """Count what a rule matches, from the counters of groups."""
    sums = ", ".join(f"COALESCE(SUM(g.{name}), 0)" for name in LEVELS)
    condition, values = _literal(row)
    groups, *counts = fetch(f"SELECT COUNT(*), {sums} FROM alert_groups g WHERE g.alerts > 0 AND {condition}", values)[
        0
    ]
    return Matched(int(groups), tuple(map(int, counts)))


def worst_matched(row: RuleRow, limit: int) -> list[Row]:
    """Return the worst alerts that a rule matches, whatever its bound: the rows of a list."""
    condition, values = _literal(row)
    worst = fetch(
        f"SELECT g.id FROM alert_groups g WHERE g.alerts > 0 AND {condition} ORDER BY g.worst DESC, g.last_at_us DESC "
        f"LIMIT {limit:d}",
        values,
    )
    if not worst:
        return []
    marks = ", ".join(["%s"] * len(worst))
    sql = (
        f"SELECT {', '.join(COLUMNS)} FROM alerts WHERE zone = %s AND group_id IN ({marks}) "
        f"ORDER BY rank DESC, at_us DESC, id LIMIT {limit:d}"
    )
    rows = fetch(sql, [row.zone, *(group for (group,) in worst)])
    return [dict(zip(COLUMNS, one, strict=True)) for one in rows]


def with_reason(row: RuleRow, codes: Sequence[str]) -> int:
    """Return how many alerts that a rule matches have one of some reasons."""
    said = fetch("SELECT DISTINCT reasons FROM verdict_reasons WHERE zone = %s", [row.zone])
    texts = [text for (text,) in said if set(text.split(",")) & set(codes)]
    if not texts:
        return 0
    condition, values = _literal(row)
    marks = ", ".join(["%s"] * len(texts))
    sql = (
        f"SELECT COUNT(*) FROM alerts a JOIN alert_groups g ON g.id = a.group_id WHERE a.zone = %s AND a.reasons IN ({marks}) "
        f"AND {condition}"
    )
    return int(fetch(sql, [row.zone, *texts, *values])[0][0])


def zone_total(zone: str) -> int:
    """Return how many alerts of a zone are stored."""
    return int(fetch("SELECT COALESCE(SUM(alerts), 0) FROM verdict_reasons WHERE zone = %s", [zone])[0][0])


def marks_of(subjects: Iterable[tuple[str, str, int]], now: int) -> dict[str, Row]:
    """Return which rule marks the rows of a page, as far as nobody reviewed them; the same rule as `tuning_rules.MARKED`.

    Args:
        subjects: of an alert its id, its group's and its verdict; of a group "", its id and its worst verdict.
        now: seconds.

    Returns: by the alert's id, or the group's: `rule`, `mark`; of several rules the oldest.
    """
    asked = list(subjects)
    sql = (
        f"SELECT g.id, t.rule, t.mark, t.bound FROM alert_groups g JOIN tuning_rules t ON {matches('g')} "
        f"WHERE {ACTING} AND g.id IN ({{keys}}) ORDER BY t.rule"
    )
    rules: dict[str, list[tuple[int, str, int]]] = {}
    for group, rule, mark, bound in fetch_in(sql, sorted({group for _, group, _ in asked}), before=[now]):
        rules.setdefault(group, []).append((rule, mark, bound))
    found: dict[str, Row] = {}
    for alert_id, group_id, verdict in asked:
        for rule, mark, bound in rules.get(group_id, ()):
            if verdict <= bound:
                found.setdefault(alert_id or group_id, {"rule": rule, "mark": mark})
    return found


def marked_groups(zones: frozenset[str] | None, now: int) -> list[tuple[Any, ...]]:
    """Return of every group that a rule marks: its id, the worst verdict marked, and its alerts by verdict (LEVELS)."""
    counts = ", ".join(f"g.{name}" for name in LEVELS)
    rows = fetch(
        f"SELECT g.id, g.zone, MAX(t.bound), {counts} FROM tuning_rules t JOIN alert_groups g ON {matches('g')} "
        f"WHERE {ACTING} GROUP BY g.id",
        [now],
    )
    return [(name, *rest) for name, zone, *rest in rows if zones is None or zone in zones]


def _literal(row: RuleRow) -> tuple[str, list[Any]]:
    """Return `tuning_rules.matches` of a group `g` for a rule that need not be stored, with its values."""
    parts, values = ["g.zone = %s"], [row.zone]
    named: list[Any] = values
    if row.sid >= 0:
        parts.append("g.sid = %s AND g.gid = %s")
        named += [row.sid, row.gid]
    parts.append("g.target_key BETWEEN %s AND %s AND g.attacker_key BETWEEN %s AND %s")
    named += [row.target_low, row.target_high, row.source_low, row.source_high]
    return " AND ".join(parts), named


def _dict(row: tuple[Any, ...]) -> Row:
    return dict(zip(_NAMES, row, strict=True))
