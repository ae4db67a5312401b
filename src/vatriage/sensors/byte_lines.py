"""Lines of a source in bounded memory, numbered from 1.

A line that is longer than `MAX_LINE` is skipped and told; a last line without its end, and the place where a compressed
source broke, are told apart, since such a line may be half of one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from vatriage.sensors.byte_pieces import DamagedError, Piece, read_pieces

MAX_LINE = 16 << 20
"""Bytes of the longest line that is read."""

MAX_RAW = 64 << 10
"""Bytes of a line that are kept for a reject."""

_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines without their line feed."""

    first: int
    """Number of the first of them."""
    lines: list[bytes]
    paused: bool
    """The source has no more at the moment."""


@dataclass(frozen=True, slots=True)
class LongLine:
    """A line that was skipped because of its length; at least `MAX_LINE` + 1 bytes."""

    number: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class LastLine:
    """The end of the source without a line feed."""

    number: int
    line: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """The compressed source broke here; `line` is what there is of the line, maybe nothing."""

    number: int
    line: bytes
    cause: str


def read_lines(source: BinaryIO, name: str) -> Iterator[Lines | LongLine | LastLine | Damage]:
    """Yield a source's lines in order. Raises: SensorError: the source itself cannot be read."""
    splitter = _Splitter()
    cause = ""
    try:
        for piece in read_pieces(source, name):
            yield from splitter.take(piece)
    except DamagedError as error:
        cause = str(error)
    yield from splitter.finish(cause)


class _Splitter:
    """Cuts pieces into lines; holds the line that has no end yet, as far as it may still be read."""

    def __init__(self) -> None:
        self.number = 1
        self.parts: list[bytes] = []
        self.size = 0

    def take(self, piece: Piece) -> Iterator[Lines | LongLine]:
        """Yield the lines that a piece completes."""
        head, feed, rest = piece.data.partition(b"\n")
        if self.size <= MAX_LINE:
            self.parts.append(head)
        self.size += len(head)
        if not feed:
            return
        lines = [self._open_line(), *rest.split(b"\n")]
        first, long_first = self.number, self.size > MAX_LINE
        tail = lines.pop()
        self.parts, self.size = [tail], len(tail)
        self.number += len(lines)
        if not long_first and max(map(len, lines)) <= MAX_LINE:
            yield Lines(first, lines, piece.paused)
            return
        for number, line in enumerate(lines, first):
            if len(line) > MAX_LINE or (long_first and number == first):
                yield LongLine(number, line[:MAX_RAW])
            else:
                yield Lines(number, [line], piece.paused)

    def finish(self, cause: str) -> Iterator[LongLine | LastLine | Damage]:
        """Yield the rest; `cause` says how a compressed source broke, empty if it did not."""
        line = self._open_line()
        if self.size > MAX_LINE:
            yield LongLine(self.number, line[:MAX_RAW])
            line = b""
        if cause:
            yield Damage(self.number, line, cause)
        elif line:
            yield LastLine(self.number, line)

    def _open_line(self) -> bytes:
        line = b"".join(self.parts)
        return line.removeprefix(_MARK) if self.number == 1 else line
