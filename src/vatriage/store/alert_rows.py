"""Alerts and verdicts: rows <-> records."""

from collections.abc import Iterable
from typing import NamedTuple

from vatriage.store.bulk import Target, fetch, insert_many

_ALERTS = Target("alerts", ("id", "zone", "at_us", "raw"), key=("id",))
_VERDICTS = Target(
    "verdicts",
    ("alert_id", "judged_at_us", "verdict", "inputs", "record"),
    key=("alert_id", "judged_at_us", "inputs"),
)


class StoredVerdict(NamedTuple):
    """One judged alert, ready for the store."""

    alert_id: str
    zone: str
    at_us: int
    raw: bytes
    judged_at_us: int
    verdict: int
    inputs: str
    record: bytes


def save_verdicts(rows: Iterable[StoredVerdict]) -> None:
    """Keep alerts and verdicts; what is here already stays as it is."""
    kept = sorted(
        rows
    )  # always in the same order, so that two processes with the same alerts cannot lock each other out
    insert_many(_ALERTS, [row[:4] for row in kept])
    insert_many(_VERDICTS, [(row.alert_id, row.judged_at_us, row.verdict, row.inputs, row.record) for row in kept])


def verdicts_of(alert_id: str) -> list[bytes]:
    """Return an alert's records (JSON) in order of judgement; the id may be cut to its first digits."""
    sql = "SELECT v.record FROM verdicts v WHERE v.alert_id LIKE %s ORDER BY v.alert_id, v.judged_at_us, v.id"
    return [bytes(row[0]) for row in fetch(sql, [f"{alert_id.lower()}%"])]
