"""What stands of a device's inventory after a pull that failed: the last complete one, and how old it is."""

from dataclasses import dataclass
from typing import Any

from vatriage.clock import Clock, now_us
from vatriage.model.instant import US, format_instant
from vatriage.store.devices import Device
from vatriage.store.ledger import COMPLETE
from vatriage.store.pulls import Pull

_HOUR_S, _DAY_S = 3_600, 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands."""

    pull: int
    """The last pull, 0 = none."""
    hosts_missing: int
    """Hosts that it does not know whole."""
    missing: list[dict[str, Any]]
    """The first of them."""
    complete_at: int
    """When the last complete pull began, seconds; 0 = never."""
    sentence: str
    """The same for people."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        at = format_instant(self.complete_at * US) if self.complete_at else None
        return {
            "pull": self.pull, "hosts_missing": self.hosts_missing, "missing": self.missing, "last_complete_at": at,
        }  # fmt: skip


def what_stands(device: Device, clock: Clock) -> Standing:
    """Return what stands of a device's inventory."""
    pulls = Pull.objects.filter(device=device)
    last = pulls.order_by("-pk").first()
    counts = last.counts if last is not None else {}
    complete_at = int(pulls.filter(state=COMPLETE).order_by("-pk").values_list("started_at", flat=True).first() or 0)
    return Standing(
        pull=int(last.pk) if last is not None else 0, hosts_missing=int(counts.get("hosts_missing", 0)),
        missing=list(counts.get("missing", [])), complete_at=complete_at, sentence=_told(complete_at, now_us(clock) // US),
    )  # fmt: skip


def _told(complete_at: int, now: int) -> str:
    if not complete_at:
        return "Earlier data stand: no pull of this device was ever complete."
    age = max(now - complete_at, 0)
    old = (
        f"{age // _DAY_S} days"
        if age >= 2 * _DAY_S
        else f"{age // _HOUR_S} hours"
        if age >= _HOUR_S
        else "under an hour"
    )
    return f"Earlier data stand: the last complete pull began at {format_instant(complete_at * US)}, {old} ago."
