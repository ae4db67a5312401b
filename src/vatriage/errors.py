"""The root of every error that vatriage raises on purpose.

Each wing keeps its own family at the foot of its interface; all of them descend from `VatriageError`, so that a face
can turn any of them into one sentence, a hint and an exit code.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class VatriageError(Exception):
    """What was tried on what, what came back; `hint` says what to do.

    Attributes:
        message: one sentence without secrets.
        hint: what the person can do about it, or an empty string.
        exit_code: the exit code of the command line (documented in docs/reference/exit-codes.md).
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        end = "" if self.message.endswith((".", "!", "?", ":")) or not self.hint else "."
        return f"{self.message}{end} {self.hint}".strip()


class UsageError(VatriageError):
    """The person asked for something that cannot be meant (a bad option, name or time)."""

    exit_code = 2


class NotAllowedError(UsageError):
    """The person's role, or their zones, do not allow it."""


class NotFoundError(VatriageError):
    """The named device, host, QID, alert or file is not here."""

    exit_code = 3


class DiskError(VatriageError):
    """A file of ours cannot be written: the disk is full, or its rights are wrong. What was committed before stands."""

    exit_code = 8


@contextmanager
def written(what: str) -> Iterator[None]:
    """Tell of a file that cannot be written as a sentence. Raises: DiskError: what is inside raised OSError."""
    try:
        yield
    except OSError as error:
        raise DiskError(
            f"{what} cannot be written: {error.strerror or error}.",
            "Make room on the disk, or mend the folder's permissions; what was committed before stands, and a pull goes on "
            "where it stopped.",
        ) from error
