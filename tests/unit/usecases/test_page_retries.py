"""Which failures are tried again, after which waits, and how many of them one pull affords."""

import pytest

from vatriage.net.interface import NetError, Reason
from vatriage.usecases.page_retries import BUDGET, LONGEST_PAUSE_S, TRIES, Retries
from vatriage.vendors.interface import (
    AnswerTooLargeError,
    CredentialsRejectedError,
    RateLimitedError,
    Refusal,
    ReportUnreadableError,
    RequestRefusedError,
    TemporarilyUnavailableError,
)


class Failing:
    """An attempt that fails so many times, and the waits between."""

    def __init__(self, error, times=99):
        self.error, self.times, self.made, self.waits = error, times, 0, []
        self.retries = Retries(2.0, lambda: 1.0, self.waits.append, lambda _seconds, _why: None)

    def __call__(self):
        """Fail, or come."""
        self.made += 1
        if self.made <= self.times:
            raise self.error
        return "page"

    def tried(self, *, divisible=False):
        """Try; return the page, or the error's class."""
        try:
            return self.retries.tried(self, divisible=divisible)
        except type(self.error) as error:
            return type(error)


CUT = ReportUnreadableError("cut")
CUT.cut = True


@pytest.mark.parametrize(
    ("error", "alone", "divisible"),
    [
        (NetError("x", reason=Reason.SILENT), TRIES, 1),
        (NetError("x", reason=Reason.RESET), TRIES, 2),
        (NetError("x", reason=Reason.BROKEN_OFF), TRIES, 2),
        (NetError("x", reason=Reason.UNKNOWN_HOST), 1, 1),
        (NetError("x", reason=Reason.UNTRUSTED), 1, 1),
        (TemporarilyUnavailableError("x", refusal=Refusal.MAINTENANCE), TRIES, TRIES),
        (TemporarilyUnavailableError("x", refusal=Refusal.TROUBLE), TRIES, 2),
        (ReportUnreadableError("an HTML page"), TRIES, TRIES),
        (CUT, TRIES, 2),
        (AnswerTooLargeError("x"), 1, 1),
        (CredentialsRejectedError("x"), 1, 1),
        (RequestRefusedError("x"), 1, 1),
    ],
)
def test_what_passes_is_tried_again_and_what_a_person_must_put_right_never(error, alone, divisible):
    attempts = []
    for may_divide in (False, True):
        failing = Failing(error)
        assert failing.tried(divisible=may_divide) is type(error)
        attempts.append(failing.made)

    assert attempts == [alone, divisible]


def test_waits_double_and_have_an_end():
    failing = Failing(TemporarilyUnavailableError("x", refusal=Refusal.MAINTENANCE), times=2)

    assert (failing.tried(), failing.waits) == ("page", [2.0, 4.0])
    assert Retries(1_000.0, lambda: 1.0, print, print)._pause(9) == LONGEST_PAUSE_S


def test_a_limit_that_does_not_say_how_long_is_waited_for_and_one_that_does_is_the_permits_matter():
    silent, told = Failing(RateLimitedError("x"), times=2), Failing(RateLimitedError("x", wait_s=9.0), times=2)

    assert (silent.tried(), told.tried()) == ("page", "page")
    assert (silent.waits, told.waits) == ([5, 5], [])


def test_a_pull_affords_so_many_retries_and_every_page_that_comes_gives_one_back():
    failing = Failing(NetError("x", reason=Reason.RESET))
    for _ in range(BUDGET):
        failing.tried()
    spent = failing.made
    failing.tried()
    after = failing.made
    failing.times = 0
    failing.tried()
    failing.times = failing.made + 99
    before = failing.made
    failing.tried()

    assert spent == BUDGET + BUDGET  # two retries for each of the first twenty, none for the others
    assert after - spent == 1
    assert failing.made - before == 2
