"""The service, started as a person does: a process of its own, on a free port of loopback."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx2

from end_to_end_program import ROOT

_PATIENCE_S = 60
_ENDING_WITH_US = (
    "import os, sys; from vatriage.lifeline import end_with; end_with(int(sys.argv[1])); "
    "os.execv(sys.executable, [sys.executable, '-m', 'vatriage', *sys.argv[2:]])"
)
"""Starts the program so that it ends with the tests, even if they are killed."""


def free_port():
    """Return a port that nobody listens on now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


class Service:
    """A running `vatriage serve`; what it prints is kept."""

    def __init__(self, home, *options, port=None, environment=None, in_journal=False):
        reading, writing = os.pipe()
        status = os.fstat(writing)
        journal = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"} if in_journal else {}
        self.port = port or free_port()
        self.home = home
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [
                sys.executable, "-c", _ENDING_WITH_US, str(os.getpid()),
                "--home", str(home), "serve", "--port", str(self.port), *map(str, options),
            ],
            stdout=writing, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, cwd=Path(home).parent,
            env={**os.environ, "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator", **journal, **(environment or {})},
        )  # fmt: skip
        os.close(writing)
        self.printed, self.complained = [], []
        self._readers = [
            threading.Thread(target=_keep, args=(stream, kept), daemon=True)
            for stream, kept in ((os.fdopen(reading), self.printed), (self.process.stderr, self.complained))
        ]
        for reader in self._readers:
            reader.start()

    @property
    def url(self):
        """Where it answers; known once it answers."""
        return next(line.split()[-1] for line in self.printed if line.startswith("The web interface"))

    @property
    def password(self):
        """The administrator's one-time password, if this was the first start."""
        return next((line.split()[-1] for line in self.printed if line.startswith("First start")), None)

    def answering(self):
        """Wait until it says that it answers."""
        while not any(line.startswith("The web interface") for line in self.printed):
            assert self.process.poll() is None, (self.printed, self.complained)
            assert time.monotonic() < self.started + _PATIENCE_S, (self.printed, self.complained)
            time.sleep(0.05)
        return self

    def children(self):
        """Return the ids of its child processes."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(word) for path in threads for word in path.read_text().split()]

    def stop(self, number=signal.SIGTERM):
        """End it by a signal; return its exit code and how long it took, in seconds."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        took = time.monotonic() - began
        for reader in self._readers:
            reader.join(5)
        return code, took

    def ended(self):
        """Wait until it ends by itself; return its exit code and what it complained of."""
        code, _ = self.stop(0)
        return code, "".join(self.complained)


def _keep(stream, kept):
    with stream:
        kept.extend(iter(stream.readline, ""))


@contextmanager
def served(home, *options, **values):
    """Yield an answering service, ended afterwards."""
    service = Service(home, *options, **values)
    try:
        yield service.answering()
    finally:
        service.stop()


@contextmanager
def visitor(service, ca_file=None):
    """Yield an HTTP client of the service with a jar for its cookies, as a browser has one."""
    trust = ssl.create_default_context(cafile=ca_file) if ca_file else True
    with httpx2.Client(base_url=service.url, trust_env=False, verify=trust, timeout=20) as client:
        yield client


def log_in(client, name, password):
    """Send the login form and return the answer."""
    page = client.get("/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    form = {"csrfmiddlewaretoken": token, "username": name, "password": password, "next": ""}
    return client.post("/login/", data=form, headers={"Origin": str(client.base_url).rstrip("/")})
