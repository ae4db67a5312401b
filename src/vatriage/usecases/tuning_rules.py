"""Tuning rules: made, changed, switched off and on. Every step is a revision that stays, and stands in the audit log."""

from dataclasses import dataclass, replace
from typing import Any

from vatriage.clock import Clock, now_us
from vatriage.errors import NotAllowedError, NotFoundError, UsageError
from vatriage.model.alert_filter import Decision
from vatriage.model.tuning import WORST, TuningRule, network_of
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Right, Viewer
from vatriage.store.alert_branches import seen_zones
from vatriage.store.audit import note
from vatriage.store.bulk import plain
from vatriage.store.tuning_rows import revisions_of, rule_rows, save_rule
from vatriage.store.turns import reviewers_turn
from vatriage.usecases.changes import ConflictError
from vatriage.usecases.sight import zones_seen
from vatriage.usecases.tuning_preview import Preview, preview, row_of


class TooBroadError(UsageError):
    """A rule that is refused; `problems` are fields and sentences."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(" ".join(text for _, text in problems), "Make it narrower, or review the alerts themselves.")
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """One rule."""

    rule: dict[str, Any]
    """Its newest revision, by columns, with `acting`."""
    history: list[dict[str, Any]]
    """All revisions, the newest first."""
    now: Preview
    """What it matches now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person saw before they said yes."""

    marked: int
    """How many alerts the preview said that it would mark."""
    affected_named: bool = False
    """They said expressly that AFFECTED and worse are meant."""


def try_rule(rule: TuningRule, *, viewer: Viewer, clock: Clock, affected_named: bool = False) -> Preview:
    """Return what a rule would do; nothing is stored. Raises: UsageError: the zone is none of theirs."""
    _check_zone(rule, viewer)
    return preview(
        _checked(rule), now=_now(clock), affected_named=affected_named, administrator=viewer.may(Right.ADMIN)
    )


def make_rule(rule: TuningRule, consent: Consent, *, viewer: Viewer, clock: Clock) -> int:
    """Store a new rule; return its number.

    Args:
        rule: what it says.
        consent: what the person saw.
        viewer: the person.
        clock: for its date.

    Raises:
        UsageError: the zone is none of theirs.
        TooBroadError: it says what no rule may say, or marks too much.
        ConflictError: it would mark far more now than the person saw.
    """
    with reviewers_turn():
        return _store(rule, consent, viewer, clock, before=None)


def change_rule(number: int, rule: TuningRule, consent: Consent, *, seen: int, viewer: Viewer, clock: Clock) -> int:
    """Store another revision of a rule, which acts; see `make_rule`.

    Args:
        number: the rule's; its zone cannot be changed.
        rule: what it says now.
        consent: what the person saw.
        seen: number of the revision that they saw.
        viewer: the person.
        clock: for its date.

    Raises: NotFoundError: there is no such rule of theirs. UsageError, TooBroadError, ConflictError: see `make_rule`.
    """
    with reviewers_turn():
        before = _unchanged(number, seen, viewer)
        if rule.zone != before["zone"]:
            raise UsageError("A rule keeps its zone.", "Switch it off, and make another one.")
        return _store(rule, consent, viewer, clock, before=before)


def switch_rule(number: int, *, on: bool, reason: str, seen: int, viewer: Viewer, clock: Clock) -> int:
    """Switch a rule off, or on again; return its number. What it says stays.

    Args:
        number: the rule's.
        on: whether it shall act.
        reason: why, in the person's words; "" keeps the rule's own.
        seen: number of the revision that they saw.
        viewer: the person.
        clock: for its date.

    Raises: as `change_rule`; a rule that is too broad today, or past its end, is not switched on.
    """
    with reviewers_turn():
        before = _unchanged(number, seen, viewer)
        rule = rule_of(before)
        rule = replace(rule, reason=plain(reason.strip())[:2_000] or rule.reason)
        if on:
            if rule.bound > WORST and not viewer.may(Right.ADMIN):
                raise NotAllowedError("This rule marks alerts whose target is affected.", "Ask an administrator.")
            tried = try_rule(rule, viewer=viewer, clock=clock, affected_named=rule.bound > WORST)
            return _store(rule, Consent(marked=tried.marked, affected_named=True), viewer, clock, before=before)
        return _saved(rule, viewer, clock, before, enabled=0)


def list_rules(viewer: Viewer, clock: Clock) -> list[dict[str, Any]]:
    """Return the rules of the viewer's zones, the newest first, each with `acting`."""
    now = _now(clock)
    return [row | {"acting": _acts(row, now)} for row in rule_rows(viewer.zones)]


def show_rule(number: int, viewer: Viewer, clock: Clock) -> RuleView:
    """Return one rule with its history. Raises: NotFoundError: there is no such rule of theirs."""
    history, now = _history(number, viewer), _now(clock)
    rule = rule_of(history[0])
    found = preview(rule, now=now, affected_named=True, administrator=True)
    return RuleView(rule=history[0] | {"acting": _acts(history[0], now)}, history=history, now=found)


def rule_of(row: dict[str, Any]) -> TuningRule:
    """Return what a stored revision says."""
    return TuningRule(
        zone=row["zone"], gid=row["gid"], sid=row["sid"], source=row["source_network"], target=row["target_network"],
        bound=Verdict(row["bound"]), mark=Decision(row["mark"]), reason=row["reason"], expires_at=row["expires_at"],
    )  # fmt: skip


def _store(
    rule: TuningRule, consent: Consent, viewer: Viewer, clock: Clock, *, before: dict[str, Any] | None
) -> int:  # fmt: skip
    rule = _checked(rule)
    found = try_rule(rule, viewer=viewer, clock=clock, affected_named=consent.affected_named)
    if found.problems:
        raise TooBroadError(found.problems)
    if found.marked > consent.marked + max(10, consent.marked // 10):
        raise ConflictError(
            f"The rule would mark {found.marked:,} alerts now, not the {consent.marked:,} that you saw; it was not stored.",
            "Look at the preview again.",
        )
    return _saved(rule, viewer, clock, before, enabled=1)


def _saved(
    rule: TuningRule, viewer: Viewer, clock: Clock, before: dict[str, Any] | None, *, enabled: int
) -> int:  # fmt: skip
    now = _now(clock)
    number, revision = (before["rule"], before["revision"] + 1) if before else (0, 1)
    row = row_of(rule)._replace(
        rule=number, revision=revision, enabled=enabled, author=plain(viewer.name), at=now
    )  # fmt: skip
    number = save_rule(row)
    action = "tuning rule changed" if before else "tuning rule made"
    note(viewer.who, now, action, f"tuning rule {number}", before and _noted(before), _noted(row._asdict()))
    return number


def _noted(row: dict[str, Any]) -> dict[str, Any]:
    names = (
        "revision", "zone", "source_network", "target_network", "mark", "reason", "enabled", "expires_at",
    )  # fmt: skip
    signature = f"{row['gid']}:{row['sid']}" if row["sid"] >= 0 else "any"
    return {name: row[name] for name in names} | {"signature": signature, "bound": Verdict(row["bound"]).name}


def _checked(rule: TuningRule) -> TuningRule:
    """Return a rule with canonical networks. Raises: UsageError: a network is none, or a number too great."""
    try:
        ends = network_of(rule.source), network_of(rule.target)
    except ValueError as error:
        raise UsageError(f"That is no network: {error}.", "Write it like 192.0.2.0/28 or 2001:db8::/125.") from error
    if not (-1 <= rule.sid < 1 << 63 and -1 <= rule.gid < 1 << 63):
        raise UsageError("There is no signature of that number.", "Write it like 1:2021648.")
    return replace(rule, source=ends[0], target=ends[1], reason=plain(rule.reason.strip()))


def _check_zone(rule: TuningRule, viewer: Viewer) -> None:
    if rule.zone not in {*zones_seen(viewer.zones), *seen_zones(viewer.zones)}:
        raise UsageError(f"There is no zone named {rule.zone!r}.", "A rule is about one zone that you may see.")


def _history(number: int, viewer: Viewer) -> list[dict[str, Any]]:
    history = revisions_of(number)
    if not history or not viewer.sees(history[0]["zone"]):
        raise NotFoundError(
            f"There is no tuning rule {number}.", "The list of tuning rules shows all that you may see."
        )
    return history


def _unchanged(number: int, seen: int, viewer: Viewer) -> dict[str, Any]:
    """Return a rule's newest revision. Raises: NotFoundError, ConflictError."""
    before = _history(number, viewer)[0]
    if before["revision"] != seen:
        raise ConflictError(
            f"Somebody else changed tuning rule {number} after you opened it, so your change was not stored.",
            "Open it again, and look at its history.",
        )
    return before


def _acts(row: dict[str, Any], now: int) -> bool:
    return bool(row["enabled"]) and row["expires_at"] > now


def _now(clock: Clock) -> int:
    return now_us(clock) // 1_000_000
