"""Whether a share left its bound: what is hidden a day against the weeks before, and how often hiding was wrong.

A share that suddenly doubles is suspicious: a report that lost its positives, a signature that lost its claims, an address
that changed hands. One that halves is no danger in itself, but what was agreed to on an older report does not hold for it.

The bound: the last 24 hours against the 28 days before them, and both of
  - a factor: the share is at least twice, or at most half, of what it was;
  - chance is ruled out: the pooled two-proportion z lies beyond 3.29 (one in a thousand, two-sided).
The factor alone would cry at three alerts instead of one; the test alone at any small change of a large number, because
alerts come in bursts and are not independent, as the test supposes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from vatriage.model.proportion import Proportion, chance_of_more, z_of_two

BASELINE_DAYS = 28
FACTOR = 2
Z_BOUND = 3.29
LEAST = 30
"""Alerts of the day below which its share says nothing."""
LEAST_BEFORE = 300
"""Alerts of the weeks before, likewise."""
RECENT_DAYS = 7
"""What the error of hiding is compared over: so many days against those before them."""
ERROR_CHANCE = 0.01
"""Fisher's p below which errors have become more frequent."""
_EXACT = 2_000
"""Judged alerts up to which Fisher's test is computed; above, z says the same."""
_Z_ERROR = 2.33


class Day(NamedTuple):
    """24 hours of one zone."""

    start: int
    """Seconds."""
    alerts: int
    hidden: int
    """Alerts among them that are, or would be, hidden."""


class Trend(StrEnum):
    """What became of a share."""

    STEADY = "steady"
    RISEN = "risen"
    FALLEN = "fallen"
    TOO_FEW = "too_few"
    """There are too few alerts to say; nothing is claimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One day against the weeks before it."""

    start: int
    """Of the day, seconds."""
    day: Proportion
    before: Proportion
    z: float
    trend: Trend

    @property
    def alarm(self) -> bool:
        """Whether the share left its bound."""
        return self.trend in (Trend.RISEN, Trend.FALLEN)


def drift_of(days: Sequence[Day]) -> Drift:
    """Return how the last of some consecutive days (at least one, oldest first) compares with up to 28 before it."""
    last, before = days[-1], days[-1 - BASELINE_DAYS : -1]
    now = Proportion(last.hidden, last.alerts)
    past = Proportion(sum(one.hidden for one in before), sum(one.alerts for one in before))
    z = z_of_two(now, past)
    return Drift(start=last.start, day=now, before=past, z=z, trend=_trend(now, past, z))


def _trend(now: Proportion, past: Proportion, z: float) -> Trend:
    if now.whole < LEAST or past.whole < LEAST_BEFORE:
        return Trend.TOO_FEW
    mine, theirs = now.part * past.whole, past.part * now.whole  # whole numbers: shares over one denominator
    if z > Z_BOUND and mine >= FACTOR * theirs:
        return Trend.RISEN
    if z < -Z_BOUND and FACTOR * mine <= theirs:
        return Trend.FALLEN
    return Trend.STEADY


def errors_rose(recent: Proportion, before: Proportion) -> bool:
    """Whether hiding was wrong more often lately than before, beyond what chance gives once in a hundred times."""
    if not (recent.whole and before.whole):
        return False
    if recent.whole + before.whole > _EXACT:
        return z_of_two(recent, before) > _Z_ERROR
    return chance_of_more(recent, before) < ERROR_CHANCE
