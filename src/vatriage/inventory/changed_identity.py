"""What a new snapshot says otherwise of leases, virtual addresses and what people say of hosts. Pure.

These are few beside findings, so they are compared as Python values. Numbers of clients are the snapshot's own: a lease of
another number counts as another, which selects more than it must and never less.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from vatriage.model.address import format_address
from vatriage.model.identity import NOBODY
from vatriage.model.snapshot import Column, SnapshotColumns

Address = tuple[str, str]
"""Zone and canonical address."""


class _Row(NamedTuple):
    """One lease or pool: whose address it is about, and what it says."""

    address: Address
    behind: str
    """The host's name or the member's address, "" = none is known."""
    says: tuple[object, ...]


def stated_otherwise(old: SnapshotColumns, new: SnapshotColumns) -> list[str]:
    """Return the names of hosts of which people do not say the same in both."""
    mine, others = _statements(old), _statements(new)
    return sorted(name for name in mine.keys() | others.keys() if mine.get(name) != others.get(name))


def leased_otherwise(old: SnapshotColumns, new: SnapshotColumns, hosts: frozenset[str]) -> frozenset[Address]:
    """Return the addresses that were not leased the same, or at any time to one of some hosts."""
    rows = [set(_leases(one)) for one in (old, new)]
    to_them = {row.address for some in rows for row in some if row.behind in hosts}
    return frozenset({row.address for row in rows[0] ^ rows[1]} | to_them)


def pooled_otherwise(old: SnapshotColumns, new: SnapshotColumns, addresses: frozenset[Address]) -> frozenset[Address]:
    """Return the virtual addresses that do not stand for the same, or for one of some addresses."""
    rows = [set(_pools(one)) for one in (old, new)]
    for_them = {row.address for some in rows for row in some if (row.address[0], row.behind) in addresses}
    return frozenset({row.address for row in rows[0] ^ rows[1]} | for_them)


def _statements(columns: SnapshotColumns) -> dict[str, set[tuple[object, ...]]]:
    found: dict[str, set[tuple[object, ...]]] = {}
    owners = np.searchsorted(columns.stated_offsets, np.arange(len(columns.stated_times)), side="right") - 1
    for owner, texts, times in zip(
        owners.tolist(), columns.stated_texts.tolist(), columns.stated_times.tolist(), strict=True
    ):
        found.setdefault(str(columns.host_id[owner]), set()).add((*texts, *times))
    return found


def _leases(columns: SnapshotColumns) -> Iterator[_Row]:
    rows = zip(
        _addresses(columns, columns.lease_keys),
        columns.lease_parties.tolist(),
        columns.lease_times.tolist(),
        strict=True,
    )
    for address, (host, client), times in rows:
        yield _Row(address, "" if host == NOBODY else str(columns.host_id[host]), (client, *times))


def _pools(columns: SnapshotColumns) -> Iterator[_Row]:
    rows = zip(
        _addresses(columns, columns.pool_keys), columns.pool_ports.tolist(), columns.pool_texts.tolist(),
        columns.pool_times.tolist(), strict=True,
    )  # fmt: skip
    for address, ports, (member, author), times in rows:
        yield _Row(address, member, (*ports, author, *times))


def _addresses(columns: SnapshotColumns, keys: Column) -> list[Address]:
    whole = np.ascontiguousarray(keys).view(np.uint8).reshape(len(keys), 20)
    return [
        (str(columns.zones[int.from_bytes(key[:4].tobytes(), "big")]), format_address(key[4:].tobytes()))
        for key in whole
    ]
