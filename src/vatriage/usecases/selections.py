"""One review for many alerts: a filter, a stated count that the person confirms, and nothing that arrived since.

A selection is fixed by a stamp over its alerts, their verdicts and what was said of them. A review names the stamp; if the
same filter selects anything else by then, nothing is stored, and the person sees the new count first.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from vatriage.clock import Clock, now_us
from vatriage.errors import UsageError
from vatriage.model.alert_filter import AlertFilter
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Who
from vatriage.store.audit import note
from vatriage.store.bulk import plain
from vatriage.store.review_rows import ReviewRow, save_review
from vatriage.store.selected import (
    Selected,
    SelectedGroup,
    groups_of,
    newest_number,
    save_alert_reviews,
    select,
)
from vatriage.store.turns import reviewers_turn
from vatriage.usecases.alert_lists import signatures_of
from vatriage.usecases.changes import ConflictError
from vatriage.usecases.reviews import ReviewForm, checked_reason

MOST_ALERTS = 5_000
"""A greater selection is refused: nobody can answer for it, and a tuning rule says it better."""
MOST_GROUPS = 500


class Cover(StrEnum):
    """What a review of a selection covers."""

    ALERTS = "alerts"
    """The selected alerts, one by one, as they are now; nothing that comes later."""
    GROUPS = "groups"
    """The groups that hold a selected alert: all of their alerts, later ones too unless they are worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a filter selects now."""

    alerts: int
    groups: int
    in_groups: int
    """All alerts of these groups."""
    by_verdict: Mapping[Verdict, int]
    """Selected alerts, the worst verdict first."""
    reviewed: int
    """Selected alerts that have a review of their own; a new one would take its place."""
    until_us: int
    """Alerts of this instant and later are not selected: the filter's end, or the present instant."""
    stamp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What the person confirmed."""

    alerts: int
    groups: int
    stamp: str
    until_us: int


@dataclass(frozen=True, slots=True)
class _Found:
    alerts: list[Selected]
    groups: list[SelectedGroup]
    until_us: int


def preview_selection(wanted: AlertFilter, *, zones: frozenset[str] | None, clock: Clock) -> Selection:
    """Return what a filter selects now.

    Args:
        wanted: the filter.
        zones: names of the zones that the viewer may see, None = all.
        clock: for the end of a filter that has none.

    Raises: UsageError: too many alerts or groups, or a filter that cannot be meant.
    """
    return _told(_found(wanted, zones, now_us(clock), None))


def review_selection(
    wanted: AlertFilter, cover: Cover, confirmed: Confirmed, form: ReviewForm, *, who: Who,
    zones: frozenset[str] | None, clock: Clock,
) -> list[int]:  # fmt: skip
    """Review all alerts of a selection, or all of their groups, with the same words: all or none.

    Args:
        wanted: the filter, as it was previewed.
        cover: what the reviews cover.
        confirmed: the count and the stamp that the person confirmed.
        form: what they say.
        who: the person.
        zones: names of the zones that they may see, None = all.
        clock: for the reviews' date.

    Returns: the numbers of the first and the last review; all between them are of this selection.

    Raises:
        UsageError: nothing or too much is selected, the reason is missing, or the expiry is past.
        ConflictError: the filter selects something else by now: more or other alerts, other verdicts, other reviews.
    """
    now = now_us(clock)
    reason = checked_reason(form, now // 1_000_000)
    with reviewers_turn():
        found = _found(wanted, zones, now, confirmed.until_us)
        _check_same(_told(found), confirmed)
        before = newest_number()
        said = ReviewRow("", "", "", str(form.decision), reason, 0, form.expires_at, plain(who.name), now // 1_000_000)
        if cover is Cover.GROUPS:
            for group in found.groups:
                save_review(said._replace(zone=group.zone, group_id=group.id, seen_verdict=group.worst))
        else:
            save_alert_reviews(
                [said._replace(zone=one.zone, alert_id=one.id, seen_verdict=one.verdict) for one in found.alerts]
            )
        numbers = [before + 1, newest_number()]
        _note(who, found, cover, said, numbers)
    return numbers


def _note(who: Who, found: _Found, cover: Cover, said: ReviewRow, numbers: list[int]) -> None:
    told = _told(found)
    after = {
        "decision": said.decision, "reason": said.reason, "expires_at": said.expires_at, "covers": str(cover),
        "alerts": told.alerts, "groups": told.groups, "reviews": numbers, "stamp": told.stamp,
        "zones": sorted({one.zone for one in found.alerts}),
        "by_verdict": {verdict.name: number for verdict, number in told.by_verdict.items() if number},
    }  # fmt: skip
    subject = f"selection of {told.alerts:,} alerts in {told.groups:,} groups"
    note(who, said.at, "alerts reviewed", subject, None, after)


def _check_same(now: Selection, confirmed: Confirmed) -> None:
    if not now.alerts:
        raise UsageError("The filter selects no alert.", "Change the filter, and look at the count again.")
    if (now.stamp, now.alerts, now.groups) != (confirmed.stamp, confirmed.alerts, confirmed.groups):
        raise ConflictError(
            f"The filter selects {now.alerts:,} alerts in {now.groups:,} groups now, or their verdicts or reviews changed; "
            f"you confirmed {confirmed.alerts:,} in {confirmed.groups:,}. Nothing was stored.",
            "Look at the new count and confirm it.",
        )


def _found(wanted: AlertFilter, zones: frozenset[str] | None, now: int, until_us: int | None) -> _Found:
    end = min(value for value in (wanted.until_us, until_us, now + 1) if value is not None)
    narrowed = replace(wanted.within(zones), until_us=end)
    alerts = select(narrowed, signatures_of(wanted.signature), now // 1_000_000, MOST_ALERTS + 1)
    if len(alerts) > MOST_ALERTS:
        raise UsageError(
            f"The filter selects more than {MOST_ALERTS:,} alerts.", "Narrow it, or make a tuning rule of it."
        )
    groups = groups_of(sorted({one.group_id for one in alerts}))
    if len(groups) > MOST_GROUPS:
        raise UsageError(
            f"The filter selects more than {MOST_GROUPS:,} groups.", "Narrow it, or make a tuning rule of it."
        )
    return _Found(alerts, groups, end)


def _told(found: _Found) -> Selection:
    levels = Counter(one.verdict for one in found.alerts)
    text = repr((found.alerts, [(one.id, one.worst, one.review) for one in found.groups]))
    return Selection(
        alerts=len(found.alerts), groups=len(found.groups), in_groups=sum(one.alerts for one in found.groups),
        by_verdict={level: levels[level] for level in reversed(Verdict) if level is not Verdict.FALSE_POSITIVE},
        reviewed=sum(one.review > 0 for one in found.alerts), until_us=found.until_us,
        stamp=sha256(text.encode()).hexdigest()[:32],
    )  # fmt: skip
