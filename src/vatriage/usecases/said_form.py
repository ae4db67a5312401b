"""What every statement of a person needs: a reason, an expiry, and to withdraw it a reason again."""

from vatriage.errors import UsageError
from vatriage.store.bulk import plain

REASON_LENGTH = 2_000
LATEST = 1 << 40
"""Seconds; no statement holds longer."""


def checked_reason(text: str) -> str:
    """Return a reason. Raises: UsageError: it is missing or too long."""
    reason = plain(text.strip())
    if not 1 <= len(reason) <= REASON_LENGTH:
        raise UsageError(
            f"This needs a reason of 1 to {REASON_LENGTH:,} characters.", "Say what you know, and from where."
        )
    return reason


def checked_span(start: int, until: int, now: int, *, must_end: bool) -> None:
    """Check when a statement holds. Raises: UsageError: its end is missing, past, or before its start."""
    if must_end and not until:
        raise UsageError("What a person states needs an expiry.", "Give the date at which somebody must look again.")
    if until and not max(now, start) < until < LATEST:
        raise UsageError("The expiry is not in the future, or not after the start.", "Give a later date.")
    if not 0 <= start < LATEST:
        raise UsageError("The start is no instant.", "Give a date, or none.")
