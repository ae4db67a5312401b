"""Where verdicts are sent as they are made."""

from typing import Protocol

from vatriage.errors import VatriageError


class VerdictSink(Protocol):
    """Takes verdict records of VERDICT 11; may get one twice after a failure, never loses one without an error."""

    name: str
    """Under which what is still to be sent is kept; without a password."""

    def send(self, records: bytes) -> None:
        """Send records, each a line of JSON. Raises: OutputError: not all were taken; all may be sent again."""


class OutputError(VatriageError):
    """Verdicts cannot be sent now; they are kept."""

    exit_code = 4
