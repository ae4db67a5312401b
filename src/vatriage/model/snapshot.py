"""The inventory as triage sees it: an immutable set of columns, named by the hash of their content (VERDICT 10).

A snapshot answers three questions: who held this address, what is known of this host, which QIDs test this claim. It is
built in `inventory.snapshot`, written and mapped in `store.snapshots`. Rows of one host lie together (CSR: an offsets
array with one more entry than there are hosts), so looking a host up touches a few pages of the mapped files.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotColumns:
    """The columns. Instants are whole seconds since the epoch (int64), 0 = not stated; counts of rows in brackets.

    A = address holdings, H = hosts, S = scans, P = ports of scans, F = findings, Q = QIDs, C = claims, L = links,
    E = leases, V = members of virtual addresses, T = what people say of hosts, N = valued networks.
    """

    holding_keys: Column
    """[A] bytes S20: zone number (big-endian u4) and packed address, sorted."""
    holding_host: Column
    """[A] int32 host number."""
    holding_times: Column
    """[A, 4] int64: first seen, last seen, arrived after, left by."""
    host_zone: Column
    """[H] int32 index into `zones`."""
    host_source: Column
    """[H] int32 index into `sources`."""
    host_id: Column
    """[H] unicode: the host's stable name."""
    host_whole: Column
    """[H] int64: date of the newest vouched list of the host's findings, 0 = none."""
    scan_offsets: Column
    """[H+1] int64."""
    scan_at: Column
    """[S] int64."""
    scan_flags: Column
    """[S] uint8: kind in bits 0-1, bit 2 = whole, bit 3 = check set vouched."""
    port_offsets: Column
    """[S+1] int64."""
    ports: Column
    """[P] uint32: protocol << 16 | port."""
    finding_offsets: Column
    """[H+1] int64."""
    finding_qid: Column
    """[F] uint32, sorted within a host."""
    finding_port: Column
    """[F] int32, -1 = host level."""
    finding_flags: Column
    """[F] uint8: kind in bits 0-1, status in bits 2-4, bit 5 = disabled."""
    finding_protocol: Column
    """[F] uint8 IANA number."""
    finding_times: Column
    """[F, 6] uint32 where every instant fits (until 2106), else int64: first found, last found, last test, fixed,
    superseded, since."""
    finding_qds: Column
    """[F] uint8: Qualys Detection Score, 0 = not stated."""
    qids: Column
    """[Q] uint32 sorted: the QID universe, every QID tied to a CVE or Bugtraq id."""
    qid_flags: Column
    """[Q] uint8: kind in bits 0-1, bit 2 = remote, bit 3 = authenticated, bit 4 = disabled."""
    qid_times: Column
    """[Q, 2] int64: published, modified."""
    claims: Column
    """[C] unicode sorted."""
    link_offsets: Column
    """[C+1] int64."""
    link_qid: Column
    """[L] uint32."""
    link_times: Column
    """[L, 2] int64: added, removed."""
    lease_keys: Column
    """[E] bytes S20: as holding_keys, sorted."""
    lease_parties: Column
    """[E, 2] int32: host number (-1 = no known host), client number."""
    lease_times: Column
    """[E, 3] int64: start, kept until, until."""
    pool_keys: Column
    """[V] bytes S20: as holding_keys, sorted; one row a member."""
    pool_ports: Column
    """[V, 2] int32: port, port of the member; -1 = any, or the same."""
    pool_texts: Column
    """[V, 2] unicode: the member's address (empty = not known), author."""
    pool_times: Column
    """[V, 3] int64: start, until, entered."""
    stated_offsets: Column
    """[H+1] int64."""
    stated_texts: Column
    """[T, 3] unicode: kind, text, author."""
    stated_times: Column
    """[T, 2] int64: start, until."""
    zones: Column
    """[Z] unicode: zone names."""
    sources: Column
    """[R] unicode: accounts."""
    asset_zone: Column
    """[N] int32 index into `zones`."""
    asset_network: Column
    """[N] unicode: a network of the zone, as `address/bits`, sorted within the zone."""
    asset_value: Column
    """[N] uint8: what a target in it is worth, 1 to 5."""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the columns' names in their fixed order."""
        return tuple(item.name for item in fields(cls))


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Columns and their names: what the kernel takes."""

    columns: SnapshotColumns
    id: str
    """Hash of all columns."""
    knowledge_base: str
    """Hash of the KnowledgeBase columns."""


def empty_columns() -> SnapshotColumns:
    """Return the columns of an inventory that holds nothing."""
    zero = np.zeros(1, dtype=np.int64)
    return SnapshotColumns(
        holding_keys=np.zeros(0, dtype="S20"),
        holding_host=np.zeros(0, dtype=np.int32),
        holding_times=np.zeros((0, 4), dtype=np.int64),
        host_zone=np.zeros(0, dtype=np.int32),
        host_source=np.zeros(0, dtype=np.int32),
        host_id=np.zeros(0, dtype="U1"),
        host_whole=np.zeros(0, dtype=np.int64),
        scan_offsets=zero,
        scan_at=np.zeros(0, dtype=np.int64),
        scan_flags=np.zeros(0, dtype=np.uint8),
        port_offsets=zero,
        ports=np.zeros(0, dtype=np.uint32),
        finding_offsets=zero,
        finding_qid=np.zeros(0, dtype=np.uint32),
        finding_port=np.zeros(0, dtype=np.int32),
        finding_flags=np.zeros(0, dtype=np.uint8),
        finding_protocol=np.zeros(0, dtype=np.uint8),
        finding_times=np.zeros((0, 6), dtype=np.int64),
        finding_qds=np.zeros(0, dtype=np.uint8),
        qids=np.zeros(0, dtype=np.uint32),
        qid_flags=np.zeros(0, dtype=np.uint8),
        qid_times=np.zeros((0, 2), dtype=np.int64),
        claims=np.zeros(0, dtype="U1"),
        link_offsets=zero,
        link_qid=np.zeros(0, dtype=np.uint32),
        link_times=np.zeros((0, 2), dtype=np.int64),
        lease_keys=np.zeros(0, dtype="S20"),
        lease_parties=np.zeros((0, 2), dtype=np.int32),
        lease_times=np.zeros((0, 3), dtype=np.int64),
        pool_keys=np.zeros(0, dtype="S20"),
        pool_ports=np.zeros((0, 2), dtype=np.int32),
        pool_texts=np.zeros((0, 2), dtype="U1"),
        pool_times=np.zeros((0, 3), dtype=np.int64),
        stated_offsets=zero,
        stated_texts=np.zeros((0, 3), dtype="U1"),
        stated_times=np.zeros((0, 2), dtype=np.int64),
        zones=np.zeros(0, dtype="U1"),
        sources=np.zeros(0, dtype="U1"),
        asset_zone=np.zeros(0, dtype=np.int32),
        asset_network=np.zeros(0, dtype="U1"),
        asset_value=np.zeros(0, dtype=np.uint8),
    )
