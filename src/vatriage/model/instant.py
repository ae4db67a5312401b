"""Instants as integers: microseconds since 1970-01-01 UTC.

The kernel compares hundreds of thousands of instants; integers compare exactly and fast. At the edges (readers, pages,
records) they are ISO 8601 text. Inventory columns keep whole seconds, the resolution of every Qualys report.
"""

from datetime import UTC, datetime, timedelta, timezone

US = 1_000_000
"""Microseconds in a second."""

DAY_US = 86_400 * US
"""Microseconds in a day."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def from_datetime(moment: datetime) -> int:
    """Return an aware datetime as microseconds since the epoch (exact, no float in between).

    Raises: ValueError: the datetime is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (moment - _EPOCH) // _MICROSECOND


def parse_instant(text: str) -> int:
    """Return an ISO 8601 text as microseconds since the epoch; a time without a zone is UTC.

    Accepts what Qualys, Suricata and people write: `2026-05-03`, `2026-05-03T10:00:00Z`, `...+0000`, `...-05:00`,
    with up to nine fractional digits (digits beyond microseconds are cut).

    Raises: ValueError: the text is no such time, or lies outside the years 1 to 9999.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return from_datetime(moment)


def format_instant(instant_us: int) -> str:
    """Return an instant as ISO 8601 text in UTC: `2026-05-03T10:00:00Z`, with microseconds only where there are any."""
    seconds, rest = divmod(instant_us, US)
    moment = datetime.fromtimestamp(seconds, timezone.utc)  # noqa: UP017 - same object, shorter on the hot path
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:06d}Z" if rest else f"{text}Z"
