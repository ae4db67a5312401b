"""When an update rule is due: the kinds of schedule and their words. The instants are computed in `due`.

A schedule's days and times are local to its zone: "daily at 02:00" happens once every local day, whatever clocks do.
"""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from vatriage.errors import UsageError
from vatriage.model.cron import read_cron
from vatriage.model.local_time import time_zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAST_DAY = 0
"""Stands for the last day of a month among dates."""
LONGEST_EVERY_MINUTES = 7 * 24 * 60
LONGEST_JITTER_S = 6 * 3_600


class ScheduleKind(StrEnum):
    """How the instants are told."""

    ON_DEMAND = "on demand"
    EVERY = "every"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    CRON = "cron"


class Missed(StrEnum):
    """What happens to a run that was due while nothing could run it."""

    RUN_ONCE = "run once"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackout:
    """A local window of the week in which nothing starts; what falls into it waits for its end."""

    days: tuple[int, ...]
    """On which it begins, 0 = Monday."""
    begin: time
    end: time
    """Exclusive. Not after `begin`: on the next day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a rule is due. Only the fields of its kind count."""

    kind: ScheduleKind
    every_minutes: int = 0
    """EVERY: at whole multiples since 1970-01-01 UTC."""
    times: tuple[time, ...] = ()
    """DAILY, WEEKLY, MONTHLY: local, ascending."""
    days: tuple[int, ...] = ()
    """WEEKLY: 0 = Monday, ascending."""
    dates: tuple[int, ...] = ()
    """MONTHLY: 1 to 31, LAST_DAY; a month without the date is left out."""
    cron: str = ""
    """CRON: five fields."""
    zone: str = "UTC"
    """IANA name."""
    jitter_s: int = 0
    """Each run starts up to so many seconds later, always the same for one rule and tick."""
    missed: Missed = Missed.RUN_ONCE
    blackouts: tuple[Blackout, ...] = ()

    def names(self, day: date) -> bool:
        """Whether a local day is one of those of a schedule that goes by days."""
        match self.kind:
            case ScheduleKind.DAILY:
                return True
            case ScheduleKind.WEEKLY:
                return day.weekday() in self.days
            case ScheduleKind.MONTHLY:
                return day.day in self.dates or (
                    LAST_DAY in self.dates and date.fromordinal(day.toordinal() + 1).day == 1
                )
            case ScheduleKind.CRON:
                return read_cron(self.cron).names(day)
            case _:
                return False

    @property
    def words(self) -> str:
        """The schedule as a person says it: "Daily at 02:00 Europe/Berlin"."""
        match self.kind:
            case ScheduleKind.ON_DEMAND:
                return "On demand only"
            case ScheduleKind.EVERY:
                return f"Every {_span(self.every_minutes)}"
            case ScheduleKind.CRON:
                return f"Cron {self.cron} {self.zone}"
        at = f"at {_listed([shown_time(item) for item in self.times])} {self.zone}"
        if self.kind is ScheduleKind.WEEKLY:
            return f"Weekly on {_listed([_LONG[day] for day in self.days])} {at}"
        if self.kind is ScheduleKind.MONTHLY:
            return f"Monthly on the {_listed([_date_words(item) for item in self.dates])} {at}"
        return f"Daily {at}"


def check_schedule(schedule: Schedule) -> None:
    """Raise: UsageError: the schedule cannot be meant; the message names the field."""
    time_zone(schedule.zone)
    match schedule.kind:
        case ScheduleKind.EVERY:
            _within("interval in minutes", schedule.every_minutes, 1, LONGEST_EVERY_MINUTES)
            _within("jitter in seconds", schedule.jitter_s, 0, schedule.every_minutes * 60 - 1)
        case ScheduleKind.DAILY | ScheduleKind.WEEKLY | ScheduleKind.MONTHLY:
            _some("time of day", schedule.times)
        case ScheduleKind.CRON:
            read_cron(schedule.cron)
    if schedule.kind is ScheduleKind.WEEKLY:
        _some("day of the week", schedule.days)
    if schedule.kind is ScheduleKind.MONTHLY:
        _some("day of the month", schedule.dates)
        for item in schedule.dates:
            _within("day of the month", item, LAST_DAY, 31)
    _within("jitter in seconds", schedule.jitter_s, 0, LONGEST_JITTER_S)
    _check_blackouts(schedule.blackouts)


def shown_time(at: time) -> str:
    """Return a time of day as people write it: 02:00, with seconds only where there are any."""
    return at.isoformat("seconds" if at.second else "minutes")


def minutes_of_week(blackout: Blackout) -> list[tuple[int, int]]:
    """Return a window as (first, end) minutes from Monday 00:00; the end may lie beyond the week."""
    begin, end = (item.hour * 60 + item.minute for item in (blackout.begin, blackout.end))
    length = (end - begin) % 1440 or 1440
    return [(day * 1440 + begin, day * 1440 + begin + length) for day in blackout.days]


def _check_blackouts(blackouts: tuple[Blackout, ...]) -> None:
    """Raise: UsageError: a window has no day, or the windows leave no free quarter of an hour in the week."""
    closed = bytearray(7 * 1440)
    for blackout in blackouts:
        _some("day of the blackout window", blackout.days)
        for first, end in minutes_of_week(blackout):
            for minute in range(first, end):
                closed[minute % len(closed)] = 1
    if bytes(15) not in bytes(closed + closed):
        raise UsageError(
            "The blackout windows leave no time of the week in which a rule may run.", "Keep some of the week free."
        )


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise UsageError(f"The {name} is {value:,}.", f"It must be {least:,} to {most:,}.")


def _some(name: str, values: tuple[object, ...]) -> None:
    if not values:
        raise UsageError(f"The schedule names no {name}.", "Name at least one.")


def _span(minutes: int) -> str:
    amount, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    return unit if amount == 1 else f"{amount} {unit}s"


def _date_words(number: int) -> str:
    if number == LAST_DAY:
        return "last day"
    ending = "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
