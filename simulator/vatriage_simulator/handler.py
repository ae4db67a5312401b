"""One HTTP connection: reads calls, logs them, writes answers. Everything it decides is in `service` and `delivery`."""

import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from itertools import chain
from threading import Event, Lock
from typing import ClassVar, cast
from wsgiref.handlers import format_date_time

from vatriage_simulator import delivery, parameters, refusals, service
from vatriage_simulator.answers import Answer, Call, Pause, html_page
from vatriage_simulator.faults import FaultKind
from vatriage_simulator.subscription import Subscription

_NO_LINGER = struct.pack("ii", 1, 0)
"""SO_LINGER that makes close send a reset."""
_MAX_FORM_BYTES = 16 * 1024 * 1024
"""A form with 10,000 ids is 100 KB; more than this is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One call as it came in and how it was answered; nothing secret is in it."""

    method: str
    path: str
    """Without its query."""
    parameters: dict[str, str]
    """Query and form merged, without what sounds like a password."""
    status: int
    login: str
    """Who made it; empty where nobody was let in."""
    headers: dict[str, str]
    """By lower-case name, without Authorization and Cookie."""
    received_s: float
    """When it came in, in seconds of the machine's own monotonic clock: differences are real waits."""


class Desk:
    """What the connections of one server share: subscription, URL, log, failures and the end."""

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.url = ""
        self.closing = Event()
        self.lock = Lock()
        self.requests: list[LoggedRequest] = []
        self.failures: list[BaseException] = []
        """What went wrong inside the simulator itself; a test asserts that it is empty."""


class SimulatorHandler(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 as the service does: chunks, gzip if asked, keep-alive until an error."""

    desk: ClassVar[Desk]
    protocol_version = "HTTP/1.1"
    timeout = 120
    # Head and body are written apart: with Nagle's algorithm the client would wait 40 ms for the second.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a GET."""
        self._serve()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._serve()

    def version_string(self) -> str:
        """Return what the Server header says."""
        return "Qualys"

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the Date header by the subscription's clock."""
        return format_date_time(self.desk.subscription.clock.now().timestamp() if timestamp is None else timestamp)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature is http.server's
        """Keep quiet: `requests` is the log."""

    def _serve(self) -> None:
        """Read one call, answer it, log it, write the answer."""
        form, received_s = self._form(), time.monotonic()
        if form is None:
            self._deliver(html_page(413, "413 Request Entity Too Large", "The form has no length, or too much of it."))
            return
        call = self._call(form)
        try:
            answer, login = service.answer(self.desk.subscription, call)
        except Exception as error:  # noqa: BLE001 - the top of a face: whatever it is, the client gets 500/999
            self.desk.failures.append(error)
            answer, login = refusals.internal(call, self.desk.subscription.clock.now()), ""
        self._log(call, answer, login, received_s)
        try:
            self._deliver(answer)
        finally:
            answer.finished()

    def _form(self) -> bytes | None:
        """Return the body of the call, None if it cannot be read."""
        if self.headers.get("Transfer-Encoding"):
            return None
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > _MAX_FORM_BYTES:
            return None
        return self.rfile.read(int(length))

    def _call(self, form: bytes) -> Call:
        """Return the call as the service sees it."""
        path, _, query = self.path.partition("?")
        return Call(
            method=self.command,
            path=path,
            query=query,
            parameters=parameters.merge(query, form),
            headers={name.lower(): value for name, value in self.headers.items()},
            url=self.desk.url,
        )

    def _log(self, call: Call, answer: Answer, login: str, received_s: float) -> None:
        """Keep the call without its secrets; done before the answer is written, so that the client finds it logged."""
        logged = LoggedRequest(
            method=call.method,
            path=call.path,
            parameters=parameters.without_secrets(call.parameters),
            status=answer.status,
            login=login,
            headers={name: text for name, text in call.headers.items() if name not in {"authorization", "cookie"}},
            received_s=received_s,
        )
        with self.desk.lock:
            self.desk.requests.append(logged)

    def _deliver(self, answer: Answer) -> None:
        """Write an answer; a client that is gone ends the connection quietly."""
        kind = answer.fault.kind if answer.fault else None
        if self.desk.closing.wait(delivery.delay_s(answer)) or kind is FaultKind.SILENCE:
            self._hang_up()
            return
        asked = kind is FaultKind.GZIP_CUT or delivery.wants_gzip(self.headers.get("Accept-Encoding", ""))
        compressed = asked and answer.live is None
        chunked = self.request_version == "HTTP/1.1" and kind is not FaultKind.CUT_UNMARKED
        body = delivery.steps(answer, compressed=compressed)
        # The first step starts a scan: it has begun when the client sees the status line.
        first = next(body, b"") if answer.live is not None else b""
        try:
            self._write_head(answer, compressed=compressed and kind is not FaultKind.EMPTY, chunked=chunked)
            self._write_body(answer, chain([first], body), chunked=chunked)
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _write_head(self, answer: Answer, *, compressed: bool, chunked: bool) -> None:
        """Write status line and headers."""
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("X-Powered-By", "Qualys:SIMPOD1:simulated")
        for name, value in answer.headers:
            self.send_header(name, value)
        if compressed:
            self.send_header("Content-Encoding", "gzip")
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        # Recorded: the service closes after an error.
        if not chunked or answer.status >= 400:
            self.send_header("Connection", "close")
        self.end_headers()

    def _write_body(self, answer: Answer, body: Iterator[delivery.Step], *, chunked: bool) -> None:
        """Carry out the steps of a body; free the slot before the client can know that it is whole."""
        for step in body:
            match step:
                case bytes() if step:
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(step), step) if chunked else step)
                case Pause(seconds):
                    if self.desk.closing.wait(seconds):
                        self._hang_up()
                        return
                case delivery.HangUp(reset):
                    self._hang_up(reset=reset)
                    return
                case _:
                    continue
        answer.finished()
        answer.finished = _done
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _hang_up(self, *, reset: bool = False) -> None:
        """End the connection in the middle of whatever it is, with a TCP reset if that is asked for."""
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            # Closed for real: the files of the handler would keep the socket open, and its end in order would be a FIN.
            os.close(self.connection.detach())
            return
        # The client, or the server at its end, may have been faster.
        with suppress(OSError):
            cast("socket.socket", self.connection).shutdown(socket.SHUT_RDWR)


def _done() -> None:
    """Stand where a slot was freed already."""
