"""Which hosts a pull asks for: the account's host list in a full pull, what changed of it in a delta.

A record that cannot be read may have swallowed its neighbours: then the list of ids tells whom the list has lost.
"""

from vatriage.store.pull_hosts import held_ids, left_over_ids, list_unread, listed_ids, stored_hosts
from vatriage.usecases.id_ranges import Ranges, among, count_ids, ids_of
from vatriage.usecases.page_size import PageSize
from vatriage.usecases.page_wanted import Wanted
from vatriage.usecases.pull_batches import Batches
from vatriage.usecases.pull_cursor import HOSTS, take_list
from vatriage.usecases.pull_mode import Mode
from vatriage.usecases.pull_run import PullRun

MOST_IDS = 100_000
"""Ids of one page; runs of them are one record."""


def list_hosts(run: PullRun, size: PageSize) -> None:
    """List the hosts that a pull asks for. Raises: VatriageError: the server is in trouble; what came is committed."""
    calls = run.tools.calls
    if run.plan.mode is Mode.FULL:
        take_list(run, "hosts", calls.host_list, size)
        if run.taker.unread("hosts"):
            _take_ids(run)
            _take_entries(run, size, set(ids_of(held_ids(run.opened))))
        return
    _take_ids(run)
    held = held_ids(run.opened)
    run.result.hosts_in_account = count_ids(held)
    take_list(run, "changed", lambda first, most: calls.host_list(first, most, run.since), size)
    _take_entries(run, size, set(ids_of(held)) if run.taker.unread("changed") else _unknown(run, held))


def _take_ids(run: PullRun) -> None:
    take_list(run, "ids", run.tools.calls.host_ids, PageSize(MOST_IDS))


def _unknown(run: PullRun, held: Ranges) -> set[int]:
    """Return the ids of hosts that are new to us, or that the pull before did not know whole."""
    known = {host.vendor_id for host in stored_hosts(run.opened) if not host.gone}
    return (set(ids_of(held)) - known) | among(left_over_ids(run.plan.base), held)


def _take_entries(run: PullRun, size: PageSize, ids: set[int]) -> None:
    """Take the host list's entries of some hosts; one whose entry does not come stays listed by its id."""

    def page(batch: tuple[int, ...]) -> Wanted:
        return Wanted(request=run.tools.calls.hosts(batch), kind=HOSTS, step="entries", ids=batch)

    batches = Batches(
        step="entries", size=size, page=page, large_bytes=run.tools.page_bytes // 2,
        lost=lambda number, _why: list_unread(run.opened, number),
    )  # fmt: skip
    batches.take(run.taker, ids - set(listed_ids(run.opened)))
    for number in run.taker.asked_of_unread("entries") - set(listed_ids(run.opened)):
        list_unread(run.opened, number)
