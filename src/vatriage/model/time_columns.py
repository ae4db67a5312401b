"""Alerts by hour or by day: what a chart over time is made of."""

from dataclasses import dataclass
from enum import StrEnum

from vatriage.model.verdict import Verdict


class Step(StrEnum):
    """The width of a chart's column."""

    HOUR = "hour"
    DAY = "day"

    @property
    def hours(self) -> int:
        """Its length."""
        return 1 if self is Step.HOUR else 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The alerts of one hour or day."""

    start: int
    """Seconds."""
    alerts: dict[Verdict, int]
    """By verdict; without those that have none."""

    @property
    def total(self) -> int:
        """All alerts of the column."""
        return sum(self.alerts.values())
