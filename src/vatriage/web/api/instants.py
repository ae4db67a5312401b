"""Instants in queries."""

from typing import Annotated

from pydantic import Field

from vatriage.errors import UsageError
from vatriage.model.instant import parse_instant

AsOf = Annotated[
    str | None,
    Field(max_length=40, description="As at this time, like 2026-05-03 or 2026-05-03T10:00:00Z; left out = now."),
]


def instant_us(text: str | None) -> int | None:
    """Return an instant in microseconds, None for none. Raises: UsageError: it is no time, or before 1970."""
    if text is None:
        return None
    try:
        instant = parse_instant(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no time.", "Write it like 2026-05-03 or 2026-05-03T10:00:00Z.") from error
    if instant < 0:
        raise UsageError(f"{text!r} lies before 1970.", "Nothing was observed then.")
    return instant
