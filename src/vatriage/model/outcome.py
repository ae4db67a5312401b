"""Outcomes of attacks seen in the stream of alerts: an input of the kernel, never computed by it (VERDICT 6)."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class HostPair(NamedTuple):
    """Who would have been attacked by whom, in one zone; addresses are canonical text."""

    zone: str
    victim: str
    attacker: str


Sightings = Mapping[HostPair, tuple[tuple[int, str], ...]]
"""Per pair: (instant in microseconds, alert id), sorted."""


@dataclass(frozen=True, slots=True)
class OutcomeIndex:
    """Which outcomes were seen, and which attempts went before them, by host pair."""

    outcomes: Sightings = field(default_factory=dict)
    """Alerts that an outcome signature raised on traffic from victim to attacker."""
    attempts: Sightings = field(default_factory=dict)
    """Alerts on attacks from attacker to victim; only for pairs that have outcomes."""

    def outcome_after(self, pair: HostPair, at_us: int, window_us: int) -> tuple[int, str] | None:
        """Return the first outcome of the pair in [at, at + window], or None."""
        seen = self.outcomes.get(pair, ())
        place = bisect_left(seen, (at_us, ""))
        return seen[place] if place < len(seen) and seen[place][0] <= at_us + window_us else None

    def attempt_before(self, pair: HostPair, at_us: int, window_us: int) -> tuple[int, str] | None:
        """Return the last attempt on the pair in [at - window, at], or None."""
        seen = self.attempts.get(pair, ())
        place = bisect_right(seen, (at_us, "\uffff"))
        return seen[place - 1] if place and seen[place - 1][0] >= at_us - window_us else None


def sightings(rows: Mapping[HostPair, set[tuple[int, str]]]) -> Sightings:
    """Return the rows of each pair sorted and without duplicates: independent of the order they were met in."""
    return {pair: tuple(sorted(seen)) for pair, seen in rows.items()}
