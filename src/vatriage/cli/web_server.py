"""granian as we run it: it tells when it answers, stops in seconds, and says which signal ended it."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from granian import Granian
from granian.constants import Interfaces, SSLProtocols

from vatriage.cli.access_log import log_settings
from vatriage.cli.listening import Endpoint, ServiceError
from vatriage.cli.stopping import Interrupted, Stopped, Terminated

_STOP_S = 3
"""How long a worker may finish what it is answering."""
_THREADS = 8
"""Requests that a worker answers at once."""
_POLL_S = 0.05


class WebServer(Granian):  # type: ignore[misc, valid-type] # granian's own name for the kind of server of this Python
    """The server; its workers are processes that share the port."""

    ended_by: int = 0
    """The signal that asked for the end, 0 until then."""
    begun: Callable[[], None]
    """Called once, when the workers are forked: a thread of ours that runs at that moment leaves its locks held in them."""
    ending: Callable[[], None]
    """Called when the end begins."""

    def signal_handler_interrupt(self, number: int, frame: FrameType | None) -> None:
        """Remember the signal and stop."""
        self.ended_by = self.ended_by or number
        super().signal_handler_interrupt(number, frame)

    def signal_handler_reload(self, number: int, frame: FrameType | None) -> None:
        """Start fresh workers, which read a renewed certificate; or stop, where SIGHUP means that the terminal is gone."""
        if os.isatty(sys.stdin.fileno()):
            self.signal_handler_interrupt(signal.SIGTERM, frame)
        else:
            super().signal_handler_reload(number, frame)

    def _spawn_workers(self, *arguments: object) -> None:
        super()._spawn_workers(*arguments)
        self.begun()

    def shutdown(self, exit_code: int = 0) -> None:
        """Say that the end begins, then stop the workers."""
        self.ending()
        super().shutdown(exit_code)


def serve_web(
    endpoint: Endpoint, *, home: Path, workers: int, access_log: bool, answers: Callable[[], None], begun: Callable[[], None],
    ending: Callable[[], None],
) -> None:  # fmt: skip
    """Serve until a signal; it never returns.

    Args:
        endpoint: where to listen.
        home: folder that tracebacks are kept in.
        workers: processes.
        access_log: write a line for every request.
        answers: called once, when the first worker takes connections.
        begun: called once, after the workers are forked and before they answer: threads may be started from here on.
        ending: called when the end begins, before the workers are stopped.

    Raises:
        Stopped: by SIGTERM or SIGINT.
        ServiceError: the workers ended again and again.
    """
    server = WebServer(
        "vatriage.web.wsgi:make", factory=True, address=str(endpoint.address), port=endpoint.port,
        interface=Interfaces.WSGI, workers=workers, blocking_threads=_THREADS, workers_kill_timeout=_STOP_S,
        respawn_failed_workers=True, ssl_cert=endpoint.certificate, ssl_key=endpoint.key,
        ssl_protocol_min=SSLProtocols.tls12, log_enabled=False, log_dictconfig=log_settings(home), log_access=access_log,
    )  # fmt: skip

    def begin() -> None:
        begun()
        threading.Thread(target=_tell_when_answering, args=(endpoint, server, answers), daemon=True).start()

    server.begun, server.ending = begin, ending
    try:
        server.serve()
    except SystemExit as error:
        if not server.ended_by:
            raise _given_up() from error
    raise _stopped(server.ended_by) if server.ended_by else _given_up()


def _tell_when_answering(endpoint: Endpoint, server: WebServer, answers: Callable[[], None]) -> None:
    while not server.ended_by:
        if endpoint.is_answering():
            return answers()
        time.sleep(_POLL_S)
    return None


def _stopped(number: int) -> Stopped:
    return Interrupted() if number == signal.SIGINT else Terminated()


def _given_up() -> ServiceError:
    return ServiceError(
        "The web workers ended again and again, so the service ended.", "What they said before tells why."
    )
