"""The controller: every second it looks for what is to be pulled, and hands it to the durable engine.

See docs/adr/0013-durable-engine.md for why it schedules itself. It may be killed at any instant: every run is a row before
it is a workflow, and rows without an end are handed over again.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.db import close_old_connections

from vatriage.clock import Clock, now_us
from vatriage.engine.durable import KEEP_DAYS, Durable, EnginePlace
from vatriage.engine.sending import keep_sending
from vatriage.model.instant import format_instant
from vatriage.store.controllers import ControllerRunsError, give_up_control, keep_control, take_control
from vatriage.store.opening import as_store_error
from vatriage.store.rejudging import Rejudgement
from vatriage.store.update_rules import WAITING, RuleRun, RunPull
from vatriage.usecases.rejudge_work import RejudgeWork
from vatriage.usecases.run_starts import RunStarts, queued_runs
from vatriage.usecases.run_work import RETRY_PAUSES_S, PullCall, RunWork

LOOK_S = 1.0
"""How often to look for work."""
GRACE_S = 15
"""How long a stop waits for pulls to come to the end of what they do."""
CHECK_S = 60
"""How often to look for pulls that nobody goes on with."""
KEEP_RUNS_DAYS = 400


class Stopping(BaseException):
    """The controller is to end: what is under way is left as a kill leaves it, only tidier."""


class Engine:
    """See the module.

    Args:
        place: where DBOS keeps its tables.
        pull: pulls one device.
        clock: tells what is due.
        say: told one line for every event.
        tidy: removes what is not to be kept any longer; returns what went wrong, "" if nothing. Once a day.
        rejudge: judges stored alerts again after the inventory changed.
        send: sends verdicts that wait for their destinations; returns lines to be told. Runs in a thread of its own.
        pauses_s: see RETRY_PAUSES_S.
        watch: looks whether hiding must end anywhere; returns what ended, "" if nothing. Once a minute.
    """

    def __init__(
        self, place: EnginePlace, *, pull: PullCall, clock: Clock, say: Callable[[str], None], tidy: Callable[[], str],
        rejudge: RejudgeWork, send: Callable[[], Sequence[str]] = tuple, pauses_s: Sequence[float] = RETRY_PAUSES_S,
        watch: Callable[[], str] = lambda: "",
    ) -> None:  # fmt: skip
        self._place = place
        self._clock = clock
        self._say = say
        self._tidy = tidy
        self._watch = watch
        self._send = send
        self._work = RunWork(pull, clock, pauses_s)
        self._rejudge = rejudge
        self._rejudge_at = 0
        self._starts = RunStarts(clock)
        self._checked_at = 0
        self._watched_at = 0
        self._pruned_on = ""
        self._troubled = ""

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. Raises: ControllerRunsError: another controller works on the store; StoreError."""
        take_control(self._now())
        try:
            durable = Durable(self._place, _Told(self._work, self._rejudge, self._say, self._put_off), self._now)
            try:
                self._say("The controller runs.")
                threading.Thread(
                    target=keep_sending, args=(self._send, self._say, stop), name="sending", daemon=True
                ).start()
                while not stop.is_set():
                    self._look(durable)
                    stop.wait(LOOK_S)
            finally:
                stop.set()
                durable.stop(GRACE_S)
        finally:
            give_up_control()
            close_old_connections()

    def _look(self, durable: Durable) -> None:
        """Do what is to be done now; a store that fails for a while is waited for."""
        close_old_connections()
        try:
            keep_control(self._now())
            for run in self._starts.take():
                self._say(_told(run))
            for run in queued_runs():
                durable.start_run(run.pk, _run_name(run))
            self._check(durable)
            self._prune(durable)
            if self._now() >= self._rejudge_at and (number := self._rejudge.wanted()):
                durable.start_rejudging(number)
            self._look_at_hiding()
        except ControllerRunsError:
            raise
        except Exception as error:  # noqa: BLE001 - the loop's body: the next look may find the store well again
            said = _in_words(error)
            if said != self._troubled:
                self._say(f"The controller cannot look for work, and goes on trying: {said}")
            self._troubled = said
            return
        if self._troubled:
            self._say("The controller works again.")
        self._troubled = ""

    def _check(self, durable: Durable) -> None:
        """Hand over again what nobody goes on with: at the start, because DBOS's own tables may be gone or newer."""
        now = self._now()
        if now - self._checked_at < CHECK_S:
            return
        self._checked_at = now
        for row in RunPull.objects.filter(finished_at=0).select_related("run", "device"):
            if row.device is None:
                self._work.end_orphans(row.run_id)
                continue
            number = row.attempts + 1 if row.state == WAITING else max(row.attempts, 1)
            if durable.is_hopeless(row.run_id, row.device.pk, number):
                self._work.give_up(row, "The controller died over and over while it pulled the device.")
            else:
                durable.enqueue_pull(row.run_id, row.device.pk, number, row.waiting_until)

    def _look_at_hiding(self) -> None:
        """Once a minute, end hiding where something speaks against it; last, so that it can hold up no pull."""
        now = self._now()
        if now - self._watched_at < CHECK_S:
            return
        self._watched_at = now
        if ended := self._watch():
            self._say(ended)

    def _prune(self, durable: Durable) -> None:
        """Once a day, forget what ended long ago."""
        now = self._clock.now()
        if self._pruned_on == now.date().isoformat():
            return
        durable.prune((now - timedelta(days=KEEP_DAYS)).isoformat())
        oldest = int((now - timedelta(days=KEEP_RUNS_DAYS)).timestamp())
        RuleRun.objects.filter(finished_at__gt=0, finished_at__lt=oldest).delete()
        self._pruned_on = now.date().isoformat()
        if told := self._tidy():
            self._say(told)

    def _put_off(self) -> None:
        """Leave stored alerts as they are for a while: judging them again has failed."""
        self._rejudge_at = self._now() + CHECK_S

    def _now(self) -> int:
        return now_us(self._clock) // 1_000_000


class _Told:
    """The steps, with a line for every pull that ends or waits, and for every run over stored alerts that ends."""

    def __init__(
        self, work: RunWork, rejudge: RejudgeWork, say: Callable[[str], None], put_off: Callable[[], None]
    ) -> None:  # fmt: skip
        self._work = work
        self._rejudge = rejudge
        self._say = say
        self._put_off = put_off

    def judge_again(self, number: int) -> bool:
        """See Steps.judge_again; what fails ends the workflow, and is begun again after a while."""
        try:
            more = self._rejudge.judge_again(number)
        except Exception as error:
            self._put_off()
            said = str(as_store_error(error) or error) or type(error).__name__
            self._say(f"Stored alerts could not be judged again, and will be in {CHECK_S} s: {said}")
            raise
        run = None if more else Rejudgement.objects.filter(pk=number).first()
        if run is not None:
            self._say(f"Judged {run.judged} stored alerts again: {run.changed} changed, {run.raised} escalated.")
        return more

    def begin(self, run_id: int) -> list[int]:
        """See Steps.begin."""
        return self._work.begin(run_id)

    def attempt(self, run_id: int, device_id: int, number: int) -> int:
        """See Steps.attempt. What cannot even be written down is said: the engine tries the step again, and it waits."""
        try:
            again_at = self._work.attempt(run_id, device_id, number)
        except Exception as error:
            self._say(f"Run {run_id}: what came of a pull cannot be kept, it is tried again: {_in_words(error)}")
            raise
        row = RunPull.objects.filter(run_id=run_id, device_id=device_id).first()
        if row is not None:
            until = f" until {format_instant(again_at * 1_000_000)}" if again_at else ""
            self._say(f"Run {run_id}: pull of {row.device_name!r} is {row.state}{until}. {row.error}".strip())
        return again_at


def _in_words(error: Exception) -> str:
    return str(as_store_error(error) or f"{type(error).__name__}: {error}")


def _run_name(run: RuleRun) -> str:
    return f"run-{run.pk}" if run.rule_id is None else f"rule-{run.rule_id}-{run.due}"


def _told(run: RuleRun) -> str:
    what = f"rule {run.rule_name!r}" if run.rule_name else "a device"
    why = f"asked for by {run.requested_by}" if run.requested_by else f"due at {format_instant(run.due * 1_000_000)}"
    return f"Run {run.pk} of {what}, {why}: {run.state}. {run.error}".strip()
