"""A zone in which hiding could be turned on: alerts of thirty days, a random sample of them judged, nothing against it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from stored_alerts import HOUR_US, Judged, store_alerts
from vatriage.model.alert_filter import Decision
from vatriage.model.review_scope import Scope
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Who

ANN = Who("ann", "192.0.2.1")
NOW = 1_795_478_400
"""2026-11-24 00:00 UTC."""
NOW_US = NOW * 1_000_000
DAY = 86_400
SEED = 7


@dataclass
class AtClock:
    """A clock that a test sets."""

    seconds: float = NOW

    def now(self) -> datetime:
        """See Clock.now."""
        return datetime.fromtimestamp(self.seconds, UTC)


def alert(number: int, verdict: Verdict = Verdict.NOT_AFFECTED, *, days_ago: float = 1.5, **values) -> Judged:
    """Return an alert so many days before now; each its own group unless a message or address says otherwise."""
    return Judged(
        number, verdict, at_us=NOW_US - int(days_ago * 24) * HOUR_US - number % 1_000 * 10**6,
        **{"source": f"198.51.{number // 250 % 250}.{number % 250}", "reasons": ("tested_absent",), **values},
    )  # fmt: skip


def month(zone: str = "default", *, a_day: int = 20, hidden: int = 5, first: int = 1_000) -> list[Judged]:
    """Return alerts of 29 days, so many a day, the first of each day NOT_AFFECTED."""
    return [
        alert(
            first + day * a_day + place, Verdict.NOT_AFFECTED if place < hidden else Verdict.UNKNOWN,
            days_ago=day + 0.5, zone=zone,
        )
        for day in range(29)
        for place in range(a_day)
    ]  # fmt: skip


def say(one_id: str, decision: Decision, clock: AtClock, *, group: bool = False, scope: Scope | None = None) -> None:
    """Review an alert, its group, or its signature as far as a scope reaches."""
    from vatriage.usecases.alert_page import show_alert
    from vatriage.usecases.reviews import ReviewForm, review_alert, review_group, review_signature

    form = ReviewForm(decision=decision, reason="looked at it")
    name = show_alert(one_id, zones=None, now=int(clock.seconds)).group["id"] if group or scope else ""
    if scope:
        until = replace(form, expires_at=int(clock.seconds) + 86_400)
        review_signature(name, scope, until, who=ANN, zones=None, clock=clock)
    elif group:
        review_group(name, form, who=ANN, zones=None, clock=clock)
    else:
        review_alert(one_id, form, who=ANN, zones=None, clock=clock)


def report_of(clock: AtClock, zone: str = "default", days: int = 30):
    """Return the report of a zone."""
    from vatriage.usecases.shadow_report import shadow_report

    return shadow_report(zone, now_us=int(clock.seconds * 1e6), days=days)


def judge_sample(clock: AtClock, zone: str = "default", size: int = 10) -> int:
    """Draw a sample, and call each alert of it a false positive; return its number."""
    from vatriage.usecases.shadow_samples import draw_sample, show_sample

    number = draw_sample(zone, who=ANN, clock=clock, seed=SEED, size=size)
    for row in show_sample(number, zones=None, now=int(clock.seconds)).rows:
        say(row["id"], Decision.CONFIRMED_FALSE_POSITIVE, clock)
    return number


def form_of(report, **values):
    """Return the form by which hiding is turned on by a report."""
    from vatriage.usecases.hiding import HidingForm

    given = {
        "verdict": Verdict.NOT_AFFECTED, "days": report.days, "made_us": report.made_us, "digest": report.digest,
        "reason": "the scans are good", "until": report.made_us // 1_000_000 + 30 * DAY,
    }  # fmt: skip
    return HidingForm(**given | values)


def hide(clock: AtClock, zone: str = "default", **values) -> None:
    """Turn hiding on in a zone by the report of now."""
    from vatriage.usecases.hiding import turn_on

    turn_on(zone, form_of(report_of(clock, zone), **values), who=ANN, clock=clock)


def ready(zone: str = "default") -> AtClock:
    """Store a month of a zone and judge a sample of it; return the clock."""
    clock = AtClock()
    store_alerts(month(zone))
    judge_sample(clock, zone)
    return clock
