"""The pull of an account by the current API, as a plan of steps, each in pages that are never fetched twice.

Host list (pull_listing) -> detections -> hosts without findings -> KnowledgeBase. Which hosts are gone is told at the end.
"""

from collections.abc import Iterable

from vatriage.store.pull_hosts import (
    UNREAD,
    ask_again,
    count_missing,
    ids_set_aside,
    ids_set_aside_before,
    listed_ids,
    purged_hosts,
    set_aside,
    silent_hosts,
    unreceived_ids,
)
from vatriage.usecases.page_size import PageSize
from vatriage.usecases.page_wanted import Wanted
from vatriage.usecases.pull_batches import Batches
from vatriage.usecases.pull_cursor import HOSTS
from vatriage.usecases.pull_knowledge import take_knowledge
from vatriage.usecases.pull_listing import list_hosts
from vatriage.usecases.pull_run import PullRun
from vatriage.usecases.pull_zero import explain_nothing

_FINDINGS = "HOST_LIST_VM_DETECTION_OUTPUT"


def fetch_current(run: PullRun) -> None:
    """Fetch everything. Raises: VatriageError: a page did not come, or the pages are no whole report."""
    run.vouchable = True
    size = PageSize(run.tools.page_hosts)
    list_hosts(run, size)
    run.result.hosts_expected = len(listed_ids(run.opened))
    explain_nothing(run)
    _findings(run, size)
    _silent_hosts(run, size)
    take_knowledge(run)
    run.fetched_all = True
    run.doubt()


def _findings(run: PullRun, size: PageSize) -> None:
    """Ask for all that is known of every listed host; hosts that did not come last time are asked for apart."""
    apart = ids_set_aside(run.opened) | ids_set_aside_before(run.opened, run.device.pk)
    ask_again(run.opened)
    _take_findings(run, "findings", size, listed_ids(run.opened), apart)
    _take_findings(run, "again", size, _swallowed(run, "findings"))
    for number in _swallowed(run, "again"):
        set_aside(run.opened, number, UNREAD)


def _take_findings(run: PullRun, step: str, size: PageSize, ids: Iterable[int], apart: Iterable[int] = ()) -> None:
    def page(batch: tuple[int, ...]) -> Wanted:
        request = run.tools.calls.detections(batch)
        return Wanted(request=request, kind=_FINDINGS, step=step, ids=batch, findings=True)

    batches = Batches(
        step=step, size=size, page=page, large_bytes=run.tools.page_bytes // 2,
        lost=lambda number, why: set_aside(run.opened, number, f"its findings do not come: {why}"),
    )  # fmt: skip
    batches.take(run.taker, ids, apart)


def _swallowed(run: PullRun, step: str) -> set[int]:
    """Return the hosts that came to nothing in pages of which something could not be read."""
    return run.taker.asked_of_unread(step) & set(unreceived_ids(run.opened))


def _silent_hosts(run: PullRun, size: PageSize) -> None:
    """Ask once more for hosts that came without any finding: purged ones are gone, the others are unknown.

    A scan always gathers some information, which is asked for too: a host without any was not told of.
    """

    def page(batch: tuple[int, ...]) -> Wanted:
        request = run.tools.calls.hosts(batch)
        return Wanted(request=request, kind=HOSTS, step="silent", ids=batch, confirms=True)

    batches = Batches(
        step="silent", size=size, page=page, large_bytes=run.tools.page_bytes // 2,
        lost=lambda number, why: set_aside(run.opened, number, f"whether it is still there is not told: {why}"),
    )  # fmt: skip
    batches.take(run.taker, unreceived_ids(run.opened))
    for number in _swallowed(run, "silent"):
        set_aside(run.opened, number, UNREAD)
    run.result.hosts_purged = purged_hosts(run.opened)
    silent = silent_hosts(run.opened)
    if silent:
        run.result.notes.append(
            f"{silent:,} of {run.result.hosts_expected:,} hosts came without any finding, not even gathered information: "
            "their silence is not taken for evidence."
        )
    if missing := count_missing(run.opened.id):
        run.result.notes.append(f"{missing:,} hosts are not known whole: `vatriage pulls {run.opened.id}` names them.")
