"""Where hiding is on at this moment. It ends by itself, loudly, as soon as anything speaks against it: it fails open.

Whoever is about to leave something out of a list asks here first, and the controller asks every minute, so that no list
hides by a policy that has run out, whose share left its bound, or of which one alert turned out to be an attack.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.model.instant import US, format_instant
from vatriage.model.shadow import drift_said
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Who
from vatriage.store.audit import note
from vatriage.store.hiding_rows import end_hiding, move_marks, newest_hidings, open_hidings
from vatriage.store.shadow import Hiding
from vatriage.store.shadow_rows import contradicted_by_review, contradicted_by_verdict, newest_marks
from vatriage.usecases.shadow_report import HOUR_US, drifts

WATCHER = Who("vatriage")
"""Who ends hiding where no person did."""
NOTICE_DAYS = 14
"""How long pages tell that hiding ended by itself."""
_BEHIND = 20_000
"""Verdicts after which a reader, too, notes how far it has looked."""
_Why = Callable[[Hiding, int], str]


class EndedByItself(NamedTuple):
    """Hiding that was turned off by nobody."""

    zone: str
    at: int
    """Seconds."""
    why: str


def standing(clock: Clock) -> frozenset[tuple[str, Verdict]]:
    """Return the zones where hiding is on, each with what is hidden there; what speaks against it ends it first."""
    at_us = now_us(clock)
    return frozenset((row.zone, Verdict(row.verdict)) for row in open_hidings() if not _ended(row, at_us, _BEHIND))


def watch(clock: Clock) -> str:
    """Look at all zones where hiding is on, and note how far; return what was ended, "" if nothing."""
    at_us = now_us(clock)
    ended = [row.zone for row in open_hidings() if _ended(row, at_us, 0)]
    return "".join(f"Hiding ended by itself in zone {zone!r}: see the audit log. " for zone in ended).strip()


def ended_by_itself(zones: frozenset[str] | None, now: int) -> list[EndedByItself]:
    """Return where hiding ended by itself in the last 14 days and was not turned on again; `now` in seconds."""
    return [
        EndedByItself(row.zone, row.off_at, row.off_why)
        for zone, row in sorted(newest_hidings().items())
        if row.off_at > now - NOTICE_DAYS * 86_400 and row.off_by == WATCHER.name
        and (zones is None or zone in zones)
    ]  # fmt: skip


def _ended(row: Hiding, at_us: int, behind: int) -> bool:
    """Whether something ends hiding in a zone; marks move if they lie further behind than so many verdicts."""
    verdicts, reviews = newest_marks()  # before looking: what comes meanwhile is looked at next time
    why = _against(row, at_us)
    if why:
        end(row, at_us // US, WATCHER, why)
        return True
    if verdicts - row.verdict_mark > behind or reviews - row.review_mark > behind:
        move_marks(row.pk, verdicts, reviews)
    return False


def _against(row: Hiding, at_us: int) -> str:
    """Return what speaks against hiding in a zone, "" if nothing."""
    if at_us < row.on_at * US - HOUR_US:
        return "The clock stands before the instant at which it was turned on, so nobody can say when it runs out."
    if at_us >= row.until * US:
        return f"It was to be confirmed again by {format_instant(row.until * US)}, and was not."
    by_verdict = contradicted_by_verdict(row.zone, row.verdict_mark)
    if by_verdict:
        return f"A later verdict of alert {by_verdict}, which was NOT_AFFECTED at first, is AFFECTED or worse."
    by_review = contradicted_by_review(row.zone, row.review_mark)
    if by_review:
        return f"A person called alert {by_review}, which was NOT_AFFECTED at first, an attack."
    return next((drift_said(one) for one in drifts(row.zone, at_us // HOUR_US + 1) if one.alarm), "")


def end(row: Hiding, now: int, who: Who, why: str) -> None:
    """End hiding in a zone and note it, once; `now` in seconds."""
    with transaction.atomic():
        if end_hiding(row.pk, now, who.name, why):
            before = {"verdict": Verdict(row.verdict).name, "by": row.on_by, "reason": row.reason}
            note(who, now, "hiding turned off", f"zone {row.zone}", before, {"verdict": None, "why": why})
