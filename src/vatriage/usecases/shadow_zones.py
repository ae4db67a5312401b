"""Hiding as it stands, zone by zone. Cheap: from the counters, no alert is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vatriage.clock import Clock, now_us
from vatriage.model.drift import Drift
from vatriage.model.instant import US, format_instant
from vatriage.model.shadow import told_drift
from vatriage.model.verdict import Verdict
from vatriage.store.hiding_rows import newest_hidings
from vatriage.store.shadow import Hiding
from vatriage.usecases.hiding_watch import WATCHER, standing
from vatriage.usecases.shadow_report import HOUR_US, drifts, reported_zones


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneState:
    """One zone's policy and its drift."""

    zone: str
    row: Hiding | None
    """The newest time that hiding was on, None = it never was."""
    on: bool
    drifts: tuple[Drift, ...]
    """Of the days that end now and a day ago, the older first."""

    @property
    def hidden(self) -> Verdict | None:
        """What is hidden; None = nothing: shadow mode."""
        return Verdict(self.row.verdict) if self.row is not None and self.on else None

    @property
    def ended_by_itself(self) -> bool:
        """Whether it was on, and nobody turned it off."""
        return self.row is not None and not self.on and self.row.off_by == WATCHER.name

    @property
    def alarms(self) -> list[Drift]:
        """The drifts that left their bound."""
        return [one for one in self.drifts if one.alarm]

    @property
    def told(self) -> dict[str, Any]:
        """As programs get it."""
        row = self.row
        last = None if row is None else _told_row(row)
        return {
            "zone": self.zone, "hidden": None if self.hidden is None else self.hidden.name, "last": last,
            "ended_by_itself": self.ended_by_itself, "drift": [told_drift(one) for one in self.drifts],
            "alarm": bool(self.alarms),
        }  # fmt: skip


def zone_states(zones: frozenset[str] | None, clock: Clock) -> list[ZoneState]:
    """Return the state of every zone that a viewer sees (None = all), in order of name."""
    on = {zone for zone, _ in standing(clock)}
    rows = newest_hidings()
    hour = now_us(clock) // HOUR_US + 1
    return [_state(zone, on, rows, hour) for zone in reported_zones(zones)]


def zone_state(zone: str, clock: Clock) -> ZoneState:
    """Return the state of one zone."""
    on = {name for name, _ in standing(clock)}
    return _state(zone, on, newest_hidings(), now_us(clock) // HOUR_US + 1)


def _state(zone: str, on: set[str], rows: Mapping[str, Hiding], hour: int) -> ZoneState:
    return ZoneState(zone=zone, row=rows.get(zone), on=zone in on, drifts=drifts(zone, hour))


def _told_row(row: Hiding) -> dict[str, Any]:
    return {
        "verdict": Verdict(row.verdict).name, "by": row.on_by, "at": format_instant(row.on_at * US),
        "reason": row.reason, "until": format_instant(row.until * US), "digest": row.digest,
        "off_at": format_instant(row.off_at * US) if row.off_at else None, "off_by": row.off_by or None,
        "off_why": row.off_why or None,
    }  # fmt: skip
