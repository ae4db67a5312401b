"""What the dashboard shows: numbers that are counted while alerts are stored, and the age of the data behind verdicts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vatriage.inventory.zone_freshness import ZoneFreshness, zone_freshness
from vatriage.model.alert_filter import DENYING, Decision
from vatriage.model.evidence import ScanKind
from vatriage.model.instant import US
from vatriage.model.policy import Policy
from vatriage.model.time_columns import Column, Step
from vatriage.model.verdict import Reason, Verdict
from vatriage.store.alert_counts import LEVELS
from vatriage.store.alert_totals import (
    last_hour,
    last_pulls,
    reviewed_alerts,
    reviewed_groups,
    verdict_hours,
    verdict_totals,
    widely_reviewed_groups,
)
from vatriage.store.snapshots import load_snapshot
from vatriage.store.tuning_rows import marked_groups
from vatriage.usecases.alert_lists import MARS_LISTS

HOUR_S = 3_600
Zones = frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """All stored alerts of some zones."""

    by_verdict: dict[Verdict, int]
    """Every verdict a machine gives, the worst first."""
    by_reason: list[tuple[str, int]]
    """Code and alerts, the most frequent first; an alert has several reasons."""

    @property
    def alerts(self) -> int:
        """All of them."""
        return sum(self.by_verdict.values())

    @property
    def decided(self) -> int:
        """Alerts that VA data decided, one way or the other."""
        undecided = (Verdict.UNKNOWN, Verdict.UNVERIFIABLE)
        return sum(number for level, number in self.by_verdict.items() if level not in undecided)

    def with_reason(self, code: Reason) -> int:
        """Return how many alerts have a reason."""
        return dict(self.by_reason).get(code, 0)


def totals(zones: Zones) -> Totals:
    """Return the sums over all alerts of the zones a viewer may see (None = all)."""
    levels, codes = Counter[int](), Counter[str]()
    for verdict, reasons, alerts, _blocked in verdict_totals(zones):
        levels[verdict] += int(alerts)
        for code in filter(None, reasons.split(",")):
            codes[code] += int(alerts)
    return Totals(
        by_verdict={level: levels[level] for level in reversed(Verdict) if level is not Verdict.FALSE_POSITIVE},
        by_reason=sorted(codes.items(), key=lambda item: (-item[1], item[0])),
    )


def verdicts_over_time(zones: Zones, step: Step, columns: int, now: int) -> list[Column]:
    """Return the alerts by hour or day (of UTC), oldest first; columns without alerts are there as well.

    The last column is that of `now`, or of the newest alert where nothing came for so long that the chart would be empty.

    Args:
        zones: that the viewer may see, None = all.
        step: the width of a column.
        columns: how many.
        now: seconds.
    """
    last = now // HOUR_S // step.hours
    newest = last_hour(zones)
    if newest is not None and newest // step.hours <= last - columns:
        last = newest // step.hours
    first = last - columns + 1
    counts: dict[int, Counter[Verdict]] = {place: Counter() for place in range(first, last + 1)}
    for hour, verdict, alerts in verdict_hours(zones, first * step.hours, (last + 1) * step.hours):
        counts[hour // step.hours][Verdict(verdict)] += alerts
    return [Column(start=place * step.hours * HOUR_S, alerts=dict(found)) for place, found in counts.items()]


def data_age(snapshots: Path, zones: Zones, now: int) -> list[ZoneFreshness]:
    """Return how fresh what verdicts are made of is, by zone: of the snapshot, because that is what judges.

    Raises: SnapshotError: the snapshot is damaged.
    """
    policy = Policy()
    limits = [policy.ttl_us(kind) // US for kind in ScanKind]
    lines = zone_freshness(load_snapshot(snapshots).columns, now, limits)
    return [line for line in lines if zones is None or line.zone in zones]


def newest_pulls(zones: Zones, limit: int = 5) -> list[dict[str, Any]]:
    """Return the last pulls and imports, the newest first."""
    return last_pulls(zones, limit)


def mars_counts(zones: Zones, now: int) -> dict[str, int]:
    """Return how many alerts each of MARS's lists holds (see alert_lists.MARS_LISTS), without counting alerts."""
    return {name: number for name, number in review_counts(zones, now).items() if name in MARS_LISTS}


def review_counts(zones: Zones, now: int) -> dict[str, int]:
    """Return the same with those that are contradicted, and those that a tuning rule marks.

    People review groups and alerts by the hundred, not by the million: what they said is summed up from the groups'
    counters, and corrected by the alerts that have a review of their own.
    """
    decided = _decided(zones, now)
    unaffected = Verdict.NOT_AFFECTED
    kinds = verdict_totals(zones)
    spoken = (Decision.CONFIRMED_FALSE_POSITIVE, Decision.CONFIRMED_POSITIVE, Decision.NOISE)
    return {
        "unconfirmed": sum(int(alerts) for verdict, _, alerts, _ in kinds if verdict == unaffected)
        - sum(decided[decision, unaffected] for decision in spoken),
        "system": sum(int(blocked) for verdict, _, _, blocked in kinds if verdict == unaffected),
        **{
            name: sum(number for (said, _), number in decided.items() if said == decision)
            for name, decision in zip(
                ("confirmed", "positive", "noise", "contradicted", "marked"),
                (*spoken, _CONTRADICTED, _MARKED),
                strict=True,
            )
        },
    }


_CONTRADICTED, _MARKED = "contradicted", "marked"
_Word = tuple[int, str, int]
"""A review's number, decision and seen verdict."""


def _decided(zones: Zones, now: int) -> Counter[tuple[str, Verdict]]:
    """Return by what people say, and by verdict, how many alerts there are."""
    near: dict[str, list[_Word]] = {}
    far: dict[str, list[_Word]] = {}
    counts: dict[str, list[int]] = {}
    for words, rows in ((near, reviewed_groups(zones, now)), (far, widely_reviewed_groups(zones, now))):
        for group, number, decision, seen, *found in rows:
            words.setdefault(group, []).append((number, decision, seen))
            counts[group] = list(map(int, found))
    bounds: dict[str, int] = {}
    for group, bound, *found in marked_groups(zones, now):
        bounds[group], counts[group] = int(bound), list(map(int, found))
    decided = Counter[tuple[str, Verdict]]()
    for group, numbers in counts.items():
        for name, alerts in zip(LEVELS, numbers, strict=True):
            level = Verdict[name.upper()]
            said = _said(near.get(group, []), far.get(group, []), level, bounds.get(group, -1))
            decided[said, level] += int(alerts)
    for group, verdict, *own in reviewed_alerts(zones, now):
        level, of_group, wide, bound = Verdict(verdict), near.get(group, []), far.get(group, []), bounds.get(group, -1)
        decided[_said(of_group, wide, level, bound), level] -= 1
        decided[_said([*of_group, (own[0], own[1], own[2])], wide, level, bound), level] += 1
    return decided


def _covers(word: _Word, level: Verdict) -> bool:
    return word[1] == Decision.CONFIRMED_POSITIVE or level <= word[2]


def _said(near: Sequence[_Word], far: Sequence[_Word], level: Verdict, bound: int) -> str:
    """Return what reviews of an alert and its group (near), or else of its signature (far), say of a verdict; "" if nothing.

    The same rules as `reviews.IN_FORCE`, `reviews.CONTRADICTED` and `tuning_rules.MARKED`; the bound is of the tuning rules
    that match, -1 = none does.
    """
    for words in (near, far):
        holding = [one for one in words if _covers(one, level)]
        if holding:
            said = str(max(holding)[1])
            if said != Decision.WITHDRAWN:
                return said
            break
    denied = any(one[1] in DENYING and level > one[2] for one in (*near, *far))
    if denied and level >= Verdict.POSSIBLY_AFFECTED:
        return _CONTRADICTED
    return _MARKED if level <= bound else ""
