"""The pull of an account by the current API, as a plan of steps, each in pages that are never fetched twice.

Full: host list -> detections -> hosts without findings -> KnowledgeBase. Delta: ids of all hosts -> host list of what was
processed since -> entries of hosts that are new to us -> from there on the same. The ids that are left out are gone.
"""

from vatriage.store.pull_hosts import (
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
from vatriage.usecases.pull_cursor import HOSTS, take_list
from vatriage.usecases.pull_delta import take_changed
from vatriage.usecases.pull_knowledge import take_knowledge
from vatriage.usecases.pull_mode import Mode
from vatriage.usecases.pull_run import PullRun
from vatriage.usecases.pull_zero import explain_nothing

_FINDINGS = "HOST_LIST_VM_DETECTION_OUTPUT"


def fetch_current(run: PullRun) -> None:
    """Fetch everything. Raises: VatriageError: a page did not come, or the pages are no whole report."""
    run.vouchable = True
    size = PageSize(run.tools.page_hosts)
    if run.plan.mode is Mode.DELTA:
        take_changed(run, size)
    else:
        take_list(run, "hosts", run.tools.calls.host_list, size)
    run.result.hosts_expected = len(listed_ids(run.opened))
    explain_nothing(run)
    _findings(run, size)
    _silent_hosts(run, size)
    take_knowledge(run)
    run.fetched_all = True
    run.doubt()


def _findings(run: PullRun, size: PageSize) -> None:
    """Ask for all that is known of every listed host; hosts that did not come last time are asked for apart."""
    ids = set(listed_ids(run.opened)) - ids_set_aside(run.opened)

    def page(batch: tuple[int, ...]) -> Wanted:
        request = run.tools.calls.detections(batch)
        return Wanted(request=request, kind=_FINDINGS, step="findings", ids=batch, findings=True)

    batches = Batches(
        step="findings", size=size, page=page, large_bytes=run.tools.page_bytes // 2,
        lost=lambda number, why: set_aside(run.opened, number, f"its findings do not come: {why}"),
    )  # fmt: skip
    batches.take(run.taker, ids, ids_set_aside_before(run.opened, run.device.pk))


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
    run.result.hosts_purged = purged_hosts(run.opened)
    silent = silent_hosts(run.opened)
    if silent:
        run.result.notes.append(
            f"{silent:,} of {run.result.hosts_expected:,} hosts came without any finding, not even gathered information: "
            "their silence is not taken for evidence."
        )
    if missing := count_missing(run.opened.id):
        run.result.notes.append(f"{missing:,} hosts are not known whole: `vatriage pulls {run.opened.id}` names them.")
