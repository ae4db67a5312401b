"""Judging and explaining with another machine's inventory: events are read here, judged there, and written here.

Only alerts are sent, all in one request: what a successful attack does to the verdicts of others is seen in one batch.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from vatriage.cli.alert_options import AlertOptions
from vatriage.cli.remote import Remote, RemoteError
from vatriage.errors import UsageError
from vatriage.model.alert import Alert
from vatriage.model.name import checked_name
from vatriage.model.verdict import VerdictRecord
from vatriage.sensors.interface import EventBatch
from vatriage.usecases.triage import STANDARD_INPUT, JudgedBatch, TriageCounts, opened_sources

MOST_BYTES = 16_000_000
"""Of alerts that a server takes at once."""


class RemoteRun:
    """A run over some sources, as `usecases.triage.TriageRun` is one.

    Args:
        remote: judges.
        reading: how the sensor's alerts are read, here and there.
        zone: the zone of all sources.
        as_of: the clock as a person wrote it, None = now.
        rules: must be none: the server has its own.
        store: keep alerts and verdicts there.

    Raises: UsageError: there are rules, or that cannot be a zone's name.
    """

    def __init__(
        self, remote: Remote, reading: AlertOptions, zone: str, as_of: str | None, *, rules: Sequence[Path] = (),
        store: bool = False,
    ) -> None:  # fmt: skip
        if rules:
            raise UsageError("--rules works with the inventory of this machine only.", "Load them on the server.")
        self._remote, self._reader, self._zone = remote, reading.reader(), checked_name("zone", zone)
        self._query = {"zone": zone, "as_of": as_of, "store": "true" if store else None, **reading.query()}
        self.counts = TriageCounts()

    def judge(
        self, sources: Sequence[str], *, keep_events: bool, progress: Callable[[int], None] = lambda _alerts: None
    ) -> Iterator[JudgedBatch]:
        """Yield the judged batches of all sources, in order. See TriageRun.judge. Raises: UsageError: too much."""
        with opened_sources(sources) as names:
            records = iter(self._judged(names))
            for batch in self._batches(names):
                judged = [_named(next(records), alert) for alert in batch.alerts]
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
                    body += line if line.startswith(b"\0") else line + b"\n"  # a record of unified2 has its length
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
        """Yield batches as the server reads them: it cannot see how old a file is, so that does not count here either."""
        for name, path in names:
            with path.open("rb") as source:
                for batch in self._reader.read(source, STANDARD_INPUT, self._zone, keep_events=True):
                    batch.alerts = [msgspec.structs.replace(alert, source_file=name) for alert in batch.alerts]
                    batch.rejects = [replace(reject, file=name) for reject in batch.rejects]
                    yield batch


def stored_there(remote: Remote, alert: str) -> list[VerdictRecord]:
    """Return all verdicts of an alert that the server keeps, oldest judgement first."""
    told = remote.get("alerts", alert)
    return [msgspec.convert(item["record"], VerdictRecord) for item in [*told["earlier"], told]]


def _named(record: VerdictRecord, alert: Alert) -> VerdictRecord:
    """Return a record with the place of its alert here. Raises: UsageError: the server could not see the alert's doubt."""
    if alert.doubts and record.verdict == "NOT_AFFECTED":
        raise UsageError(
            f"{alert.source_file}:{alert.source_line} may be cut short, which the server cannot see.",
            "Complete the line, or judge it where the inventory is.",
        )
    return msgspec.structs.replace(record, source_file=alert.source_file, source_line=alert.source_line)
