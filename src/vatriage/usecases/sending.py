"""What waits in the outbox, to its receivers: at least once, in order, tried again with growing pauses.

A row leaves the outbox in a transaction of its own after the receiver took it. A process that is killed in between leaves
it there, so it is sent again, with the same delivery id. What a receiver refuses again and again, or does not take for
days, is given up and counted, so that one poison message or a receiver that is gone cannot fill the disk.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
from django.db import transaction
from django.db.models import F

from vatriage.clock import Clock, now_us
from vatriage.errors import VatriageError
from vatriage.model.alert import Alert, Disposition
from vatriage.model.destination import Kind, News, Outgoing, place_of
from vatriage.model.verdict import VerdictRecord
from vatriage.store.alert_pages import messages_of
from vatriage.store.alerts import AlertRow
from vatriage.store.destinations import Destination
from vatriage.store.outbox_rows import Waiting, note_attempt, take_out, take_turn, waiting
from vatriage.usecases.destinations import next_due

PAUSES_S = (5, 15, 60, 300, 900, 3_600)
"""After one, two, ... failures in a row; the last one for all that follow."""
MOST_REFUSALS = 8
"""So often a receiver may refuse a message before it is given up."""
KEPT_S = 7 * 86_400
"""What waits longer is given up."""
TURN_S = 120
"""How long a process may be at a batch before another one takes it for dead."""
BATCH = 100
MOST_IN_DIGEST = 5_000
"""What is more waits for the next digest."""
_decoder = msgspec.json.Decoder(VerdictRecord)


class RefusedError(VatriageError):
    """The receiver was reached, and does not take this message."""

    exit_code = 6


class Sender(Protocol):
    """Speaks to one receiver."""

    most: int
    """Messages of one call."""

    def send(self, items: Sequence[Outgoing]) -> None:
        """Send messages; all of them are with the receiver afterwards.

        Raises:
            NetError: it is not reached, or does not answer.
            RefusedError: it does not take them.
        """


Opening = Callable[[Destination], AbstractContextManager[Sender]]
"""Connects to a receiver. Its block may raise VatriageError."""


@dataclass(slots=True, kw_only=True)
class SendCounts:
    """What a round of sending came to."""

    sent: int = 0
    lost: int = 0
    failed: list[str] = field(default_factory=list)
    """One sentence for each destination that failed."""


def send_due(opening: Opening, clock: Clock, stop: Callable[[], bool] = lambda: False) -> SendCounts:
    """Send what waits, destination by destination, until nothing is due.

    Args:
        opening: connects.
        clock: tells what is due.
        stop: whether the process is to end.
    """
    counts = SendCounts()
    for row in Destination.objects.filter(paused=False, outboxrow__isnull=False).distinct().order_by("next_at", "pk"):
        while not stop() and _send_batch(row, opening, clock, counts):
            pass
    return counts


def _send_batch(row: Destination, opening: Opening, clock: Clock, counts: SendCounts) -> bool:
    """Send one batch to a destination; return whether there may be more."""
    now = _now(clock)
    if not take_turn(row.pk, now, now + TURN_S):
        return False
    try:
        rows = waiting(row.pk, MOST_IN_DIGEST if place_of(row.url).kind is Kind.MAIL else BATCH)
        old = [one for one in rows if one.queued_at < now - KEPT_S]
        if old:
            _give_up(row, old, counts)
            return True
        return bool(rows) and _sent(row, rows, opening, clock, counts)
    finally:
        Destination.objects.filter(pk=row.pk).update(busy_until=0)


def _sent(row: Destination, rows: Sequence[Waiting], opening: Opening, clock: Clock, counts: SendCounts) -> bool:
    items = list(outgoing(rows))
    done = 0
    try:
        with opening(row) as sender:
            while done < len(items):
                part = items[done : done + sender.most]
                sender.send(part)
                _settle(row, rows[done : done + len(part)], _now(clock))
                counts.sent += len(part)
                done += len(part)
    except VatriageError as error:
        _failed(row, rows[done], error, _now(clock), counts)
        return False
    return True


def _settle(row: Destination, rows: Sequence[Waiting], now: int) -> None:
    """Take out what the receiver has."""
    with transaction.atomic():
        take_out([one.id for one in rows])
        Destination.objects.filter(pk=row.pk).update(
            sent=F("sent") + len(rows),
            last_sent_at=now,
            failures=0,
            error="",
            next_at=next_due(row, now),
            busy_until=now + TURN_S,
        )


def _failed(row: Destination, first: Waiting, error: VatriageError, now: int, counts: SendCounts) -> None:
    """Note a failure and when to try again; give up a message that was refused too often."""
    counts.failed.append(f"{row.name}: {error}")
    failures = Destination.objects.values_list("failures", flat=True).get(pk=row.pk) + 1
    pause = PAUSES_S[min(failures, len(PAUSES_S)) - 1]
    refused = isinstance(error, RefusedError)
    given_up = refused and first.attempts + 1 >= MOST_REFUSALS
    with transaction.atomic():
        if given_up:
            _give_up(row, [first], counts)
        elif refused:
            note_attempt([first.id])
        Destination.objects.filter(pk=row.pk).update(
            failures=0 if given_up else failures, error=str(error)[:2_000], next_at=now + pause
        )


def _give_up(row: Destination, rows: Sequence[Waiting], counts: SendCounts) -> None:
    with transaction.atomic():
        take_out([one.id for one in rows])
        Destination.objects.filter(pk=row.pk).update(lost=F("lost") + len(rows))
    counts.lost += len(rows)


def outgoing(rows: Sequence[Waiting]) -> Iterator[Outgoing]:
    """Yield rows of the outbox as messages, with their alerts."""
    found = AlertRow.objects.filter(pk__in=[one.alert_id for one in rows]).values()
    alerts: dict[str, dict[str, Any]] = {row["id"]: dict(row) for row in found}
    messages = messages_of([(row["gid"], row["sid"]) for row in alerts.values()])
    for one in rows:
        record = _decoder.decode(one.record)
        row = alerts.get(one.alert_id)
        alert = _bare(record) if row is None else _alert(row, messages.get((row["gid"], row["sid"]), ""))
        yield Outgoing(one.delivery, News(one.news), one.record, record, alert)


def _alert(row: dict[str, Any], message: str) -> Alert:
    return Alert(
        id=row["id"], zone=row["zone"], at_us=row["at_us"], gid=row["gid"], sid=row["sid"], rev=row["rev"],
        message=message, source_address=row["source_address"] or None, source_port=_port(row["source_port"]),
        destination_address=row["destination_address"] or None, destination_port=_port(row["destination_port"]),
        protocol=row["protocol"], sensor=row["sensor"], disposition=Disposition(row["disposition"]),
    )  # fmt: skip


def _bare(record: VerdictRecord) -> Alert:
    """Return as much of an alert as its record holds."""
    gid, sid, rev = map(int, record.signature.split(":"))
    return Alert(id=record.id, zone=record.zone, at_us=0, gid=gid, sid=sid, rev=rev, protocol=record.target.protocol)


def _port(port: int) -> int | None:
    return None if port < 0 else port


def _now(clock: Clock) -> int:
    return now_us(clock) // 1_000_000
