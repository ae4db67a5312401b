"""The hosts of a subscription by id: those that were told one by one, and those that a maker makes when asked.

A made host is made anew each time it is read, so that a hundred thousand of them need no memory; one that is asked for
by its id (`table[id]`) is kept from then on, since whoever asks may change it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, MutableMapping
from heapq import merge
from threading import RLock
from typing import Protocol

from vatriage_simulator.hosts import SimHost
from vatriage_simulator.number_set import NumberSet, address_number

ENDLESS = 1 << 62
"""Larger than any host id."""


class HostMaker(Protocol):
    """Makes hosts from their ids; the same id gives the same host each time."""

    def __len__(self) -> int:
        """Return how many hosts it can make."""

    def __contains__(self, number: int) -> bool:
        """Whether it makes a host of this id."""

    def host(self, number: int) -> SimHost:
        """Make a host; its id must be one of ours."""

    def ids(self, low: int, high: int) -> Iterator[int]:
        """Yield the ids from low to high, both included, ascending."""

    def before(self, number: int) -> int | None:
        """Return the largest id below a number."""

    def ids_at(self, addresses: NumberSet) -> Iterator[int]:
        """Yield the ids of the hosts at some addresses."""


class HostTable(MutableMapping[int, SimHost]):
    """Hosts by id. Safe between threads."""

    def __init__(self, maker: HostMaker | None = None) -> None:
        self._kept: dict[int, SimHost] = {}
        self._order: list[int] = []
        """The ids of `_kept`, ascending."""
        self._gone: set[int] = set()
        """The ids of made hosts that were purged."""
        self._maker = maker
        self._lock = RLock()

    def __getitem__(self, number: int) -> SimHost:
        """Return a host and keep it. Raises: KeyError: there is none."""
        with self._lock:
            if number not in self._kept:
                host = self.read(number)
                if host is None:
                    raise KeyError(number)
                self[number] = host
            return self._kept[number]

    def __setitem__(self, number: int, host: SimHost) -> None:
        """Keep a host."""
        with self._lock:
            if number not in self._kept:
                self._order.insert(bisect_left(self._order, number), number)
            self._kept[number] = host

    def __delitem__(self, number: int) -> None:
        """Forget a host for good. Raises: KeyError: there is none."""
        with self._lock:
            if number not in self:
                raise KeyError(number)
            if self._kept.pop(number, None) is not None:
                del self._order[bisect_left(self._order, number)]
            if self._maker is not None and number in self._maker:
                self._gone.add(number)

    def __contains__(self, number: object) -> bool:
        """Whether there is a host of this id."""
        return number in self._kept or (isinstance(number, int) and self._is_made(number))

    def __iter__(self) -> Iterator[int]:
        """Yield all ids, ascending."""
        return self.ids()

    def __len__(self) -> int:
        """Return how many hosts there are."""
        made = 0 if self._maker is None else len(self._maker) - len(self._gone)
        return made + sum(not self._is_made(number) for number in self._order)

    def read(self, number: int) -> SimHost | None:
        """Return a host to be looked at only: a change of a made one is lost. None: there is none."""
        with self._lock:
            host = self._kept.get(number)
            if host is None and self._maker is not None and self._is_made(number):
                host = self._maker.host(number)
            return host

    def ids(self, low: int = 0, high: int = ENDLESS) -> Iterator[int]:
        """Yield the ids from low to high, both included, ascending; what is purged meanwhile may still come."""
        with self._lock:
            kept = self._order[bisect_left(self._order, low) : bisect_right(self._order, high)]
        if self._maker is None:
            return iter(kept)
        made = (number for number in self._maker.ids(low, high) if number not in self._kept and self._is_made(number))
        return merge(made, kept)

    def before(self, number: int) -> int | None:
        """Return the largest id below a number, None if there is none."""
        with self._lock:
            place = bisect_left(self._order, number)
            found = [self._order[place - 1]] if place else []
            made = self._maker.before(number) if self._maker else None
            while made is not None and self._maker is not None and made in self._gone:
                made = self._maker.before(made)
        return max([*found, *([] if made is None else [made])], default=None)

    def first(self, low: int) -> int | None:
        """Return the smallest id from a number on, None if there is none."""
        return next(self.ids(low), None)

    def at(self, addresses: NumberSet) -> list[SimHost]:
        """Return the hosts at some IPv4 addresses, kept from now on."""
        with self._lock:
            kept = {number: host for number, host in self._kept.items() if _is_at(host, addresses)}
            found = {host.id: host for host in self.made_at(addresses)} | kept
            return [found[number] for number in sorted(found)]

    def made_at(self, addresses: NumberSet) -> list[SimHost]:
        """Return the hosts at some IPv4 addresses that came from the maker; kept from now on."""
        with self._lock:
            made = [] if self._maker is None else list(self._maker.ids_at(addresses))
            return [self[number] for number in made if self._is_made(number)]

    def _is_made(self, number: int) -> bool:
        """Whether the maker makes a host of this id and nobody purged it."""
        return self._maker is not None and number in self._maker and number not in self._gone


def _is_at(host: SimHost, addresses: NumberSet) -> bool:
    """Whether a host's IPv4 address is one of some."""
    return ":" not in host.ip and address_number(host.ip) in addresses
