"""Judging and explaining with another machine's inventory: events are read here, judged there, and written here.

Only alerts are sent, all in one request: what a successful attack does to the verdicts of others is seen in one batch.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vatriage.cli.remote import Remote, RemoteError
from vatriage.errors import UsageError
from vatriage.model.name import checked_name
from vatriage.model.verdict import VerdictRecord
from vatriage.sensors.interface import AlertReader, EventBatch
from vatriage.usecases.triage import JudgedBatch, TriageCounts, opened_sources

MOST_BYTES = 16_000_000
"""Of alerts that a server takes at once."""


class RemoteRun:
    """A run over some sources, as `usecases.triage.TriageRun` is one.

    Args:
        remote: judges.
        reader: reads the sensor's format.
        zone: the zone of all sources.
        as_of: the clock as a person wrote it, None = now.
        rules: must be none: the server has its own.
        store: keep alerts and verdicts there.

    Raises: UsageError: there are rules, or that cannot be a zone's name.
    """

    def __init__(
        self, remote: Remote, reader: AlertReader, zone: str, as_of: str | None, *, rules: Sequence[Path] = (),
        store: bool = False,
    ) -> None:  # fmt: skip
        if rules:
            raise UsageError("--rules works with the inventory of this machine only.", "Load them on the server.")
        self._remote, self._reader, self._zone = remote, reader, checked_name("zone", zone)
        self._query = {"zone": zone, "as_of": as_of, "store": "true" if store else None}
        self.counts = TriageCounts()

    def judge(
        self, sources: Sequence[str], *, keep_events: bool, progress: Callable[[int], None] = lambda _alerts: None
    ) -> Iterator[JudgedBatch]:
        """Yield the judged batches of all sources, in order. See TriageRun.judge. Raises: UsageError: too much."""
        with opened_sources(sources) as names:
            records = iter(self._judged(names))
            for batch in self._batches(names):
                judged = [_named(next(records), alert.source_file, alert.source_line) for alert in batch.alerts]
                self.counts.add(batch, judged)
                if not keep_events:
                    batch.lines, batch.line_alert = [], []
                yield JudgedBatch(events=batch, records=judged)
                progress(self.counts.alerts)

    def _judged(self, names: Sequence[tuple[str, Path]]) -> list[VerdictRecord]:
        """Return the server's verdicts of all alerts, in their order. Raises: RemoteError: they are of other alerts."""
        body = bytearray()
        sent: list[str] = []
        for batch in self._batches(names):
            sent += [alert.id for alert in batch.alerts]
            for line, place in zip(batch.lines, batch.line_alert, strict=True):
                if place >= 0:
                    body += line + b"\n"
            if len(body) > MOST_BYTES:
                raise UsageError(
                    f"The alerts take more than {MOST_BYTES:,} bytes, which is what a server takes at once.",
                    "Judge them in parts; an attack's success is then seen within its own part only.",
                )
        if not body:
            return []
        told: dict[str, Any] = self._remote.ask("POST", "triage", query=self._query, body=bytes(body))
        records = msgspec.convert(told["records"], list[VerdictRecord])
        if [record.id for record in records] != sent:
            raise RemoteError(
                f"The server answered {len(sent):,} alerts with {len(records):,} verdicts, and not each with its own: some "
                "are of other alerts.",
                "Nothing it said is shown. Run the same release of the program here and there.",
                6,
            )
        return records

    def _batches(self, names: Sequence[tuple[str, Path]]) -> Iterator[EventBatch]:
        for name, path in names:
            with path.open("rb") as source:
                yield from self._reader.read(source, name, self._zone, keep_events=True)


def stored_there(remote: Remote, alert: str) -> list[VerdictRecord]:
    """Return all verdicts of an alert that the server keeps, oldest judgement first."""
    told = remote.get("alerts", alert)
    return [msgspec.convert(item["record"], VerdictRecord) for item in [*told["earlier"], told]]


def _named(record: VerdictRecord, file: str, line: int) -> VerdictRecord:
    return msgspec.structs.replace(record, source_file=file, source_line=line)
