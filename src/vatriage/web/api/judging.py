"""Judging events that came in a request."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest

from vatriage import wiring
from vatriage.errors import UsageError
from vatriage.model.verdict import VerdictRecord
from vatriage.sensors.interface import AlertReader
from vatriage.usecases.keep_verdicts import keep_batch
from vatriage.usecases.triage import JudgedBatch, TriageRun
from vatriage.web import house

SOURCE = "-"
"""What records name as their file."""


def judged(
    request: HttpRequest, zone: str, as_of_us: int | None, reader: AlertReader, *, store: bool = False
) -> tuple[list[VerdictRecord], TriageRun]:
    """Return the verdicts of a request's events in their order, and the run's counts.

    Args:
        request: its body holds alerts of a sensor, as it wrote them.
        zone: the zone of all events.
        as_of_us: the clock, None = now.
        reader: reads the body.
        store: keep alerts and verdicts.
    """
    clock_us = as_of_us if as_of_us is not None else house.now_s() * 1_000_000
    run = TriageRun(wiring.triage_knowledge(house.config()), reader, zone, clock_us)
    with tempfile.NamedTemporaryFile(prefix="vatriage-", dir=house.config().home, suffix=".part") as spool:
        spool.write(_plain(request.body))
        spool.flush()
        batches: Iterator[JudgedBatch] = run.judge_files([(SOURCE, Path(spool.name))], keep_events=store)
        records: list[VerdictRecord] = []
        for batch in batches:
            if store:
                keep_batch(batch)
            records += batch.records
    return records, run


def _plain(body: bytes) -> bytes:
    """Return a body that is no archive: what it unpacks to has no bound. Raises: UsageError."""
    if body.startswith((b"\x1f\x8b", b"BZh")):
        raise UsageError("The events are compressed.", "Send them as they are.")
    return body
