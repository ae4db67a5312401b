"""What a tuning rule would mark among the stored alerts, and whether it is too broad."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vatriage.model.tuning import TuningRule, cannot_be_meant, span_of, too_broad
from vatriage.model.verdict import Reason, Verdict
from vatriage.store.alert_counts import LEVELS
from vatriage.store.alert_pages import messages_of
from vatriage.store.tuning_rows import RuleRow, matched_by, with_reason, worst_matched, zone_total
from vatriage.usecases.alert_lists import say_of

SHOWN = 10
"""Of the worst alerts."""
OUTCOMES = (Reason.OUTCOME_SEEN, Reason.OUTCOME_UNCONFIRMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a rule matches now."""

    by_verdict: Mapping[Verdict, int]
    """The worst first; whatever the rule's bound."""
    groups: int
    marked: int
    """Alerts no worse than the bound. Those that a person reviewed are among them; they keep that person's word."""
    left: int
    """Alerts that are worse than the bound: they stay as they are."""
    dangerous: int
    """AFFECTED and COMPROMISE_INDICATED ones among all of them."""
    outcomes: int
    """Those with a sign that the attack worked, confirmed or not."""
    total: int
    """Alerts of the zone."""
    worst: list[dict[str, Any]]
    """The ten worst alerts matched: rows of a list."""
    problems: list[tuple[str, str]]
    """Why it is refused: field, sentence. Empty: it may be stored."""


def preview(rule: TuningRule, *, now: int, affected_named: bool, administrator: bool) -> Preview:
    """Return what a rule would do; nothing is stored. See `too_broad` for the arguments."""
    row = row_of(rule)
    matched = matched_by(row)
    counted = {Verdict[name.upper()]: number for name, number in zip(LEVELS, matched.by_verdict, strict=True)}
    total = zone_total(rule.zone)
    rows = worst_matched(row, SHOWN)
    names = messages_of([(one["gid"], one["sid"]) for one in rows])
    problems = [*cannot_be_meant(rule, now)]
    problems += too_broad(rule, counted, total, affected_named=affected_named, administrator=administrator)
    say_of(rows, [(one["id"], one["group_id"], one["verdict"]) for one in rows], now)
    marked = sum(number for verdict, number in counted.items() if verdict <= rule.bound)
    return Preview(
        by_verdict=dict(sorted(counted.items(), reverse=True)), groups=matched.groups, marked=marked,
        left=sum(counted.values()) - marked, total=total, problems=problems,
        dangerous=counted[Verdict.AFFECTED] + counted[Verdict.COMPROMISE_INDICATED], outcomes=with_reason(row, OUTCOMES),
        worst=[one | {"message": names.get((one["gid"], one["sid"]), "")} for one in rows],
    )  # fmt: skip


def row_of(rule: TuningRule) -> RuleRow:
    """Return a rule as it is stored, without number, author and date."""
    source, target = span_of(rule.source), span_of(rule.target)
    return RuleRow(
        rule=0, revision=1, zone=rule.zone, gid=rule.gid if rule.has_signature else -1, sid=rule.sid,
        source_network=rule.source, target_network=rule.target, source_low=source[0], source_high=source[1],
        target_low=target[0], target_high=target[1], bound=int(rule.bound), mark=str(rule.mark), reason=rule.reason,
        enabled=1, expires_at=rule.expires_at, author="", at=0,
    )  # fmt: skip
