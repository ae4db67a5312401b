"""What alerts of one level are ranked by: lists of exploited vulnerabilities, predictions, the worth of a target.

None of it is evidence: it never moves an alert to another level (VERDICT, DESIGN 6).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

OLD_AFTER_DAYS = 30
"""Predictions older than this are told to be old: EPSS is computed anew every day."""
NEUTRAL_VALUE = 3
"""The value of a target of which nobody said what it is worth, on the scale from 1 to 5."""
LEAST_VALUE, MOST_VALUE = 1, 5


class Listed(NamedTuple):
    """A vulnerability's entry in a catalogue of those that are exploited."""

    added: str
    """ISO date."""
    ransomware: bool
    """It is known to be used by ransomware."""


def no_score(_cve: str) -> float | None:
    """Return that nobody predicts anything."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingData:
    """The lists that were loaded, by CVE id as in `Claim.id`."""

    exploited: Mapping[str, Listed] = field(default_factory=dict)
    """CISA's catalogue of Known Exploited Vulnerabilities (KEV)."""
    exploited_date: str = ""
    """ISO date of the catalogue, "" = none is loaded."""
    exploited_version: str = ""
    """Its date and a hash of its content, stored with every verdict."""
    score: Callable[[str], float | None] = no_score
    """The probability, 0 to 1, that a CVE is exploited within 30 days (FIRST's EPSS); None if the list has none."""
    score_date: str = ""
    """ISO date of the list, "" = none is loaded."""
    score_version: str = ""
    """Its date and a hash of its content, stored with every verdict."""
    problems: tuple[str, ...] = ()
    """What was loaded and cannot be read any more: sentences for people. Judging goes on without it."""
