"""Asking for records by their ids, so many at a time as come: what was answered for is never asked for again.

A page that is too slow, too long or breaks off is asked for in halves, down to a single record. One that does not come even
alone is set aside, and the rest goes on; a few of them in a row, or all of them, are the server's trouble and not theirs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vatriage.errors import VatriageError
from vatriage.usecases.page_retries import less_may_come
from vatriage.usecases.page_size import PageSize
from vatriage.usecases.page_taker import PageTaker
from vatriage.usecases.page_wanted import Wanted

MOST_IN_A_ROW = 3
"""Records that do not come alone, one after the other, before the server is held to be in trouble."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """How a step asks for records by id."""

    step: str
    size: PageSize
    page: Callable[[tuple[int, ...]], Wanted]
    """Returns the page that asks for some ids."""
    lost: Callable[[int, str], None]
    """Notes that a record does not come, and why."""
    large_bytes: int
    """A page of so many bytes is no reason to ask for more at a time."""

    def take(self, taker: PageTaker, ids: Iterable[int], apart: Iterable[int] = ()) -> None:
        """Take the pages of some ids.

        Args:
            taker: of the pull.
            ids: what the step asks for; what its committed pages have answered for is left out.
            apart: those of them that did not come last time: they are asked for last, and each alone.

        Raises: VatriageError: the server is in trouble; what came is committed.
        """
        wanted = set(ids)
        alone = wanted & set(apart)
        aside = _Aside(self, came=bool(taker.of_step(self.step)))
        left = taker.left(self.step, wanted - alone)
        while left:
            left = self._next(taker, left, aside)
        for number in taker.left(self.step, alone):
            self._next(taker, [number], aside)
        aside.settle()

    def _next(self, taker: PageTaker, left: list[int], aside: "_Aside") -> list[int]:
        """Take the next page; return what is left."""
        batch = left[: self.size.now]
        try:
            line = taker.take(self.page(tuple(batch)), divisible=len(batch) > 1)
        except VatriageError as error:
            if not less_may_come(error):
                raise
            if len(batch) > 1:
                self.size.failed(len(batch))
                return left
            aside.add(batch[0], error)
            self.size.culprit_found()
            return left[1:]
        self.size.came(large=line.size >= self.large_bytes)
        aside.page_came()
        answered = set(line.asked)
        return [number for number in left if number not in answered]


class _Aside:
    """Records that did not come alone; each is lost only once something else came of the same step."""

    def __init__(self, batches: Batches, *, came: bool) -> None:
        self._batches = batches
        self._came = came
        self._waiting: list[tuple[int, VatriageError]] = []

    def add(self, number: int, error: VatriageError) -> None:
        """Set a record aside. Raises: VatriageError: so many in a row are the server's trouble."""
        self._waiting.append((number, error))
        if len(self._waiting) >= MOST_IN_A_ROW:
            raise error

    def page_came(self) -> None:
        """The server answers: it was their own fault."""
        self._came = True
        self.settle()

    def settle(self) -> None:
        """Note what is lost. Raises: VatriageError: nothing at all came."""
        if self._waiting and not self._came:
            raise self._waiting[-1][1]
        for number, error in self._waiting:
            self._batches.lost(number, error.message)
        self._waiting.clear()
