"""Permits: no call to an account without one, from any process (DESIGN 3).

`PermittedFetcher` asks for a permit before every call and reports what the answer said of the account's limits. A call that
was refused for them did not happen: it is made again once they allow it, so that nobody above has to know of limits.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from vatriage.clock import Clock, now_us
from vatriage.errors import VatriageError
from vatriage.model.instant import US, format_instant
from vatriage.net.interface import Answer, Fetcher, Heard, Request
from vatriage.net.limits import Standing, standing

MOST_REFUSALS = 5
"""Of one call, for its limits: then the refusal is the answer."""


class Permits(Protocol):
    """Leave to call one account, shared by every process that works for it."""

    def take(self, resource: str) -> float:
        """Take a permit for one call.

        Returns: 0 if it was given, else after how many seconds it is worth asking again.
        """

    def keep(self, resource: str) -> None:
        """The call goes on: its permit does not expire. Asked for with every piece of an answer."""

    def give_back(self, resource: str, said: Standing | None) -> None:
        """End the call of this thread; `said` is what its answer told of the limits, None if there was no answer."""


class LongWaitError(VatriageError):
    """The account's limit asks for a wait that is too long to sit through; the pull goes on where it stopped."""

    exit_code = 7

    def __init__(self, message: str, hint: str = "", *, wait_s: float) -> None:
        super().__init__(message, hint)
        self.wait_s = wait_s
        """Seconds after which it is worth trying again."""


class PermittedFetcher:
    """A fetcher that obeys the account's permits.

    Args:
        inner: does the calls.
        permits: of the account.
        sleep: waits so many seconds.
        longest_wait_s: the longest that one call may wait for its permit.
        clock: tells when a wait ends that is too long to sit through.
        waiting: told of every wait, in seconds.
        tries: how often a call is made that is refused for its limits.
    """

    def __init__(
        self,
        inner: Fetcher,
        permits: Permits,
        *,
        sleep: Callable[[float], None],
        longest_wait_s: float,
        clock: Clock,
        waiting: Callable[[float], None] = lambda _seconds: None,
        tries: int = MOST_REFUSALS,
    ) -> None:
        self._inner = inner
        self._permits = permits
        self._sleep = sleep
        self._longest_wait_s = longest_wait_s
        self._clock = clock
        self._waiting = waiting
        self._tries = tries

    def fetch(self, request: Request, body: Path, heard: Heard | None = None) -> Answer:
        """See Fetcher.fetch. Raises: LongWaitError: the permit would come too late."""
        waited, answer = self._await_permit(request.resource, 0.0), self._called(request, body, heard)
        for _ in range(self._tries - 1):
            if not standing(answer).refused:
                break
            try:
                waited = self._await_permit(request.resource, waited)
            except LongWaitError:
                break  # the vendor's own words say more; who asks again meets the wait
            answer = self._called(request, body, heard)
        return answer

    def _called(self, request: Request, body: Path, heard: Heard | None) -> Answer:
        """Make one call, for which there is a permit."""

        def both(piece: bytes) -> None:
            self._permits.keep(request.resource)
            if heard is not None:
                heard(piece)

        said: Standing | None = None
        try:
            answer = self._inner.fetch(request, body, both)
            said = standing(answer)
        finally:
            self._permits.give_back(request.resource, said)
        return answer

    def _await_permit(self, resource: str, waited: float) -> float:
        """Wait until there is a permit; return how long was waited for this call in all."""
        while wait := self._permits.take(resource):
            waited += wait
            if waited > self._longest_wait_s:
                until = format_instant((now_us(self._clock) // US + int(wait) + 1) * US)
                raise LongWaitError(
                    f"The account's limit for {resource} lets nobody call for another {wait:g} s, until {until}.",
                    "What was fetched is kept: run the pull again then, and it goes on where it stopped.",
                    wait_s=wait,
                )
            self._waiting(wait)
            self._sleep(wait)
        return waited
