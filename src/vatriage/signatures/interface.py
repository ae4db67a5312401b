"""What the signature wing hands out besides `model.signature`: rejects and its family of errors."""

from dataclasses import dataclass

from vatriage.errors import VatriageError


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReject:
    """One rule that could not be read; it is kept and counted, its neighbours are loaded."""

    file: str
    line: int
    """From 1: the first line of a rule that spans several."""
    problem: str
    """What is wrong with it."""
    raw: str
    """The rule's text, at most 4,096 characters of it."""


class SignaturesError(VatriageError):
    """The rules, the stored signature index or a data file of this wing cannot be read at all."""

    exit_code = 3
