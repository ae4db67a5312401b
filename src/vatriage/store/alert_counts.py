"""Moving the counters of `alert_counters` by what a stored batch changed, in its transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from vatriage.model.address import pack_address
from vatriage.model.alert import Disposition
from vatriage.model.verdict import Verdict
from vatriage.store.bulk import Target, fetch_in, insert_many, write_many

LEVELS = tuple(level.name.lower() for level in Verdict if level is not Verdict.FALSE_POSITIVE)
"""The columns of a group that count alerts by verdict, the least dangerous first; no machine says FALSE_POSITIVE."""
HOUR_US = 3_600_000_000

_COUNTS = ("alerts", *LEVELS, "system_determined")
_ADD = ", ".join(f"{name} = alert_groups.{name} + excluded.{name}" for name in _COUNTS)
_GROUPS = Target(
    "alert_groups",
    (
        "id",
        "zone",
        "gid",
        "sid",
        "target_address",
        "attacker_address",
        "target_key",
        "attacker_key",
        "first_at_us",
        "last_at_us",
        "worst",
        *_COUNTS,
    ),
    key=("id",),
    update=f"{_ADD}, first_at_us = CASE WHEN alert_groups.alerts = 0 OR excluded.first_at_us < alert_groups.first_at_us THEN excluded.first_at_us "
    "ELSE alert_groups.first_at_us END, last_at_us = CASE WHEN alert_groups.alerts = 0 OR excluded.last_at_us > alert_groups.last_at_us THEN "
    "excluded.last_at_us ELSE alert_groups.last_at_us END",
)
_WORST = "CASE {} ELSE 0 END".format(
    " ".join(f"WHEN {name} > 0 THEN {Verdict[name.upper()].value}" for name in reversed(LEVELS))
)
_SIGNATURES = Target(
    "alert_signatures",
    ("gid", "sid", "rev", "message"),
    key=("sid", "gid"),
    update="rev = excluded.rev, message = excluded.message WHERE excluded.rev > alert_signatures.rev",
)
_HOURS = Target(
    "verdict_hours",
    ("zone", "hour", "verdict", "alerts"),
    key=("zone", "hour", "verdict"),
    update="alerts = verdict_hours.alerts + excluded.alerts",
)
_REASONS = Target(
    "verdict_reasons",
    ("zone", "verdict", "reasons", "alerts", "blocked"),
    key=("zone", "verdict", "reasons"),
    update="alerts = verdict_reasons.alerts + excluded.alerts, blocked = verdict_reasons.blocked + excluded.blocked",
)
_pack = msgspec.msgpack.Encoder().encode


class GroupKey(NamedTuple):
    """What the alerts of a group share: signature, target and attacker, in one zone."""

    zone: str
    gid: int
    sid: int
    target_address: str
    attacker_address: str

    @property
    def id(self) -> str:
        """The group's id: 32 hex digits, the same in every store."""
        return blake2b(_pack(self), digest_size=16).hexdigest()


def sort_key(address: str) -> str:
    """Return an address as 32 hex digits, "" for none: in their order a network is one stretch."""
    try:
        return pack_address(address).hex() if address else ""
    except ValueError:
        return ""  # no network holds what is no address


class Counted(NamedTuple):
    """Where one alert is counted."""

    zone: str
    at_us: int
    group_id: str
    verdict: int
    reasons: str
    disposition: str


class Named(NamedTuple):
    """What a signature is called in one of its revisions."""

    gid: int
    sid: int
    rev: int
    message: str


_Hour = tuple[str, int, int]
_Kind = tuple[str, int, str]
Move = tuple[Counted | None, Counted]
"""Where an alert was counted before (None = it is new), and where it is counted now."""


def count(moves: Sequence[Move], groups: Mapping[str, GroupKey], signatures: Iterable[Named]) -> None:
    """Move the counters; the alerts themselves must be stored already.

    Args:
        moves: one an alert.
        groups: of what `moves` lead to, by id.
        signatures: of the alerts.
    """
    newest = {(one.sid, one.gid): one for one in sorted(signatures)}
    insert_many(_SIGNATURES, [newest[key] for key in sorted(newest)])
    hours, reasons, blocked = Counter[_Hour](), Counter[_Kind](), Counter[_Kind]()
    for step, one in _steps(moves):
        kind = (one.zone, one.verdict, one.reasons)
        hours[one.zone, one.at_us // HOUR_US, one.verdict] += step
        reasons[kind] += step
        blocked[kind] += step * (one.disposition == Disposition.BLOCKED)
    insert_many(_HOURS, [(*hour, hours[hour]) for hour in sorted(hours) if hours[hour]])
    kinds = [kind for kind in sorted(reasons) if reasons[kind] or blocked[kind]]
    insert_many(_REASONS, [(*kind, reasons[kind], blocked[kind]) for kind in kinds])
    _count_groups(moves, groups)


def _steps(moves: Sequence[Move]) -> Iterable[tuple[int, Counted]]:
    for before, after in moves:
        if before is not None:
            yield -1, before
        yield 1, after


def _count_groups(moves: Sequence[Move], groups: Mapping[str, GroupKey]) -> None:
    counts: dict[str, Counter[str]] = {}
    spans: dict[str, tuple[int, int]] = {}
    for step, one in _steps(moves):
        tally = counts.setdefault(one.group_id, Counter())
        tally["alerts"] += step
        tally[Verdict(one.verdict).name.lower()] += step
        tally["system_determined"] += step * is_system_determined(one)
        if step > 0:
            first, last = spans.get(one.group_id, (one.at_us, one.at_us))
            spans[one.group_id] = (min(first, one.at_us), max(last, one.at_us))
    rows = [
        (
            name,
            *key,
            sort_key(key.target_address),
            sort_key(key.attacker_address),
            *spans[name],
            0,
            *(counts[name][column] for column in _COUNTS),
        )
        for name, key in sorted(groups.items())
    ]
    insert_many(_GROUPS, rows)
    left = {before.group_id for before, after in moves if before is not None and before.group_id != after.group_id}
    _leave(sorted(left - groups.keys()), counts)
    _look_again(sorted(left))
    write_many(f"UPDATE alert_groups SET worst = {_WORST} WHERE id = %s", [(name,) for name in sorted(counts)])


def is_system_determined(one: Counted) -> bool:
    """Whether the machine is sure by itself that nothing happened: blocked, and not affected (VERDICT 7)."""
    return one.verdict == Verdict.NOT_AFFECTED and one.disposition == Disposition.BLOCKED


def _leave(names: Sequence[str], counts: Mapping[str, Counter[str]]) -> None:
    """Take out of groups the alerts that belong to another one now."""
    changed = ", ".join(f"{column} = {column} + %s" for column in _COUNTS)
    rows = [(*(counts[name][column] for column in _COUNTS), name) for name in names]
    write_many(f"UPDATE alert_groups SET {changed} WHERE id = %s", rows)


def _look_again(names: Sequence[str]) -> None:
    """Correct the span of groups that alerts left; an empty group keeps its last one, for its reviews."""
    mine = "FROM alerts a WHERE a.zone = g.zone AND a.group_id = g.id"
    ends = f"(SELECT MIN(a.at_us) {mine}), (SELECT MAX(a.at_us) {mine})"
    found = fetch_in(f"SELECT {ends}, g.id FROM alert_groups g WHERE g.id IN ({{keys}})", names)
    spans = [row for row in found if row[0] is not None]
    write_many("UPDATE alert_groups SET first_at_us = %s, last_at_us = %s WHERE id = %s", spans)
