"""The fetcher asks for a permit before every call, and gives it back after it."""

from pathlib import Path

import pytest

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
    return PermittedFetcher(server, permits, sleep=slept.append, longest_wait_s=longest)


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
