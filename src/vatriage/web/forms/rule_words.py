"""The words of an update rule's form: times, days, targets and blackout windows as people write them."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from vatriage.errors import UsageError
from vatriage.model.schedule import WEEKDAYS
from vatriage.model.update_rule import selector_of

_LONG = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day_names() -> list[tuple[str, str]]:
    """Return the days of the week: as a schedule names them, as people do."""
    return list(zip(WEEKDAYS, _LONG, strict=True))


def half_hours(given: str) -> list[tuple[str, str]]:
    """Return the times of day to choose from, with one that lies between half hours if it is given."""
    times = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)]
    if re.fullmatch(r"[0-2]\d:[0-5]\d(:[0-5]\d)?", given) and given not in times:
        times.append(given)
    return [(text, text) for text in sorted(times)]


def split_words(text: str) -> list[str]:
    """Return the parts of a list with commas or blanks."""
    return [part for part in re.split(r"[\s,;]+", text) if part]


def target_words(item: Mapping[str, str]) -> str:
    """Return a selector as people read it."""
    return selector_of(item).words


def read_blackouts(text: str) -> list[dict[str, Any]]:
    """Return windows, one a line: sat,sun 08:00-18:00. Raises: UsageError: a line is none."""
    return [_blackout(line.strip()) for line in text.splitlines() if line.strip()]


def blackout_lines(blackouts: Iterable[Mapping[str, Any]]) -> str:
    """Return windows as people write them, one a line."""
    return "\n".join(f"{','.join(item['days'])} {item['begin']}-{item['end']}" for item in blackouts)


def _blackout(line: str) -> dict[str, Any]:
    days, _, span = line.rpartition(" ")
    begin, dash, end = span.partition("-")
    if not days or not dash:
        raise UsageError(f"{line[:60]!r} is no blackout window.", "Write it like sat,sun 08:00-18:00.")
    return {"days": split_words(days), "begin": begin, "end": end}
