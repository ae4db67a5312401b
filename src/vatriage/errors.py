"""The root of every error that vatriage raises on purpose.

Each wing keeps its own family at the foot of its interface; all of them descend from `VatriageError`, so that a face
can turn any of them into one sentence, a hint and an exit code.
"""


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
