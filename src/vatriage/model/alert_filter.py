"""Which alerts a list shows, in which order."""

from dataclasses import dataclass, replace
from enum import StrEnum

from vatriage.model.alert import Disposition
from vatriage.model.verdict import Verdict


class Decision(StrEnum):
    """What a person says of an alert or of a group of alerts."""

    CONFIRMED_FALSE_POSITIVE = "confirmed_false_positive"
    CONFIRMED_POSITIVE = "confirmed_positive"
    NOISE = "noise"
    """A real event that nobody here needs to see."""
    WITHDRAWN = "withdrawn"
    """The reviewer's earlier word does not hold any more, and no other takes its place."""


DENYING = (Decision.CONFIRMED_FALSE_POSITIVE, Decision.NOISE)
"""Decisions that say that nobody needs to look: evidence can contradict them."""


class Order(StrEnum):
    """How a list is sorted."""

    RANK = "rank"
    """The worst verdict first; within a verdict the highest priority, then the newest."""
    TIME = "time"
    """The newest alert first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """What every shown alert must be; a field that is empty asks for nothing."""

    verdicts: frozenset[Verdict] = frozenset()
    zones: frozenset[str] | None = None
    """None = all; the empty set = no alert at all."""
    from_us: int | None = None
    """The earliest alert time, inclusive."""
    until_us: int | None = None
    """The latest alert time, exclusive."""
    address: str = ""
    """Canonical: the target's or the attacker's."""
    signature: str = ""
    """`sid`, `gid:sid`, or a part of the message in any case."""
    reason: str = ""
    """One code of the verdict's reasons."""
    reviewed: bool | None = None
    """Whether a person's review of it is in force."""
    decisions: frozenset[Decision] = frozenset()
    """What the review in force says."""
    disposition: Disposition | None = None
    group_id: str = ""
    leave_out: frozenset[tuple[str, Verdict]] = frozenset()
    """Zones where what is hidden is left out, each with what is hidden there (see model/shadow.HIDEABLE)."""
    contradicted: bool = False
    """Only alerts whose evidence contradicts what a person said of them."""
    marked: bool | None = None
    """Whether a tuning rule marks it."""

    def within(self, zones: frozenset[str] | None) -> "AlertFilter":
        """Return the filter for a viewer who sees only some zones (None = all)."""
        if zones is None:
            return self
        return replace(self, zones=zones if self.zones is None else self.zones & zones)
