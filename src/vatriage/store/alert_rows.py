"""Alerts and verdicts into the store, with everything that is counted of them, in the caller's transaction.

Storing the same twice changes nothing. Of several verdicts of one alert the one judged last counts (of two judged at the
same instant the one stored later; of two of that instant from the same inputs, of which one knew what came of the attack,
the worse one). One judged as at an instant that has not come yet, by a clock that was wrong or a person who asked for it,
gives way to any later one. `alert_counts` moves the counters by what this changed.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple

from vatriage.store.alert_counts import Counted, GroupKey, Named, count
from vatriage.store.alerts import RANK_STEP
from vatriage.store.bulk import Target, fetch, fetch_in, insert_many, plain, write_many
from vatriage.store.escalation_rows import Rise, note_escalations
from vatriage.store.outbox_rows import queue_news
from vatriage.store.outcome_rows import Met, note_attempts, note_outcomes
from vatriage.store.resting_rows import Resting, Rests, resting_columns
from vatriage.store.turns import keepers_turn

_FIXED = (
    "id", "zone", "at_us", "gid", "sid", "rev", "source_address", "source_port", "destination_address",
    "destination_port", "protocol", "sensor",
)  # fmt: skip
"""Columns that say the same in every copy of an alert."""
_JUDGED = (
    "disposition", "target_address", "target_port", "attacker_address", "host", "verdict", "rank", "conflict", "reasons",
    "group_id", "last_judged_us", "basis", "claim_set", "both_ends",
)  # fmt: skip
"""Columns of the newest verdict."""
_ALERTS = Target(
    "alerts",
    (*_FIXED, "first_judged_us", *_JUDGED),
    key=("id",),
    update=", ".join(f"{name} = excluded.{name}" for name in _JUDGED),
)
_EARLIER = "UPDATE alerts SET first_judged_us = %s WHERE id = %s AND first_judged_us > %s"
_EVENTS = Target("alert_events", ("alert_id", "raw", "format", "alert_read"), key=("alert_id",))
_VERDICTS = Target(
    "verdicts",
    ("alert_id", "judged_at_us", "verdict", "inputs", "record"),
    key=("alert_id", "judged_at_us", "inputs"),
)


class StoredVerdict(NamedTuple):
    """One judged alert, ready for the store. Ports are -1 and texts "" where they are not stated."""

    alert_id: str
    zone: str
    at_us: int
    gid: int
    sid: int
    rev: int
    message: str
    source_address: str
    source_port: int
    destination_address: str
    destination_port: int
    protocol: str
    sensor: str
    disposition: str
    target_address: str
    target_port: int
    host: str
    """The target's host in the inventory."""
    verdict: int
    priority: int
    conflict: bool
    reasons: str
    """Codes, sorted, with commas between."""
    attacker_address: str
    """The other end's address."""
    raw: bytes
    judged_at_us: int
    inputs: str
    """Hash of the versions that it was computed from, at most 63 digits."""
    record: bytes
    format: str = ""
    """Name of the sensor's format."""
    alert_read: bytes = b""
    """The alert as it was read, where `raw` alone does not give it back."""
    rests: Rests | None = None
    """What the verdict rests on; None = not known, so that the alert is judged again."""

    @property
    def resting(self) -> Resting:
        """What it rests on, of which alert."""
        return Resting(self.alert_id, self.gid, self.sid, self.rests)

    @property
    def group(self) -> GroupKey:
        """The group it belongs to."""
        return GroupKey(self.zone, self.gid, self.sid, self.target_address, self.attacker_address)

    @property
    def counted(self) -> Counted:
        """Where it is counted, if this verdict is its newest."""
        return Counted(self.zone, self.at_us, self.group.id, self.verdict, self.reasons, self.disposition)


def save_verdicts(rows: Iterable[StoredVerdict], now_us: int, *, attempts: bool = True) -> None:
    """Keep alerts and verdicts; what is here already, or worse, stays as it is. Must run in a transaction.

    Args:
        rows: judged alerts.
        now_us: the present instant.
        attempts: see `note_met`.
    """
    given = sorted(rows, key=_order)
    keepers_turn()
    stored = _stored({row.alert_id for row in given})
    worst = [max(same, key=lambda row: row.verdict) for _, same in groupby(given, _order)]
    new = [row for row in worst if row.verdict > _worst_judged(stored.get(row.alert_id), row)]
    first = {row.alert_id: row.judged_at_us for row in reversed(new)}
    newest = {row.alert_id: row for row in new if row.judged_at_us >= _last_judged(stored.get(row.alert_id), now_us)}
    resting = resting_columns(row.resting for row in newest.values())
    insert_many(_ALERTS, [(*_columns(row, first[row.alert_id]), *resting[row.alert_id]) for row in newest.values()])
    events = [row for row in new if row.raw or row.alert_id not in stored]  # an archived event does not come back empty
    insert_many(_EVENTS, {row.alert_id: (row.alert_id, row.raw, row.format, row.alert_read) for row in events}.values())
    insert_many(_VERDICTS, [(row.alert_id, row.judged_at_us, row.verdict, _inputs(row), row.record) for row in new])
    write_many(_EARLIER, [(at, name, at) for name, at in first.items() if name in stored])
    count(
        [(stored[name].counted if name in stored else None, row.counted) for name, row in newest.items()],
        {row.group.id: row.group for row in newest.values()},
        [Named(row.gid, row.sid, row.rev, plain(row.message)) for row in new],
    )
    queue_news(
        ((stored[n].counted.verdict if n in stored else None, r) for n, r in newest.items()), now_us // 1_000_000
    )
    note_escalations(_rise(stored[name].counted, row) for name, row in newest.items() if name in stored)
    note_met(newest.values(), attempts=attempts)


def note_met(rows: Iterable[StoredVerdict], *, attempts: bool = True) -> None:
    """Note the outcomes among stored alerts, and which alerts are due because of them.

    Args:
        rows: the newest verdicts of alerts that are stored.
        attempts: these alerts may be attempts of outcomes that their judge did not know.
    """
    known = [(row, row.rests) for row in rows if row.rests is not None]
    window_us = max((rests.window_us for _, rests in known), default=0)
    note_outcomes((rests.outcome for _, rests in known if rests.outcome is not None), window_us)
    if attempts:
        note_attempts([_met(row) for row, _ in known], window_us)


def _met(row: StoredVerdict) -> Met:
    return Met(row.alert_id, row.zone, row.source_address, row.destination_address, row.at_us, row.verdict)


def _rise(before: Counted, row: StoredVerdict) -> Rise:
    snapshot = row.rests.basis.snapshot if row.rests else ""
    return Rise(row.alert_id, row.zone, row.judged_at_us, before.verdict, row.verdict, row.reasons, snapshot)


class _Stored(NamedTuple):
    """What is known of an alert that is here already."""

    counted: Counted
    last_judged_us: int
    judged: dict[tuple[int, str], int]
    """By instant and inputs, the worst verdict."""


def _order(row: StoredVerdict) -> tuple[str, int, str]:
    return row.alert_id, row.judged_at_us, row.inputs


def _inputs(row: StoredVerdict) -> str:
    """Return the inputs as they are stored: with the verdict, so that two of one instant may stand beside each other."""
    return f"{row.inputs}{row.verdict}"


def _worst_judged(stored: _Stored | None, row: StoredVerdict) -> int:
    """Return the worst verdict of the row's instant and inputs, -1 if there is none."""
    return stored.judged.get((row.judged_at_us, row.inputs), -1) if stored else -1


def _last_judged(stored: _Stored | None, now_us: int) -> int:
    """Return when an alert was judged last, -1 if it never was, or in the future."""
    return stored.last_judged_us if stored and stored.last_judged_us <= now_us else -1


def _stored(ids: Iterable[str]) -> dict[str, _Stored]:
    sql = (
        "SELECT id, zone, at_us, group_id, verdict, reasons, disposition, last_judged_us FROM alerts "
        "WHERE id IN ({keys})"
    )
    found = {row[0]: _Stored(Counted(*row[1:7]), row[7], {}) for row in fetch_in(sql, sorted(ids))}
    judged = "SELECT alert_id, judged_at_us, inputs, verdict FROM verdicts WHERE alert_id IN ({keys}) ORDER BY verdict"
    for alert_id, judged_at_us, inputs, verdict in fetch_in(judged, found):
        found[alert_id].judged[judged_at_us, inputs[:-1]] = verdict
    return found


def _columns(row: StoredVerdict, first_judged_us: int) -> tuple[Any, ...]:
    return (
        row.alert_id, row.zone, row.at_us, row.gid, row.sid, row.rev, row.source_address, row.source_port,
        row.destination_address, row.destination_port, plain(row.protocol), plain(row.sensor), first_judged_us,
        row.disposition, row.target_address, row.target_port, row.attacker_address, row.host, row.verdict,
        row.verdict * RANK_STEP + row.priority, row.conflict, row.reasons, row.group.id, row.judged_at_us,
    )  # fmt: skip


def alerts_beginning(digits: str, limit: int) -> list[str]:
    """Return the ids of judged alerts that begin with some digits, at most `limit` of them."""
    sql = "SELECT DISTINCT alert_id FROM verdicts WHERE alert_id LIKE %s ORDER BY alert_id LIMIT %s"
    return [str(row[0]) for row in fetch(sql, [f"{digits.lower()}%", limit])]


def verdicts_of(alert_id: str) -> list[bytes]:
    """Return an alert's records (JSON) in order of judgement, the one that counts last.

    Before all others comes what was judged as at an instant of the future, and gave way.
    """
    sql = (
        "SELECT v.record FROM verdicts v JOIN alerts a ON a.id = v.alert_id WHERE v.alert_id = %s "
        "ORDER BY CASE WHEN v.judged_at_us > a.last_judged_us THEN 0 ELSE 1 END, v.judged_at_us, v.id"
    )
    return [bytes(row[0]) for row in fetch(sql, [alert_id])]
