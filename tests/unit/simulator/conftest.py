"""A subscription with one account, its server, and a client that does exactly one call."""

# ruff: noqa: S314 - nobody else wrote these documents

import base64
import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET  # noqa: TID251 - the tests read what the simulator wrote

import pytest

from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
LOGIN, PASSWORD = "acme_ab1", "bait"


@dataclass(frozen=True)
class Reply:
    """One response, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def xml(self):
        """The document element."""
        return ET.fromstring(self.body)

    def all(self, name: str) -> list[str]:
        """The texts of all elements of a name, in document order."""
        return [(element.text or "").strip() for element in self.xml.iter(name)]

    def one(self, name: str) -> str:
        """The text of the only element of a name."""
        (found,) = self.all(name)
        return found


@dataclass(frozen=True)
class Client:
    """Calls a server with the standard library, trusting its CA file only."""

    server: SimulatorServer
    timeout_s: float = 5.0

    def connect(self) -> http.client.HTTPSConnection:
        """Open a connection, not yet used."""
        trust = ssl.create_default_context(cafile=str(self.server.ca_file))
        return http.client.HTTPSConnection(self.server.address, context=trust, timeout=self.timeout_s)

    def __call__(self, path, *, post=None, login=(LOGIN, PASSWORD), headers=None, **query) -> Reply:
        """Do one call; `post` is a form as a dict or as text, keyword arguments are the query."""
        connection = self.connect()
        try:
            connection.request(*self.request(path, post=post, login=login, headers=headers, **query))
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def request(self, path, *, post=None, login=(LOGIN, PASSWORD), headers=None, **query):
        """Return (method, target, body, headers) for http.client."""
        sent = {"X-Requested-With": "test", **(headers or {})}
        if login is not None:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(login).encode()).decode()
        target = f"{path}?{urlencode(query)}" if query else path
        if post is None:
            return "GET", target, None, sent
        form = post if isinstance(post, str) else urlencode(post)
        return "POST", target, form, {**sent, "Content-Type": "application/x-www-form-urlencoded"}

    def follow(self, url: str) -> Reply:
        """Do the call that a WARNING's URL names."""
        parts = urlsplit(url)
        return self(f"{parts.path}?{parts.query}")


@pytest.fixture
def sim() -> Subscription:
    """An empty subscription with one account."""
    subscription = Subscription(NOW)
    subscription.account(LOGIN, PASSWORD)
    return subscription


@pytest.fixture
def server(sim) -> Iterator[SimulatorServer]:
    """The subscription's server; it must have no failure of its own at the end."""
    with SimulatorServer(sim) as running:
        yield running
    assert running.failures == []


@pytest.fixture
def ask(server) -> Client:
    """A client of that server."""
    return Client(server)


@pytest.fixture
def client_of() -> type[Client]:
    """For tests that run servers of their own."""
    return Client
