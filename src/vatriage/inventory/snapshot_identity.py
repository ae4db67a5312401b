"""The part of the snapshot that tells of identity: leases, pools of virtual addresses, what people say of hosts.

Arrays in, arrays out; rows lie in the order of their content.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vatriage.inventory.leases import JoinedLease
from vatriage.model.address import pack_address
from vatriage.model.identity import NOBODY, Pool, Statement
from vatriage.model.instant import US

Columns = dict[str, NDArray[Any]]


def lease_columns(leases: Iterable[JoinedLease], zone_of: Mapping[int, int], host_of: Callable[[int], int]) -> Columns:
    """Return the leases' columns.

    Args:
        leases: see `inventory.leases`.
        zone_of: the zone's number in the snapshot by the store's.
        host_of: the host's number in the snapshot by the store's.
    """
    rows = sorted(
        (
            _key(zone_of[one.zone], one.address), one.start, one.client,
            NOBODY if one.host == NOBODY else host_of(one.host), one.kept_until, one.until,
        )
        for one in leases
    )  # fmt: skip
    return {
        "lease_keys": np.array([row[0] for row in rows], dtype="S20"),
        "lease_parties": np.array([(row[3], row[2]) for row in rows], dtype=np.int32).reshape(-1, 2),
        "lease_times": np.array([(row[1], row[4], row[5]) for row in rows], dtype=np.int64).reshape(-1, 3),
    }


def pool_columns(pools: Iterable[tuple[int, str, Pool]], zone_of: Mapping[int, int]) -> Columns:
    """Return the pools' columns, from (the store's zone number, address, pool)."""
    rows = sorted((_key(zone_of[zone], address), pool) for zone, address, pool in pools)
    return {
        "pool_keys": np.array([key for key, _ in rows], dtype="S20"),
        "pool_ports": np.array([(pool.port, pool.member_port) for _, pool in rows], dtype=np.int32).reshape(-1, 2),
        "pool_texts": _texts([(pool.member, pool.author) for _, pool in rows], 2),
        "pool_times": _seconds([(pool.start, pool.until, pool.entered) for _, pool in rows], 3),
    }


def statement_columns(stated: Iterable[tuple[int, Statement]], host_of: Callable[[int], int], hosts: int) -> Columns:
    """Return the columns of what people say, from (the store's host number, statement)."""
    rows = sorted((host_of(host), said) for host, said in stated)
    owners = np.array([host for host, _ in rows], dtype=np.int64)
    return {
        "stated_offsets": np.searchsorted(owners, np.arange(hosts + 1)).astype(np.int64),
        "stated_texts": _texts([(said.kind, said.text, said.author) for _, said in rows], 3),
        "stated_times": _seconds([(said.start, said.until) for _, said in rows], 2),
    }


def _key(zone: int, address: str) -> bytes:
    return zone.to_bytes(4, "big") + pack_address(address)


def _texts(rows: list[tuple[str, ...]], width: int) -> NDArray[Any]:
    return np.array(rows, dtype=str).reshape(-1, width) if rows else np.zeros((0, width), dtype="U1")


def _seconds(rows: list[tuple[int, ...]], width: int) -> NDArray[np.int64]:
    return np.array([[at // US for at in row] for row in rows], dtype=np.int64).reshape(-1, width)
