"""Local days and times of a zone, and the instants they name: what a clock change repeats or leaves out is settled here.

A time that a day has twice names its first instant. A time that a day leaves out names the first instant after the gap;
if that lies on another day already, the last second before it. A day that the zone skips whole names nothing.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vatriage.errors import UsageError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=256)
def time_zone(name: str) -> ZoneInfo:
    """Return a zone by its IANA name. Raises: UsageError: there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"The time zone {name!r} is not known.", "Use a name of the IANA list, like UTC or Europe/Berlin."
        ) from error


def instant_of(day: date, at: time, zone: str) -> int | None:
    """Return the one instant at which a day's clock shows a time (see above), None if it has no such day.

    Args:
        day: the local date.
        at: the local time, whole seconds.
        zone: an IANA name.

    Returns: seconds since 1970-01-01 UTC.
    """
    wall = datetime.combine(day, at)
    first = seconds(wall, zone)
    if local(first, zone).replace(tzinfo=None, fold=0) == wall:
        return first
    after = _gap_end(seconds(wall.replace(fold=1), zone), first, zone)
    for instant in (after, after - 1):
        if local(instant, zone).date() == day:
            return instant
    return None


def both_instants(day: date, at: time, zone: str) -> list[int]:
    """Return every instant at which a day's clock shows a time: none in a gap, two where the hour is repeated."""
    wall = datetime.combine(day, at)
    found = {seconds(wall.replace(fold=fold), zone) for fold in (0, 1)}
    return sorted(item for item in found if local(item, zone).replace(tzinfo=None, fold=0) == wall)


def seconds(wall: datetime, zone: str) -> int:
    """Return a naive local time as seconds since the epoch; its fold says which of two, or which side of a gap."""
    return (wall.replace(tzinfo=time_zone(zone)) - _EPOCH) // timedelta(seconds=1)


def local(instant: int, zone: str) -> datetime:
    """Return an instant (seconds) as the zone's clock shows it."""
    return (_EPOCH + timedelta(seconds=instant)).astimezone(time_zone(zone))


def _gap_end(before: int, after: int, zone: str) -> int:
    """Return the first second after a change of the clock that lies between two instants."""
    old = local(before, zone).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if local(middle, zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
