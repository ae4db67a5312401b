"""The host list, page after page by its cursor (`id_min`): a page that does not come is asked for in halves, and passed by."""

from collections.abc import Callable

from vatriage.errors import VatriageError
from vatriage.net.interface import Request
from vatriage.store.pull_hosts import list_unread
from vatriage.usecases.page_retries import less_may_come
from vatriage.usecases.page_size import PageSize
from vatriage.usecases.page_wanted import Wanted
from vatriage.usecases.pull_batches import MOST_IN_A_ROW
from vatriage.usecases.pull_run import PullRun

HOSTS = "HOST_LIST_OUTPUT"
PASSED_BY = "passed by"
"""The step that finds the ids next to a host whose entry does not come."""


def take_list(run: PullRun, step: str, request: Callable[[int, int], Request], size: PageSize) -> None:
    """Take a list to its end, from where its last committed page ended.

    A host whose entry does not come even alone stays listed: its findings are asked for like those of the others.

    Args:
        run: the pull.
        step: of its plan.
        request: returns the request of a page: first id, records at most.
        size: of the pages.

    Raises: VatriageError: the server is in trouble; what came is committed.
    """
    taken = run.taker.of_step(step)
    next_id, lost = (taken[-1].next_id if taken else 0), 0
    while next_id or not run.taker.of_step(step):
        wanted = Wanted(request=request(next_id, size.now), kind=HOSTS, step=step, after=next_id)
        try:
            line = run.taker.take(wanted, divisible=size.now > 1)
        except VatriageError as error:
            if not less_may_come(error):
                raise
            if size.now > 1:
                size.failed(size.now)
                continue
            lost += 1
            if lost == MOST_IN_A_ROW:
                raise
            size.culprit_found()
            next_id = _pass_by(run, next_id)
            if not next_id:
                return
            continue
        lost, next_id = 0, line.next_id
        size.came()


def _pass_by(run: PullRun, next_id: int) -> int:
    """Note the host at the cursor by its id alone; return where the list goes on, 0 = it was the last."""
    request = run.tools.calls.host_ids(next_id, 2, run.since)
    line = run.taker.take(Wanted(request=request, kind=HOSTS, step=PASSED_BY, after=next_id, next_two=True))
    if line.asked:
        list_unread(run.opened, line.asked[0])
    return line.asked[1] if len(line.asked) > 1 else line.next_id
