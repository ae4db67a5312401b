"""Which runs begin now: what people asked for, and what schedules name. Each becomes a row first; the row is the order.

A run that was due while nothing could run it is missed: the rule's policy says whether it runs once, late, or not at all.
"""

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.model.due import Due, last_due, next_due
from vatriage.model.local_time import local
from vatriage.model.schedule import Missed
from vatriage.model.schedule_content import schedule_of
from vatriage.store.update_rules import MISSED, QUEUED, SKIPPED, RuleRow, RuleRun, RunPull, RunRequest
from vatriage.usecases.update_rules import due_after

MISSED_AFTER_S = 120
"""A run that begins so much later than it was due was missed: the controller did not run, or the machine slept."""
STILL_RUNNING = "Skipped: the rule's run before is still under way."
NOBODY_RAN = "Missed: no controller ran when it was due, and the rule says to skip such runs."


class RunStarts:
    """Finds what is to begin; remembers when each rule is due next, so that looking costs next to nothing.

    Args:
        clock: tells what is due.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next: dict[tuple[int, int, int], int] = {}

    def take(self) -> list[RuleRun]:
        """Make a row of everything that was asked for or came due; return the rows, those that will not run too."""
        return [*self._asked(), *self._due()]

    def _asked(self) -> list[RuleRun]:
        now = now_us(self._clock) // 1_000_000
        return [run for row in list(RunRequest.objects.order_by("pk")) if (run := _granted(row.pk, now)) is not None]

    def _due(self) -> list[RuleRun]:
        now = now_us(self._clock) // 1_000_000
        runs: list[RuleRun] = []
        for row in RuleRow.objects.filter(paused=False):
            key = (row.pk, row.changed_at, row.due_since)
            if self._next.get(key, 0) <= now:
                runs += _due_run(row, now)
                upcoming = next_due(schedule_of(row.schedule), row.key, max(due_after(row), now))
                self._next[key] = upcoming.at if upcoming else now + 86_400
        return runs


def queued_runs() -> list[RuleRun]:
    """Return the runs that wait for their beginning, oldest first."""
    return list(RuleRun.objects.filter(state=QUEUED).order_by("pk"))


def _granted(request: int, now: int) -> RuleRun | None:
    """Turn a request into a run; None if what it asks for runs already: it is asked for once then."""
    with transaction.atomic():
        row = RunRequest.objects.select_related("rule", "device").filter(pk=request).first()
        if row is None:
            return None
        rule, device = row.rule, row.device
        row.delete()
        if rule is not None:
            running = RuleRun.objects.filter(rule=rule, finished_at=0).exists()
        else:
            running = RunPull.objects.filter(device=device, finished_at=0).exists()
        if running or RuleRun.objects.filter(rule=rule, rule__isnull=False, due=now).exists():
            return None
        zone = str(rule.schedule.get("zone", "UTC")) if rule is not None else "UTC"
        return RuleRun.objects.create(
            rule=rule, rule_name=rule.name if rule else "", device=device, due=now, state=QUEUED,
            local_date=local(now, zone).date().isoformat(), requested_by=row.requested_by,
        )  # fmt: skip


def _due_run(row: RuleRow, now: int) -> list[RuleRun]:
    """Make the row of the last run that came due, if any did; earlier ones are subsumed in it."""
    schedule = schedule_of(row.schedule)
    with transaction.atomic():
        due = last_due(schedule, row.key, due_after(row), now)
        if due is None:
            return []
        if RuleRun.objects.filter(rule=row, due=due.at).exists():  # somebody pressed Run Now in that very second
            RuleRun.objects.filter(rule=row, due=due.at).update(requested_by="")
            return []
        state, error = QUEUED, ""
        if RuleRun.objects.filter(rule=row, finished_at=0).exists():
            state, error = SKIPPED, STILL_RUNNING
        elif due.at < now - MISSED_AFTER_S and schedule.missed is Missed.SKIP:
            state, error = MISSED, NOBODY_RAN
        return [_new_run(row, due, state, error, now)]


def _new_run(row: RuleRow, due: Due, state: str, error: str, now: int) -> RuleRun:
    return RuleRun.objects.create(
        rule=row, rule_name=row.name, due=due.at, local_date=due.day.isoformat(), state=state, error=error,
        finished_at=0 if state == QUEUED else now,
    )  # fmt: skip
