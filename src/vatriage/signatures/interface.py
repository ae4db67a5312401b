"""What the signature wing hands out besides `model.signature`: what a file held, rejects, and its family of errors."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vatriage.errors import VatriageError
from vatriage.model.signature import Signature

MAX_RAW = 4096
"""Characters of a rejected rule or line that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReject:
    """One rule, or one line of a map, that could not be read; it is kept and counted, its neighbours are loaded."""

    file: str
    line: int
    """From 1: the first line of a rule that spans several."""
    problem: str
    """What is wrong with it."""
    raw: str
    """Its text, at most 4,096 characters of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file holds: rules, a sid-msg.map or a classification.config."""

    signatures: list[Signature] = field(default_factory=list)
    classes: Mapping[str, int] = field(default_factory=dict)
    """Priority (1 worst) by classtype."""
    rejects: list[RuleReject] = field(default_factory=list)


class SignaturesError(VatriageError):
    """The rules, the stored signature index or a data file of this wing cannot be read at all."""

    exit_code = 3


class StoredIndexError(SignaturesError):
    """The stored index is of another release's format, or damaged: the rules have to be loaded again."""
