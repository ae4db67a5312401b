"""A workflow that is called under way and that no thread works on is lost, after a while."""

import pytest

from vatriage.engine.in_flight import LOST_S, InFlight


@pytest.fixture
def at():
    return [1_000]


@pytest.fixture
def in_flight(at):
    return InFlight(lambda: at[-1])


def looked(in_flight, at, *instants, pending=True):
    found = []
    for instant in instants:
        at.append(1_000 + instant)
        found.append(in_flight.is_lost("w", pending=pending))
    return found


def test_what_nobody_works_on_is_lost_after_a_minute_and_once_told_waits_again(in_flight, at):
    assert looked(in_flight, at, 0, LOST_S - 1, LOST_S, LOST_S + 1, 2 * LOST_S + 1) == [False, False, True, False, True]


def test_what_somebody_works_on_is_never_lost(in_flight, at):
    with in_flight.working_on("w"):
        assert looked(in_flight, at, 0, 10 * LOST_S) == [False, False]
    assert looked(in_flight, at, 10 * LOST_S, 10 * LOST_S + 59) == [False, False]


def test_what_waits_its_turn_or_has_ended_is_never_lost(in_flight, at):
    assert looked(in_flight, at, 0, 10 * LOST_S, pending=False) == [False, False]


def test_work_in_between_begins_the_wait_anew(in_flight, at):
    looked(in_flight, at, 0)
    looked(in_flight, at, 30, pending=False)
    assert looked(in_flight, at, 50, 109, 110) == [False, False, True]


def test_a_clock_that_is_set_back_begins_the_wait_anew(in_flight, at):
    looked(in_flight, at, 1_000)
    assert looked(in_flight, at, 0, LOST_S - 1, LOST_S) == [False, False, True]


def test_a_thread_that_fails_works_on_nothing(in_flight, at):
    with pytest.raises(ValueError, match="broken"), in_flight.working_on("w"):
        raise ValueError("broken")
    assert looked(in_flight, at, 0, LOST_S) == [False, True]
