"""A schedule as plain JSON values, as forms, the API and the store hold it, and back.

{"kind": "weekly", "days": ["mon", "thu"], "times": ["02:00"], "zone": "Europe/Berlin", "jitter_s": 600,
 "missed": "run once", "blackouts": [{"days": ["sat", "sun"], "begin": "08:00", "end": "18:00"}]}
"""

from collections.abc import Mapping, Sequence
from datetime import time
from enum import StrEnum
from typing import Any, TypeVar

from vatriage.errors import UsageError
from vatriage.model.schedule import (
    LAST_DAY,
    WEEKDAYS,
    Blackout,
    Missed,
    Schedule,
    ScheduleKind,
    check_schedule,
    shown_time,
)

_KEYS = {"kind", "every_minutes", "times", "days", "dates", "cron", "zone", "jitter_s", "missed", "blackouts"}
_Word = TypeVar("_Word", bound=StrEnum)


def schedule_of(content: object) -> Schedule:
    """Return a schedule from plain values. Raises: UsageError: it cannot be meant; the message names the field."""
    given = _record(content, "schedule", _KEYS)
    kind = _word(ScheduleKind, "kind of schedule", given.get("kind", ""))
    schedule = Schedule(
        kind=kind,
        every_minutes=_whole("interval in minutes", given.get("every_minutes", 0)),
        times=tuple(sorted({read_time("time of day", item) for item in _items(given, "times")})),
        days=_days("day of the week", _items(given, "days")),
        dates=tuple(sorted({_date(item) for item in _items(given, "dates")}, key=lambda item: item or 32)),
        cron=" ".join(str(given.get("cron", "")).split()),
        zone=str(given.get("zone", "UTC")),
        jitter_s=_whole("jitter in seconds", given.get("jitter_s", 0)),
        missed=_word(Missed, "missed-run policy", given.get("missed", Missed.RUN_ONCE)),
        blackouts=tuple(_blackout(item) for item in _items(given, "blackouts")),
    )
    check_schedule(schedule)
    return schedule


def schedule_content(schedule: Schedule) -> dict[str, Any]:
    """Return a schedule as plain values; `schedule_of` makes the same of them. Only what its kind needs is there."""
    parts: dict[str, Any] = {
        "every_minutes": schedule.every_minutes,
        "times": [shown_time(item) for item in schedule.times],
        "days": [WEEKDAYS[day] for day in schedule.days],
        "dates": ["last" if item == LAST_DAY else item for item in schedule.dates],
        "cron": schedule.cron,
        "jitter_s": schedule.jitter_s,
        "blackouts": [_blackout_content(item) for item in schedule.blackouts],
    }
    kept = {name: value for name, value in parts.items() if value}
    return {"kind": schedule.kind.value, **kept, "zone": schedule.zone, "missed": schedule.missed.value}


def read_time(name: str, text: object) -> time:
    """Return a time of day. Raises: UsageError: it is none; `name` says of what."""
    try:
        at = time.fromisoformat(str(text))
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None or at.microsecond or ":" not in str(text):
        raise UsageError(f"The {name} is {str(text)[:40]!r}.", "Write it like 02:00 or 14:30.")
    return at


def read_weekday(name: str, text: object) -> int:
    """Return a day of the week, 0 = Monday. Raises: UsageError: it is none; `name` says of what."""
    word = str(text).strip().lower()[:3]
    if word not in WEEKDAYS:
        raise UsageError(f"The {name} is {str(text)[:40]!r}.", f"Use {', '.join(WEEKDAYS)}.")
    return WEEKDAYS.index(word)


def _blackout(content: object) -> Blackout:
    given = _record(content, "blackout window", {"days", "begin", "end"})
    begin, end = (read_time(f"{name} of the blackout window", given.get(name)) for name in ("begin", "end"))
    if begin.second or end.second:
        raise UsageError("The blackout window begins or ends in the midst of a minute.", "Use whole minutes.")
    return Blackout(days=_days("day of the blackout window", _items(given, "days")), begin=begin, end=end)


def _blackout_content(blackout: Blackout) -> dict[str, Any]:
    return {
        "days": [WEEKDAYS[day] for day in blackout.days], "begin": shown_time(blackout.begin),
        "end": shown_time(blackout.end),
    }  # fmt: skip


def _record(content: object, name: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        raise UsageError(f"The {name} is {type(content).__name__}.", "It must be an object with named fields.")
    if unknown := sorted(set(map(str, content)) - known):
        raise UsageError(f"The {name} has no field {unknown[0]!r}.", f"It has {', '.join(sorted(known))}.")
    return content


def _items(given: Mapping[str, Any], name: str) -> Sequence[Any]:
    items = given.get(name, ())
    if not isinstance(items, list | tuple):
        raise UsageError(f"The schedule's {name} is {type(items).__name__}.", "It must be a list.")
    return items


def _days(name: str, items: Sequence[Any]) -> tuple[int, ...]:
    return tuple(sorted({read_weekday(name, item) for item in items}))


def _date(value: object) -> int:
    if str(value).strip().lower() in ("last", "last day"):
        return LAST_DAY
    number = _whole("day of the month", value)
    if not 1 <= number <= 31:
        raise UsageError(f"The day of the month is {number}.", "Use 1 to 31, or last.")
    return number


def _whole(name: str, value: object) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(f"The {name} is {text[:40]!r}.", "It must be a whole number, not negative.")
    return int(text)


def _word(kind: type[_Word], name: str, value: object) -> _Word:
    try:
        return kind(str(value))
    except ValueError as error:
        raise UsageError(
            f"The {name} is {str(value)[:40]!r}.", f"Use {', '.join(item.value for item in kind)}."
        ) from error
