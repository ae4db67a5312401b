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
from django.db import DatabaseError, transaction
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
_BUG = "This is a bug of the program; the others are sent on. It is tried again."
_decoder = msgspec.json.Decoder(VerdictRecord)


class LaterError(VatriageError):
    """The receiver was reached and takes nothing for now, whatever the message.

    Args:
        message: what it said.
        hint: what to do.
        wait_s: how long it wants to be left alone, 0 = it does not say.
    """

    exit_code = 6

    def __init__(self, message: str, hint: str = "", *, wait_s: int = 0) -> None:
        super().__init__(message, hint)
        self.wait_s = wait_s


class RefusedError(LaterError):
    """The receiver was reached, and does not take this message."""


class _UnforeseenError(VatriageError):
    """A bug of ours: it holds up one destination, not all."""


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
    found = Destination.objects.filter(paused=False, outboxrow__isnull=False).distinct().order_by("next_at", "pk")
    numbers = [row.pk for row in found]
    while numbers:  # in turn, so that a slow receiver keeps none of the others waiting
        numbers = [number for number in numbers if not stop() and _send_batch(number, opening, clock, counts)]
    return counts


def _send_batch(number: int, opening: Opening, clock: Clock, counts: SendCounts) -> bool:
    """Send one batch to a destination; return whether there may be more."""
    now = _now(clock)
    if not take_turn(number, now, TURN_S):
        return False
    row = Destination.objects.filter(pk=number).first()
    if row is None:
        return False
    try:
        rows = waiting(row.pk, MOST_IN_DIGEST if place_of(row.url).kind is Kind.MAIL else BATCH)
        # Only where sending failed: a clock that jumped, or a pause that was long, gives nothing up.
        old = [one for one in rows if row.failures and one.queued_at < now - KEPT_S]
        if old:
            _give_up(row, old, counts)
            return True
        return bool(rows) and _sent(row, rows, opening, clock, counts)
    finally:
        Destination.objects.filter(pk=row.pk).update(busy_until=0)


def _sent(row: Destination, rows: Sequence[Waiting], opening: Opening, clock: Clock, counts: SendCounts) -> bool:
    done = 0
    try:
        items = list(outgoing(rows))
        with opening(row) as sender:
            while done < len(items):
                part = items[done : done + sender.most]
                sender.send(part)
                _settle(row, rows[done : done + len(part)], _now(clock))
                counts.sent += len(part)
                done += len(part)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not hold up the other destinations
        told = error if isinstance(error, VatriageError) else _UnforeseenError(f"{type(error).__name__}.", _BUG)
        _failed(row, rows[min(done, len(rows) - 1)], told, _now(clock), counts)
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
    failures = (Destination.objects.filter(pk=row.pk).values_list("failures", flat=True).first() or 0) + 1
    wanted = error.wait_s if isinstance(error, LaterError) else 0
    pause = max(PAUSES_S[min(failures, len(PAUSES_S)) - 1], min(wanted, PAUSES_S[-1]))
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
