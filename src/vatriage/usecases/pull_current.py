"""The pull of a whole account by the current API: host list -> detections -> hosts without findings -> KnowledgeBase."""

from vatriage.store.page_rows import listed_ids, silent_hosts, unlist, unreceived_ids
from vatriage.usecases.pull_pages import Wanted
from vatriage.usecases.pull_run import PullRun, take_knowledge

_HOSTS = "HOST_LIST_OUTPUT"
_FINDINGS = "HOST_LIST_VM_DETECTION_OUTPUT"


def fetch_current(run: PullRun) -> None:
    """Fetch everything. Raises: VatriageError: a page did not come, or the pages are no whole report."""
    run.vouchable = True
    _host_list(run)
    ids = listed_ids(run.opened)
    run.result.hosts_expected = len(ids)
    for batch in _batches(run, ids):
        run.taker.take(Wanted(request=run.tools.calls.detections(batch), kind=_FINDINGS, findings=True))
    _silent_hosts(run)
    take_knowledge(run)
    run.fetched_all = True
    run.doubt()


def _host_list(run: PullRun) -> None:
    next_id = 0
    while True:
        request = run.tools.calls.host_list(next_id, run.tools.page_hosts)
        next_id = run.taker.take(Wanted(request=request, kind=_HOSTS, after=next_id)).next_id
        if not next_id:
            return


def _silent_hosts(run: PullRun) -> None:
    """Ask once more for hosts that came without any finding: purged ones are gone, the others are unknown.

    A scan always gathers some information, which is asked for too: a host without any was not told of.
    """
    for batch in _batches(run, unreceived_ids(run.opened)):
        run.taker.take(Wanted(request=run.tools.calls.hosts(batch), kind=_HOSTS, confirms=True))
    purged = unreceived_ids(run.opened)
    unlist(run.opened, purged)
    run.result.hosts_purged = len(purged)
    silent = silent_hosts(run.opened)
    if silent:
        run.result.notes.append(
            f"{silent:,} of {run.result.hosts_expected:,} hosts came without any finding, not even gathered information: "
            "their silence is not taken for evidence."
        )


def _batches(run: PullRun, ids: list[int]) -> list[list[int]]:
    size = run.tools.page_hosts
    return [ids[start : start + size] for start in range(0, len(ids), size)]
