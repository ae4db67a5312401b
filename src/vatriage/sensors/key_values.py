"""What CEF and LEEF have in common: an IDS alert in named fields, whose meaning the product's mapping decides.

Neither has a place for a generator, a revision or the flow's direction; what a mapping puts into custom fields
(`cs1Label=rev cs1=4`) or into the signature's id (`1:2009187:4`) is used, and what is missing is not guessed.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from vatriage.model.alert import Disposition
from vatriage.model.instant import US, parse_instant
from vatriage.sensors.dating import Calendar, Dated, Wall
from vatriage.sensors.eve_alert import MAX_US
from vatriage.sensors.eve_lenient import FieldError
from vatriage.sensors.loose import number_of

HeaderTime = Callable[[], Dated]
"""The time of what the line came in."""
_MONTHS = {name: place for place, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}  # noqa: SIM905 - shorter to read
_WORDS = re.compile(
    r"([A-Z][a-z]{2}) (\d{1,2})(?:,? (\d{4}))? (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?: (UTC|GMT|Z|[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_SIGNATURE = re.compile(r"\[?(\d{1,10})(?::(\d{1,10}))?(?::(\d{1,10}))?\]?", re.ASCII)
_LABEL = re.compile(r"(?:cs|cn|flexString|flexNumber)\d{1,2}Label", re.ASCII)
_WHOLE_ZONE = re.compile(r".*(?:Z|[+-]\d\d:?\d\d)$", re.ASCII)
_BLOCKED = frozenset({"blocked", "block", "drop", "dropped", "deny", "denied", "reject", "rejected"})


class Signature(NamedTuple):
    """What names the signature; None where it does not say."""

    gid: int | None
    sid: int
    rev: int | None


def signature_of(text: str, fields: Mapping[str, str]) -> Signature:
    """Return the signature of an event's id: `1:2009187:4`, `1:2009187`, or a number with gid and rev in other fields.

    Raises: FieldError: the id is none of these, or the fields contradict it.
    """
    found = _SIGNATURE.fullmatch(text.strip())
    if found is None:
        raise FieldError("signature id", text)
    first, second, third = found.groups()
    gid, sid = (None, int(first)) if second is None else (int(first), int(second))
    stated_gid, stated_rev = (
        number_of(_named(fields, "gid", "generator id")),
        number_of(_named(fields, "rev", "revision")),
    )
    rev = int(third) if third is not None else stated_rev
    if (gid is not None and stated_gid not in (None, gid)) or (third is not None and stated_rev not in (None, rev)):
        raise FieldError("signature id", f"{text}, which other fields contradict")
    return Signature(stated_gid if gid is None else gid, sid, rev)


def labelled(fields: Mapping[str, str]) -> dict[str, str]:
    """Return custom fields by their labels in lower case, beside all fields."""
    named = {
        fields[key].strip().lower(): fields.get(key.removesuffix("Label"), "")
        for key in fields
        if _LABEL.fullmatch(key)
    }
    return {**named, **fields}


def _named(fields: Mapping[str, str], *names: str) -> str:
    return next((fields[name] for name in names if name in fields), "")


def date(text: str, calendar: Calendar) -> Dated:
    """Return an instant: epoch in milliseconds, ISO 8601, or `Aug 28 2026 12:14:15.123 UTC`.

    Raises: FieldError: it is none of these, or its year cannot be known.
    """
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) <= 16:
        milliseconds = int(text)
        if len(text) <= 10 or milliseconds * 1000 >= MAX_US:
            raise FieldError("timestamp", text)  # seconds, where milliseconds belong, would be a day of January 1970
        return Dated(milliseconds * 1000)
    if found := _WORDS.fullmatch(text):
        return _of_words(found, text, calendar)
    try:
        at_us = parse_instant(text)
    except ValueError as error:
        raise FieldError("timestamp", text) from error
    if not 0 <= at_us < MAX_US:
        raise FieldError("timestamp", text)
    if _WHOLE_ZONE.match(text) and "T" in text:
        return Dated(at_us)
    moment = datetime.fromtimestamp(at_us // US, UTC)
    return calendar.date(Wall(*moment.timetuple()[:6], at_us % US))


def _of_words(found: re.Match[str], text: str, calendar: Calendar) -> Dated:
    month, day, year, hour, minute, second, fraction, zone = found.groups()
    if month not in _MONTHS:
        raise FieldError("timestamp", text)
    micro = int(f"{fraction or '0':0<6}")
    if zone and year:
        at = f"{year}-{_MONTHS[month]:02}-{int(day):02}T{hour}:{minute}:{second}.{micro:06}"
        try:
            return Dated(parse_instant(at + ("Z" if zone in ("UTC", "GMT", "Z") else zone)))
        except ValueError as error:
            raise FieldError("timestamp", text) from error
    wall = Wall(int(year) if year else None, _MONTHS[month], int(day), int(hour), int(minute), int(second), micro)
    return calendar.date(wall)


def disposition_of(action: str) -> Disposition:
    """Return what an action says."""
    return Disposition.BLOCKED if action.strip().lower() in _BLOCKED else Disposition.ALLOWED


def port_of(fields: Mapping[str, str], key: str) -> int | None:
    """Return a port, None if there is none. Raises: FieldError: it is no number."""
    text = fields.get(key, "")
    number = number_of(text)
    if text and number is None:
        raise FieldError(key, text)
    return number
