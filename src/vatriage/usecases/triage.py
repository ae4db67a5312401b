"""Alerts in, verdicts out: files are read twice (outcomes first), in bounded memory, in input order."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from vatriage.errors import NotFoundError
from vatriage.model.alert import Alert
from vatriage.model.name import checked_name
from vatriage.model.outcome import OutcomeIndex
from vatriage.model.verdict import VerdictRecord
from vatriage.sensors.interface import AlertReader, EventBatch, LineReject
from vatriage.triage.kernel import Kernel, Knowledge, outcome_index

STANDARD_INPUT = "-"
REJECTS_KEPT = 1_000
"""Rejected lines kept for showing; all are counted."""


@dataclass(slots=True, kw_only=True)
class TriageCounts:
    """What a run read and judged."""

    events: int = 0
    alerts: int = 0
    rejects: int = 0
    kept_rejects: list[LineReject] = field(default_factory=list)
    verdicts: dict[str, int] = field(default_factory=dict)

    def add(self, batch: EventBatch, records: Sequence[VerdictRecord]) -> None:
        """Count a batch and the verdicts of its alerts."""
        self.events += batch.events
        self.alerts += len(records)
        self.rejects += len(batch.rejects)
        self.kept_rejects += batch.rejects[: max(0, REJECTS_KEPT - len(self.kept_rejects))]
        for record in records:
            self.verdicts[record.verdict] = self.verdicts.get(record.verdict, 0) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedBatch:
    """A batch of events with the verdicts of its alerts, in the same order."""

    events: EventBatch
    records: list[VerdictRecord]
    kernel: Kernel | None = None
    """Who judged; None = another machine."""


class TriageRun:
    """One run over some sources.

    Args:
        knowledge: snapshot, signatures, policy.
        reader: reads the sensor's format.
        zone: the zone of all sources.
        clock_us: the clock *T*.

    Raises: UsageError: that cannot be a zone's name.
    """

    def __init__(self, knowledge: Knowledge, reader: AlertReader, zone: str, clock_us: int) -> None:
        self._kernel = Kernel(knowledge, clock_us)
        self._reader = reader
        self._zone = checked_name("zone", zone)
        self.counts = TriageCounts()

    def judge(
        self, sources: Sequence[str], *, keep_events: bool, progress: Callable[[int], None] = lambda _alerts: None
    ) -> Iterator[JudgedBatch]:
        """Yield the judged batches of all sources, in order.

        Args:
            sources: paths, or `-` for standard input (which is spooled to a file, because it is read twice).
            keep_events: hand out every event's raw line as well.
            progress: told how many alerts have been judged.

        Raises: NotFoundError: a file is missing or cannot be opened.
        """
        with opened_sources(sources) as names:
            yield from self.judge_files(names, keep_events=keep_events, progress=progress)

    def judge_files(
        self,
        names: Sequence[tuple[str, Path]],
        *,
        keep_events: bool,
        progress: Callable[[int], None] = lambda _alerts: None,
    ) -> Iterator[JudgedBatch]:
        """Yield the judged batches of files, each with the name that its records bear. See `judge`."""
        outcomes = outcome_index(self._kernel, self._alerts(names), self._alerts(names))
        for name, path in names:
            for batch in self._batches(name, path, keep_events=keep_events):
                yield self._judge_batch(batch, outcomes)
                progress(self.counts.alerts)

    def _judge_batch(self, batch: EventBatch, outcomes: OutcomeIndex) -> JudgedBatch:
        records = self._kernel.judge(batch.alerts, outcomes)
        self.counts.add(batch, records)
        return JudgedBatch(events=batch, records=records, kernel=self._kernel)

    def _alerts(self, names: Sequence[tuple[str, Path]]) -> Iterator[Alert]:
        for name, path in names:
            for batch in self._batches(name, path, keep_events=False):
                yield from batch.alerts

    def _batches(self, name: str, path: Path, *, keep_events: bool) -> Iterator[EventBatch]:
        with _open(path) as source:
            yield from self._reader.read(source, name, self._zone, keep_events=keep_events)


@contextmanager
def opened_sources(sources: Sequence[str]) -> Iterator[list[tuple[str, Path]]]:
    """Yield (name, path) of every source, standard input spooled; all are known to open before any is judged.

    Raises: NotFoundError: a file is missing or cannot be opened.
    """
    with ExitStack() as stack:
        names = []
        for source in sources:
            if source == STANDARD_INPUT:
                spool = stack.enter_context(tempfile.NamedTemporaryFile(prefix="vatriage-"))
                shutil.copyfileobj(sys.stdin.buffer, spool)
                spool.flush()
                names.append((source, Path(spool.name)))
            else:
                _open(Path(source)).close()
                names.append((source, Path(source)))
        yield names


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise NotFoundError(
            f"{path} cannot be read: {error.strerror or error}.", "Check the path and its permissions."
        ) from error
