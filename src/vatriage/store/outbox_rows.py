"""The outbox: verdicts are put in by the transaction that stores them, and taken out once their receiver has them."""

import json
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

from vatriage.store.bulk import Target, execute, fetch, insert_many, write_many

_OUTBOX = Target(
    "outbox", ("destination_id", "delivery", "news", "alert_id", "record", "queued_at", "attempts"), key=("delivery",)
)


class Judged(Protocol):
    """A newly stored verdict (store.alert_rows.StoredVerdict)."""

    @property
    def alert_id(self) -> str:
        """The alert's id."""

    @property
    def zone(self) -> str:
        """Its zone."""

    @property
    def verdict(self) -> int:
        """The level."""

    @property
    def judged_at_us(self) -> int:
        """The clock it was judged at."""

    @property
    def inputs(self) -> str:
        """Hash of what it was computed from."""

    @property
    def record(self) -> bytes:
        """The record, JSON."""


class Waiting(NamedTuple):
    """A row of the outbox."""

    id: int
    delivery: str
    news: str
    alert_id: str
    record: bytes
    queued_at: int
    attempts: int


def queue_news(rows: Iterable[tuple[int | None, Judged]], now: int) -> None:
    """Put verdicts into the outbox of every destination that wants them. Must run in the transaction that stores them.

    Args:
        rows: (the alert's verdict until now, or None; its verdict from now on). What is not worse than before is no news.
        now: seconds.
    """
    wanted = [
        (number, least, _zones(zones)) for number, least, zones in fetch("SELECT id, least, zones FROM destinations")
    ]
    if not wanted:
        return
    insert_many(
        _OUTBOX,
        [
            (
                number,
                _delivery(number, row),
                "verdict" if before is None else "escalation",
                row.alert_id,
                row.record,
                now,
                0,
            )
            for before, row in rows
            if before is None or row.verdict > before
            for number, least, zones in wanted
            if row.verdict >= least and (not zones or row.zone in zones)
        ],
    )


def _delivery(destination: int, row: Judged) -> str:
    """Return an id that is the same however often the same verdict is put in or sent."""
    said = f"{destination}/{row.alert_id}/{row.judged_at_us}/{row.verdict}/{row.inputs}"
    return blake2b(said.encode(), digest_size=16).hexdigest()


def _zones(value: Any) -> frozenset[str]:
    return frozenset(json.loads(value) if isinstance(value, str) else value)


def waiting(destination: int, most: int) -> list[Waiting]:
    """Return what waits longest, at most so many."""
    sql = (
        "SELECT id, delivery, news, alert_id, record, queued_at, attempts FROM outbox WHERE destination_id = %s "
        "ORDER BY id LIMIT %s"
    )
    return [
        Waiting(number, delivery, news, alert_id, bytes(record), queued_at, attempts)
        for number, delivery, news, alert_id, record, queued_at, attempts in fetch(sql, [destination, most])
    ]


def count_waiting() -> dict[int, int]:
    """Return how much waits, by destination."""
    return {row[0]: row[1] for row in fetch("SELECT destination_id, COUNT(*) FROM outbox GROUP BY destination_id")}


def take_out(rows: Sequence[int]) -> None:
    """Delete rows that were sent or given up."""
    write_many("DELETE FROM outbox WHERE id = %s", [(number,) for number in rows])


def note_attempt(rows: Sequence[int]) -> None:
    """Count a failed attempt."""
    write_many("UPDATE outbox SET attempts = attempts + 1 WHERE id = %s", [(number,) for number in rows])


_FARTHEST_S = 90_000
"""No pause and no digest's period is longer: what is due later than that was noted by a clock that was set back since."""


def take_turn(destination: int, now: int, turn_s: int) -> bool:
    """Claim a destination for this process for so long; False if another one has it, or it is not due."""
    sql = (
        "UPDATE destinations SET busy_until = %s WHERE id = %s AND (busy_until <= %s OR busy_until > %s) "
        "AND (next_at <= %s OR next_at > %s) AND NOT paused"
    )
    return execute(sql, [now + turn_s, destination, now, now + turn_s, now, now + _FARTHEST_S]) > 0
