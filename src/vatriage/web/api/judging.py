"""Judging events that came in a request."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import BoundedSemaphore

from django.http import HttpRequest

from vatriage.errors import UsageError
from vatriage.model.verdict import VerdictRecord
from vatriage.sensors.interface import AlertReader
from vatriage.usecases.keep_verdicts import keep_batch
from vatriage.usecases.snapshots import catch_up
from vatriage.usecases.triage import JudgedBatch, TriageRun
from vatriage.web import house
from vatriage.web.api.problem import ProblemError
from vatriage.wiring import judging

SOURCE = "-"
"""What records name as their file."""
AT_ONCE = 4
"""Batches that one process judges at a time: each may take 16 MB and a core."""
_PLACES = BoundedSemaphore(AT_ONCE)
_WAIT_S = 5


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

    Raises: ProblemError: as many batches as may are being judged (503, with Retry-After); nothing was taken.
    """
    if not _PLACES.acquire(blocking=False):
        raise ProblemError(
            503, "Other batches are being judged.", f"Send it again in {_WAIT_S} seconds.",
            headers={"Retry-After": str(_WAIT_S)},
        )  # fmt: skip
    try:
        return _judged(request, zone, as_of_us, reader, store=store)
    finally:
        _PLACES.release()


def _judged(
    request: HttpRequest, zone: str, as_of_us: int | None, reader: AlertReader, *, store: bool
) -> tuple[list[VerdictRecord], TriageRun]:
    clock_us = as_of_us if as_of_us is not None else house.now_s() * 1_000_000
    catch_up(house.config().snapshots)
    run = TriageRun(judging.triage_knowledge(house.config()), reader, zone, clock_us)
    with tempfile.NamedTemporaryFile(prefix="vatriage-", dir=house.config().home, suffix=".part") as spool:
        spool.write(_plain(request.body))
        spool.flush()
        batches: Iterator[JudgedBatch] = run.judge_files([(SOURCE, Path(spool.name))], keep_events=store)
        records: list[VerdictRecord] = []
        for batch in batches:
            if store:
                keep_batch(batch, house.clock())
            records += batch.records
    return records, run


def _plain(body: bytes) -> bytes:
    """Return a body that is no archive: what it unpacks to has no bound. Raises: UsageError."""
    if body.startswith((b"\x1f\x8b", b"BZh")):
        raise UsageError("The events are compressed.", "Send them as they are.")
    return body
