"""One record longer than a block: gathered, or skipped to its true end if it is a bomb.

Its bytes pass through in windows, so memory stays bounded: by RECORD_LIMIT for a record that is kept, by a head of
64 KiB for one that is not.
"""

from vatriage.vendors.xml.tags import CDATA_END, HOLD_BACK, SECTION_ENDS, RecordTag

TEXT_LIMIT = 16 * 1024 * 1024
"""Bytes without markup beyond which a record is refused: a CDATA section's content, or from one `<` to the next."""

RECORD_LIMIT = 256 * 1024 * 1024
"""Bytes of one record beyond which it is refused."""

HEAD_SIZE = 64 * 1024
"""Bytes kept of a record that is refused."""


class LongRecord:
    """Takes windows of a document, from a record's first byte on, until the record ends."""

    def __init__(self, tag: RecordTag, offset: int) -> None:
        self._tag = tag
        self._closing = b""  # what closes the section that the last window ended in
        self._run = 0  # bytes since the last markup
        self._kept = bytearray()
        self.offset = offset
        """Where the record begins in the document."""
        self.length = 0
        """Bytes of the record so far."""
        self.problem = ""
        """Why the record is refused, "" while it is not."""
        self.ended = False
        """The record's end tag has been seen."""

    @property
    def kept(self) -> bytes:
        """The record's bytes; only its head if it is refused."""
        return bytes(self._kept)

    def take(self, window: bytes) -> int:
        """Take what can be judged of a window and return how many bytes that was; the rest belongs to the next window.

        Nothing is taken beyond the record's end.
        """
        position = 0
        while not self.ended:
            position, stuck = self._skip(window, position) if self._closing else self._search(window, position)
            if stuck:
                break
        self._keep(window[:position])
        return position

    def _skip(self, window: bytes, position: int) -> tuple[int, bool]:
        """Go to the end of a section; True if it lies beyond the window."""
        end = window.find(self._closing, position)
        stop = end if end >= 0 else max(position, len(window) - len(self._closing) + 1)
        if self._closing == CDATA_END:
            self._measure(self._run + stop - position)
        self._run += stop - position
        if end < 0:
            return stop, True
        after = end + len(self._closing)
        self._closing, self._run = b"", 0
        return after, False

    def _search(self, window: bytes, position: int) -> tuple[int, bool]:
        """Go to the next section, or behind the record's end; True if neither is in the window."""
        match = self._tag.pattern.search(window, position)
        stop = match.start() if match else _safe_end(window, position)
        self._read_text(window, position, stop)
        if not match:
            return stop, True
        self._run = 0
        self.ended = match.lastgroup == "end"
        if not match.lastgroup:
            self._closing = SECTION_ENDS[match.group()]
        return match.end(), False

    def _read_text(self, window: bytes, start: int, stop: int) -> None:
        """Measure the longest stretch without a `<`; one inside a window is no longer than the window."""
        first = window.find(b"<", start, stop)
        if first < 0:
            self._run += stop - start
        else:
            self._measure(self._run + first - start)
            self._run = stop - window.rfind(b"<", start, stop)
        self._measure(self._run)

    def _measure(self, run: int) -> None:
        """Refuse the record if a stretch of text is too long."""
        if run > TEXT_LIMIT:
            self._refuse(f"one of its texts is longer than {TEXT_LIMIT >> 20} MiB")

    def _keep(self, piece: bytes) -> None:
        """Keep a piece of the record, or only what belongs to its head."""
        self.length += len(piece)
        if self.length > RECORD_LIMIT:
            self._refuse(f"it is longer than {RECORD_LIMIT >> 20} MiB")
        if not self.problem:
            self._kept += piece
        elif len(self._kept) < HEAD_SIZE:
            self._kept += piece[: HEAD_SIZE - len(self._kept)]

    def _refuse(self, problem: str) -> None:
        """Give the record up and keep its head only."""
        self.problem = self.problem or problem
        del self._kept[HEAD_SIZE:]


def _safe_end(window: bytes, position: int) -> int:
    """Return up to where a window without tags is sure to hold none: a last `<` may begin one."""
    last = window.rfind(b"<", max(position, len(window) - HOLD_BACK))
    return last if last >= 0 else len(window)
