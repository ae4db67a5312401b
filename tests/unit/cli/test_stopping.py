"""Being asked to end while something cannot be read twice: it is finished first."""

import signal

import pytest

from vatriage.cli import stopping
from vatriage.cli.stopping import Terminated, held


@pytest.fixture(autouse=True)
def listening(monkeypatch):
    monkeypatch.setattr(stopping, "_asked", [])
    before = signal.signal(signal.SIGTERM, stopping._stop)
    yield
    signal.signal(signal.SIGTERM, before)


def asked(done, then=None):
    """Be asked to end; what follows is told to `done`, or is an error."""
    signal.raise_signal(signal.SIGTERM)
    if then is not None:
        raise then
    done.append("finished")


def asked_while_held(done, then=None):
    with held():
        asked(done, then)


def test_what_is_held_is_finished_before_the_program_ends():
    done = []
    with pytest.raises(Terminated):
        asked_while_held(done)

    assert done == ["finished"]


def test_it_is_told_once_also_if_more_is_held_while_it_ends():
    with pytest.raises(Terminated):
        asked([])
    with held():
        pass


def test_nothing_held_ends_at_once():
    done = []
    with pytest.raises(Terminated):
        asked(done)

    assert done == []


def test_an_error_inside_is_not_hidden_by_the_request():
    with pytest.raises(ValueError, match="first"):
        asked_while_held([], ValueError("first"))
