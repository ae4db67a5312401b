"""Dates as Qualys's tables write them (traps 11 and 12 of the papers; seen in real files).

=====================================  ==================================================
`05/13/2021 07:08:28`                  scan reports; month first, always
`08/01/2018 08:04:26`                  scan results, launch date
`05/25/2021 at 07:36:58 (GMT-0500)`    scan reports, the report's own date
`Feb 03, 2026 07:00 AM`                VMDR, detections
`04 Feb 2026 10:00AM GMT-0500`         VMDR, the report's own date
`2026-02-03T07:00:00Z`                 API
=====================================  ==================================================

Where a date states no zone, the zone that the report states for itself counts. A scan's launch date is UTC: it equals
the seconds in the scan's reference (`scan/1533110666...` is 08/01/2018 08:04:26). Where nothing states a zone, UTC is
assumed, which may be wrong by half a day and more; then each date leans to the side that clears less: a finding counts as
first found, and its host as last seen, at the earliest instant that the text may mean, and a fix at the latest.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from vatriage.model.instant import US, format_instant, from_datetime, parse_instant

LATEST_S = 12 * 3600
"""A local time happened at most so much after the same time in UTC (the zones of the world end at UTC-12)."""

EARLIEST_S = 14 * 3600
"""A local time happened at most so much before the same time in UTC (they begin at UTC+14)."""

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_DATE = re.compile(
    r"(?:(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})"
    r"|(?P<name>[A-Za-z]{3})[a-z]{0,6}\.? (?P<day2>\d{1,2}),? (?P<year2>\d{4})"
    r"|(?P<day3>\d{1,2}) (?P<name3>[A-Za-z]{3})[a-z]{0,6}\.?,? (?P<year3>\d{4}))"
    r"(?:,? (?:at )?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))? ?(?P<half>[AaPp][Mm])?"
    r"(?: ?\(?(?P<zone>(?:GMT|UTC|Z)?(?:[+-]\d{2}:?\d{2})?)\)?)?)?",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})", re.ASCII)


def parse_table_time(text: str, offset_s: int | None = None) -> int:
    """Return an instant in whole seconds.

    Args:
        text: what stands in the table.
        offset_s: the report's own zone, seconds east of UTC; None = not stated, UTC is assumed.

    Raises: ValueError: the text is no date of these forms, or no date at all (`13/40/2021`).
    """
    found = _DATE.fullmatch(" ".join(text.split()))
    if found is None:
        return parse_instant(text) // US
    month, day, year = _day(found)
    moment = datetime(year, month, day, _hour(found), int(found["minute"] or 0), int(found["second"] or 0))  # noqa: DTZ001 - its zone is found out below
    stated = zone_of(found["zone"] or "")
    zone = stated if stated is not None else offset_s
    try:
        aware = moment.replace(tzinfo=UTC if zone is None else timezone(timedelta(seconds=zone)))
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error
    return from_datetime(aware) // US


def zone_of(text: str) -> int | None:
    """Return the zone at the end of a text (`GMT-0500`, `(GMT)`, `+02:00`), seconds east of UTC; None = not stated."""
    word = text.strip().rstrip(")").rpartition(" ")[2].lstrip("(")
    found = _OFFSET.search(word)
    if found:
        seconds = (int(found[2]) * 60 + int(found[3])) * 60
        return (-seconds if found[1] == "-" else seconds) if seconds < 24 * 3600 else None
    return 0 if word.upper() in {"GMT", "UTC", "Z"} else None


def iso_text(seconds: int) -> str:
    """Return an instant in whole seconds as ISO 8601 text in UTC."""
    return format_instant(seconds * US)


def _day(found: re.Match[str]) -> tuple[int, int, int]:
    """Return (month, day, year). Raises: ValueError: no English month."""
    if found["month"]:
        return int(found["month"]), int(found["day"]), int(found["year"])
    name = (found["name"] or found["name3"]).lower()
    if name not in _MONTHS:
        raise ValueError(f"{name!r} is no month")
    return _MONTHS[name], int(found["day2"] or found["day3"]), int(found["year2"] or found["year3"])


def _hour(found: re.Match[str]) -> int:
    """Return the hour of 24. Raises: ValueError: 13 PM."""
    hour = int(found["hour"] or 0)
    if not found["half"]:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(f"{hour} {found['half']} is no hour")
    return hour % 12 + (12 if found["half"].lower() == "pm" else 0)
