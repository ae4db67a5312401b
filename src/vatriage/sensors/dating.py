"""Times as sensors write them in text: local, often without a year. What nobody stated is told as a doubt, never guessed.

Snort writes `08/28-12:14:15.123456`, Suricata's fast.log `08/28/2026-12:14:15.123456`, syslog `Aug 28 12:14:15`. The year
and the time zone may be stated by a person; otherwise the year comes from the file's last change (no line is younger
than its file) and the zone is taken for UTC, and the alert carries the doubt: silence of a scan never clears it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from vatriage.model.alert import Doubt
from vatriage.model.instant import from_datetime
from vatriage.sensors.eve_alert import MAX_US
from vatriage.sensors.eve_lenient import FieldError

_HALF_A_YEAR = timedelta(days=183)
_ANY_ZONE = timedelta(days=1)
_LEAP_YEARS = 8
"""29 February comes at least so often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dating:
    """What is known of the times of a source beside what stands in them."""

    year: int | None = None
    """The year of the first line that has none, as a person stated it."""
    time_zone: ZoneInfo | None = None
    """Where the sensor's clock is, as a person stated it."""
    written_at: datetime | None = None
    """When the source was last written (aware), for sources that are files."""


class Wall(NamedTuple):
    """A time as a clock on the wall shows it."""

    year: int | None
    month: int
    day: int
    hour: int
    minute: int
    second: int
    microsecond: int = 0


class Dated(NamedTuple):
    """An instant, and what was not stated of it."""

    at_us: int
    doubts: tuple[Doubt, ...] = ()


class Calendar:
    """Dates the lines of one source, in their order: a stated year ends where December turns to January."""

    def __init__(self, dating: Dating) -> None:
        self._dating = dating
        self._years_passed = 0
        self._last: datetime | None = None

    def date(self, wall: Wall) -> Dated:
        """Return the instant of a local time. Raises: FieldError: it is none, or its year cannot be known."""
        try:
            if wall.year is not None:
                return self._placed(datetime(wall.year, *wall[1:]), ())  # noqa: DTZ001 - a wall's time has no zone yet
            if self._dating.year is not None:
                return self._by_stated_year(wall, self._dating.year)
            return self._by_file(wall)
        except FieldError:
            raise
        except (ValueError, OverflowError) as error:
            raise FieldError("timestamp", _shown(wall)) from error

    def _by_stated_year(self, wall: Wall, year: int) -> Dated:
        moment = datetime(year + self._years_passed, *wall[1:])  # noqa: DTZ001 - the same
        if self._last is not None and self._last - moment > _HALF_A_YEAR:
            self._years_passed += 1
            moment = datetime(year + self._years_passed, *wall[1:])  # noqa: DTZ001 - the same
        self._last = moment
        return self._placed(moment, (Doubt.YEAR,) if self._years_passed else ())

    def _by_file(self, wall: Wall) -> Dated:
        written = self._dating.written_at
        if written is None:
            raise YearMissingError(_shown(wall))
        latest = written.astimezone(UTC).replace(tzinfo=None) + _ANY_ZONE
        for year in range(latest.year, latest.year - _LEAP_YEARS - 1, -1):
            try:
                moment = datetime(year, *wall[1:])  # noqa: DTZ001 - the same
            except ValueError:
                continue  # 29 February of a year that has none: an earlier year may
            if moment <= latest:
                return self._placed(moment, (Doubt.YEAR,))
        raise ValueError("no such day")

    def _placed(self, moment: datetime, doubts: tuple[Doubt, ...]) -> Dated:
        zone = self._dating.time_zone
        if zone is None:
            return Dated(_checked(moment.replace(tzinfo=UTC)), (*doubts, Doubt.TIME_ZONE))
        here = moment.replace(tzinfo=zone)
        twice = here.utcoffset() != here.replace(fold=1).utcoffset()
        return Dated(_checked(here), (*doubts, Doubt.TIME_ZONE) if twice else doubts)


class YearMissingError(FieldError):
    """A time has no year, and nothing says which one it was. Never leaves the wing: it becomes a reject."""

    def __init__(self, shown: str) -> None:
        super().__init__("timestamp", shown)
        self.args = (f"the time {shown} has no year, and the source is no file whose age would tell it: give --year",)


def _checked(moment: datetime) -> int:
    at_us = from_datetime(moment)
    if not 0 <= at_us < MAX_US:
        raise ValueError("outside the years 1970 to 9999")
    return at_us


def _shown(wall: Wall) -> str:
    year = "" if wall.year is None else f"{wall.year:04}-"
    return f"{year}{wall.month:02}-{wall.day:02} {wall.hour:02}:{wall.minute:02}:{wall.second:02}"
