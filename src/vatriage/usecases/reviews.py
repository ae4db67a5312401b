"""What people say of alerts: beside the verdict, never over it. No machine writes here, and nothing is ever taken out."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.alert_filter import Decision
from vatriage.model.review_scope import MOST_DAYS, WORST, Scope
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Who
from vatriage.store.alert_pages import alert_row, group_row
from vatriage.store.audit import note
from vatriage.store.bulk import plain
from vatriage.store.review_rows import ReviewRow, newest_review, reviews_of, save_review
from vatriage.store.signature_reach import reach
from vatriage.store.turns import reviewers_turn
from vatriage.usecases.changes import ConflictError

REASON_LENGTH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewForm:
    """What a person says."""

    decision: Decision
    reason: str
    """Why, in their words; compulsory."""
    expires_at: int = 0
    """Seconds; 0 = it holds until another review."""


def review_alert(
    alert_id: str, form: ReviewForm, *, who: Who, zones: frozenset[str] | None, clock: Clock, seen: int | None = None,
    saw: Verdict | None = None,
) -> int:  # fmt: skip
    """Review one alert; return the review's number.

    Args:
        alert_id: whole.
        form: what the person says.
        who: the person.
        zones: names of the zones that they may see, None = all.
        clock: for the review's date.
        seen: number of the newest review that they saw (0 = none); None trusts the caller to have read just now.
        saw: the verdict that they saw; one that has got worse since is not covered. None: as with `seen`.

    Raises:
        NotFoundError: the alert is not here, or not theirs to see.
        UsageError: the reason is missing, or the expiry is past.
        ConflictError: somebody else reviewed it meanwhile.
    """
    row = alert_row(alert_id, zones)
    if row is None:
        raise NotFoundError(f"No stored alert has the id {alert_id!r}.", "It may belong to a zone that is not yours.")
    subject = ReviewRow(row["zone"], alert_id, "", "", "", 0, 0, "", 0)
    return _review(subject, _seen_verdict(row["verdict"], saw), form, who, clock, seen)


def review_group(
    group_id: str, form: ReviewForm, *, who: Who, zones: frozenset[str] | None, clock: Clock, seen: int | None = None,
    saw: Verdict | None = None,
) -> int:  # fmt: skip
    """Review all alerts of a signature from one attacker on one target, later ones too; see `review_alert`.

    An alert of the group that is worse than the worst that the person saw is not covered: new danger is shown again.
    """
    row = _group(group_id, zones)
    subject = ReviewRow(row["zone"], "", group_id, "", "", 0, 0, "", 0)
    return _review(subject, _seen_verdict(row["worst"], saw), form, who, clock, seen)


def _seen_verdict(present: int, saw: Verdict | None) -> Verdict:
    """Return the worst verdict that a review covers: no worse than the person saw it."""
    return Verdict(present) if saw is None else min(saw, Verdict(present))


def review_groups(
    seen: Mapping[str, int], form: ReviewForm, *, who: Who, zones: frozenset[str] | None, clock: Clock,
    saw: Mapping[str, Verdict] = MappingProxyType({}),
) -> list[int]:  # fmt: skip
    """Review several groups with the same words, all of them or none; return the reviews' numbers.

    Args:
        seen: by the group's id, the number of its newest review that the person saw (0 = none).
        form: what the person says.
        who: the person.
        zones: names of the zones that they may see, None = all.
        clock: for the reviews' date.
        saw: by the group's id, the worst verdict that the person saw.

    Raises: NotFoundError, UsageError, ConflictError: see `review_alert`.
    """
    with transaction.atomic():
        return [
            review_group(name, form, who=who, zones=zones, clock=clock, seen=number, saw=saw.get(name))
            for name, number in sorted(seen.items())
        ]


def review_signature(
    group_id: str, scope: Scope, form: ReviewForm, *, who: Who, zones: frozenset[str] | None, clock: Clock,
    seen: int | None = None, saw: Verdict | None = None,
) -> int:  # fmt: skip
    """Review alerts of a group's signature beyond the group, later ones too; see `review_alert`.

    It speaks of alerts that nobody looked at. So it must end (after `MOST_DAYS` at most), it covers none that is worse than
    `WORST` even if the person saw such a one, and what people say of an alert or its group itself goes before it.

    Args:
        group_id: of a group with the signature, the zone, and the end that the scope keeps.
        scope: how far it reaches.
        form: what the person says.
        who: the person.
        zones: names of the zones that they may see, None = all.
        clock: for the review's date.
        seen: number of the newest review of the same scope that they saw (0 = none); see `review_alert`.
        saw: the worst verdict of the alerts covered that they saw.

    Raises: NotFoundError, UsageError, ConflictError: see `review_alert`.
    """
    row = signature_row(_group(group_id, zones), scope)
    _check_end(form, now_us(clock) // 1_000_000)
    worst = _seen_verdict(min(reach(row).worst, WORST), saw)
    return _review(row, worst, form, who, clock, seen)


def signature_row(group: Mapping[str, Any], scope: Scope) -> ReviewRow:
    """Return the subject of a review as a row without words. Raises: UsageError: the group lacks the end to keep."""
    target = group["target_address"] if scope is Scope.ON_TARGET else ""
    attacker = group["attacker_address"] if scope is Scope.FROM_ATTACKER else ""
    if scope is not Scope.IN_ZONE and not target and not attacker:
        raise UsageError("These alerts do not state that address.", "Review the group, or the signature in its zone.")
    return ReviewRow(
        group["zone"], "", "", "", "", 0, 0, "", 0, scope, group["gid"], group["sid"], target, attacker
    )  # fmt: skip


def _group(group_id: str, zones: frozenset[str] | None) -> dict[str, Any]:
    row = group_row(group_id, zones)
    if row is None:
        raise NotFoundError(
            f"No group of alerts has the id {group_id!r}.", "It may belong to a zone that is not yours."
        )
    return row


def _check_end(form: ReviewForm, now: int) -> None:
    """Raise: UsageError: a review of alerts that nobody saw would hold too long."""
    last = now + MOST_DAYS * 86_400
    if form.decision is not Decision.WITHDRAWN and not 0 < form.expires_at <= last:
        raise UsageError(
            f"A review beyond one group must end, after {MOST_DAYS} days at most: it speaks of alerts nobody has seen.",
            "Say until when it holds.",
        )


def subject_of(row: Mapping[str, Any]) -> str:
    """Return what a review is of, in words, for the audit log and for lists."""
    if row["alert_id"] or row["group_id"]:
        return f"alert {row['alert_id']}" if row["alert_id"] else f"group {row['group_id']}"
    on = f" on {row['target_address']}" if row["target_address"] else ""
    by = f" from {row['attacker_address']}" if row["attacker_address"] else ""
    return f"signature {row['gid']}:{row['sid']}{on}{by} in zone {row['zone']}"


def _review(
    subject: ReviewRow, seen_verdict: Verdict, form: ReviewForm, who: Who, clock: Clock, seen: int | None
) -> int:  # fmt: skip
    now = now_us(clock) // 1_000_000
    reason, named = checked_reason(form, now), subject_of(subject._asdict())
    with reviewers_turn():
        if seen is not None and newest_review(subject) != seen:
            raise ConflictError(
                f"Somebody else reviewed the {named} after you opened it, so your review was not stored.",
                "Open it again: you will see the other review, and can still make yours.",
            )
        number = save_review(
            subject._replace(
                decision=form.decision, reason=reason, seen_verdict=seen_verdict, expires_at=form.expires_at,
                reviewer=plain(who.name), at=now,
            )
        )  # fmt: skip
        after = {"decision": str(form.decision), "reason": reason, "expires_at": form.expires_at, "zone": subject.zone}
        note(who, now, "alert reviewed", named, None, after)
    return number


def checked_reason(form: ReviewForm, now: int) -> str:
    """Return a form's reason. Raises: UsageError: it is missing or too long, or the expiry is past."""
    reason = plain(form.reason.strip())
    if not 1 <= len(reason) <= REASON_LENGTH:
        raise UsageError(f"A review needs a reason of 1 to {REASON_LENGTH:,} characters.", "Say what you know.")
    if form.expires_at and not now < form.expires_at < 1 << 40:
        raise UsageError("The review's expiry is not in the future.", "Give a later date, or none.")
    return reason


def review_history(*, alert_id: str = "", group_id: str = "") -> list[dict[str, Any]]:
    """Return every review of an alert and of its group, the newest first; each names its subject by one of the two ids.

    With a group's id those of its signature that cover it are among them; they have a scope in place of an id.
    """
    return reviews_of(alert_id, group_id)
