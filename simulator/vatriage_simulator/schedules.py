"""Scheduled scans as scheduled_scans.php tells them. They are told only: the simulator launches none of them.

Source: a body quoted in a script of the service's vendor (SCHEDULEDSCANS with a weekly task).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_DAYS_IN_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class SimSchedule:
    """One scheduled scan."""

    number: int
    title: str
    targets: str
    profile: str
    """The title of its option profile."""
    appliance: str
    """The scanner's name, or External."""
    start: datetime
    """Its first launch, aware; later ones are at the same time of day (UTC)."""
    days: int | None
    """Every so many days; None: weekly."""
    weekdays: tuple[int, ...]
    """Weekly: on these days, 0 Sunday to 6 Saturday."""
    active: bool

    def next_launch(self, now: datetime) -> datetime | None:
        """Return the first launch after an instant, None for a schedule that is not active."""
        if not self.active:
            return None
        moment = self.start.astimezone(UTC)
        step = timedelta(days=self.days or 1)
        if moment <= now:
            moment += step * ((now - moment) // step + 1)
        while self.days is None and moment.isoweekday() % _DAYS_IN_WEEK not in self.weekdays:
            moment += step
        return moment
