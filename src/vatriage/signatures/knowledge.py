"""What we know about signatures and CVEs by ourselves: outcomes and transitive CVEs, as versioned data files.

`outcomes.json` and `transitive.json` lie in `data/`; each entry says why it stands there. The version of each is its own
number and a hash of its bytes, so that an edited file is never taken for the delivered one.
"""

import re
from hashlib import sha256
from importlib.resources import files
from typing import TypeVar

import msgspec

from vatriage.model.claim_text import normalise_claim
from vatriage.model.signature import OutcomeRules, TransitiveClaims
from vatriage.signatures.interface import SignaturesError

_Content = TypeVar("_Content")
_SIGNATURE = re.compile(r"([0-9]{1,10}):([0-9]{1,10})", re.ASCII)


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Signatures (`gid:sid`) and why they stand in their list."""

    signatures: list[str]
    why: str


class _Classtype(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A classtype and its description in classification.config; null if others share the description."""

    name: str
    category: str | None


class _Outcomes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    message_classes: list[str]
    classtypes: list[_Classtype]
    outcomes: list[_Entry]
    not_outcomes: list[_Entry]
    observed_words: list[str] = []


class _TransitiveEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    claim: str
    why: str


class _Transitive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    claims: list[_TransitiveEntry]


def load_outcome_rules() -> OutcomeRules:
    """Return what counts as the outcome of an attack (VERDICT 6).

    Raises: SignaturesError: the data file is missing or broken: the installation is.
    """
    return read_outcome_rules(_resource("outcomes.json"))


def load_transitive() -> TransitiveClaims:
    """Return the CVEs whose victim may be another host than the one addressed (VERDICT 5).

    Raises: SignaturesError: the data file is missing or broken: the installation is.
    """
    return read_transitive(_resource("transitive.json"))


def read_outcome_rules(content: bytes) -> OutcomeRules:
    """Return the outcome rules that a data file's bytes hold. Raises: SignaturesError: they break the file's rules."""
    stored = _decode(content, _Outcomes, "outcomes.json")
    words = tuple(stored.message_classes)
    if not all(word and word == word.upper() and not re.search(r"\s", word) for word in words):
        raise SignaturesError("outcomes.json: message classes are single upper-case words.")
    return OutcomeRules(
        version=_version(stored.version, content),
        signatures=_signatures(stored.outcomes),
        message_classes=words,
        classtypes=frozenset(one.name for one in stored.classtypes),
        categories=frozenset(one.category.lower() for one in stored.classtypes if one.category),
        not_outcomes=_signatures(stored.not_outcomes),
        observed_words=frozenset(stored.observed_words),
    )


def read_transitive(content: bytes) -> TransitiveClaims:
    """Return the transitive CVEs that a data file's bytes hold. Raises: SignaturesError: they break the file's rules."""
    stored = _decode(content, _Transitive, "transitive.json")
    for entry in stored.claims:
        if normalise_claim("cve", entry.claim) != (entry.claim, False):
            raise SignaturesError(f"transitive.json: {entry.claim!r} is not written like CVE-2021-44228.")
    return TransitiveClaims(
        version=_version(stored.version, content), claims=frozenset(entry.claim for entry in stored.claims)
    )


def _resource(name: str) -> bytes:
    try:
        return (files("vatriage.signatures") / "data" / name).read_bytes()
    except OSError as error:
        raise SignaturesError(f"The data file {name} is missing.", "Install vatriage again.") from error


def _decode(content: bytes, shape: type[_Content], name: str) -> _Content:
    try:
        return msgspec.json.decode(content, type=shape)
    except msgspec.MsgspecError as error:
        raise SignaturesError(f"The data file {name} cannot be read: {error}.", "Install vatriage again.") from error


def _version(number: str, content: bytes) -> str:
    return f"{number}-{sha256(content).hexdigest()[:12]}"


def _signatures(entries: list[_Entry]) -> frozenset[tuple[int, int]]:
    found = set()
    for entry in entries:
        for text in entry.signatures:
            numbers = _SIGNATURE.fullmatch(text)
            if numbers is None or not entry.why:
                raise SignaturesError(f"outcomes.json: {text!r} is no gid:sid with a reason.")
            found.add((int(numbers[1]), int(numbers[2])))
    return frozenset(found)
