"""Standard input as a live source: a pipe from `tail -F`, socat or a shipper.

A pipe cannot be read twice. What was read is judged before the program ends, also if it is asked to end (SIGTERM); of a
sudden end (SIGKILL, power) the bookmark tells the next run, which counts a gap.
"""

import os
import select
from contextlib import suppress

from vatriage.sensors.byte_lines import MAX_LINE
from vatriage.sensors.detect import detect
from vatriage.sensors.formats import EVE, FORMATS, format_named
from vatriage.sensors.interface import Delivery, SensorError

_PIECE = 1 << 20
_LONGEST = 2 * MAX_LINE
_PIPE = 2 << 20
"""More than a pipe holds."""
_OPEN, _CLOSED = b"open", b"closed"


class StandardInput:
    """See AlertSource.

    Args:
        descriptor: of the pipe.
        format_name: its format, None = told by its first bytes.
    """

    def __init__(self, descriptor: int = 0, format_name: str | None = None) -> None:
        self.name = "-"
        self._descriptor, self._format_name = descriptor, format_name
        self._held = b""
        self._line = 0
        self._taken = (0, 0)
        self._is_open, self._is_told, self._was_open = True, False, False
        if format_name is not None:
            format_named(format_name)

    def begin(self, bookmark: bytes) -> None:
        """See AlertSource.begin: there is no place to go back to, only whether the last run ended by itself."""
        self._was_open = bookmark == _OPEN

    def take(self) -> Delivery | None:
        """See AlertSource.take; never waits. Once the writer has left, also a last line without its end."""
        self._read()
        name = self._format()
        kind = FORMATS[name]
        whole = kind.whole(self._held)
        if not whole and (not self._is_open or len(self._held) >= _LONGEST):
            whole = len(self._held)
        lost, notes = (1, (_CUT_OFF,)) if self._was_open else (0, ())
        ends = not self._is_open and whole == len(self._held)
        if not whole and not lost and not (ends and not self._is_told):
            return None
        data = self._held[:whole]
        self._taken = (whole, kind.count(data))
        self._was_open = False
        self._is_told = ends
        return Delivery(
            name=self.name, data=data, first_line=self._line + 1, format_name=name,
            bookmark=_CLOSED if ends else _OPEN, lost=lost, notes=notes,
        )  # fmt: skip

    def settle(self) -> None:
        """See AlertSource.settle."""
        whole, lines = self._taken
        self._held, self._line, self._taken = self._held[whole:], self._line + lines, (0, 0)

    @property
    def ended(self) -> bool:
        """See AlertSource.ended."""
        return not self._is_open and not self._held and self._is_told

    def finish(self) -> None:
        """Read what the pipe still holds, without waiting, and nothing after it: we were asked to end."""
        self._read(most=len(self._held) + _PIPE)
        self._is_open = False

    def close(self) -> None:
        """See AlertSource.close."""
        with suppress(OSError):
            os.close(self._descriptor)

    def _read(self, most: int = _LONGEST) -> None:
        """Take what is there into the hand, up to a bound."""
        while self._is_open and len(self._held) < most and self._has_more():
            try:
                data = os.read(self._descriptor, _PIECE)
            except OSError as error:
                raise SensorError(f"Reading standard input failed: {error}.", "Check the pipe.") from error
            self._held += data
            self._is_open = bool(data)

    def _has_more(self) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return bool(poll.poll(0))

    def _format(self) -> str:
        if self._format_name is None and (b"\n" in self._held.lstrip() or not self._is_open):
            self._format_name = detect(self._held) or EVE
        return self._format_name or EVE


_CUT_OFF = "-: the last watch on standard input was ended from outside; what it held then is lost"
