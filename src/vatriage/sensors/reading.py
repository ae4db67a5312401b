"""A source being read line by line: batches of a bounded number of lines, rejects among them, nothing lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, assert_never

from vatriage.sensors.byte_lines import MAX_LINE, MAX_RAW, Damage, LastLine, Lines, LongLine, read_lines
from vatriage.sensors.interface import EventBatch, LineReject

BATCH_LINES = 1024
"""Lines of a batch that is not the last."""


@dataclass(slots=True, kw_only=True)
class Reading:
    """One source being read: the batch in hand. A format says what a line is (`take`, `take_last`)."""

    name: str
    zone: str
    keep_events: bool
    batch: EventBatch = field(default_factory=EventBatch)
    taken: int = 0
    """Lines in the batch, blank ones not counted."""

    def read(self, source: BinaryIO) -> Iterator[EventBatch]:
        """Yield the source's batches. See AlertReader.read."""
        for item in read_lines(source, self.name):
            match item:
                case Lines(first, lines, paused):
                    yield from self.take_lines(first, lines, paused=paused)
                case LongLine(number, raw):
                    self.reject(number, f"the line is longer than {MAX_LINE} bytes", raw)
                case LastLine(number, line):
                    self.take_last(number, line)
                case Damage(number, line, cause):
                    self.take_damaged(number, line, cause)
                case _:
                    assert_never(item)
        self.finish()
        if self.taken:
            yield self.batch

    def take_lines(self, first: int, lines: list[bytes], *, paused: bool) -> Iterator[EventBatch]:
        """Take whole lines; yield the batches they fill, and what there is if the source has no more at the moment."""
        for number, line in enumerate(lines, first):
            if stripped := line.strip():
                self.take(number, stripped)
                if self.taken >= BATCH_LINES:
                    yield self.give()
        if paused and self.taken:
            yield self.give()

    def take(self, number: int, line: bytes) -> None:
        """Take one line without surrounding blanks."""
        raise NotImplementedError

    def take_last(self, number: int, line: bytes) -> None:
        """Take a line without its end, which may be half a line."""
        raise NotImplementedError

    def take_damaged(self, number: int, line: bytes, cause: str) -> None:
        """Take the line at which a compressed source broke, as far as it goes, and tell where it broke."""
        raise NotImplementedError

    def finish(self) -> None:
        """Take what is still in hand at the source's end; nothing by default."""

    def reject(self, number: int, problem: str, raw: bytes) -> None:
        """Keep a line that is no usable event."""
        self.batch.rejects.append(
            LineReject(file=self.name, line=number, problem=f"line {number}: {problem}", raw=raw[:MAX_RAW])
        )
        self.taken += 1

    def give(self) -> EventBatch:
        """Return the batch in hand and begin a new one."""
        full, self.batch, self.taken = self.batch, EventBatch(), 0
        return full
