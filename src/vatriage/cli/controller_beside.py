"""The controller as a child of the service: started, started again if it dies, ended with the service."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vatriage.cli.session import warn

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_LIVED_S = 60.0
"""A controller that lived so long did not die of its start: the pause begins anew."""
_END_S = 4.0
"""How long its pulls may take to come to an end; afterwards it is killed, which every pull survives."""


@contextmanager
def controller_beside(*, wanted: bool) -> Iterator[Callable[[], None]]:
    """Run a controller for the time of the block; it finds its settings in the environment.

    Args:
        wanted: False runs none.

    Yields: what asks it to end, without waiting for that; the block's own end waits.
    """
    if not wanted:
        yield lambda: None
        return
    child = _Child()
    child.start()
    try:
        yield child.ask_to_end
    finally:
        child.ask_to_end()
        child.await_end()


class _Child:
    """Watches the controller's process. The kernel ends that with the thread that started it, so that one lives as long as we do."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="controller", daemon=True)
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and start it again until it is to end."""
        self._thread.start()

    def ask_to_end(self) -> None:
        """Ask it to end; ask for no other."""
        with self._lock:
            self._ending.set()
            if self._process is not None:
                self._process.terminate()

    def await_end(self) -> None:
        """Wait for its end, and end it the hard way if that takes too long."""
        self._thread.join(_END_S)
        if self._thread.is_alive() and self._process is not None:
            self._process.kill()
            self._thread.join()

    def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while (process := self._started_process()) is not None:
            began = time.monotonic()
            code = process.wait()
            if self._ending.is_set():
                return
            pause_s = _FIRST_PAUSE_S if time.monotonic() - began > _LIVED_S else pause_s
            warn(f"The controller ended ({_told(code)}); it starts again in {pause_s:g} s.")
            self._ending.wait(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _started_process(self) -> "subprocess.Popen[bytes] | None":
        command = [sys.executable, "-m", "vatriage", "controller", "--parent", str(os.getpid())]
        with self._lock:
            if self._ending.is_set():
                return None
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=subprocess.DEVNULL, start_new_session=True
            )  # a session of its own: Ctrl-C reaches us alone, and we end it
            return self._process


def _told(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
