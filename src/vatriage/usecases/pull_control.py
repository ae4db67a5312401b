"""Cancel and Pull Again, asked for on a pull's page: as far as the viewer sees the pull's zone."""

from vatriage.clock import Clock
from vatriage.errors import NotAllowedError, UsageError
from vatriage.model.viewer import Right, Viewer
from vatriage.store.ledger import RUNNING
from vatriage.usecases.pull_views import find_pull
from vatriage.usecases.pull_waits import waits_of
from vatriage.usecases.run_now import Asked, cancel_pull, pull_device_now


def request_cancel(number: int, *, viewer: Viewer, clock: Clock) -> str:
    """Ask that a pull under way ends after what it does at present; return its device.

    Raises:
        NotFoundError: there is no such pull that the viewer sees, or it ended meanwhile.
        UsageError: it is neither under way nor waits.
        NotAllowedError: the viewer may not.
    """
    _check(viewer)
    row = find_pull(number, viewer=viewer)
    if row.device is None or (row.state != RUNNING and number not in waits_of([number])):
        raise UsageError(f"Pull {number} is not under way.", "Its page shows how it ended.")
    cancel_pull(row.device, who=viewer.who, clock=clock)
    return row.device


def pull_again(number: int, *, viewer: Viewer, clock: Clock) -> tuple[str, Asked]:
    """Ask that the device of a pull is pulled now; return its name and what became of the request.

    Raises:
        NotFoundError: there is no such pull that the viewer sees.
        UsageError: its device was deleted or is not active.
        NotAllowedError: the viewer may not.
    """
    _check(viewer)
    row = find_pull(number, viewer=viewer)
    if row.device is None:
        raise UsageError(f"The device of pull {number} is not here any more.", "Pull another device.")
    return row.device, pull_device_now(row.device, who=viewer.who, clock=clock)


def _check(viewer: Viewer) -> None:
    if not viewer.may(Right.ADMIN):
        raise NotAllowedError("Only an Admin starts and cancels pulls.", "Ask an administrator if you need it.")
