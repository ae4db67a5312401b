"""A log that grows and is rotated, followed by inode and offset.

Whatever the rotation: renamed (`create`), copied and cut short (`copytruncate`), compressed, several times while nobody
looked. What was being read is found again by its inode or its first bytes and read to its end, then what came after it,
then the log itself. Where that cannot be shown, a gap is counted: nothing is lost in silence.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vatriage.sensors.byte_lines import MAX_LINE
from vatriage.sensors.detect import detect
from vatriage.sensors.formats import EVE, FORMATS, Format
from vatriage.sensors.interface import Delivery, SensorError
from vatriage.sensors.peek import MOST
from vatriage.sensors.rotated import HEAD, Files, Log, Place, Segment, hashed, open_segment

PIECE = 4 << 20
"""Bytes handed over at a time."""
_LONGEST = 2 * MAX_LINE


class FollowedFile:
    """See AlertSource. A delivery holds whole events; the last line of a log is taken once the log was rotated away.

    Args:
        log: the log: a path, or what knows its files.
        format_name: its format, None = told by its first bytes.
    """

    def __init__(self, log: Path | Files, format_name: str | None = None) -> None:
        self._log = Log(log) if isinstance(log, Path) else log
        self.name = self._log.name
        self._format_name = format_name
        self._segment: Segment | None = None
        self._place: Place | None = None
        self._taken: tuple[int, int] = (0, 0)
        self._notes: list[str] = []
        self._lost = 0
        self._is_new = True

    def begin(self, bookmark: bytes) -> None:
        """See AlertSource.begin."""
        self._place = msgspec.json.decode(bookmark, type=Place) if bookmark else None
        self._is_new = not bookmark

    def take(self) -> Delivery | None:
        """See AlertSource.take."""
        try:
            return self._take()
        except OSError as error:
            raise SensorError(f"Reading {self.name} failed: {error}.", "Check the file and its permissions.") from error

    def settle(self) -> None:
        """See AlertSource.settle."""
        if self._segment is not None:
            self._segment.advance(*self._taken)
            self._place = self._segment.place()
        self._taken = (0, 0)

    @property
    def ended(self) -> bool:
        """See AlertSource.ended."""
        return False

    def close(self) -> None:
        """See AlertSource.close."""
        if self._segment is not None:
            self._segment.file.close()
            self._segment = None

    def _take(self) -> Delivery | None:
        while True:
            if self._segment is None:
                self._segment = self._reopened()
            segment = self._segment
            if segment is None:
                return None
            is_past = self._is_past(segment)
            if not is_past and self._was_cut(segment):
                self.close()
                continue
            delivery = self._delivery(segment, is_past=is_past)
            if delivery is not None or not is_past:
                return delivery
            self._turn_to_next(segment)

    def _delivery(self, segment: Segment, *, is_past: bool) -> Delivery | None:
        """Return the next whole events of a file; of one that grows no more also its last line."""
        name, kind = self._format(segment)
        data = segment.read(PIECE)
        whole = kind.whole(data)
        if not whole and len(data) == PIECE:
            data = segment.read(_LONGEST)
            whole = kind.whole(data) or (len(data) if len(data) == _LONGEST else 0)
        if not whole and is_past:
            whole = len(data)
        is_new = self._place is None and segment.offset == 0  # from now on a log that vanishes is a gap
        if not whole and not self._lost and not is_new:
            return None
        data = data[:whole]
        lines = kind.count(data)
        self._taken = (whole, lines)
        lost, notes = self._lost, tuple(self._notes)
        self._lost, self._notes = 0, []
        return Delivery(
            name=self.name, data=data, first_line=segment.line + 1, format_name=name,
            bookmark=msgspec.json.encode(segment.place(whole, lines)), lost=lost, notes=notes,
        )  # fmt: skip

    def _format(self, segment: Segment) -> tuple[str, Format]:
        if self._format_name is None:
            head = segment.read(MOST) if segment.offset == 0 else segment.first
            if not head:
                return EVE, FORMATS[EVE]
            self._format_name = detect(head) or EVE
        return self._format_name, FORMATS[self._format_name]

    def _is_past(self, segment: Segment) -> bool:
        """Whether the log is another file by now that holds something: an empty one may still wait for its writer."""
        try:
            now = self._log.newest().stat()
        except FileNotFoundError:
            return False
        return (now.st_dev, now.st_ino) != (segment.found.st_dev, segment.found.st_ino) and now.st_size > 0

    def _was_cut(self, segment: Segment) -> bool:
        """Whether the log was emptied and written anew under our hands."""
        if segment.packed is not None:
            return False
        if os.fstat(segment.file.fileno()).st_size < segment.offset:
            return True
        return (
            self._place is not None
            and segment.offset > 0
            and (hashed(segment.head(self._place.head_bytes)) != self._place.head)
        )

    def _reopened(self) -> Segment | None:
        """Return the file that the place is in, at the place; else the first one that may hold what came after it."""
        place = self._place
        if place is None:
            segment = self._in_order(self._log.first() if self._is_new else [])
            self._is_new = self._is_new and segment is None
            return segment
        for other in [self._log.newest(), *reversed(self._log.older())]:
            segment = open_segment(other)
            if segment is None:
                continue
            if segment.resume(place):
                return segment
            segment.file.close()
        self._lost += 1
        self._notes.append(f"{self.name}: what was read up to byte {place.offset} is gone, a part may be lost")
        return self._in_order(list(self._later(place.written_ns)))

    def _in_order(self, paths: list[Path]) -> Segment | None:
        """Return the first of some rotated files that opens, else the log itself."""
        for path in [*paths, self._log.newest()]:
            segment = open_segment(path)
            if segment is not None:
                return segment
        return None

    def _turn_to_next(self, segment: Segment) -> None:
        """Go on with what came after a file that was read to its end."""
        if segment.packed is not None and segment.packed.damage:
            self._lost += 1
            self._notes.append(f"{segment.path}: {segment.packed.damage}; what lies behind is lost")
        finished = os.fstat(segment.file.fileno())
        head = segment.head(HEAD)
        after = [path for path in self._later(finished.st_mtime_ns) if not _begins(path, head)]
        segment.file.close()
        self._place = None
        self._segment = self._in_order(after)

    def _later(self, written_ns: int) -> Iterator[Path]:
        return (path for path in self._log.older() if path.stat().st_mtime_ns > written_ns)


def _begins(path: Path, head: bytes) -> bool:
    """Whether a file, plain or compressed, begins as another did: it is a copy of that one."""
    segment = open_segment(path)
    if segment is None:
        return True
    segment.file.close()
    return bool(head) and segment.first.startswith(head)
