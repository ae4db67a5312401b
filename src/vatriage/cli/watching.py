"""The loop of `vatriage watch`: sources in turn, what came of each batch told, totals at the end."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from vatriage.cli.session import say, warn
from vatriage.cli.stopping import Stopped, held, silence

if TYPE_CHECKING:
    from vatriage.errors import VatriageError
    from vatriage.usecases.live import Judged, LiveTriage

_REJECTS_SHOWN = 20


class Watching:
    """Follows some sources.

    Args:
        lives: by the source's name, as a person wrote it.
        tell: prints what came of a batch.
    """

    def __init__(self, lives: "Mapping[str, LiveTriage]", tell: "Callable[[str, Judged], None]") -> None:
        self._lives, self._tell = dict(lives), tell
        self._failed: dict[str, VatriageError] = {}

    def run(self, interval_s: float, *, once: bool) -> int:
        """Follow until every source has ended, or for one look; return an exit code.

        Raises: Stopped: we were asked to end; what standard input still held is judged by then.
        """
        with self._drained():
            while True:
                busy = [name for name in self._lives if self._step(name)]
                if once and not busy:
                    break
                if all(live.ended for live in self._lives.values()):
                    break
                if not busy:
                    time.sleep(interval_s)
        return next((error.exit_code for error in self._failed.values()), 0) if once else 0

    @contextmanager
    def _drained(self) -> Iterator[None]:
        try:
            yield
        except Stopped:
            with held():
                for name, live in self._lives.items():
                    if finish := getattr(live.source, "finish", None):
                        finish()
                        while self._step(name):
                            pass
            raise

    def _step(self, name: str) -> bool:
        """Judge what has come of one source; return whether anything has."""
        from vatriage.outputs.interface import OutputError  # noqa: PLC0415 - keeps --help fast
        from vatriage.sensors.interface import SensorError  # noqa: PLC0415 - the same

        with self._whole(name):
            try:
                judged = self._lives[name].step()
            except (SensorError, OutputError) as error:
                self._failed[name] = error
                warn(f"{error.message} {error.hint}".strip())
                return False
            self._failed.pop(name, None)
            if judged is not None:
                self._show(name, judged)
        return judged is not None

    def _whole(self, name: str) -> AbstractContextManager[None]:
        """Return what puts off being stopped where a batch cannot be read again."""
        return held() if hasattr(self._lives[name].source, "finish") else nullcontext()

    def _show(self, name: str, judged: "Judged") -> None:
        for note in judged.notes:
            warn(note)
        for reject in judged.rejects[:_REJECTS_SHOWN]:
            warn(f"{reject.file}: {reject.problem}")
        try:
            self._tell(name, judged)
            sys.stdout.flush()
        except OSError:  # whoever read our lines has left; the work goes on
            silence(sys.stdout)


def tell_records(_name: str, judged: "Judged") -> None:
    """Print verdict records, one a line."""
    from vatriage.outputs.json_lines import encode_records  # noqa: PLC0415 - keeps --help fast

    sys.stdout.buffer.write(encode_records([*judged.records, *judged.amended]))


def tell_counts(name: str, judged: "Judged") -> None:
    """Print what came of a batch, and the totals."""
    counts: dict[str, int] = {}
    for record in judged.records:
        counts[record.verdict] = counts.get(record.verdict, 0) + 1
    now = judged.progress
    verdicts = ", ".join(f"{level} {count:,}" for level, count in sorted(counts.items())) or "no new alerts"
    amended = f", {len(judged.amended):,} earlier ones raised" if judged.amended else ""
    say(
        f"{name}: {verdicts}{amended}; in all {now.events:,} events, {now.alerts:,} alerts, {now.rejects:,} rejected, "
        f"{now.redelivered:,} redelivered, {now.lost:,} lost"
    )
