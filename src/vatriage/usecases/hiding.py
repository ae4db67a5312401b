"""Turning hiding on and off in a zone. On only with its report on screen, for a time, by name; off at once.

Shadow mode is the default: nothing is hidden, only reported. Hiding never deletes and never changes a verdict: lists leave
out, and say how many. See `hiding_watch` for how it ends by itself.
"""

from dataclasses import dataclass

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.instant import US, format_instant
from vatriage.model.shadow import HIDEABLE, ShadowReport
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Who
from vatriage.store.audit import note
from vatriage.store.bulk import plain
from vatriage.store.hiding_rows import open_hidings
from vatriage.store.shadow import Hiding
from vatriage.store.shadow_rows import Window, newest_marks
from vatriage.store.turns import reviewers_turn
from vatriage.usecases.changes import ConflictError
from vatriage.usecases.hiding_watch import end
from vatriage.usecases.reviews import REASON_LENGTH
from vatriage.usecases.shadow_history import StoredHistory
from vatriage.usecases.shadow_report import DAYS, HOUR_US, drifts, shadow_report

FRESH_US = HOUR_US
"""How long a report on screen may be gone by."""
LONGEST_DAYS = 90
"""After so many days hiding is confirmed again, with a new report, or ends."""
_END_OF_TIME_US = 1 << 60


@dataclass(frozen=True, slots=True, kw_only=True)
class HidingForm:
    """What a person says who turns hiding on."""

    verdict: Verdict
    """NOT_AFFECTED, or (FALSE_POSITIVE) of it what a person has called a false positive."""
    days: int
    """Of the report that they see."""
    made_us: int
    """When it was made."""
    digest: str
    """Its digest."""
    reason: str
    until: int
    """Seconds: when it is to be confirmed again."""


def turn_on(zone: str, form: HidingForm, *, who: Who, clock: Clock) -> None:
    """Hide in a zone what a form says; where hiding is on already, this confirms it anew.

    Raises:
        UsageError: the form is incomplete, or the report speaks against hiding.
        ConflictError: the report is older than an hour, or its figures have changed since.
    """
    at_us = now_us(clock)
    reason = _checked(form, at_us)
    with reviewers_turn():
        marks = newest_marks()
        report = _checked_report(zone, form, at_us)
        _check_allowed(report)
        for row in open_hidings():
            if row.zone == zone:
                end(row, at_us // US, who, "It is confirmed anew.")
        _save(zone, form, reason, report, marks, who, at_us // US)


def turn_off(zone: str, *, reason: str, who: Who, clock: Clock) -> None:
    """Show everything in a zone again, at once.

    Raises: NotFoundError: nothing is hidden there. UsageError: the reason is missing.
    """
    why = _checked_reason(reason)
    row = next((row for row in open_hidings() if row.zone == zone), None)
    if row is None:
        raise NotFoundError(f"Hiding is not on in the zone {zone!r}.", "Everything is shown there already.")
    end(row, now_us(clock) // US, who, why)


def _checked(form: HidingForm, at_us: int) -> str:
    if form.verdict not in HIDEABLE:
        raise UsageError(
            f"Alerts that are {form.verdict.name} are never hidden.",
            f"Choose one of {', '.join(level.name for level in HIDEABLE)}.",
        )
    if not at_us < form.until * US <= at_us + LONGEST_DAYS * 86_400 * US:
        raise UsageError(
            f"Hiding needs a day within the next {LONGEST_DAYS} days by which it is confirmed again.", "Give one."
        )
    if form.days < DAYS:
        raise UsageError(
            f"Hiding is turned on by a report of at least {DAYS} days: a shorter one may leave out just what went wrong.",
            "Open the zone's report for more days.",
        )
    if not form.digest:
        raise UsageError(
            "Hiding is turned on only with its report on screen, and no report's digest was sent.",
            "Open the zone's report, and use its form.",
        )
    if not at_us - FRESH_US <= form.made_us <= at_us:
        raise ConflictError(
            "The report is older than an hour, so nothing was turned on.", "Read the report of now, and decide again."
        )
    return _checked_reason(form.reason)


def _checked_reason(text: str) -> str:
    reason = plain(text.strip())
    if not 1 <= len(reason) <= REASON_LENGTH:
        raise UsageError(f"This needs a reason of 1 to {REASON_LENGTH:,} characters.", "Say why.")
    return reason


def _checked_report(zone: str, form: HidingForm, at_us: int) -> ShadowReport:
    """Return the report that the person saw. Raises: ConflictError: it would read otherwise now."""
    report = shadow_report(zone, now_us=form.made_us, days=form.days)
    if report.digest != form.digest:
        raise ConflictError(
            "The figures have changed since the report was made, so nothing was turned on.",
            "Read the report of now, and decide again.",
        )
    later = Window(zone, report.until_us, _END_OF_TIME_US)
    came = any(one.wrong for one in StoredHistory().settled(later))
    if came or any(one.alarm for one in drifts(zone, at_us // HOUR_US + 1)):
        raise ConflictError(
            "Since the report was made something came that speaks against hiding, so nothing was turned on.",
            "Read the report of now.",
        )
    return report


def _check_allowed(report: ShadowReport) -> None:
    """Raise: UsageError: hiding would end by itself at once, or nobody knows how often it would be wrong."""
    if report.alarms:
        raise UsageError(
            f"Hiding cannot be turned on: {' '.join(report.alarms)}", "Find out why, and look again later."
        )
    if not report.sample_error.whole:
        raise UsageError(
            "Hiding cannot be turned on: no alert of a random sample has been judged, so nobody knows how often it "
            "would be wrong.",
            "Draw a sample on the report's page, and judge its alerts.",
        )


def _save(
    zone: str, form: HidingForm, reason: str, report: ShadowReport, marks: tuple[int, int], who: Who, now: int
) -> None:
    with transaction.atomic():
        Hiding.objects.create(
            zone=zone, verdict=form.verdict, report=report.figures, digest=report.digest, reason=reason,
            until=form.until, on_by=plain(who.name), on_at=now, verdict_mark=marks[0], review_mark=marks[1],
        )  # fmt: skip
        told = {
            "verdict": form.verdict.name,
            "reason": reason,
            "until": format_instant(form.until * US),
            "report": report.figures,
        }
        note(who, now, "hiding turned on", f"zone {zone}", None, told | {"digest": report.digest})
