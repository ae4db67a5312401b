"""Hosts in any number, each made when it is asked for, from a seed and its own number: a page needs a page's memory."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from vatriage_simulator import bulk_knowledge
from vatriage_simulator.bulk_knowledge import FIRST_QID
from vatriage_simulator.host_table import ENDLESS
from vatriage_simulator.hosts import SimDetection, SimHost, SimScan
from vatriage_simulator.number_set import NumberSet, address_number

MAX_HOSTS = 1_000_000
MAX_DETECTIONS_PER_HOST = 5_000

_BEFORE_FIRST_ID = 1000
_FIRST_ADDRESS = address_number("10.0.0.0")
_STRIDE = 7919
"""A prime: from QID to QID on one host."""
_SYSTEMS = ("Windows Server 2022 Standard 64 bit Edition", "Ubuntu Linux 24.04", "Red Hat Enterprise Linux 9.4")
_STATUSES = ("Active",) * 10 + ("New",) * 2 + ("Re-Opened",) + ("Fixed",) * 3
_UNIQUE_IDS = 10_000
"""So many detection ids are set aside for a host."""


class MadeHost(SimHost):
    """A host whose detections are made when somebody asks for them."""

    def __init__(
        self,
        number: int,
        ip: str,
        make: Callable[[SimScan], Iterator[SimDetection]],
        *,
        scan: SimScan,
        os: str,
        dns: str,
    ) -> None:
        super().__init__(id=number, ip=ip, scans=[scan], os=os, dns=dns, severity_of=bulk_knowledge.severity)
        self._make = make
        self._scan = scan
        self._made: list[SimDetection] | None = None

    @property
    def detections(self) -> list[SimDetection]:
        """What was found; made with the first look and then kept."""
        if self._made is None:
            self._made = list(self._make(self._scan))
        return self._made

    @detections.setter
    def detections(self, _: list[SimDetection]) -> None:
        """Leave the empty list of the base's constructor aside."""

    def detects(self, wanted: Callable[[SimDetection], bool]) -> bool:
        """See SimHost.detects; no more detections than needed are made."""
        return any(wanted(item) for item in (self._make(self._scan) if self._made is None else self._made))


class BulkHosts:
    """Makes hosts; see HostMaker. Addresses go from 10.0.0.1 upwards, ids have gaps as real ones do."""

    def __init__(self, seed: int, hosts: int, *, detections_per_host: int, qids: int, now: datetime) -> None:
        """Begin.

        Args:
            seed: what makes them differ.
            hosts: how many, 0 to MAX_HOSTS.
            detections_per_host: on every host, 0 to MAX_DETECTIONS_PER_HOST; no QID twice on one host.
            qids: how many QIDs there are, from FIRST_QID.
            now: aware; dates lie before it.

        Raises: ValueError: a number is out of its bounds, or there are fewer QIDs than detections on a host.
        """
        if not 0 <= hosts <= MAX_HOSTS:
            raise ValueError(f"{hosts} hosts: the simulator makes 0 to {MAX_HOSTS}")
        if not 0 <= detections_per_host <= min(qids, MAX_DETECTIONS_PER_HOST):
            raise ValueError(
                f"{detections_per_host} detections on each host: "
                f"the simulator makes 0 to {MAX_DETECTIONS_PER_HOST}, and no more than there are QIDs ({qids})"
            )
        self._seed = seed
        self._hosts = hosts
        self._per_host = detections_per_host
        self._qids = qids
        self._now = now.replace(microsecond=0)
        self._stride = _STRIDE if qids % _STRIDE else 1

    def __len__(self) -> int:
        """Return how many hosts there are."""
        return self._hosts

    def __contains__(self, number: int) -> bool:
        """Whether an id is one of ours."""
        place = _place(number)
        return 1 <= place <= self._hosts and self._id(place) == number

    def ids(self, low: int = 0, high: int = ENDLESS) -> Iterator[int]:
        """Yield the ids from low to high, both included, ascending."""
        for place in range(max(1, _place(low)), min(self._hosts, _place(high)) + 1):
            number = self._id(place)
            if low <= number <= high:
                yield number

    def before(self, number: int) -> int | None:
        """Return the largest id below a number."""
        last = min(self._hosts, _place(number))
        return next((found for place in (last, last - 1) if place >= 1 and (found := self._id(place)) < number), None)

    def ids_at(self, addresses: NumberSet) -> Iterator[int]:
        """Yield the ids of the hosts at some addresses, ascending."""
        for low, high in zip(addresses.starts, addresses.ends, strict=True):
            first, last = max(1, low - _FIRST_ADDRESS), min(self._hosts, high - _FIRST_ADDRESS)
            yield from map(self._id, range(first, last + 1))

    def host(self, number: int) -> SimHost:
        """Make a host: one scan in the last week, or for one host in ten months ago; half of them with a login."""
        place = _place(number)
        dice = random.Random(self._seed << 32 | place)
        age = timedelta(
            days=dice.randint(60, 200) if place % 10 == 0 else dice.randint(0, 6), seconds=dice.randint(60, 80_000)
        )
        ended = self._now - age
        scan = SimScan(at=ended, duration_s=dice.randint(120, 2600), authenticated=place % 2 == 0, processed_at=ended)
        first = dice.randrange(self._qids)
        return MadeHost(
            number,
            f"10.{place >> 16}.{place >> 8 & 255}.{place & 255}",
            lambda found_by: self._detections(place, first, found_by),
            scan=scan,
            os=_SYSTEMS[place % len(_SYSTEMS)],
            dns=f"host-{place:07d}.corp.example",
        )

    def _detections(self, place: int, first: int, scan: SimScan) -> Iterator[SimDetection]:
        """Make what the scan found on a host."""
        for count in range(self._per_host):
            qid = FIRST_QID + (first + count * self._stride) % self._qids
            kind = bulk_knowledge.detection_type(qid)
            port = bulk_knowledge.port(qid)
            status = "Active" if kind == "Info" else _STATUSES[(place + qid) % len(_STATUSES)]
            fixed = status == "Fixed"
            last_found = scan.at - timedelta(days=1 + place % 30) if fixed else scan.at
            yield SimDetection(
                unique_id=place * _UNIQUE_IDS + count,
                qid=qid,
                type=kind,
                severity=bulk_knowledge.severity(qid),
                status=status,
                first_found=last_found - timedelta(days=0 if status == "New" else 1 + (place + count) % 300),
                last_found=last_found,
                last_test=scan.at,
                last_update=scan.processed_at,
                last_processed=scan.processed_at,
                port=port,
                protocol=None if port is None else "tcp",
                ssl=None if port is None else port == 443,
                results=f"Invented for host {place}: version {qid % 17}.{place % 9} of the product was found.",
                last_fixed=scan.at if fixed else None,
                times_found=1 if status == "New" else 2 + count % 40,
            )

    def _id(self, place: int) -> int:
        """Return the id of the n-th host: three numbers are set aside for each, the seed says which it takes."""
        return _BEFORE_FIRST_ID + 3 * place + ((place * 2_654_435_761 + self._seed * 40_503) >> 9) % 3


def _place(number: int) -> int:
    """Return which host has an id, if one of ours has it."""
    return (number - _BEFORE_FIRST_ID) // 3
