"""The fetcher asks for a permit before every call, and gives it back after it."""

from pathlib import Path

import pytest

from vatriage.clock import SystemClock
from vatriage.net.interface import Answer, NetError, Request
from vatriage.net.permits import LongWaitError, PermittedFetcher

CALL = Request(resource="detections", path="/x")


class Permits:
    """Gives a permit after the waits it was told of."""

    def __init__(self, *waits):
        self.waits, self.log = list(waits), []

    def take(self, resource):
        """See Permits.take."""
        wait = self.waits.pop(0) if self.waits else 0.0
        self.log.append(("take", resource, wait))
        return wait

    def keep(self, resource):
        """See Permits.keep."""
        self.log.append(("keep", resource, 0))

    def give_back(self, resource, said):
        """See Permits.give_back."""
        self.log.append(("give back", resource, None if said is None else said.wait_s))


class Server:
    """Answers, or fails."""

    def __init__(self, answer):
        self.answer, self.calls = answer, 0

    def fetch(self, _request, _body, _heard=None):
        """See Fetcher.fetch."""
        self.calls += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def fetcher(server, permits, slept, longest=100.0):
    return PermittedFetcher(server, permits, sleep=slept.append, longest_wait_s=longest, clock=SystemClock())


def test_no_call_is_made_before_the_permit_is_there():
    permits, slept, server = Permits(2.0, 0.5), [], Server(Answer(status=200, headers={}))
    fetcher(server, permits, slept).fetch(CALL, Path("unused"))

    assert (slept, server.calls) == ([2.0, 0.5], 1)
    assert permits.log[-1] == ("give back", "detections", 0)


def test_the_permits_learn_what_the_answer_says():
    permits = Permits()
    fetcher(Server(Answer(status=409, headers={"x-ratelimit-towait-sec": "7"})), permits, []).fetch(
        CALL, Path("unused")
    )

    assert permits.log[-1] == ("give back", "detections", 7)


def test_a_call_that_fails_gives_its_permit_back():
    permits = Permits()
    with pytest.raises(NetError):
        fetcher(Server(NetError("no")), permits, []).fetch(CALL, Path("unused"))

    assert permits.log[-1] == ("give back", "detections", None)


def test_a_wait_that_is_too_long_is_not_slept():
    slept, server = [], Server(Answer(status=200, headers={}))
    with pytest.raises(LongWaitError, match="another 3600 s") as caught:
        fetcher(server, Permits(3600.0), slept).fetch(CALL, Path("unused"))

    assert (slept, server.calls, caught.value.exit_code) == ([], 0, 7)


class Busy(Server):
    """Refuses some calls for the account's limits before it answers."""

    def __init__(self, refusals):
        super().__init__(Answer(status=200, headers={}))
        self.refusals = refusals

    def fetch(self, request, body, heard=None):
        """See Fetcher.fetch."""
        answer = super().fetch(request, body, heard)
        return Answer(status=409, headers={}) if self.calls <= self.refusals else answer


def test_a_call_refused_for_its_limits_is_made_again_after_the_wait():
    server, slept = Busy(2), []
    answer = fetcher(server, Permits(0.0, 5.0, 0.0, 5.0), slept).fetch(CALL, Path("unused"))

    assert (answer.status, server.calls, slept) == (200, 3, [5.0, 5.0])


def test_refusals_that_do_not_end_are_the_answer():
    server = Busy(99)
    answer = fetcher(server, Permits(), []).fetch(CALL, Path("unused"))

    assert (answer.status, server.calls) == (409, 5)


def test_a_refusal_whose_wait_is_too_long_is_the_answer_and_not_slept_through():
    server, slept = Busy(99), []
    answer = fetcher(server, Permits(0.0, 3600.0), slept).fetch(CALL, Path("unused"))

    assert (answer.status, server.calls, slept) == (409, 1, [])


def test_every_piece_of_an_answer_keeps_the_permit():
    class Slow(Server):
        def fetch(self, request, body, heard=None):
            heard(b"one")
            heard(b"two")
            return super().fetch(request, body, heard)

    permits, pieces = Permits(), []
    fetcher(Slow(Answer(status=200, headers={})), permits, []).fetch(CALL, Path("unused"), pieces.append)

    assert pieces == [b"one", b"two"]
    assert [entry[0] for entry in permits.log] == ["take", "keep", "keep", "give back"]
