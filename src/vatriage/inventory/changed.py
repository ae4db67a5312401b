"""What a new snapshot says otherwise than an old one: the addresses and claims whose judgements may differ.

A judgement reads, of an address, who held it and these hosts' facts; of a claim, its QIDs and what the KnowledgeBase says
of them (`triage.interface.Inventory`). What is the same in both snapshots is judged the same by both (VERDICT 9). Hosts are
known by their stable names and zones by theirs: their numbers may differ. Pure: arrays in, names out.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vatriage.inventory.changed_identity import Address, leased_otherwise, pooled_otherwise, stated_otherwise
from vatriage.model.address import format_address
from vatriage.model.instant import US
from vatriage.model.snapshot import Column, SnapshotColumns

ROWS = 1_000_000
"""Rows of one column compared at a time."""
LATER = 1_000
Mask = NDArray[np.bool_]


class Changed(NamedTuple):
    """What may be judged otherwise."""

    addresses: frozenset[Address]
    claims: frozenset[str]


def changed(old: SnapshotColumns, new: SnapshotColumns) -> Changed:
    """Return the addresses and claims of which the snapshots do not say the same."""
    qids = _changed_qids(old, new)
    hosts = _changed_hosts(old, new)
    held = [_addresses(one, np.isin(one.host_id[one.holding_host], hosts)) for one in (old, new)]
    leased = leased_otherwise(old, new, frozenset(hosts.tolist()))
    addresses: frozenset[Address] = frozenset().union(*held, _moved(old, new), leased)
    return Changed(addresses | pooled_otherwise(old, new, addresses), frozenset(_changed_claims(old, new, qids)))


def observed_after(columns: SnapshotColumns, clock_us: int) -> frozenset[Address]:
    """Return the addresses of which something was observed after an instant: for a clock that stood there it did not exist.

    The date of a whole list is no observation: it is never compared with the clock.
    """
    clock = clock_us // US
    late = np.zeros(len(columns.host_id), dtype=bool)
    late[_owners(columns.scan_offsets, np.flatnonzero(columns.scan_at > clock))] = True
    for start in range(0, len(columns.finding_qid), ROWS):
        rows = np.flatnonzero((columns.finding_times[start : start + ROWS] > clock).any(axis=1)) + start
        late[_owners(columns.finding_offsets, rows)] = True
    held = _addresses(columns, late[columns.holding_host] | (columns.holding_times > clock).any(axis=1))
    leased = _at_keys(columns, columns.lease_keys[(columns.lease_times > clock).any(axis=1)])
    tenants = frozenset(columns.host_id[late].tolist())
    addresses = held | leased | leased_otherwise(columns, columns, tenants)
    return addresses | pooled_otherwise(columns, columns, addresses)


def instants_around(columns: SnapshotColumns, clock_us: int) -> tuple[int, tuple[int, ...]]:
    """Return the last instant of an observation up to a clock, 0 = none, and the first ones after it, sorted.

    More than LATER of these are left out: a clock that passes the last of those given is asked anew.
    """
    clock, last = clock_us // US, 0
    later: set[int] = set()
    for times in (columns.scan_at, columns.holding_times, columns.finding_times, columns.lease_times):
        for start in range(0, len(times), ROWS):
            some = times[start : start + ROWS]
            last = max(last, int(some[some <= clock].max(initial=0)))
            later |= set(np.unique(some[some > clock])[:LATER].tolist())
    return last * US, tuple(at * US for at in sorted(later)[:LATER])


def _owners(offsets: Column, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.searchsorted(offsets, rows, side="right") - 1


def _addresses(columns: SnapshotColumns, rows: Mask) -> frozenset[Address]:
    """Return the addresses of some holdings."""
    return _at_keys(columns, columns.holding_keys[rows])


def _at_keys(columns: SnapshotColumns, packed: Column) -> frozenset[Address]:
    """Return the addresses of some keys of holdings or leases."""
    keys = _bytes(packed)
    zones = columns.zones[keys[:, :4].copy().view(">u4").reshape(-1)] if len(keys) else ()
    return frozenset(
        (str(zone), format_address(key.tobytes())) for zone, key in zip(zones, keys[:, 4:], strict=True)
    )  # fmt: skip


def _bytes(keys: Column) -> NDArray[np.uint8]:
    """Return keys of holdings as rows of 20 bytes."""
    return np.ascontiguousarray(keys).view(np.uint8).reshape(len(keys), 20)


def _moved(old: SnapshotColumns, new: SnapshotColumns) -> frozenset[Address]:
    """Return the addresses that were not held by the same hosts from and until the same instants."""
    hosts = np.unique(np.concatenate([old.host_id, new.host_id]))
    zones = np.unique(np.concatenate([old.zones, new.zones]))
    rows = [_holdings(one, hosts, zones) for one in (old, new)]
    return frozenset().union(
        *(_addresses(one, ~np.isin(mine, other)) for one, mine, other in zip((old, new), rows, rows[::-1], strict=True))
    )


def _holdings(columns: SnapshotColumns, hosts: Column, zones: Column) -> NDArray[np.str_]:
    """Return each holding as one value: zone, address, host and instants, numbered the same in both snapshots."""
    count = len(columns.holding_keys)
    keys = _bytes(columns.holding_keys).copy()
    numbers = np.searchsorted(zones, columns.zones)
    if count:
        zone = numbers[keys[:, :4].copy().view(">u4").reshape(-1)]
        keys[:, :4] = zone.astype(">u4").view(np.uint8).reshape(count, 4)
    host = np.searchsorted(hosts, columns.host_id)[columns.holding_host].astype(np.int64).reshape(count, 1)
    numbered = np.hstack([host, columns.holding_times.astype(np.int64)])
    whole = np.hstack([keys, np.ascontiguousarray(numbered).view(np.uint8).reshape(count, 40)])
    marked = np.hstack([whole, np.ones((count, 1), dtype=np.uint8)])  # zeros at the end would not count as bytes
    found: NDArray[np.str_] = np.ascontiguousarray(marked).view("S61").reshape(count)
    return found


def _changed_hosts(old: SnapshotColumns, new: SnapshotColumns) -> Column:
    """Return the names of hosts that are in one snapshot only, or of which the two do not say the same."""
    names, mine, others = np.intersect1d(old.host_id, new.host_id, return_indices=True)
    pairs = np.column_stack([mine, others])
    differ = _facts_differ(old, new, pairs) | _scans_differ(old, new, pairs) | _findings_differ(old, new, pairs)
    undescribed = np.setxor1d(old.qids, new.qids)
    for one, numbers in ((old, mine), (new, others)):
        differ |= _carry(one, undescribed)[numbers]
    said = np.array(stated_otherwise(old, new), dtype=str)
    return np.concatenate([names[differ], np.setxor1d(old.host_id, new.host_id), _twice(old), _twice(new), said])


def _twice(columns: SnapshotColumns) -> Column:
    """Return names that several hosts bear: it is not known which is which."""
    names, counts = np.unique(columns.host_id, return_counts=True)
    found: Column = names[counts > 1]
    return found


def _facts_differ(old: SnapshotColumns, new: SnapshotColumns, pairs: NDArray[np.intp]) -> Mask:
    mine, others = pairs.T
    return np.asarray(
        (old.host_whole[mine] != new.host_whole[others])
        | (old.zones[old.host_zone[mine]] != new.zones[new.host_zone[others]])
        | (old.sources[old.host_source[mine]] != new.sources[new.host_source[others]])
    )


def _scans_differ(old: SnapshotColumns, new: SnapshotColumns, pairs: NDArray[np.intp]) -> Mask:
    columns = [(one.scan_at, one.scan_flags, np.diff(one.port_offsets)) for one in (old, new)]
    scans = _rows_differ(old.scan_offsets, new.scan_offsets, pairs, *columns)
    mine, others = (one.port_offsets[one.scan_offsets] for one in (old, new))
    return scans | _rows_differ(mine, others, pairs, (old.ports,), (new.ports,))


def _findings_differ(old: SnapshotColumns, new: SnapshotColumns, pairs: NDArray[np.intp]) -> Mask:
    columns = [
        (
            one.finding_qid,
            one.finding_port,
            one.finding_flags,
            one.finding_protocol,
            one.finding_times,
            one.finding_qds,
        )
        for one in (old, new)
    ]
    return _rows_differ(old.finding_offsets, new.finding_offsets, pairs, *columns)


def _carry(columns: SnapshotColumns, qids: Column) -> Mask:
    """Return by host whether it has a finding of one of some QIDs."""
    found = np.zeros(len(columns.host_id), dtype=bool)
    if len(qids):
        found[_owners(columns.finding_offsets, np.flatnonzero(np.isin(columns.finding_qid, qids)))] = True
    return found


def _rows_differ(
    old: Column, new: Column, pairs: NDArray[np.intp], mine: Sequence[Column], others: Sequence[Column]
) -> Mask:
    """Return of each pair of owners whether their rows differ, in number or content.

    Args:
        old: offsets (CSR) of the first snapshot's rows.
        new: the second's.
        pairs: [N, 2] the owner's number in both.
        mine: the first's columns.
        others: the second's, in the same order.
    """
    counts = np.diff(old)[pairs[:, 0]]
    differ: Mask = counts != np.diff(new)[pairs[:, 1]]
    for some in _slices(np.flatnonzero(~differ & (counts > 0)), counts):
        length = counts[some]
        place = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        first = np.repeat(old[pairs[some, 0]], length) + place
        second = np.repeat(new[pairs[some, 1]], length) + place
        unlike = np.zeros(len(place), dtype=bool)
        for one, other in zip(mine, others, strict=True):
            rows = one[first] != other[second]
            unlike |= rows if rows.ndim == 1 else rows.any(axis=1)
        differ[np.repeat(some, length)[unlike]] = True
    return differ


def _slices(owners: NDArray[np.intp], counts: NDArray[np.int64]) -> Iterator[NDArray[np.intp]]:
    """Yield the owners in pieces of about ROWS rows."""
    ends = np.cumsum(counts[owners]) // ROWS
    for piece in np.split(owners, np.flatnonzero(np.diff(ends)) + 1):
        if len(piece):
            yield piece


def _changed_qids(old: SnapshotColumns, new: SnapshotColumns) -> Column:
    """Return the QIDs that one snapshot does not describe, or describes otherwise."""
    qids, mine, others = np.intersect1d(old.qids, new.qids, return_indices=True)
    differ = (old.qid_flags[mine] != new.qid_flags[others]) | (old.qid_times[mine] != new.qid_times[others]).any(axis=1)
    found: Column = np.concatenate([qids[differ], np.setxor1d(old.qids, new.qids)])
    return found


def _changed_claims(old: SnapshotColumns, new: SnapshotColumns, qids: Column) -> list[str]:
    """Return the claims that are not tied to the same QIDs, or to one of some QIDs."""
    claims, mine, others = np.intersect1d(old.claims, new.claims, return_indices=True)
    pairs = np.column_stack([mine, others])
    columns = [(one.link_qid, one.link_times) for one in (old, new)]
    differ = _rows_differ(old.link_offsets, new.link_offsets, pairs, *columns)
    tied = np.zeros(len(new.claims), dtype=bool)
    tied[_owners(new.link_offsets, np.flatnonzero(np.isin(new.link_qid, qids)))] = True
    return [*claims[differ | tied[others]].tolist(), *np.setxor1d(old.claims, new.claims).tolist()]
