"""Being stopped: Ctrl-C and SIGTERM end what is under way through every `finally`, then one sentence; closed pipes.

Imports next to nothing, because it must be at work before the heavy imports begin.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TextIO


class Stopped(BaseException):
    """Somebody asked us to end. No Exception, and no KeyboardInterrupt: typer would answer that one without a word."""

    exit_code = 1
    said = "stopped"
    raised = False
    """Whether it was told already, so that it is not told again."""


class Interrupted(Stopped):
    """SIGINT, which Ctrl-C sends."""

    exit_code = 130
    said = "interrupted"


class Terminated(Stopped):
    """SIGTERM."""

    exit_code = 143
    said = "ended by SIGTERM"


_KINDS: dict[int, type[Stopped]] = {signal.SIGINT: Interrupted, signal.SIGTERM: Terminated}
_asked: list[Stopped] = []
_held = [0]


def listen() -> None:
    """Take both signals from now on, unless the parent had us ignore them (nohup, a job in the background)."""
    for number in _KINDS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    sys.unraisablehook = _swallowed


@contextmanager
def held() -> Iterator[None]:
    """Put off being stopped until the end of what is inside: it cannot be read twice. Asked twice, it ends at once."""
    _held[0] += 1
    try:
        yield
    finally:
        _held[0] -= 1
    if _asked and not _held[0] and not _asked[0].raised:
        _asked[0].raised = True
        raise _asked[0]


def deafen() -> None:
    """Ignore both signals: everything is done and said, only the interpreter is still tidying up."""
    for number in _KINDS:
        signal.signal(number, signal.SIG_IGN)


def tell(stopped: Stopped) -> None:
    """Say on standard error how it ended; a terminal or pipe that is gone is no reason for a second failure."""
    sentence = f"vatriage: {stopped.said}; what was committed before stands, nothing is half-committed.\n"
    try:
        os.write(2, sentence.encode())
    except OSError:
        return


def silence(stream: TextIO) -> None:
    """Send what is still to be printed nowhere: the reader of our pipe has left, and that is its right."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _stop(number: int, _frame: FrameType | None) -> None:
    stopped = _KINDS[number]()
    if _asked:
        _end_now(stopped)  # asked twice: do not wait for the tidying up
    _asked.append(stopped)
    if not _held[0]:
        stopped.raised = True
        raise stopped


def _swallowed(told: Any) -> None:
    """Python cannot raise inside a destructor or weakref callback, and would go on as if nothing had been asked."""
    if isinstance(told.exc_value, Stopped):
        _end_now(told.exc_value)
    sys.__unraisablehook__(told)


def _end_now(stopped: Stopped) -> None:
    """End like by SIGKILL, which every verb survives without harm to its data."""
    tell(stopped)
    os._exit(stopped.exit_code)
