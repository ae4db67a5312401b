"""The controller as a child of the service: started, started again if it dies, ended with the service."""

import os
import signal
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
def controller_beside(*, wanted: bool) -> "Iterator[tuple[Callable[[], None], Callable[[], None]]]":
    """Run a controller until the end of the block; it finds its settings in the environment.

    Args:
        wanted: False runs none.

    Yields: what starts it, and what asks it to end without waiting for that; the block's own end waits.
    """
    if not wanted:
        yield _nothing, _nothing
        return
    child = _Child()
    try:
        yield child.start, child.ask_to_end
    finally:
        child.ask_to_end()
        child.await_end()


def _nothing() -> None:
    """There is no controller to start or end."""


class _Child:
    """Watches the controller's process. The kernel ends that with the thread that started it, so that one lives as long as we do.

    It is started by posix_spawn: subprocess.Popen waits on a pipe that a web worker, forked at that moment, would hold open.
    """

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="controller", daemon=True)
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._process = 0

    def start(self) -> None:
        """Start it, and start it again until it is to end."""
        self._thread.start()

    def ask_to_end(self) -> None:
        """Ask it to end; ask for no other."""
        self._ending.set()
        self._send(signal.SIGTERM)

    def await_end(self) -> None:
        """Wait for its end, and end it the hard way if that takes too long."""
        if self._thread.ident is None:
            return
        self._thread.join(_END_S)
        self._send(signal.SIGKILL)
        self._thread.join()

    def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while self._begin():
            began = time.monotonic()
            code = self._await_process()
            if self._ending.is_set():
                return
            pause_s = _FIRST_PAUSE_S if time.monotonic() - began > _LIVED_S else pause_s
            warn(f"The controller ended ({_told(code)}); it starts again in {pause_s:g} s.")
            self._ending.wait(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _begin(self) -> bool:
        """Start the process, unless the end has begun. A session of its own: Ctrl-C reaches us alone, and we end it."""
        command = [sys.executable, "-m", "vatriage", "controller", "--parent", str(os.getpid())]
        no_input = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
        with self._lock:
            if self._ending.is_set():
                return False
            self._process = os.posix_spawn(sys.executable, command, os.environ, file_actions=[no_input], setsid=True)
        return True

    def _await_process(self) -> int:
        """Return the exit code, negative for a signal; its number is not reused before nobody sends it signals any more."""
        os.waitid(os.P_PID, self._process, os.WEXITED | os.WNOWAIT)
        with self._lock:
            _, status = os.waitpid(self._process, 0)
            self._process = 0
        return os.waitstatus_to_exitcode(status)

    def _send(self, number: int) -> None:
        with self._lock:
            if self._process:
                os.kill(self._process, number)


def _told(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
