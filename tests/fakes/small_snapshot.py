"""A small inventory as the columns of a snapshot, with hosts and zones numbered as a test likes."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from fakes.small_inventory import SmallInventory, all_findings
from vatriage.inventory.leases import JoinedLease
from vatriage.inventory.snapshot_identity import lease_columns, pool_columns, statement_columns
from vatriage.model.address import pack_address
from vatriage.model.evidence import HostFacts
from vatriage.model.instant import US
from vatriage.model.snapshot import SnapshotColumns


def columns_of(inventory: SmallInventory, order: Sequence[int] = (), zones: Sequence[str] = ()) -> SnapshotColumns:
    """Return the columns.

    Args:
        inventory: whole seconds only.
        order: the hosts' numbers in the order in which the snapshot has them; () = their own.
        zones: names of further zones, which move the numbers of those that are used.
    """
    hosts = [inventory.hosts[number] for number in order or range(len(inventory.hosts))]
    place = {facts.number: number for number, facts in enumerate(hosts)}
    named = [*inventory.addresses, *inventory.leased, *inventory.pooled]
    names = sorted({*(zone for zone, _ in named), *(one.zone for one in hosts), *zones})
    holdings = sorted(
        (names.index(zone).to_bytes(4, "big") + pack_address(address), place[row.host], [at // US for at in row[1:]])
        for (zone, address), rows in inventory.addresses.items()
        for row in rows
    )
    sources = sorted({one.source for one in hosts})
    zone_of = {number: number for number in range(len(names))}
    claims, qids = sorted(inventory.pairs), sorted(inventory.checks)
    links = [inventory.links(claim) for claim in claims]
    checks = [inventory.checks[qid] for qid in qids]
    return SnapshotColumns(
        holding_keys=np.array([key for key, _, _ in holdings], dtype="S20"),
        holding_host=np.array([number for _, number, _ in holdings], dtype=np.int32),
        holding_times=_times([times for _, _, times in holdings], 4),
        host_zone=np.array([names.index(one.zone) for one in hosts], dtype=np.int32),
        host_source=np.array([sources.index(one.source) for one in hosts], dtype=np.int32),
        host_id=np.array([one.id for one in hosts], dtype=str) if hosts else np.zeros(0, dtype="U1"),
        host_whole=np.array([one.whole_listed_at // US for one in hosts], dtype=np.int64),
        **_scans(hosts), **_findings(hosts),
        qids=np.array(qids, dtype=np.uint32),
        qid_flags=np.array(
            [one.kind | one.remote << 2 | one.authenticated << 3 | one.disabled << 4 for one in checks], dtype=np.uint8
        ),
        qid_times=_times([[one.published // US, one.modified // US] for one in checks], 2),
        claims=np.array(claims, dtype=str) if claims else np.zeros(0, dtype="U1"),
        link_offsets=_offsets(map(len, links)),
        link_qid=np.array([link.qid for some in links for link in some], dtype=np.uint32),
        link_times=_times([[link.added // US, link.removed // US] for some in links for link in some], 2),
        **lease_columns(_leases(inventory, names), zone_of, place.__getitem__),
        **pool_columns(
            [(names.index(zone), address, pool) for (zone, address), some in inventory.pooled.items() for pool in some],
            zone_of,
        ),
        **statement_columns(
            [(one.number, said) for one in hosts for said in one.stated], place.__getitem__, len(hosts)
        ),
        asset_zone=np.zeros(0, dtype=np.int32),
        asset_network=np.zeros(0, dtype="U1"),
        asset_value=np.zeros(0, dtype=np.uint8),
        zones=np.array(names, dtype=str) if names else np.zeros(0, dtype="U1"),
        sources=np.array(sources, dtype=str) if sources else np.zeros(0, dtype="U1"),
    )  # fmt: skip


def _leases(inventory: SmallInventory, names: Sequence[str]) -> list[JoinedLease]:
    return [
        JoinedLease(
            names.index(zone), address, one.host, one.client, one.start // US, one.kept_until // US, one.until // US, ""
        )
        for (zone, address), some in inventory.leased.items()
        for one in some
    ]


def _scans(hosts: Sequence[HostFacts]) -> dict[str, np.ndarray]:
    scans = [scan for one in hosts for scan in one.scans]
    return {
        "scan_offsets": _offsets(len(one.scans) for one in hosts),
        "scan_at": np.array([scan.at // US for scan in scans], dtype=np.int64),
        "scan_flags": np.array([scan.kind | scan.whole << 2 | scan.check_set << 3 for scan in scans], dtype=np.uint8),
        "port_offsets": _offsets(len(scan.ports) for scan in scans),
        "ports": np.array(
            [protocol << 16 | port for scan in scans for protocol, port in sorted(scan.ports)], dtype=np.uint32
        ),
    }


def _findings(hosts: Sequence[HostFacts]) -> dict[str, np.ndarray]:
    found = [sorted(all_findings(one)) for one in hosts]
    rows = [finding for some in found for finding in some]
    return {
        "finding_offsets": _offsets(map(len, found)),
        "finding_qid": np.array([row.qid for row in rows], dtype=np.uint32),
        "finding_port": np.array([row.port for row in rows], dtype=np.int32),
        "finding_flags": np.array([row.kind | row.status << 2 | row.disabled << 5 for row in rows], dtype=np.uint8),
        "finding_protocol": np.array([row.protocol for row in rows], dtype=np.uint8),
        "finding_qds": np.array([row.qds for row in rows], dtype=np.uint8),
        "finding_times": _times([[at // US for at in row[6:12]] for row in rows], 6),
    }


def _offsets(lengths) -> np.ndarray:
    return np.array([0, *accumulate(lengths)], dtype=np.int64)


def _times(rows: list[list[int]], width: int) -> np.ndarray:
    return np.array(rows, dtype=np.int64).reshape(-1, width)
