"""What all tests share: Hypothesis without a clock (machines differ), a long profile for `make soak`, both databases."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

import valkey_server
from postgresql_server import running

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", settings.get_profile("suite"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


os.environ.setdefault("VATRIAGE_RETRY_PAUSE_S", "0.02")  # a page that fails is asked for again: no test waits for that

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # a shell's background job: the programs that tests start inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgresql_server():
    """A PostgreSQL server, started by the first test that asks."""
    with running() as server:
        yield server


@pytest.fixture
def postgresql(postgresql_server, monkeypatch):
    """A new database on it, which the program finds in VATRIAGE_DATABASE; its address."""
    with postgresql_server.database() as address:
        monkeypatch.setenv("VATRIAGE_DATABASE", address)
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, monkeypatch):
    """The program's database, one kind after the other."""
    if request.param == "postgresql":
        request.getfixturevalue("postgresql")
    else:
        monkeypatch.delenv("VATRIAGE_DATABASE", raising=False)
    return request.param


@pytest.fixture(scope="session")
def _valkey_server():
    """A Valkey server, started by the first test that asks."""
    with valkey_server.running() as server:
        yield server


@pytest.fixture
def valkey(_valkey_server):
    """A Valkey server that holds nothing."""
    with _valkey_server.client() as client:
        client.flushall()
    return _valkey_server
