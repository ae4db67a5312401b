"""Faults that are ordered: scripted, the next calls of a resource go wrong in one exact way, or by a seed.

`FaultOrders` says which call goes wrong and how; `fault_kinds` has the kinds, `fault_schedule` the seeded ones.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock

from vatriage_simulator.fault_kinds import IN_RECORD, UNDELIVERED, FaultKind, fits
from vatriage_simulator.resources import Resource

__all__ = ["IN_RECORD", "Fault", "FaultKind", "FaultOrders", "FaultSource", "TakenFault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of fault and its measures."""

    kind: FaultKind
    seconds: float = 0.0
    """DELAY, SILENCE, STALL, STALL_CUT: how long; RATE_LIMIT: the time to wait; CLOCK_SKEW: by how much."""
    record_id: int | None = None
    """Only answers that hold this host id (or QID) go wrong; None: all, and the first record is the spoilt one.
    The lasting kinds read it as `fault_kinds` says."""
    after_bytes: int | None = None
    """Where the body breaks, in bytes as sent; None: in the middle."""
    after_records: int | None = None
    """The stream of scan.php only: it is cut or stalls in what comes next after so many hosts; HEADER last counts as
    one more. None: after half of them."""
    number: int | None = None
    """ERROR: the error's number; QIDS_WITHHELD: each QID that it divides."""


@dataclass(frozen=True, slots=True)
class TakenFault:
    """A fault that happened."""

    resource: str
    call: int
    """Which call of its resource it was, from 1; only calls that would have been answered count."""
    fault: Fault


class FaultSource:
    """Faults that nobody ordered one by one; the base brings none."""

    def fault_of(self, resource: str, call: int, record_ids: Sequence[int]) -> Fault | None:
        """Return the fault of the n-th call (from 1) of a resource; the same question has the same answer."""
        raise NotImplementedError

    def is_poison(self, resource: str, record_id: int) -> bool:
        """Whether every answer of a resource that holds this record breaks."""
        raise NotImplementedError


@dataclass(slots=True)
class _Order:
    """A fault that is ordered, and for how many calls it is left (None: without end)."""

    resource: str
    fault: Fault
    left: int | None
    after: int
    """It waits until so many calls of its resource were made, counted from the beginning."""

    def matches(self, resource: str, record_ids: Collection[int]) -> bool:
        """Whether a call holds what this order is about."""
        wanted = self.fault.record_id
        return (
            self.resource in {Resource.ANY, resource}
            and fits(self.fault.kind, resource)
            and (wanted is None or wanted in record_ids or self.fault.kind not in _BOUND)
        )


_BOUND = frozenset(FaultKind) - {FaultKind.HOSTS_PURGED, FaultKind.ADDRESS_REUSED, FaultKind.QIDS_WITHHELD}
"""The kinds that wait for an answer that holds their record."""


class FaultOrders:
    """The faults still to come, oldest first, then those of the source. Safe between threads."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []
        self._source: FaultSource | None = None
        self._calls: Counter[str] = Counter()
        self._taken: list[TakenFault] = []
        self._lock = Lock()

    def add(self, resource: str, fault: Fault | FaultKind | str, times: int | None = 1, *, after: int = 0) -> None:
        """Order a fault for the next `times` matching calls (None: until `clear`); resource `*` means any.

        Args:
            resource: one of `Resource`.
            fault: a fault or its kind.
            times: how many calls.
            after: how many calls of the resource come before, whatever happens to them.

        Raises: ValueError: the kind cannot happen to the resource.
        """
        if not isinstance(fault, Fault):
            fault = Fault(kind=FaultKind(fault))
        if not fits(fault.kind, resource):
            raise ValueError(f"fault {fault.kind} cannot happen to {resource}")
        with self._lock:
            self._orders.append(_Order(resource, fault, times, self._calls[resource] + after))

    def follow(self, source: FaultSource | None) -> None:
        """Take the faults of all calls without an order from a source, such as `FaultSchedule`; None: no more."""
        with self._lock:
            self._source = source

    def clear(self) -> None:
        """Take back every order and leave the source."""
        with self._lock:
            self._orders.clear()
            self._source = None

    @property
    def taken(self) -> list[TakenFault]:
        """The faults that happened, in order; a copy."""
        with self._lock:
            return list(self._taken)

    def take(self, resource: str, record_ids: Sequence[int]) -> Fault | None:
        """Return the fault of this call, if one is ordered, and count it as used."""
        with self._lock:
            self._calls[resource] += 1
            self._calls[Resource.ANY] += 1
            fault = self._ordered(resource, record_ids)
            if fault is None and self._source is not None:
                fault = self._source.fault_of(resource, self._calls[resource], record_ids)
            if fault is not None:
                self._taken.append(TakenFault(resource, self._calls[resource], fault))
            return fault

    def undeliverable(self, resource: str, record_ids: Collection[int]) -> frozenset[int]:
        """Return those of the records that no answer of a resource will ever bring, at any page size."""
        with self._lock:
            bound = {
                order.fault.record_id or 0
                for order in self._orders
                if order.left is None and order.fault.kind in UNDELIVERED and order.resource in {Resource.ANY, resource}
            }
            source = self._source
        poison = {number for number in record_ids if source is not None and source.is_poison(resource, number)}
        return frozenset(poison | bound.intersection(record_ids))

    def _ordered(self, resource: str, record_ids: Collection[int]) -> Fault | None:
        """Return the fault of the oldest order that is due."""
        for order in self._orders:
            if self._calls[order.resource] <= order.after or not order.matches(resource, record_ids):
                continue
            if order.left is not None:
                order.left -= 1
            self._orders = [item for item in self._orders if item.left != 0]
            return order.fault
        return None
