"""The controller's waits: pulls that wait for an instant, kept in the store, and go on by themselves."""

from collections.abc import Iterable
from dataclasses import dataclass

from vatriage.model.viewer import Viewer
from vatriage.store.update_rules import WAITING, RunPull


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A pull that the controller goes on with later."""

    device: str
    pull: int
    """Its number in the ledger, 0 = it did not get as far."""
    until: int
    """Seconds."""
    reason: str
    """What it waits for, with its remedy."""
    attempts: int
    """So often it was tried."""


def waits_seen(viewer: Viewer) -> list[Wait]:
    """Return the waits of the devices of the zones that the viewer sees, those that end first first."""
    rows = RunPull.objects.filter(finished_at=0, state=WAITING, device__isnull=False).select_related("device__zone")
    return [
        _wait(row) for row in rows.order_by("waiting_until", "device_name")
        if row.device is not None and viewer.sees(row.device.zone.name)
    ]  # fmt: skip


def waits_of(pulls: Iterable[int]) -> dict[int, Wait]:
    """Return the waits of some pulls, by their numbers; a pull that waits for nothing is left out."""
    rows = RunPull.objects.filter(finished_at=0, state=WAITING, pull__in=[number for number in pulls if number])
    return {int(row.pull): _wait(row) for row in rows}


def _wait(row: RunPull) -> Wait:
    return Wait(
        device=row.device_name, pull=int(row.pull), until=row.waiting_until, reason=row.error, attempts=row.attempts
    )
