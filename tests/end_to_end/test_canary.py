"""A password that is told to the program is found nowhere but, encrypted, in the database and on the wire."""

import pytest

from end_to_end_program import run, write_files
from kept_home import database_text
from pulled_subscription import add_device, make_subscription
from vatriage_simulator.server import SimulatorServer

CANARY = "c4n4ry-Pä55&<word>"


@pytest.fixture
def server():
    sim = make_subscription()
    sim.account("reader", CANARY)
    with SimulatorServer(sim) as running:
        yield running


def said_everywhere(home, monkeypatch):
    """Run every verb that touches a device, each in its ways to fail; return all that was printed."""
    said = []
    for arguments in (
        ("device", "list"),
        ("device", "show", "d", "--json"),
        ("device", "test", "d"),
        ("pull", "d", "--json"),
    ):
        done = run(home, *arguments)
        said += [done.stdout, done.stderr]
    monkeypatch.setenv("VATRIAGE_TRACEBACK", "1")
    done = run(home, "pull", "d")
    return "".join([*said, done.stdout, done.stderr])


@pytest.mark.parametrize("fault", [None, "bad-login", "html-page", "cut"])
def test_no_output_and_no_file_holds_the_password(tmp_path, server, database, monkeypatch, fault):
    write_files(tmp_path)
    home = tmp_path / "home"
    add_device(home, server, CANARY)
    if fault:
        server.subscription.break_next("*", fault, times=None)
    said = said_everywhere(home, monkeypatch)
    files = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file()) + database_text(home)

    assert CANARY not in said
    for spelling in (CANARY.encode(), CANARY.encode("utf-16-le"), CANARY.encode("latin-1")):
        assert spelling not in files
    assert b"reader" in files
