"""What a signature claims, and the index that finds it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class ClaimSource(StrEnum):
    """Who said that the signature is about this vulnerability (VERDICT 4)."""

    REFERENCE = "reference"
    REFERENCE_URL = "reference_url"
    METADATA = "metadata"
    SID_MSG_MAP = "sid_msg_map"
    EVE_METADATA = "eve_metadata"
    EVE_REFERENCE = "eve_reference"
    EVE_RULE = "eve_rule"
    MESSAGE = "message"


class Claim(NamedTuple):
    """One vulnerability that a signature names."""

    id: str
    """`CVE-2021-44228`, `BUGTRAQ-3723`, or the raw text of a malformed id."""
    sources: tuple[ClaimSource, ...]
    """Sorted, without duplicates, never empty."""
    malformed: bool = False
    """The id is no CVE or Bugtraq id: kept as text, forbids refutation."""


ANY_REVISION = -1
"""The `rev` of an entry of sid-msg.map version 1, which names none: it speaks of every revision and is none."""


class Side(StrEnum):
    """What a rule's header says of one of its ends."""

    HOME = "home"
    EXTERNAL = "external"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One revision of one rule, reduced to what judging needs."""

    gid: int
    sid: int
    rev: int
    message: str = ""
    """The rule's `msg`."""
    enabled: bool = True
    """False for a rule that is commented out in its file, and for what no loaded rule file holds."""
    claims: tuple[Claim, ...] = ()
    """Union of all sources, sorted by id."""
    conflict: bool = False
    """The sources contradict each other: the signature can confirm, never refute."""
    statements: tuple[tuple[str, ...], ...] = ()
    """The narrowest sets of CVEs that single sources of single copies named, where `claims` no longer tells them; sorted."""
    target: str | None = None
    """The rule's `target:` keyword: `src_ip`, `dest_ip` or None."""
    attack_targets: tuple[str, ...] = ()
    """`metadata: attack_target`, raw words."""
    flow: str | None = None
    """`to_server` or `to_client` from the rule's `flow:` keyword (from_client and from_server translated), else None."""
    source_side: Side = Side.ANY
    """What the header says of the packet's sender."""
    destination_side: Side = Side.ANY
    """What the header says of the packet's receiver."""
    classtype: str = ""
    """The rule's classtype keyword (`attempted-admin`)."""
    priority: int | None = None
    """The rule's own `priority:` keyword (1 worst), else None: see `SignatureIndex.priority_of`."""
    from_rule: bool = True
    """False for what is known from sid-msg.map only: its claims may be incomplete, so it confirms and never refutes."""
    tags: tuple[str, ...] = ()
    """`metadata: tag`, raw words."""
    confidence: str = ""
    """`metadata: confidence`."""
    location: str = ""
    """`file:line` of the rule, for people."""


@dataclass(frozen=True, slots=True)
class SignatureIndex:
    """All loaded signatures by (gid, sid), every loaded revision of each.

    `version` is a hash over the content, so that equal rules give equal versions whatever file they came from.
    """

    signatures: Mapping[tuple[int, int], tuple[Signature, ...]] = field(default_factory=dict)
    version: str = "none"
    classes: Mapping[str, int] = field(default_factory=dict)
    """Priority (1 worst) of each classtype of the loaded classification.config."""

    def find(self, gid: int, sid: int, rev: int) -> tuple[Signature | None, bool]:
        """Return the signature and whether it is the very revision of the rule that was asked for.

        Another revision is better than nothing for confirming, but its claims may differ, so it must not refute; nor
        must an entry of sid-msg.map, which does not hold all that a rule says (ADR 0002).
        A `rev` of 0 means that the sensor did not say which revision fired.
        """
        found = self.signatures.get((gid, sid))
        if not found:
            return None, False
        for signature in found:
            if signature.rev == rev:
                return signature, signature.from_rule and rev != 0
        return latest(found), False

    def priority_of(self, signature: Signature | None) -> int | None:
        """Return a signature's priority (1 worst): its rule's own, else that of its classtype; None if neither is known."""
        if signature is None:
            return None
        return self.classes.get(signature.classtype) if signature.priority is None else signature.priority

    def all(self) -> Iterable[Signature]:
        """Yield every signature, each revision once, in order of (gid, sid, rev)."""
        for key in sorted(self.signatures):
            yield from self.signatures[key]


def latest(revisions: Sequence[Signature]) -> Signature:
    """Return the last of ascending revisions, a rule rather than an entry of sid-msg.map; there is at least one."""
    rules = [one for one in revisions if one.from_rule]
    return (rules or revisions)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRules:
    """What counts as the outcome of an attack: a versioned data file (VERDICT 6)."""

    version: str
    signatures: frozenset[tuple[int, int]]
    """(gid, sid) that are outcomes by themselves."""
    message_classes: tuple[str, ...]
    """Upper-case words; a message whose class (the words before its text) holds one of them is an outcome."""
    classtypes: frozenset[str]
    """Classtype keywords (`successful-admin`)."""
    categories: frozenset[str]
    """The descriptions of those classtypes, as EVE writes them, lower case."""
    not_outcomes: frozenset[tuple[int, int]] = frozenset()
    """(gid, sid) that bear such a class but prove no success."""
    observed_words: frozenset[str] = frozenset()
    """Lower-case words; a message with one of them and with "vulnerable" tells that a vulnerable version answered."""

    def observes(self, message: str) -> bool:
        """Whether an alert tells that its source is vulnerable: evidence of the wire, which no scan outweighs."""
        words = set(_WORD.findall(message.lower()))
        return "vulnerable" in words and bool(words & self.observed_words)

    def matches(self, gid: int, sid: int, message: str, category: str, classtype: str) -> bool:
        """Whether an alert with these words counts as an outcome (its direction is checked elsewhere).

        Args:
            gid: generator id.
            sid: signature id.
            message: the signature's message; its class are the words that stand in it in capitals.
            category: the classtype's description, as EVE writes it; may be empty.
            classtype: the rule's classtype, where the rule is loaded; may be empty.
        """
        if (gid, sid) in self.not_outcomes:
            return False
        if (gid, sid) in self.signatures or classtype in self.classtypes or category.lower() in self.categories:
            return True
        return any(word in self.message_classes for word in _message_class(message))


_WORD = re.compile(r"[a-z]+")


def _message_class(message: str) -> list[str]:
    """Return the words of a message's class: `["GPL", "ATTACK_RESPONSE"]` of `GPL ATTACK_RESPONSE id check ...`."""
    words = message.split(maxsplit=4)[:4]
    for position, word in enumerate(words):
        if word != word.upper():
            return words[:position]
    return words


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitiveClaims:
    """CVEs whose victim may be another host than the one addressed (Log4Shell in logs): a versioned data file."""

    version: str
    claims: frozenset[str]
