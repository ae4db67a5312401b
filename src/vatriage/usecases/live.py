"""Alerts of a live source: judged as they come, kept with the bookmark in one transaction, amended by what comes later.

A sudden end loses nothing and judges nothing twice: either the verdicts and the bookmark are there, or neither is. What a
source hands over again all the same (a queue that was not told, a copy of a log) is known by its id and counted.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import msgspec
from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.model.alert import Alert
from vatriage.model.name import checked_name
from vatriage.model.verdict import VerdictRecord
from vatriage.outputs.interface import OutputError, VerdictSink
from vatriage.outputs.json_lines import encode_records
from vatriage.sensors.interface import AlertReader, AlertSource, Delivery, EventBatch, LineReject
from vatriage.store.bookmark_rows import Progress, known_alerts, move, progress_of
from vatriage.store.unsent_rows import owe, owed, paid
from vatriage.triage.kernel import Kernel, Knowledge
from vatriage.usecases.keep_verdicts import keep_batch
from vatriage.usecases.recent import Recent
from vatriage.usecases.triage import JudgedBatch

ReaderOf = Callable[[str | None], AlertReader]
"""Returns the reader of a format, None = told by the first bytes."""


@dataclass(slots=True, kw_only=True)
class Judged:
    """What came of one delivery; it is committed."""

    progress: Progress
    """The source's, this delivery included."""
    records: list[VerdictRecord] = field(default_factory=list)
    """Of its new alerts, in their order."""
    amended: list[VerdictRecord] = field(default_factory=list)
    """Of earlier alerts, whose attack turns out to have succeeded."""
    rejects: list[LineReject] = field(default_factory=list)
    notes: tuple[str, ...] = ()


class LiveTriage:
    """Judges what one source hands over; the store must be open.

    Args:
        source: hands alerts over.
        zone: the zone they belong to.
        readers: read them.
        knowledge: returns what verdicts are computed from, as it is now.
        clock: the clock *T* of every delivery.
        sink: where records go once they are committed, None = nowhere. What it could not take is kept with the verdicts
            and sent before anything else is taken, also by the next run.

    Raises: UsageError: that cannot be a zone's name.
    """

    def __init__(
        self,
        source: AlertSource,
        zone: str,
        readers: ReaderOf,
        knowledge: Callable[[], Knowledge],
        clock: Clock,
        sink: VerdictSink | None = None,
    ) -> None:
        self._source, self._zone = source, checked_name("zone", zone)
        self._readers, self._knowledge, self._clock = readers, knowledge, clock
        self._sink = sink
        self._owed = b"" if sink is None else owed(zone, source.name, sink.name)
        self._progress = progress_of(zone, source.name)
        self._recent = Recent(zone, readers(None))
        source.begin(self._progress.place)

    def step(self) -> Judged | None:
        """Judge and keep what has come; None if there is nothing at the moment.

        Raises:
            SensorError: the source cannot be read now; a later step may work.
            OutputError: earlier records cannot be sent now, so nothing new is taken; a later step may work.
            BookmarkMovedError: somebody else follows the same source.
        """
        self._send()
        delivery = self._source.take()
        if delivery is None:
            return None
        judged = self._judge(delivery)
        self._source.settle()
        try:
            self._send()
        except OutputError as error:
            judged.notes += (str(error),)
        return judged

    @property
    def ended(self) -> bool:
        """Whether all that will ever come was judged, kept and sent."""
        return self._source.ended and not self._owed

    @property
    def source(self) -> AlertSource:
        """What is followed."""
        return self._source

    @property
    def progress(self) -> Progress:
        """How far it was read."""
        return self._progress

    def _send(self) -> None:
        if self._sink is None or not self._owed:
            return
        self._sink.send(self._owed)
        paid(self._zone, self._source.name, self._sink.name)
        self._owed = b""

    def _judge(self, delivery: Delivery) -> Judged:
        kernel = Kernel(self._knowledge(), max(now_us(self._clock), self._progress.read_at_us + 1))
        batch = self._read(delivery)
        with transaction.atomic():
            fresh = _only(batch, _fresh(batch.alerts))
            outcomes = self._recent.take(kernel, fresh.alerts)
            judged = JudgedBatch(events=fresh, records=kernel.judge(fresh.alerts, outcomes), kernel=kernel)
            again = self._recent.to_amend(kernel, fresh.alerts)
            amended = kernel.judge(again, outcomes)
            keep_batch(judged, self._clock)
            keep_batch(JudgedBatch(events=EventBatch(alerts=again), records=amended, kernel=kernel), self._clock)
            after = self._after(delivery, batch, len(fresh.alerts), kernel.clock_us)
            move(self._zone, self._source.name, self._progress, after)
            owes = self._owe(judged.records + amended)
        self._recent.judged(judged.records + amended)
        self._progress, self._owed = after, owes
        return Judged(
            progress=after, records=judged.records, amended=amended, rejects=batch.rejects, notes=delivery.notes
        )

    def _owe(self, records: list[VerdictRecord]) -> bytes:
        if self._sink is None or not records:
            return b""
        encoded = encode_records(records)
        owe(self._zone, self._source.name, self._sink.name, encoded)
        return encoded

    def _after(self, delivery: Delivery, batch: EventBatch, fresh: int, at_us: int) -> Progress:
        before = self._progress
        return Progress(
            place=delivery.bookmark,
            events=before.events + batch.events,
            alerts=before.alerts + fresh,
            rejects=before.rejects + len(batch.rejects),
            redelivered=before.redelivered + len(batch.alerts) - fresh,
            lost=before.lost + delivery.lost,
            read_at_us=at_us,
        )

    def _read(self, delivery: Delivery) -> EventBatch:
        """Return all of a delivery's events in one batch, their lines numbered as in their file."""
        whole, before = EventBatch(), delivery.first_line - 1
        reader = self._readers(delivery.format_name)
        for batch in reader.read(io.BytesIO(delivery.data), "-", self._zone, keep_events=True):
            whole.line_alert += [place + len(whole.alerts) if place >= 0 else -1 for place in batch.line_alert]
            whole.lines += batch.lines
            whole.alerts += [_placed(alert, delivery.name, before) for alert in batch.alerts]
            whole.rejects += [_placed_reject(reject, delivery.name, before) for reject in batch.rejects]
            whole.events += batch.events
            whole.format = batch.format
        return whole


def _placed(alert: Alert, name: str, before: int) -> Alert:
    return msgspec.structs.replace(alert, source_file=name, source_line=alert.source_line + before)


def _placed_reject(reject: LineReject, name: str, before: int) -> LineReject:
    told = reject.problem.replace(f" {reject.line}:", f" {reject.line + before}:", 1)
    return replace(reject, file=name, line=reject.line + before, problem=told)


def _fresh(alerts: list[Alert]) -> list[int]:
    """Return the places of alerts that are not stored yet, each once."""
    known = known_alerts(alert.id for alert in alerts)
    first: dict[str, int] = {}
    for place, alert in enumerate(alerts):
        if alert.id not in known:
            first.setdefault(alert.id, place)
    return list(first.values())


def _only(batch: EventBatch, places: list[int]) -> EventBatch:
    """Return a batch of some alerts with their lines."""
    line_of = dict(zip(batch.line_alert, batch.lines, strict=True))
    return EventBatch(
        alerts=[batch.alerts[place] for place in places],
        lines=[line_of[place] for place in places],
        line_alert=list(range(len(places))),
        events=len(places),
        format=batch.format,
    )
