"""The snapshot: columns of the store in, columns of triage out (VERDICT 10). Arrays in, arrays out.

Hosts are numbered in the order of their stable names and rows lie in the order of their content, so that equal
inventories give equal snapshots, whatever the order in which reports came.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vatriage.inventory.leases import JoinedLease
from vatriage.inventory.snapshot_holdings import holding_columns
from vatriage.inventory.snapshot_identity import lease_columns, pool_columns, statement_columns
from vatriage.model.identity import Pool, Statement
from vatriage.model.snapshot import Snapshot, SnapshotColumns

Columns = Mapping[str, NDArray[Any]]

KNOWLEDGE_COLUMNS = ("qids", "qid_flags", "qid_times", "claims", "link_offsets", "link_qid", "link_times")


class IdentityRows(NamedTuple):
    """What is known of identity beside sights, under the store's numbers of zones and hosts."""

    leases: Iterable[JoinedLease] = ()
    pools: Iterable[tuple[int, str, Pool]] = ()
    """(zone, canonical address, pool)."""
    stated: Iterable[tuple[int, Statement]] = ()
    """(host, statement)."""


def build_snapshot(
    zones: Columns, hosts: Columns, addresses: Columns, scans: Columns, findings: Columns, qids: Columns,
    pairs: Columns, identity: IdentityRows | None = None, assets: Columns | None = None,
) -> Snapshot:  # fmt: skip
    """Return the snapshot of an inventory. Instants are seconds.

    Args:
        zones: id, name.
        hosts: id, zone, account (text), vendor_id, key_address, gone_at, whole_listed_at, network_id (text).
        addresses: host, address (text), first_seen, last_seen.
        scans: host, at, kind, whole, check_set, ports (bytes: little-endian u4).
        findings: host, qid, port, protocol, kind, status, disabled, first_found, last_found, last_test, fixed,
            superseded, since, and qds where it is stated; only QIDs of the universe.
        qids: qid, kind, published, modified, remote, authenticated, disabled: the universe.
        pairs: qid, claim (text), added, removed.
        identity: leases, virtual addresses, what people say; None = nothing of it is known.
        assets: zone, network (text), value; None = nobody values anything.
    """
    order = np.argsort(zones["name"])
    zone_names, zone_ids = zones["name"][order], zones["id"][order]
    names = host_names(zones, hosts)
    rank = np.argsort(names, kind="stable")
    host_ids = hosts["id"][rank]
    number_of = _Numbering(host_ids)
    zone_of_host = _positions(zone_ids, hosts["zone"][rank])
    sources, source_of_host = np.unique(hosts["account"][rank].astype(str), return_inverse=True)
    columns = SnapshotColumns(
        **holding_columns(addresses, number_of.of, zone_of_host, hosts, rank),
        host_zone=zone_of_host.astype(np.int32),
        host_source=source_of_host.astype(np.int32),
        host_id=names[rank],
        host_whole=hosts["whole_listed_at"][rank].astype(np.int64),
        **_scans(scans, number_of, len(host_ids)),
        **_findings(findings, number_of, len(host_ids)),
        **_knowledge(qids, pairs),
        **_identity(identity or IdentityRows(), number_of, zone_ids, len(host_ids)),
        zones=zone_names.astype(str),
        sources=sources,
        **_assets(assets, zone_ids),
    )
    return name_snapshot(columns)


def name_snapshot(columns: SnapshotColumns) -> Snapshot:
    """Return the columns under their names: hashes of their content."""
    return Snapshot(
        columns=columns,
        id=_digest(columns, SnapshotColumns.names()),
        knowledge_base=_digest(columns, KNOWLEDGE_COLUMNS),
    )


def host_names(zones: Columns, hosts: Columns) -> NDArray[np.str_]:
    """Return each host's stable name: `account:vendor id`, or `zone:address` where the report has no id."""
    zone_name = dict(zip(zones["id"].tolist(), zones["name"].tolist(), strict=True))
    rows = zip(*(hosts[name].tolist() for name in ("zone", "account", "vendor_id", "key_address")), strict=True)
    texts = [
        f"{zone_name[zone]}/{account}:{vendor_id}" if vendor_id else f"{zone_name[zone]}:{address}"
        for zone, account, vendor_id, address in rows
    ]
    return np.array(texts, dtype=str) if texts else np.zeros(0, dtype="U1")


class _Numbering:
    """Store's host ids -> numbers in the snapshot."""

    def __init__(self, host_ids: NDArray[Any]) -> None:
        self._order = np.argsort(host_ids)
        self._sorted = host_ids[self._order]

    def one(self, host_id: int) -> int:
        """Return one host's number."""
        return int(self._order[bisect_left(self._sorted, host_id)])

    def of(self, host_ids: NDArray[Any]) -> NDArray[np.int64]:
        numbers: NDArray[np.int64] = self._order[np.searchsorted(self._sorted, host_ids)].astype(np.int64)
        return numbers


def _identity(rows: IdentityRows, number_of: _Numbering, zone_ids: NDArray[Any], count: int) -> dict[str, NDArray[Any]]:
    zone_of = {int(zone): number for number, zone in enumerate(zone_ids.tolist())}

    host_of = number_of.one
    return {
        **lease_columns(rows.leases, zone_of, host_of),
        **pool_columns(rows.pools, zone_of),
        **statement_columns(rows.stated, host_of, count),
    }


def _positions(ordered: NDArray[Any], wanted: NDArray[Any]) -> NDArray[np.int64]:
    """Return where each wanted value stands in an array of unique values."""
    order = np.argsort(ordered)
    found: NDArray[np.int64] = order[np.searchsorted(ordered[order], wanted)].astype(np.int64)
    return found


def _offsets(owners: NDArray[Any], count: int) -> NDArray[np.int64]:
    """Return CSR offsets for rows sorted by owner."""
    return np.searchsorted(owners, np.arange(count + 1)).astype(np.int64)


def _scans(scans: Columns, number_of: _Numbering, count: int) -> dict[str, NDArray[Any]]:
    host = number_of.of(scans["host"])
    order = np.lexsort((scans["kind"], scans["at"], host))
    host = host[order]
    flags = scans["kind"] | (scans["whole"] << 2) | (scans["check_set"] << 3)
    blobs = scans["ports"][order]
    lengths = np.fromiter(map(len, blobs), dtype=np.int64, count=len(blobs)) // 4
    return {
        "scan_offsets": _offsets(host, count),
        "scan_at": scans["at"][order].astype(np.int64),
        "scan_flags": flags[order].astype(np.uint8),
        "port_offsets": np.r_[0, np.cumsum(lengths)].astype(np.int64),
        "ports": np.frombuffer(b"".join(blobs), dtype="<u4").astype(np.uint32),
    }


def _findings(findings: Columns, number_of: _Numbering, count: int) -> dict[str, NDArray[Any]]:
    host = number_of.of(findings["host"]).astype(np.int32)
    times = [findings[name] for name in ("first_found", "last_found", "last_test", "fixed", "superseded", "since")]
    qds = findings["qds"] if "qds" in findings else np.zeros(len(host), dtype=np.int64)
    flags = (findings["kind"] | (findings["status"] << 2) | (findings["disabled"] << 5)).astype(np.uint8)
    order = np.lexsort((qds, *times[::-1], flags, findings["protocol"], findings["port"], findings["qid"], host))
    ordered_times = np.empty((len(order), len(times)), dtype=np.result_type(*times))
    for place, column in enumerate(times):
        ordered_times[:, place] = column[order]
    return {
        "finding_offsets": _offsets(host[order], count),
        "finding_qid": findings["qid"][order].astype(np.uint32),
        "finding_port": findings["port"][order].astype(np.int32),
        "finding_flags": flags[order],
        "finding_protocol": findings["protocol"][order].astype(np.uint8),
        "finding_qds": qds[order].astype(np.uint8),
        "finding_times": ordered_times,
    }


def _assets(assets: Columns | None, zone_ids: NDArray[Any]) -> dict[str, NDArray[Any]]:
    if assets is None or not len(assets["zone"]):
        return {
            "asset_zone": np.zeros(0, dtype=np.int32), "asset_network": np.zeros(0, dtype="U1"),
            "asset_value": np.zeros(0, dtype=np.uint8),
        }  # fmt: skip
    zone, network = _positions(zone_ids, assets["zone"]), assets["network"].astype(str)
    order = np.lexsort((network, zone))
    return {
        "asset_zone": zone[order].astype(np.int32), "asset_network": network[order],
        "asset_value": assets["value"][order].astype(np.uint8),
    }  # fmt: skip


def _knowledge(qids: Columns, pairs: Columns) -> dict[str, NDArray[Any]]:
    by_qid = np.argsort(qids["qid"])
    flags = qids["kind"] | (qids["remote"] << 2) | (qids["authenticated"] << 3) | (qids["disabled"] << 4)
    times = np.column_stack([qids["published"], qids["modified"]]).astype(np.int64)
    claims, owner = np.unique(pairs["claim"].astype(str), return_inverse=True)
    order = np.lexsort((pairs["qid"], owner))
    links = np.column_stack([pairs["added"], pairs["removed"]]).astype(np.int64)
    return {
        "qids": qids["qid"][by_qid].astype(np.uint32),
        "qid_flags": flags[by_qid].astype(np.uint8),
        "qid_times": times[by_qid].reshape(-1, 2),
        "claims": claims,
        "link_offsets": _offsets(owner[order], len(claims)),
        "link_qid": pairs["qid"][order].astype(np.uint32),
        "link_times": links[order].reshape(-1, 2),
    }


def _digest(columns: SnapshotColumns, names: tuple[str, ...]) -> str:
    """Return 128 bits over the columns' types, shapes and bytes, in hex."""
    digest = blake2b(digest_size=16)
    for name in names:
        column = np.ascontiguousarray(getattr(columns, name))
        digest.update(f"{name}|{column.dtype.str}|{column.shape}|".encode())
        digest.update(column.view(np.uint8).data if column.size else b"")
    return digest.hexdigest()
