"""Alerts that are due to be judged again: put aside, taken in batches, struck off with their new verdict.

What is at the top already (COMPROMISE_INDICATED) is never due: nothing raises it, and an outcome is not forgotten.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from vatriage.store.bulk import execute, fetch, fetch_in, key_lists
from vatriage.store.outcome_rows import TOP

_PUT = "INSERT INTO rejudge_due (alert_id, zone) SELECT a.id, a.zone FROM alerts a WHERE "
_ONCE = " ON CONFLICT (alert_id) DO NOTHING"
_LOW = f"a.verdict < {TOP}"
_RESTS = (
    "a.basis IN (SELECT b.id FROM verdict_bases b WHERE b.policy = %s AND b.signatures = %s AND b.snapshot = %s "
    "AND b.clock_us = %s)"
)
Rest = tuple[str, str, str, int]
"""Policy, signatures, snapshot and clock of a basis."""


class DueEvent(NamedTuple):
    """A stored alert with what is needed to judge it again."""

    alert_id: str
    zone: str
    at_us: int
    raw: bytes | None
    """None = its event is not in the database."""
    format: str
    alert_read: bytes
    record: bytes
    """The newest verdict's."""


def put_unknown() -> None:
    """Put aside every alert of which it is not known what its verdict rests on."""
    execute(f"{_PUT}a.basis = 0 AND {_LOW}{_ONCE}")


def put_resting(rest: Rest) -> None:
    """Put aside every alert whose verdict rests on a basis."""
    execute(f"{_PUT}{_RESTS} AND {_LOW}{_ONCE}", rest)


def put_all(zone: str | None) -> None:
    """Put aside every alert, of one zone or of all."""
    execute(f"{_PUT}{'a.zone = %s AND ' if zone else ''}{_LOW}{_ONCE}", [zone] if zone else [])


def put_addressed(rest: Rest, addresses: Iterable[tuple[str, str]]) -> None:
    """Put aside what rests on a basis and was judged by one of some addresses (zone, address)."""
    for zone, some in groupby(sorted(addresses), key=lambda one: one[0]):
        for marks, keys in key_lists(address for _, address in some):
            for ends in ("a.target_address", "a.both_ends AND a.attacker_address"):
                sql = f"{_PUT}a.zone = %s AND {_RESTS} AND {_LOW} AND {ends} IN ({marks}){_ONCE}"
                execute(sql, [zone, *rest, *keys])


def put_claiming(rest: Rest, sets: Iterable[tuple[int, int]]) -> None:
    """Put aside what rests on a basis and carries one of some sets of claims (sid, number)."""
    given = sorted(sets)
    if not given:
        return
    zones = [row[0] for row in fetch("SELECT DISTINCT zone FROM verdict_reasons")]
    for sid, some in groupby(given, key=lambda one: one[0]):
        for marks, keys in key_lists(number for _, number in some):
            for zone in zones:
                sql = f"{_PUT}a.zone = %s AND a.sid = %s AND {_RESTS} AND {_LOW} AND a.claim_set IN ({marks}){_ONCE}"
                execute(sql, [zone, sid, *rest, *keys])


def count_due(zone: str | None = None) -> int:
    """Return how many alerts are due, of one zone or of all."""
    where, values = ("WHERE zone = %s", [zone]) if zone else ("", [])
    return int(fetch(f"SELECT COUNT(*) FROM rejudge_due {where}", values)[0][0])


def is_any_due() -> bool:
    """Whether any alert is due."""
    return bool(fetch("SELECT 1 FROM rejudge_due LIMIT 1"))


def any_alert() -> bool:
    """Whether any alert is stored."""
    return bool(fetch("SELECT 1 FROM alerts LIMIT 1"))


def some_due(zone: str | None, most: int) -> list[str]:
    """Return the ids of some alerts that are due."""
    where, values = ("WHERE zone = %s", [zone]) if zone else ("", [])
    rows = fetch(f"SELECT alert_id FROM rejudge_due {where} ORDER BY alert_id LIMIT %s", [*values, most])
    return [str(row[0]) for row in rows]


def strike_off(ids: Sequence[str]) -> None:
    """Note that alerts are not due any more."""
    for marks, keys in key_lists(ids):
        execute(f"DELETE FROM rejudge_due WHERE alert_id IN ({marks})", keys)


def events_of(ids: Sequence[str]) -> list[DueEvent]:
    """Return stored alerts with their events and newest verdicts, in order of their ids."""
    sql = (
        "SELECT a.id, a.zone, a.at_us, e.raw, e.format, e.alert_read, (SELECT v.record FROM verdicts v "
        "WHERE v.alert_id = a.id AND v.judged_at_us = a.last_judged_us ORDER BY v.id DESC LIMIT 1) FROM alerts a LEFT JOIN alert_events e ON e.alert_id = a.id WHERE a.id IN ({keys})"
    )
    found = {row[0]: row for row in fetch_in(sql, ids)}
    return [_event(*found[name]) for name in sorted(found)]


def _event(
    name: str, zone: str, at_us: int, raw: bytes | None, format_name: str | None, read: bytes | None, record: bytes
) -> DueEvent:  # fmt: skip
    return DueEvent(
        name, zone, at_us, None if raw is None else bytes(raw), format_name or "", bytes(read or b""), bytes(record)
    )  # fmt: skip
