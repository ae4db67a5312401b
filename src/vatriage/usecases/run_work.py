"""What a run does, in steps that may each be done twice: begin it, try one device's pull, end it with the last of them.

A step writes what it did before it returns, and does nothing where it finds it done: an engine that died in between does
it again. Whatever a pull fails of becomes a state with its reason; nothing is raised but what ends the process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db import IntegrityError, transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import VatriageError
from vatriage.model.update_rule import rule_of
from vatriage.net.interface import NetError
from vatriage.net.permits import LongWaitError
from vatriage.store.devices import Device
from vatriage.store.leases import DeviceBusyError
from vatriage.store.ledger import COMPLETE as PULL_COMPLETE
from vatriage.store.opening import as_store_error
from vatriage.store.pulls import Pull
from vatriage.store.update_rules import (
    CANCELLED,
    COMPLETE,
    FAILED,
    INCOMPLETE,
    JOINED,
    QUEUED,
    RUNNING,
    WAITING,
    RuleRun,
    RunPull,
)
from vatriage.usecases.pull_run import PullResult
from vatriage.usecases.pull_tools import PullCancelledError
from vatriage.usecases.run_ends import close_if_done
from vatriage.usecases.update_rules import SelectedDevice, selected_devices
from vatriage.vendors.interface import RateLimitedError, TemporarilyUnavailableError

RETRY_PAUSES_S = (60, 300, 900)
"""How long to wait after each failure for lack of network; after the last one the pull has failed."""
BUSY_S = 60
"""How long to wait while another process pulls the device, or a limit asks to wait and does not say how long."""
MOST_ATTEMPTS = 200
"""A pull that still waits after so many attempts has failed."""
NOTHING_SELECTED = "No active device is selected."


class PullCall(Protocol):
    """Pulls one device: the same that `vatriage pull` runs."""

    def __call__(self, device: Device, doing: Callable[[str], None]) -> PullResult:
        """Pull it. Raises: VatriageError: the pull failed; what it fetched is kept.

        Args:
            device: an active one.
            doing: told what is being done, in words.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How an attempt ended."""

    state: str
    error: str = ""
    not_before: int = 0
    """WAITING: when to try again, seconds."""
    network: bool = False
    """WAITING: for lack of network."""


class RunWork:
    """See the module.

    Args:
        pull: does a pull.
        clock: for the ledger and for waits.
        pauses_s: see RETRY_PAUSES_S.
    """

    def __init__(self, pull: PullCall, clock: Clock, pauses_s: Sequence[float] = RETRY_PAUSES_S) -> None:
        self._pull = pull
        self._clock = clock
        self._pauses_s = pauses_s

    def begin(self, run_id: int) -> list[int]:
        """Begin a run: note its devices; return the numbers of those that are to be pulled, ascending."""
        now = self._now()
        with transaction.atomic():
            run = RuleRun.objects.select_for_update(of=("self",)).select_related("rule", "device").get(pk=run_id)
            if run.state == QUEUED:
                for device in _devices(run):
                    _note_device(run, device, now)
                error = "" if run.pulls.exists() else NOTHING_SELECTED
                RuleRun.objects.filter(pk=run_id).update(state=RUNNING, started_at=now, error=error)
                if not error:
                    close_if_done(run_id, now)
                else:
                    RuleRun.objects.filter(pk=run_id).update(state=COMPLETE, finished_at=now)
        waiting = RunPull.objects.filter(run_id=run_id, finished_at=0, device__isnull=False)
        return sorted(int(number) for number in waiting.values_list("device_id", flat=True) if number is not None)

    def attempt(self, run_id: int, device_id: int, number: int) -> int:
        """Try a pull; return when to try again (seconds), 0 = it has ended.

        Args:
            run_id: the run.
            device_id: the device.
            number: of the attempt, from 1; one that was noted as ended is not made again.
        """
        row = RunPull.objects.filter(run_id=run_id, device_id=device_id).select_related("run", "device__zone").first()
        if row is None or row.device is None:
            return self.end_orphans(run_id)
        if row.finished_at:
            return 0
        if row.state == WAITING and row.attempts == number:
            return row.waiting_until
        again = row.state == RUNNING and row.attempts == number
        if again and (done := _finished_since(row.device, row.run.started_at)):
            return self._note(row, Ended(state=done))
        RunPull.objects.filter(pk=row.pk).update(state=RUNNING, attempts=number, waiting_until=0, error="", doing="")
        row.attempts = number
        return self._note(row, self._tried(row, row.device))

    def give_up(self, row: RunPull, why: str) -> None:
        """End a pull that the engine cannot go on with."""
        self._note(row, Ended(state=FAILED, error=why))

    def _tried(self, row: RunPull, device: Device) -> Ended:
        if row.attempts > MOST_ATTEMPTS:
            return Ended(state=FAILED, error=f"{row.error} It was tried {MOST_ATTEMPTS} times.".strip())
        if row.attempts > 1 and _pulled_since(device, row.run.due):
            return Ended(state=JOINED, error="")
        if not device.active:
            return Ended(state=FAILED, error="The device is not active any more.")
        try:
            result = self._pull(device, lambda text: _note_doing(row.pk, text))
        except VatriageError as error:
            return self._failed(row, error)
        except Exception as error:  # noqa: BLE001 - one device's bug or database failure must not end the controller
            stored = as_store_error(error)
            return (
                self._failed(row, stored) if stored else Ended(state=FAILED, error=f"{type(error).__name__}: {error}")
            )
        return Ended(state=result.state, error=result.error or "")

    def _failed(self, row: RunPull, error: VatriageError) -> Ended:
        """Return what follows from an error: a wait with its end, or the end."""
        now, said = self._now(), str(error)
        if isinstance(error, PullCancelledError):
            return Ended(state=CANCELLED, error=error.message)
        if isinstance(error, DeviceBusyError):
            return Ended(state=WAITING, error=said, not_before=now + BUSY_S)
        if isinstance(error, LongWaitError | RateLimitedError):
            return Ended(state=WAITING, error=said, not_before=now + int(error.wait_s or BUSY_S) + 1)
        passing = isinstance(error, NetError | TemporarilyUnavailableError) or error.exit_code == 8
        if passing and row.failures < len(self._pauses_s):
            return Ended(state=WAITING, error=said, not_before=now + int(self._pauses_s[row.failures]), network=True)
        return Ended(state=FAILED, error=said)

    def _note(self, row: RunPull, ended: Ended) -> int:
        """Write how an attempt ended; return when to try again, 0 = never."""
        now = self._now()
        pull = Pull.objects.filter(device=row.device, finished_at__gte=row.run.started_at).order_by("-pk").first()
        state = ended.state
        if state == FAILED and pull is not None and pull.state == INCOMPLETE:
            state = INCOMPLETE
        with transaction.atomic():
            RunPull.objects.filter(pk=row.pk, finished_at=0).update(
                state=state, error=ended.error, waiting_until=ended.not_before, doing="", pull=pull.pk if pull else 0,
                failures=row.failures + ended.network, finished_at=0 if ended.state == WAITING else now,
            )  # fmt: skip
            close_if_done(row.run_id, now)
            left = RunPull.objects.filter(pk=row.pk, finished_at=0).exists()
        return ended.not_before if left else 0

    def end_orphans(self, run_id: int) -> int:
        """End the pulls of devices that were removed; return 0: nothing is to be tried again."""
        now = self._now()
        with transaction.atomic():
            RunPull.objects.filter(run_id=run_id, device__isnull=True, finished_at=0).update(
                state=FAILED, error="The device was removed.", finished_at=now, waiting_until=0
            )
            close_if_done(run_id, now)
        return 0

    def _now(self) -> int:
        return now_us(self._clock) // 1_000_000


def _devices(run: RuleRun) -> list[SelectedDevice]:
    if run.rule is not None:
        return selected_devices(rule_of({"selectors": run.rule.selectors, "schedule": run.rule.schedule}))
    return [SelectedDevice(int(run.device.pk), run.device.name, run.device.zone.name)] if run.device else []


def _note_device(run: RuleRun, device: SelectedDevice, now: int) -> None:
    """Add a device to a run; one whose pull another run has under way is joined."""
    try:
        with transaction.atomic():
            RunPull.objects.create(run=run, device_id=device.id, device_name=device.name, state=QUEUED)
    except IntegrityError:
        other = RunPull.objects.filter(device_id=device.id, finished_at=0).first()
        RunPull.objects.create(
            run=run, device_id=device.id, device_name=device.name, state=JOINED, finished_at=now,
            pull=other.pull if other else 0,
        )  # fmt: skip


def _note_doing(number: int, text: str) -> None:
    RunPull.objects.filter(pk=number, finished_at=0).update(doing=text[:255])


def _finished_since(device: Device, instant: int) -> str:
    """Return the state of the pull that ended well after an instant, "" if none did: ours, if we died before we noted it."""
    return (
        COMPLETE if Pull.objects.filter(device=device, state=PULL_COMPLETE, finished_at__gte=instant).exists() else ""
    )


def _pulled_since(device: Device, instant: int) -> bool:
    """Whether somebody else pulled the device while we waited."""
    return Pull.objects.filter(device=device, state=PULL_COMPLETE, started_at__gte=instant).exists()
