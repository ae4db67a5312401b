"""Judging again as durable work: a run is a row, its steps may each be done twice, and a killed process loses one batch."""

from collections.abc import Callable

from django.db.models import F

from vatriage.clock import Clock, now_us
from vatriage.model.instant import US
from vatriage.store.due_rows import count_due
from vatriage.store.rejudging import Rejudgement
from vatriage.usecases.rejudge import Rejudging, Step

STEP_S = 3
"""How long one step goes on taking batches: so long a stop waits for it at most."""


class RejudgeWork:
    """See the module.

    Args:
        rejudging: judges; used by one step at a time.
        clock: for the run's notes.
        ending: whether the process is to end: the step stops after the batch that it does.
    """

    def __init__(self, rejudging: Rejudging, clock: Clock, ending: Callable[[], bool] = lambda: False) -> None:
        self._rejudging, self._clock, self._ending = rejudging, clock, ending

    def wanted(self) -> int:
        """Return the number of the run that is to be gone on with, begun now if there is reason to; 0 = there is none.

        Cheap: the snapshots are compared by the run's first step.
        """
        under_way = Rejudgement.objects.filter(finished_at=0).order_by("pk").first()
        if under_way is not None:
            return int(under_way.pk)
        if not self._rejudging.is_needed():
            return 0
        run = Rejudgement.objects.create(snapshot=self._rejudging.snapshot_id, started_at=self._now())
        return int(run.pk)

    def judge_again(self, number: int) -> bool:
        """Do some batches of a run; return whether there is more to do."""
        run = Rejudgement.objects.filter(pk=number, finished_at=0).first()
        if run is None:
            return False
        due = self._rejudging.select(exact=not run.due)
        if not run.due:
            Rejudgement.objects.filter(pk=number).update(due=due)
        end, left = self._now() + STEP_S, True
        while left and self._now() < end and not self._ending():
            step = self._rejudging.step()
            left = step is not None
            note(number, step or Step())
        if left or count_due():
            return True
        Rejudgement.objects.filter(pk=number).update(finished_at=self._now())
        Rejudgement.objects.filter(pk=number, due=0).delete()  # nothing was to be done
        return False

    def _now(self) -> int:
        return now_us(self._clock) // US


def note(number: int, step: Step) -> None:
    """Add what came of a batch to its run."""
    Rejudgement.objects.filter(pk=number).update(
        judged=F("judged") + step.judged, changed=F("changed") + step.changed, raised=F("raised") + step.raised,
        unreadable=F("unreadable") + step.unreadable,
    )  # fmt: skip
