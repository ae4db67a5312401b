"""The first steps of a delta: which hosts the account holds, and which of them are to be asked for."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vatriage.store.pull_hosts import StoredHost, held_ids, left_over_ids, list_unread, listed_ids, stored_hosts
from vatriage.usecases.page_size import PageSize
from vatriage.usecases.page_wanted import Wanted
from vatriage.usecases.pull_batches import Batches
from vatriage.usecases.pull_cursor import HOSTS, take_list
from vatriage.usecases.pull_run import PullRun

MOST_IDS = 100_000
"""Ids of one page; runs of them are one record."""


def take_changed(run: PullRun, size: PageSize) -> None:
    """List the hosts that a delta asks for: processed since the pull before, new to us, or not known whole by it.

    Raises: VatriageError: the server is in trouble; what came is committed.
    """
    calls = run.tools.calls
    take_list(run, "ids", calls.host_ids, PageSize(MOST_IDS))
    held = held_ids(run.opened)
    run.result.hosts_in_account = count_ids(held)
    take_list(run, "changed", lambda first, most: calls.host_list(first, most, run.since), size)

    def page(batch: tuple[int, ...]) -> Wanted:
        return Wanted(request=calls.hosts(batch), kind=HOSTS, step="unknown", ids=batch)

    batches = Batches(
        step="unknown", size=size, page=page, large_bytes=run.tools.page_bytes // 2,
        lost=lambda number, _why: list_unread(run.opened, number),
    )  # fmt: skip
    batches.take(run.taker, _unknown(run, held))


def _unknown(run: PullRun, held: list[tuple[int, int]]) -> set[int]:
    """Return the ids whose entries the list of changed hosts does not bring."""
    known = {host.vendor_id for host in stored_hosts(run.opened) if not host.gone}
    new = set(ids_of(held)) - known
    again = {number for number in left_over_ids(run.plan.base) if number in known}
    return (new | set(among(sorted(again), held))) - set(listed_ids(run.opened))


def gone_hosts(stored: Iterable[StoredHost], held: list[tuple[int, int]]) -> list[int]:
    """Return the numbers of hosts that the account does not hold any more."""
    hosts = [host for host in stored if not host.gone]
    left = set(among(sorted(host.vendor_id for host in hosts), held))
    return [host.number for host in hosts if host.vendor_id not in left]


def among(ids: list[int], held: list[tuple[int, int]]) -> list[int]:
    """Return which of some ids lie in ranges."""
    merged = _merged(held)
    if not ids or not len(merged):
        return []
    numbers = np.array(ids, dtype=np.int64)
    place = np.searchsorted(merged[:, 0], numbers, side="right") - 1
    found = (place >= 0) & (numbers <= merged[np.maximum(place, 0), 1])
    return [int(number) for number in numbers[found]]


def count_ids(held: list[tuple[int, int]]) -> int:
    """Return how many ids ranges hold."""
    return int(sum(last - first + 1 for first, last in _merged(held).tolist()))


def ids_of(held: list[tuple[int, int]]) -> Iterable[int]:
    """Yield the ids of ranges."""
    for first, last in _merged(held).tolist():
        yield from range(first, last + 1)


def _merged(held: list[tuple[int, int]]) -> NDArray[np.int64]:
    """Return ranges that do not overlap, ascending: an array of shape [ranges, 2]."""
    merged: list[list[int]] = []
    for first, last in sorted(held):
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return np.array(merged, dtype=np.int64).reshape(-1, 2)
