"""The five fields of a cron line: which local days and times they name.

Source: crontab(5). As there, a day must match one of day of month and day of week if both are restricted, else both.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

from vatriage.errors import UsageError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 7, _DAYS),
)
"""Name, least, most, and the words for the values from the least on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """A cron line, understood."""

    times: tuple[time, ...]
    dates: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 = Monday."""
    any_date: bool
    any_weekday: bool
    every_hour: bool
    """The hour is `*`: what counts is time passed, not what the clock shows."""

    def names(self, day: date) -> bool:
        """Whether a day matches."""
        if day.month not in self.months:
            return False
        by_date, by_weekday = day.day in self.dates, day.weekday() in self.weekdays
        if self.any_date or self.any_weekday:
            return by_date and by_weekday
        return by_date or by_weekday


@lru_cache(maxsize=256)
def read_cron(text: str) -> Cron:
    """Return a cron line. Raises: UsageError: it is none, or names no day of any year; the message names the field."""
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise UsageError(
            f"The cron line {text!r} has {len(parts)} fields.",
            "Write five: minute, hour, day of month, month, day of week.",
        )
    minutes, hours, dates, months, weekdays = (
        _values(part, *field) for part, field in zip(parts, _FIELDS, strict=True)
    )
    cron = Cron(
        times=tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)),
        dates=frozenset(dates), months=frozenset(months), weekdays=frozenset((day - 1) % 7 for day in weekdays),
        any_date=parts[2].startswith("*"), any_weekday=parts[4].startswith("*"), every_hour=parts[1] == "*",
    )  # fmt: skip
    longest = max(monthrange(2024, month)[1] for month in months)
    if (cron.any_date or cron.any_weekday) and min(dates) > longest:
        raise UsageError(
            f"The cron line {text!r} never comes: no such month has that day.", "Correct its day of month."
        )
    return cron


def _values(text: str, name: str, least: int, most: int, words: tuple[str, ...]) -> set[int]:
    values: set[int] = set()
    for item in text.split(","):
        body, slash, step_text = item.partition("/")
        step = _number(step_text, name, 1, most, ()) if slash else 1
        if body == "*":
            first, last = least, min(most, 6) if name == "day of week" else most
        else:
            begin, dash, end = body.partition("-")
            first = _number(begin, name, least, most, words)
            last = _number(end, name, least, most, words) if dash else (most if slash else first)
        if last < first:
            raise UsageError(f"The cron field {name} holds {item!r}, which runs backwards.", "Write the smaller first.")
        values |= set(range(first, last + 1, step))
    return values


def _number(text: str, name: str, least: int, most: int, words: tuple[str, ...]) -> int:
    if text.lower() in words:
        return least + words.index(text.lower())
    if not (text.isascii() and text.isdigit()) or not least <= int(text[:4]) <= most:
        raise UsageError(
            f"The cron field {name} holds {text!r}.", f"It takes *, numbers {least} to {most}, ranges, lists and steps."
        )
    return int(text)
