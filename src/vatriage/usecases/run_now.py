"""Run Now and Cancel: what a person asks of pulls, from any process; the controller finds it in the store.

What is asked twice runs once: a request waits once, and what runs already is not asked for again.
"""

from enum import StrEnum
from typing import Any

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.viewer import Who
from vatriage.store.audit import note
from vatriage.store.page_rows import ask_to_cancel
from vatriage.store.update_rules import CANCELLED, Controller, RuleRow, RuleRun, RunPull, RunRequest
from vatriage.usecases.devices import find_device
from vatriage.usecases.run_ends import close_if_done
from vatriage.usecases.update_rules import active_rule

SILENT_S = 30
"""A controller that was not heard of for so long does not run."""


class Asked(StrEnum):
    """What became of a request to run now."""

    ASKED = "asked"
    """The controller begins it within seconds, or as soon as it runs."""
    WAITS = "waits already"
    RUNS = "runs already"


def run_rule_now(name: str, *, who: Who, clock: Clock) -> Asked:
    """Ask that a rule runs now; a paused one does too. Raises: NotFoundError: no active rule has that name."""
    with transaction.atomic():
        row = active_rule(name)
        return _ask(who, clock, name, RuleRun.objects.filter(rule=row, finished_at=0).exists(), rule=row)


def pull_device_now(name: str, *, who: Who, clock: Clock) -> Asked:
    """Ask that one device is pulled now. Raises: NotFoundError; UsageError: it is not active."""
    with transaction.atomic():
        device = find_device(name)
        if not device.active:
            raise UsageError(f"Device {name!r} is submitted, not active.", "Activate it first.")
        return _ask(who, clock, name, RunPull.objects.filter(device=device, finished_at=0).exists(), device=device)


def cancel_pull(name: str, *, who: Who, clock: Clock) -> None:
    """Ask that a device's pull ends: after its page, or at once if it waits. What was fetched is kept.

    Raises: NotFoundError: there is no such device, or nothing pulls it.
    """
    now = now_us(clock) // 1_000_000
    device = find_device(name)
    with transaction.atomic():
        running = ask_to_cancel(device.pk, who.name)
        waiting = RunPull.objects.filter(device=device, finished_at=0).first()
        RunRequest.objects.filter(device=device).delete()
        if not running and waiting is None:
            raise NotFoundError(f"Device {name!r} is not being pulled.", "Its page shows its last pull.")
        if waiting is not None and not running:
            RunPull.objects.filter(pk=waiting.pk).update(
                state=CANCELLED, error=f"The pull was cancelled by {who.name}.", finished_at=now, waiting_until=0
            )
            close_if_done(waiting.run_id, now)
        note(who, now, "pull cancelled", name, None, None)


def controller_runs(clock: Clock) -> bool:
    """Whether a controller runs: without one, nothing is pulled by rules."""
    now = now_us(clock) // 1_000_000
    return Controller.objects.filter(seen_at__gt=now - SILENT_S).exists()


def _ask(who: Who, clock: Clock, subject: str, running: bool, **what: Any) -> Asked:  # noqa: FBT001 - private
    now = now_us(clock) // 1_000_000
    if running:
        return Asked.RUNS
    _, new = RunRequest.objects.get_or_create(**what, defaults={"requested_by": who.name, "requested_at": now})
    if not new:
        return Asked.WAITS
    note(who, now, "run now" if isinstance(what.get("rule"), RuleRow) else "pull now", subject, None, None)
    return Asked.ASKED
