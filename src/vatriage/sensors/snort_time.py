"""Snort's and Suricata's times of alerts in text: `08/28-12:14:15.123456`, with the year where they are told to write it."""

import re

from vatriage.sensors.dating import Wall
from vatriage.sensors.eve_lenient import FieldError

TIME = re.compile(r"(\d\d)/(\d\d)(?:/(\d{4}|\d\d))?-(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?", re.ASCII)


def wall_of(text: str, *, year_first: bool = False) -> Wall:
    """Return a time.

    Args:
        text: the time and nothing else.
        year_first: three pairs of digits are year, month, day, as Snort 3 has it; else month, day, year, as Snort 2 has it.

    Raises: FieldError: it is no such time.
    """
    found = TIME.fullmatch(text.strip())
    if found is None:
        raise FieldError("timestamp", text)
    first, second, third, hour, minute, at, fraction = found.groups()
    year: int | None = None
    month, day = int(first), int(second)
    if third is not None and len(third) == 4:
        year = int(third)
    elif third is not None:
        year, month, day = (
            (2000 + int(first), int(second), int(third)) if year_first else (2000 + int(third), month, day)
        )
    return Wall(year, month, day, int(hour), int(minute), int(at), int(f"{fraction or '0':0<6}"[:6]))
