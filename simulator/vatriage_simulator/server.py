"""The simulator on a port: TLS on loopback, in threads, for the time of a with block."""

import socket
import ssl
import sys
import tempfile
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

from vatriage_simulator.certificates import write_certificates
from vatriage_simulator.faults import FaultOrders
from vatriage_simulator.handler import Desk, LoggedRequest, SimulatorHandler
from vatriage_simulator.subscription import Subscription


class SimulatorServer:
    """Serves a subscription on loopback. Use it in a with block; it may be entered once.

    `address`, `url` and `ca_file` are there inside the block.
    """

    def __init__(self, subscription: Subscription, *, port: int = 0, url: str | None = None) -> None:
        """Prepare; nothing listens yet.

        Args:
            subscription: what to serve; change it while the server runs.
            port: 0 takes a free one.
            url: what DOCTYPE, Location and the URL of a WARNING name as the service; None: this server.
        """
        self._desk = Desk(subscription)
        self._port = port
        self._own_url = url

    def __enter__(self) -> Self:
        """Make certificates, listen and serve.

        Raises: OSError: the port is taken.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="vatriage-simulator-")
        try:
            self.ca_file, server_file = write_certificates(Path(self._folder.name))
            handler = type("BoundHandler", (SimulatorHandler,), {"desk": self._desk})
            self._http = _LoopbackServer(("127.0.0.1", self._port), handler)
        except BaseException:
            self._folder.cleanup()
            raise
        self._http.desk = self._desk
        self._http.wrap(server_file)
        self.address = f"127.0.0.1:{self._http.server_address[1]}"
        self.url = f"https://{self.address}"
        self._desk.url = (self._own_url or self.url).rstrip("/")
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up on everybody, close and remove the CA file."""
        self._desk.closing.set()
        self._http.shutdown()
        self._http.hang_up()
        self._http.server_close()
        self._thread.join()
        self._folder.cleanup()

    @property
    def subscription(self) -> Subscription:
        """What is served."""
        return self._desk.subscription

    @property
    def requests(self) -> list[LoggedRequest]:
        """The calls so far, in the order they were answered; a copy."""
        with self._desk.lock:
            return list(self._desk.requests)

    @property
    def faults(self) -> FaultOrders:
        """The faults still to come."""
        return self._desk.subscription.faults

    @property
    def failures(self) -> list[BaseException]:
        """What went wrong inside the simulator itself; empty unless it has a bug."""
        return list(self._desk.failures)


class _LoopbackServer(ThreadingHTTPServer):
    """Threads that end with the server, TLS handshakes in the thread of their connection."""

    daemon_threads = False
    desk: Desk

    def __init__(self, address: tuple[str, int], handler: type[SimulatorHandler]) -> None:
        self._connections: set[socket.socket] = set()
        super().__init__(address, handler)

    def wrap(self, certificate: Path) -> None:
        """Speak TLS. The handshake waits for the first read, so that a silent client does not block the others."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def server_bind(self) -> None:
        """Bind without asking DNS for the machine's name, which http.server would."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember a connection before its thread starts, so that `hang_up` finds it in any case."""
        with self.desk.lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection and forget it."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self.desk.lock:
                self._connections.discard(request)

    def hang_up(self) -> None:
        """Close every open connection, so that their threads end."""
        with self.desk.lock:
            open_now = list(self._connections)
        for connection in open_now:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - socketserver's signature
        """Note a failure of ours; a client that hung up or did not trust the certificate is none."""
        error = sys.exception()
        if error is not None and not isinstance(error, (ssl.SSLError, ConnectionError, TimeoutError)):
            self.desk.failures.append(error)
