"""Leases joined to hosts: by a stated MAC, else by a name that one host of the zone has (pure; ADR 18).

A join is bounded: it never makes hosts one, and an unjoined client stays a client that nobody knows.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from vatriage.model.identity import NOBODY, Statement
from vatriage.model.instant import US


class LeaseRow(NamedTuple):
    """A lease as a file states it. Instants are seconds."""

    zone: int
    address: str
    """Canonical."""
    mac: str
    """Twelve hex digits in pairs, lower case, "" = not stated."""
    hostname: str
    """As the client calls itself, "" = not stated."""
    start: int
    end: int


class NamedHost(NamedTuple):
    """A host as far as leases can be joined to it."""

    id: int
    zone: int
    dns: str
    netbios: str


class JoinedLease(NamedTuple):
    """A lease with its client's number and host. Instants are seconds."""

    zone: int
    address: str
    host: int
    """The store's number, NOBODY = no host is known."""
    client: int
    start: int
    kept_until: int
    until: int
    joined_by: str
    """`mac`, `name` or ""."""


def join_leases(
    rows: Iterable[LeaseRow], hosts: Iterable[NamedHost], macs: Mapping[int, Sequence[Statement]]
) -> list[JoinedLease]:
    """Return the leases in order of zone, address and start, each client's moves to another address among them.

    Args:
        rows: in any order; the same lease may be stated with several ends.
        hosts: of all zones.
        macs: by the host's number, the MACs that people state of it, with their validity in microseconds.
    """
    rows = sorted(set(rows))
    joiner = _Joiner(hosts, macs)
    clients = {key: number for number, key in enumerate(sorted({_client(row) for row in rows}))}
    found = []
    for (client, address, start), same in groupby(sorted(rows, key=_lease), key=_lease):
        stated = list(same)
        host, by = joiner.host_of(stated[0])
        ends = [row.end for row in stated]
        found.append(JoinedLease(stated[0].zone, address, host, clients[client], start, min(ends), max(ends), by))
    return sorted({*found, *_moves(rows, len(clients))})


def _client(row: LeaseRow) -> tuple[int, str]:
    """Return who a client is: its MAC, else its name, else one of its own for each lease."""
    name = f"name {row.hostname.lower()}" if row.hostname else f"lease {row.address} {row.start}"
    return row.zone, f"mac {row.mac}" if row.mac else name


def _lease(row: LeaseRow) -> tuple[tuple[int, str], str, int]:
    return _client(row), row.address, row.start


def _moves(rows: Iterable[LeaseRow], client: int) -> Iterable[JoinedLease]:
    """Return at each address that a MAC left for another one that somebody else may have it from then on.

    Args:
        rows: the leases.
        client: a number that is nobody's.
    """
    with_mac = [row for row in rows if row.mac]
    for _, group in groupby(sorted(with_mac, key=lambda row: (row.zone, row.mac, row.start, row.address)), key=_client):
        for before, after in pairwise(group):
            if before.address != after.address and (":" in before.address) == (":" in after.address):
                at = after.start
                yield JoinedLease(before.zone, before.address, NOBODY, client, at, at, at, "")


class _Joiner:
    """Finds the one host that a lease's client is."""

    def __init__(self, hosts: Iterable[NamedHost], macs: Mapping[int, Sequence[Statement]]) -> None:
        self._names: dict[tuple[int, str], set[int]] = {}
        self._macs: dict[tuple[int, str], list[tuple[int, Statement]]] = {}
        self._stated = macs
        for host in hosts:
            for name in {host.netbios, host.dns, host.dns.partition(".")[0]} - {""}:
                self._names.setdefault((host.zone, name.lower()), set()).add(host.id)
            for said in macs.get(host.id, ()):
                self._macs.setdefault((host.zone, said.text), []).append((host.id, said))

    def host_of(self, lease: LeaseRow) -> tuple[int, str]:
        """Return the host and what joins it: `mac`, `name`, or "" with NOBODY."""
        at_us = lease.start * US
        owners = {host for host, said in self._macs.get((lease.zone, lease.mac), ()) if said.holds(at_us)}
        if owners:
            return (owners.pop(), "mac") if len(owners) == 1 else (NOBODY, "")
        named = self._names.get((lease.zone, lease.hostname.lower()), set()) if lease.hostname else set()
        if len(named) != 1:
            return NOBODY, ""
        host = min(named)
        has_other = lease.mac and any(said.holds(at_us) for said in self._stated.get(host, ()))
        return (NOBODY, "") if has_other else (host, "name")
