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


def alerts_beginning(digits: str, limit: int) -> list[str]:
    """Return the ids of judged alerts that begin with some digits, at most `limit` of them."""
    sql = "SELECT DISTINCT alert_id FROM verdicts WHERE alert_id LIKE %s ORDER BY alert_id LIMIT %s"
    return [str(row[0]) for row in fetch(sql, [f"{digits.lower()}%", limit])]


def verdicts_of(alert_id: str) -> list[bytes]:
    """Return an alert's records (JSON) in order of judgement."""
    sql = "SELECT record FROM verdicts WHERE alert_id = %s ORDER BY judged_at_us, id"
    return [bytes(row[0]) for row in fetch(sql, [alert_id])]
