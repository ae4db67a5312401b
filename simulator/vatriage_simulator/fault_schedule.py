"""Faults by a seed: the same seed breaks the same calls in the same way.

What happens to a call is decided by the seed, its resource and which call of that resource it is, by nothing else:
neither the time nor what other resources do matters. Only which record of a list is spoilt depends on the list.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import replace

from vatriage_simulator.fault_kinds import IN_RECORD, LASTING, FaultKind, fits
from vatriage_simulator.faults import Fault, FaultSource
from vatriage_simulator.resources import Resource

PASSING = frozenset(FaultKind) - LASTING - {FaultKind.ERROR, FaultKind.NO_PERMISSION, FaultKind.SECURE_IP}
"""What goes wrong for one call only and may go well with the next."""

TERMINAL = frozenset({FaultKind.PASSWORD_CHANGED, FaultKind.ACCOUNT_EXPIRES})
"""After these nothing is answered any more."""

REPORTS = frozenset({Resource.SCAN_FETCH, Resource.SCAN_REPORT})
"""Where a report may be not ready."""

DEFAULT_KINDS = PASSING | (LASTING - TERMINAL)
DEFAULT_RESOURCES = frozenset({Resource.HOST_LIST, Resource.DETECTION_LIST, Resource.KNOWLEDGE_BASE})

_SLOW = frozenset({FaultKind.DELAY, FaultKind.SILENCE, FaultKind.STALL, FaultKind.STALL_CUT})
_SKEWS_S = (-86_400, -900, 900, 86_400)


class FaultSchedule(FaultSource):
    """Which call goes wrong, and how, by a seed."""

    def __init__(
        self,
        seed: int,
        *,
        share: float = 0.15,
        kinds: Collection[FaultKind | str] = DEFAULT_KINDS,
        resources: Collection[Resource | str] = DEFAULT_RESOURCES,
        in_a_row: int = 3,
        until_call: int | None = None,
        stall_s: float = 0.2,
        wait_s: int = 1,
        poison_share: float = 0.0,
    ) -> None:
        """Begin.

        Args:
            seed: what makes it differ.
            share: how many of the calls go wrong, 0 to 1.
            kinds: what may happen; by default all but the terminal kinds and those that need a number.
            resources: to which resources.
            in_a_row: how many calls of a resource may go wrong one after the other.
            until_call: the last call of each resource that may go wrong; None: without end.
            stall_s: how long delays and stalls are, seconds.
            wait_s: the ToWait of a rate limit, whole seconds from 1.
            poison_share: how many of the hosts make every detection page break that holds them, 0 to 1.

        Raises: ValueError: a share, a kind or a resource is none.
        """
        if not (0 <= share <= 1 and 0 <= poison_share <= 1):
            raise ValueError(f"share {share} and poison_share {poison_share} must be 0 to 1")
        self.seed = seed
        self._share = share
        self._kinds = frozenset(FaultKind(kind) for kind in kinds)
        self._resources = frozenset(Resource(resource) for resource in resources)
        self._in_a_row = in_a_row
        self._until_call = until_call
        self._stall_s = stall_s
        self._wait_s = wait_s
        self._poison_share = poison_share

    def fault_of(self, resource: str, call: int, record_ids: Sequence[int]) -> Fault | None:
        """See FaultSource.fault_of; a poison host comes before everything else."""
        poison = next((number for number in record_ids if self.is_poison(resource, number)), None)
        if poison is not None:
            breaks = self._dice("poison", poison).choice((FaultKind.STALL_CUT, FaultKind.RESET))
            return Fault(kind=breaks, seconds=self._stall_s, record_id=poison)
        if not self._resources & {resource, Resource.ANY} or not self._goes_wrong(resource, call):
            return None
        dice = self._dice("kind", resource, call)
        possible = sorted(kind for kind in self._kinds if _can_happen(kind, resource))
        if not possible:
            return None
        fault = self._measured(dice.choice(possible), dice)
        if fault.kind in IN_RECORD and record_ids:
            fault = replace(fault, record_id=dice.choice(record_ids))
        return fault

    def is_poison(self, resource: str, record_id: int) -> bool:
        """See FaultSource.is_poison; only the detection list has poison hosts."""
        if not self._poison_share or resource != Resource.DETECTION_LIST:
            return False
        return self._dice("host", record_id).random() < self._poison_share

    def _goes_wrong(self, resource: str, call: int) -> bool:
        """Whether a call goes wrong: it is drawn, and not all the calls just before it were."""
        if self._until_call is not None and call > self._until_call:
            return False
        before = range(max(1, call - self._in_a_row), call)
        full = len(before) == self._in_a_row and all(self._is_drawn(resource, place) for place in before)
        return self._is_drawn(resource, call) and not full

    def _is_drawn(self, resource: str, call: int) -> bool:
        """Whether the dice fell on a call."""
        return self._dice("call", resource, call).random() < self._share

    def _measured(self, kind: FaultKind, dice: random.Random) -> Fault:
        """Return a fault of a kind with its measures."""
        if kind in _SLOW:
            return Fault(kind=kind, seconds=self._stall_s)
        if kind is FaultKind.RATE_LIMIT:
            return Fault(kind=kind, seconds=self._wait_s)
        if kind is FaultKind.CLOCK_SKEW:
            return Fault(kind=kind, seconds=dice.choice(_SKEWS_S))
        return Fault(kind=kind, number=999 if kind is FaultKind.ERROR else None)

    def _dice(self, *place: object) -> random.Random:
        """Return dice that fall the same way for the same seed and place, in every process."""
        return random.Random(":".join(map(str, (self.seed, *place))))


def _can_happen(kind: FaultKind, resource: str) -> bool:
    """Whether the dice may choose a kind for a resource; that a list is not ready would be no answer of the service."""
    return fits(kind, resource) and (kind is not FaultKind.NOT_READY or resource in REPORTS)
