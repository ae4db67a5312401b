"""What hiding would have done: the figures of a zone, and the digest by which a person shows which figures they saw."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from math import ceil, floor, log10
from typing import Any, NamedTuple

import msgspec

from vatriage.model.drift import Drift
from vatriage.model.instant import US, format_instant
from vatriage.model.proportion import Proportion
from vatriage.model.verdict import Verdict

HIDEABLE = (Verdict.NOT_AFFECTED, Verdict.FALSE_POSITIVE)
"""What a policy may hide, the wider first. Nothing that the machine puts at UNVERIFIABLE or above is ever hidden: of what it
calls NOT_AFFECTED either all, or (FALSE_POSITIVE) what a person has called a false positive."""


class Said(StrEnum):
    """What a person says of an alert that would be hidden."""

    NOTHING = "nothing"
    RIGHT = "right"
    """It may be hidden: a false positive, or noise."""
    WRONG = "wrong"
    """It is an attack."""


class Settled(NamedTuple):
    """One alert that would have been hidden, and of which something came to light."""

    alert_id: str
    at_us: int
    said: Said
    escalated: bool
    """A later verdict of it was AFFECTED or COMPROMISE_INDICATED (which an outcome gives)."""

    @property
    def wrong(self) -> bool:
        """Whether hiding it would have been wrong."""
        return self.escalated or self.said is Said.WRONG


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowReport:
    """What hiding NOT_AFFECTED would have done in one zone. Instants are microseconds."""

    zone: str
    days: int
    made_us: int
    from_us: int
    """The earliest alert time, inclusive."""
    until_us: int
    """The latest, exclusive."""
    alerts: int
    would_hide: int
    """First judged NOT_AFFECTED."""
    raised: int
    """Of these, given any worse verdict later."""
    confirmed: int
    """Of these, attacks: a person says so, or a later verdict was AFFECTED or worse, or had an outcome."""
    confirmed_by_people: int
    confirmed_by_evidence: int
    reviewed: int
    """Of `would_hide`, looked at by a person: the others nobody knows anything about."""
    seen_error: Proportion
    """Wrong among all that are settled. Biased: by which ones people looked at."""
    sampled: int
    """Alerts of the window that a random sample asks people to judge."""
    sample_error: Proportion
    """Wrong among those of the sample that are settled: the estimate to go by, as far as the sample is judged."""
    drifts: tuple[Drift, ...]
    """Of the days that end now and a day ago, the older first."""
    errors_rose: bool

    @property
    def figures(self) -> dict[str, Any]:
        """All of it, as programs get it."""
        return {
            "zone": self.zone, "days": self.days, "made_at": format_instant(self.made_us),
            "begin": format_instant(self.from_us), "end": format_instant(self.until_us), "alerts": self.alerts,
            "would_hide": self.would_hide, "raised_later": self.raised, "confirmed_later": self.confirmed,
            "confirmed_by_people": self.confirmed_by_people, "confirmed_by_evidence": self.confirmed_by_evidence,
            "reviewed": self.reviewed, "sampled": self.sampled, "error_of_sample": told(self.sample_error),
            "error_of_seen": told(self.seen_error), "drift": [told_drift(one) for one in self.drifts],
            "errors_rose": self.errors_rose,
        }  # fmt: skip

    @property
    def summary(self) -> str:
        """The report in one sentence."""
        return (
            f"Hiding NOT_AFFECTED would have hidden {self.would_hide:,} of {self.alerts:,} alerts in {self.days} days; "
            f"{self.confirmed:,} later confirmed as attacks; a person looked at {self.reviewed:,} of the {self.would_hide:,}."
        )

    @property
    def digest(self) -> str:
        """The name of these figures at their instant: 64 hex digits."""
        return sha256(msgspec.json.encode(self.figures, order="deterministic")).hexdigest()

    @property
    def told(self) -> dict[str, Any]:
        """The figures with their digest and what they say."""
        return self.figures | {"digest": self.digest, "summary": self.summary, "alarms": list(self.alarms)}

    @property
    def alarms(self) -> tuple[str, ...]:
        """What speaks against hiding, in sentences; empty = nothing does."""
        said = [drift_said(one) for one in self.drifts if one.alarm]
        if self.confirmed:
            said.insert(0, f"{self.confirmed:,} of the alerts that would have been hidden turned out to be attacks.")
        if self.errors_rose:
            said.append("Hiding would have been wrong more often in the last 7 days than before.")
        return tuple(said)


def told(error: Proportion) -> dict[str, Any]:
    """Return a proportion with its 95 % interval, shares rounded outwards to six digits."""
    lower, upper = error.interval
    share = error.share
    return {
        "wrong": error.part, "of": error.whole, "share": None if share is None else round(share, 6),
        "lower": max(0.0, round(lower - 5e-7, 6)), "upper": min(1.0, round(upper + 5e-7, 6)), "confidence": 0.95,
    }  # fmt: skip


def told_drift(drift: Drift) -> dict[str, Any]:
    """Return a day's share against the weeks before, as programs get it."""
    return {
        "begin": format_instant(drift.start * US), "hidden": drift.day.part, "alerts": drift.day.whole,
        "hidden_before": drift.before.part, "alerts_before": drift.before.whole, "z": round(drift.z, 3),
        "trend": str(drift.trend), "alarm": drift.alarm,
    }  # fmt: skip


def drift_said(drift: Drift) -> str:
    """Return a day's share against the weeks before, in one sentence."""
    start = format_instant(drift.start * US)
    return (
        f"In the 24 hours from {start} the share of NOT_AFFECTED is {percent(drift.day.share)} ({drift.day.part:,} of "
        f"{drift.day.whole:,} alerts); in the 28 days before it was {percent(drift.before.share)}: it has {drift.trend} "
        "beyond its bound."
    )


def error_said(error: Proportion) -> str:
    """Return how often hiding was wrong, with its bounds; never a bare "0 %"."""
    if not error.whole:
        return "unknown: nothing is judged (0 to 100 %)"
    lower, upper = error.interval
    between = f"{percent(_rounded(lower, floor))} and {percent(_rounded(upper, ceil))}"
    return f"{error.part:,} of {error.whole:,} wrong: between {between} (95 % interval)"


def _rounded(share: float, way: Callable[[float], int]) -> float:
    """Return a share rounded to three digits in one way: a bound never reads narrower than it is."""
    if share == 0:
        return share
    digits = 2 - floor(log10(share))
    return min(1.0, way(share * 10.0**digits) / 10.0**digits)


def percent(share: float | None) -> str:
    """Return a share for people: three digits; never 0 % or 100 % for what is merely near it."""
    if share is None:
        return "unknown"
    if share in (0, 1):
        return f"{share * 100:.0f} %"
    return "< 0.001 %" if share < 1e-5 else "> 99.9 %" if share > 0.9995 else f"{100 * share:.3g} %"
