"""The part of the snapshot that tells who held which address: sights side by side, and where hosts went. Arrays in, arrays out."""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vatriage.model.address import pack_address

Columns = Mapping[str, NDArray[Any]]


def holding_columns(
    addresses: Columns,
    numbers_of: Callable[[NDArray[Any]], NDArray[np.int64]],
    zone_of_host: NDArray[np.int64],
    hosts: Columns,
    rank: NDArray[Any],
) -> dict[str, NDArray[Any]]:
    """Return the holdings' columns, in order of zone and address, then host.

    Args:
        addresses: host, address (text), first_seen, last_seen; seconds.
        numbers_of: the hosts' numbers in the snapshot by the store's.
        zone_of_host: by number in the snapshot.
        hosts: vendor_id, gone_at, network_id, in the store's order.
        rank: the store's row of each host of the snapshot.
    """
    gone_at, is_address = hosts["gone_at"][rank], hosts["vendor_id"][rank] == 0
    host = numbers_of(addresses["host"])
    packed = [pack_address(text) for text in addresses["address"].tolist()]
    keys = [
        int(zone_of_host[number]).to_bytes(4, "big") + key for number, key in zip(host.tolist(), packed, strict=True)
    ]
    times = np.column_stack(
        [addresses["first_seen"], addresses["last_seen"], *_moves(host, packed, addresses, gone_at)]
    )
    order = sorted(range(len(keys)), key=lambda row: (keys[row], int(host[row])))
    times[:, 1] = _reaching_each_other(keys, order, times, is_address[host])
    times[:, :2] = _side_by_side(keys, order, times, hosts["network_id"][rank][host])
    return {
        "holding_keys": np.array([keys[row] for row in order], dtype="S20"),
        "holding_host": host[order].astype(np.int32),
        "holding_times": times[order].astype(np.int64).reshape(-1, 4),
    }


def _reaching_each_other(
    keys: list[bytes], order: list[int], times: NDArray[np.int64], is_address: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the last sights, where a host that is only an address and one that has an id hold the same address.

    A report without ids says that something answered at the address, not that it was another machine: its sight ends
    nobody's holding, nor does a later one end its. Both may hold it then, so neither clears an alert alone, and what was
    found on either may be true of both.
    """
    last = times[:, 1].copy()
    for _, group in groupby(order, key=keys.__getitem__):
        rows = list(group)
        plain = [row for row in rows if is_address[row]]
        if not plain or len(rows) == 1:
            continue
        newest = max(int(times[row, 1]) for row in rows)
        for row in rows:
            others = [int(times[other, 0]) for other in rows if other != row and not is_address[other]]
            left_by = [int(times[row, 3])] if times[row, 3] else []
            limit = min((at - 1 for at in (*others, *left_by) if at > times[row, 1]), default=newest)
            reach = newest if is_address[row] else min(limit, max(int(times[other, 1]) for other in plain))
            last[row] = max(int(last[row]), reach)
    return last


def _side_by_side(
    keys: list[bytes], order: list[int], times: NDArray[np.int64], networks: NDArray[Any]
) -> NDArray[np.int64]:
    """Return the first and last sights, where hosts of several networks hold the same address.

    Guard overlapping-spaces.
    Networks of one account may use the same addresses at the same time: a sight of one host ends no holding of another.
    """
    spans = times[:, :2].copy()
    for _, group in groupby(order, key=keys.__getitem__):
        rows = list(group)
        if len({str(networks[row]) or "0" for row in rows}) > 1:
            spans[rows, 0], spans[rows, 1] = times[rows, 0].min(), times[rows, 1].max()
    return spans


def _moves(
    host: NDArray[np.int64], packed: list[bytes], addresses: Columns, gone_at: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each row when its host was last seen elsewhere before, and first seen elsewhere (or missing) after."""
    first, last = addresses["first_seen"].astype(np.int64), addresses["last_seen"].astype(np.int64)
    arrived, left = np.zeros(len(host), dtype=np.int64), np.zeros(len(host), dtype=np.int64)
    gone = gone_at[host].astype(np.int64) if len(host) else left
    left[gone > last] = gone[gone > last]
    family = np.array([key[:12] == b"\0" * 10 + b"\xff\xff" for key in packed], dtype=np.int64)
    owner = host * 2 + family
    counts = np.unique(owner, return_counts=True)
    for value in counts[0][counts[1] > 1].tolist():
        rows = np.flatnonzero(owner == value)
        for row in rows.tolist():
            before = [int(last[other]) for other in rows if last[other] < first[row]]
            after = [int(first[other]) for other in rows if first[other] > last[row]]
            arrived[row] = max(before, default=0)
            left[row] = min([*after, *([int(left[row])] if left[row] else [])], default=0)
    return arrived, left
