"""The only place that asks what time it is."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Something that knows the time; tests bring their own."""

    def now(self) -> datetime:
        """Return the present instant: aware, UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """See Clock.now."""
        return datetime.now(UTC)  # noqa: TID251 - this is the one home of the call


def now_us(clock: Clock) -> int:
    """Return the present instant in microseconds since 1970-01-01 UTC."""
    return int(clock.now().timestamp() * 1_000_000)
