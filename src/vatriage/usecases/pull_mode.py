"""Whole account or only what changed: what a pull asks for, and on which earlier pull it builds.

A delta asks for all that is known of fewer hosts, never for a part of what is known of one: of each host that comes, it
proves as much as a full pull. Which hosts the account holds is told whole in both.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from vatriage.store.devices import Device
from vatriage.store.ledger import COMPLETE
from vatriage.store.pulls import Pull

OVERLAP_S = 7_200
"""How far a delta reaches back behind the pull it builds on: what was being processed then may have come later."""
_DAY_S = 86_400


class Mode(StrEnum):
    """How much a pull asks for."""

    FULL = "full"
    DELTA = "delta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much a pull asks for, and why."""

    mode: Mode
    why: str
    since: int = 0
    """Hosts whose scans were taken in after this instant are asked for, seconds; 0 = all."""
    base: int = 0
    """The pull that a delta builds on."""

    def to_dict(self) -> dict[str, Any]:
        """Return what the ledger keeps of it."""
        return asdict(self)


def plan_of(request: Mapping[str, Any]) -> Plan:
    """Return the plan that the ledger keeps in a pull's request; that of an older version's pull is a full one."""
    told = {name: request[name] for name in ("why", "since", "base") if name in request}
    return Plan(mode=Mode(request.get("mode", Mode.FULL)), **({"why": ""} | told))


def choose(device: Device, asked: Mode | None, request: Mapping[str, Any], now: int, full_every_s: float) -> Plan:
    """Return how much the next pull of a device asks for.

    Args:
        device: what is pulled.
        asked: what a person wants, None = whatever is due.
        request: what the device asks for; a delta builds only on a pull that asked for the same.
        now: seconds.
        full_every_s: after how long a full pull is due; 0 = each is full.
    """
    if asked is Mode.FULL:
        return Plan(mode=Mode.FULL, why="it was asked for")
    base = Pull.objects.filter(device=device, state=COMPLETE, whole=True).order_by("-pk").first()
    watermark = int(base.counts.get("watermark", 0)) if base is not None else 0
    if base is None or not watermark:
        return Plan(mode=Mode.FULL, why="there is no complete pull to build on")
    if any(base.request.get(name) != value for name, value in request.items()):
        return Plan(mode=Mode.FULL, why="the device has changed since its last complete pull")
    age = now - last_full(device)
    if asked is None and not 0 <= age < full_every_s:
        return Plan(mode=Mode.FULL, why=f"the last full pull began {age // _DAY_S} days ago")
    return Plan(
        mode=Mode.DELTA, why=f"it builds on pull {base.pk}", since=max(watermark - OVERLAP_S, 1), base=int(base.pk)
    )


def last_full(device: Device) -> int:
    """Return when the device's last complete full pull began, 0 = never; older versions' pulls were all full."""
    rows = Pull.objects.filter(device=device, state=COMPLETE, whole=True).exclude(request__mode=Mode.DELTA.value)
    return int(rows.order_by("-pk").values_list("started_at", flat=True).first() or 0)
