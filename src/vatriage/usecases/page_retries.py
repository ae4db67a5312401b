"""Which failures pass by themselves, how long to wait before the next try, and when to stop trying.

A wrong login, an expired account, a missing right or a request that is called wrong do not pass: they are never tried again.
"""

from collections.abc import Callable
from typing import TypeVar

from vatriage.errors import VatriageError
from vatriage.net.interface import NetError, ProxyError, Reason
from vatriage.net.limits import BUSY_WAIT_S
from vatriage.vendors.interface import (
    AnswerTooLargeError,
    RateLimitedError,
    Refusal,
    ReportUnreadableError,
    TemporarilyUnavailableError,
)

TRIES = 3
"""Of one page that cannot be asked for in smaller parts."""
LIMITED_TRIES = 4
"""Of one page when the vendor asks to wait."""
BUDGET = 40
"""Failures of one pull that are tried again; every page that comes gives one of them back."""
LONGEST_PAUSE_S = 60.0
_BROKEN = (Reason.SILENT, Reason.BROKEN_OFF, Reason.RESET)
_Result = TypeVar("_Result")


def passes(error: VatriageError) -> bool:
    """Whether the same request may well be answered a little later."""
    if isinstance(error, NetError):
        return error.reason in _BROKEN and not isinstance(error, ProxyError)
    return isinstance(error, TemporarilyUnavailableError | ReportUnreadableError)


def less_may_come(error: VatriageError) -> bool:
    """Whether the answer may come where less is asked for: it was too slow, too long, or broke off."""
    if isinstance(error, NetError):
        return passes(error)
    if isinstance(error, TemporarilyUnavailableError):
        return error.refusal is Refusal.TROUBLE
    return isinstance(error, AnswerTooLargeError) or (isinstance(error, ReportUnreadableError) and error.cut)


class Retries:
    """Tries again, within the budget of one pull.

    Args:
        pause_s: after the first failure of a page.
        dice: a random number from 0 to 1.
        sleep: waits so many seconds.
        waits: told of every wait: seconds, and why.
    """

    def __init__(
        self, pause_s: float, dice: Callable[[], float], sleep: Callable[[float], None],
        waits: Callable[[float, str], None],
    ) -> None:  # fmt: skip
        self._pause_s = pause_s
        self._dice = dice
        self._sleep = sleep
        self._waits = waits
        self._left = BUDGET

    def tried(self, attempt: Callable[[], _Result], *, divisible: bool) -> _Result:
        """Return what an attempt returns, made again where its failure passes.

        Args:
            attempt: fetches a page.
            divisible: less can be asked for, so that what is too much is not asked for again.

        Raises: VatriageError: the last failure.
        """
        failures = limited = 0
        while True:
            try:
                result = attempt()
            except RateLimitedError as error:
                limited += 1
                if limited == LIMITED_TRIES:
                    raise
                if error.wait_s is None:
                    self._wait(BUSY_WAIT_S, "the server is busy with other calls of the subscription")
            except VatriageError as error:
                failures += 1
                if not self._again(error, failures, divisible=divisible):
                    raise
                self._wait(self._pause(failures), f"try {failures + 1}: {error.message}")
            else:
                self._left = min(self._left + 1, BUDGET)
                return result

    def _again(self, error: VatriageError, failures: int, *, divisible: bool) -> bool:
        """Whether to try again, and if so, take it from the budget."""
        tries = TRIES
        if divisible and less_may_come(error):
            too_much = isinstance(error, NetError) and error.reason is Reason.SILENT
            tries = 1 if too_much else 2
        if not passes(error) or failures >= tries or not self._left:
            return False
        self._left -= 1
        return True

    def _pause(self, failures: int) -> float:
        """Return how long to wait: doubled with every failure, from half of it to all of it."""
        longest = min(self._pause_s * float(1 << (failures - 1)), LONGEST_PAUSE_S)
        return longest * (0.5 + self._dice() / 2)

    def _wait(self, seconds: float, why: str) -> None:
        self._waits(seconds, why)
        self._sleep(seconds)
