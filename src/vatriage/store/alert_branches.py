"""A filter of alerts as SQL that stays fast with a million rows.

A list is the union of a few *branches*, each of which fixes the leading columns of one index and reads its first rows in
order, whatever else is asked for: one branch a zone, and in each one a signature, an end of the flow, or a verdict.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from vatriage.model.alert_filter import DENYING, AlertFilter, Decision, Order
from vatriage.model.verdict import Verdict
from vatriage.store.alerts import RANK_STEP
from vatriage.store.bulk import chunks, fetch
from vatriage.store.hidden import left_out
from vatriage.store.reviews import CONTRADICTED, IN_FORCE, REVIEWED_ALERTS, REVIEWED_GROUPS
from vatriage.store.tuning_rules import MARKED, MARKED_GROUPS

BRANCHES = 100
"""Branches of one statement; SQLite allows 500."""
FEW = 50_000
"""Alerts up to which it is quicker to find them first and to sort them then."""


class Condition(NamedTuple):
    """A piece of a WHERE clause about an alert `a`, with its values."""

    sql: str
    values: tuple[Any, ...] = ()
    by_id: bool = False
    """It finds its alerts by their ids: the zone is checked, and is no way to them."""


def all_of(parts: Sequence[Condition]) -> Condition:
    """Return the conjunction."""
    return Condition(" AND ".join(part.sql for part in parts), tuple(value for part in parts for value in part.values))


def one_of(column: str, values: Iterable[Any]) -> Condition:
    """Return that a column has one of some values; of none, nothing has."""
    given = tuple(sorted(values))
    marks = ", ".join(["%s"] * len(given))
    return Condition(f"{column} IN ({marks})", given) if given else Condition("1 = 0")


def alert_zones() -> list[str]:
    """Return the names of all zones that have alerts."""
    return sorted(row[0] for row in fetch("SELECT DISTINCT zone FROM verdict_reasons"))


def seen_zones(zones: frozenset[str] | None) -> list[str]:
    """Return those of the zones with alerts that may be seen (None = all)."""
    return [zone for zone in alert_zones() if zones is None or zone in zones]


def _kinds(wanted: AlertFilter) -> list[tuple[int, str]]:
    """Return every combination of verdict and reasons that a filter asks for, of those that alerts have."""
    return sorted(
        (verdict, reasons)
        for verdict, reasons in fetch("SELECT DISTINCT verdict, reasons FROM verdict_reasons")
        if (not wanted.reason or wanted.reason in reasons.split(","))
        and (not wanted.verdicts or verdict in wanted.verdicts)
    )


def branches_of(
    wanted: AlertFilter, order: Order, signatures: Sequence[tuple[int, int]] | None, now: int
) -> list[Condition]:
    """Return conditions that no alert satisfies two of; the filter's alerts satisfy one.

    Args:
        wanted: the filter.
        order: in which each branch will be read.
        signatures: (gid, sid) that the filter's signature stands for; None = it asks for none.
        now: seconds; a review may have expired.
    """
    leading, rest = _leading(wanted, order, signatures)
    if signatures is not None and (wanted.address or wanted.group_id):
        rest.append(one_of_signatures("a", signatures))
    rest += _common(wanted, now)
    return [
        all_of([Condition("a.zone || '' = %s" if one.by_id else "a.zone = %s", (zone,)), one, *rest])
        for zone, one in product(seen_zones(wanted.zones), leading)
    ]


def _leading(
    wanted: AlertFilter, order: Order, signatures: Sequence[tuple[int, int]] | None
) -> tuple[list[Condition], list[Condition]]:
    """Return the conditions of which each branch has one, and what of verdict and reason is left for all of them."""
    narrow = _narrow(wanted, signatures)
    if narrow is not None:
        return narrow, _levels(wanted) + _reasons(wanted)
    if order is Order.RANK:
        spans = [_span(level) for level in sorted(wanted.verdicts)] or [Condition("1 = 1")]
        return spans, _reasons(wanted)
    if wanted.verdicts or wanted.reason:
        return [Condition("a.verdict = %s AND a.reasons = %s", pair) for pair in _kinds(wanted)], []
    return [Condition("1 = 1")], []


def _narrow(wanted: AlertFilter, signatures: Sequence[tuple[int, int]] | None) -> list[Condition] | None:
    """Return the conditions that leave few alerts, whatever the order; None if the filter has none."""
    if wanted.group_id:
        return [Condition("a.group_id = %s", (wanted.group_id,))]
    if wanted.address:
        here = (wanted.address,)
        attacking = Condition("a.attacker_address = %s AND a.target_address <> %s", here * 2)
        return [Condition("a.target_address = %s", here), attacking]
    if signatures is not None:
        return [Condition("a.sid = %s AND a.gid = %s", (sid, gid)) for gid, sid in signatures]
    if wanted.marked and _few_marked():
        return [Condition(f"a.group_id IN ({MARKED_GROUPS})")]
    if is_narrow(wanted):
        groups, alerts = reviewed(wanted)
        alone = f"a.id IN ({alerts.sql}) AND a.group_id NOT IN ({groups.sql})"
        of_groups = Condition(f"a.group_id IN ({groups.sql})", groups.values)
        return [of_groups, Condition(alone, alerts.values + groups.values, by_id=True)]
    return None


def reviewed(wanted: AlertFilter) -> tuple[Condition, Condition]:
    """Return the queries for ids of groups and of alerts with a review that may be what a filter asks for."""
    asked = sorted(wanted.decisions or (DENYING if wanted.contradicted else set(Decision) - {Decision.WITHDRAWN}))
    marks, values = ", ".join(["%s"] * len(asked)), tuple(map(str, asked))
    return Condition(REVIEWED_GROUPS.format(marks), values * 2), Condition(REVIEWED_ALERTS.format(marks), values)


def asks_reviewed(wanted: AlertFilter) -> bool:
    """Whether a filter asks for alerts that somebody spoke of, so that they can be looked up from the reviews."""
    return bool(wanted.reviewed or wanted.decisions or wanted.contradicted)


def _span(level: Verdict) -> Condition:
    """Return the condition on a verdict, said of the rank, which every index holds."""
    return Condition("a.rank BETWEEN %s AND %s", (level * RANK_STEP, level * RANK_STEP + RANK_STEP - 1))


def asked_of_alerts(wanted: AlertFilter, now: int) -> list[Condition]:
    """Return what a filter asks of an alert whose zone, ends and signature are known to fit."""
    return [*_levels(wanted), *_reasons(wanted), *_common(wanted, now)]


def _levels(wanted: AlertFilter) -> list[Condition]:
    spans = [_span(level) for level in sorted(wanted.verdicts)]
    said = f"({' OR '.join(span.sql for span in spans)})".replace("a.rank", "a.rank + 0")  # no way to the alerts
    return [Condition(said, tuple(value for span in spans for value in span.values))] if spans else []


def _reasons(wanted: AlertFilter) -> list[Condition]:
    return [one_of("a.reasons", {reasons for _, reasons in _kinds(wanted)})] if wanted.reason else []


def one_of_signatures(table: str, signatures: Sequence[tuple[int, int]]) -> Condition:
    """Return that a row of a table (by its alias) has one of some signatures, (gid, sid)."""
    if not signatures:
        return Condition("1 = 0")
    values = tuple(number for pair in signatures for number in pair)
    return Condition(f"({table}.gid, {table}.sid) IN (VALUES {', '.join(['(%s, %s)'] * len(signatures))})", values)


def _common(wanted: AlertFilter, now: int) -> list[Condition]:
    parts = []
    if wanted.from_us is not None:
        parts.append(Condition("a.at_us >= %s", (wanted.from_us,)))
    if wanted.until_us is not None:
        parts.append(Condition("a.at_us < %s", (wanted.until_us,)))
    if wanted.disposition is not None:
        parts.append(Condition("a.disposition = %s", (str(wanted.disposition),)))
    if wanted.leave_out:
        hidden, values = left_out(wanted.leave_out, now)
        parts.append(Condition(f"NOT {hidden}", values))
    if wanted.reviewed is not None:
        sign = "<>" if wanted.reviewed else "="
        parts.append(Condition(f"{IN_FORCE} {sign} ''", (now, now)))
    if wanted.decisions:
        said = one_of(IN_FORCE, map(str, wanted.decisions))
        parts.append(Condition(said.sql, (now, now, *said.values)))
    if wanted.contradicted:
        parts.append(Condition(CONTRADICTED, (now,) * 4))
    if wanted.marked is not None:
        parts.append(Condition(MARKED if wanted.marked else f"NOT {MARKED}", (now,) * 5))
    return parts


def is_narrow(wanted: AlertFilter) -> bool:
    """Whether a filter leaves so few alerts that they are found first and sorted then, whatever the order."""
    if wanted.group_id or wanted.address or wanted.signature:
        return True
    if wanted.marked and _few_marked():
        return True
    if not asks_reviewed(wanted):
        return False
    groups, _ = reviewed(wanted)
    sql = f"SELECT COALESCE(SUM(g.alerts), 0) FROM alert_groups g WHERE g.id IN ({groups.sql})"
    return int(fetch(sql, groups.values)[0][0]) < FEW


def _few_marked() -> bool:
    sql = f"SELECT COALESCE(SUM(g.alerts), 0) FROM alert_groups g WHERE g.id IN ({MARKED_GROUPS})"
    return int(fetch(sql)[0][0]) < FEW


def read_branches(
    branches: Sequence[Condition], keys: Sequence[str], limit: int, *, narrow: bool
) -> Iterator[tuple[Any, ...]]:
    """Yield the first keys of each branch; the caller sorts them and takes as many as it wants.

    Only columns of the indexes are read: to sort a busy target's alerts, none of them is opened.

    Args:
        branches: of `branches_of`.
        keys: columns of an alert, by which the branches are sorted in descending order.
        limit: rows of one branch.
        narrow: see `is_narrow`: the database must not look for them along the order of all alerts.
    """
    columns, ordered = ", ".join(f"a.{name}" for name in keys), ", ".join(f"a.{name} DESC" for name in keys)
    if narrow:
        ordered = ordered.replace("a.rank DESC", "a.rank + 0 DESC")  # an index of ranks does not give this order
    for some in chunks(branches, BRANCHES):
        parts = [
            f"SELECT * FROM (SELECT {columns} FROM alerts a WHERE {branch.sql} ORDER BY {ordered} LIMIT {limit:d}) "
            f"AS branch{place}"
            for place, branch in enumerate(some)
        ]
        yield from fetch(" UNION ALL ".join(parts), [value for branch in some for value in branch.values])
