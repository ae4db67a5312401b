"""What the dashboard shows: numbers that are counted while alerts are stored, and the age of the data behind verdicts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vatriage.inventory.zone_freshness import ZoneFreshness, zone_freshness
from vatriage.model.alert_filter import Decision
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
)
from vatriage.store.snapshots import load_snapshot

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
    """Return how many alerts each of MARS's lists holds (see alert_lists.MARS_LISTS), without counting alerts.

    People review groups and alerts by the hundred, not by the million: what they said is summed up from the groups'
    counters, and corrected by the alerts that have a review of their own.
    """
    decided = Counter[tuple[str, Verdict]]()
    groups = {row[0]: row[1:4] for row in reviewed_groups(zones, now)}
    for _group, _number, decision, seen, *counts in reviewed_groups(zones, now):
        for name, alerts in zip(LEVELS, counts, strict=True):
            level = Verdict[name.upper()]
            if _covers(decision, seen, level):
                decided[decision, level] += alerts
    for group, verdict, *own in reviewed_alerts(zones, now):
        level = Verdict(verdict)
        of_group = groups.get(group)
        for step, said in ((-1, _said([of_group], level)), (1, _said([of_group, own], level))):
            decided[said, level] += step
    unaffected = Verdict.NOT_AFFECTED
    kinds = verdict_totals(zones)
    spoken = (Decision.CONFIRMED_FALSE_POSITIVE, Decision.CONFIRMED_POSITIVE, Decision.NOISE)
    return {
        "unconfirmed": sum(int(alerts) for verdict, _, alerts, _ in kinds if verdict == unaffected)
        - sum(decided[decision, unaffected] for decision in spoken),
        "system": sum(int(blocked) for verdict, _, _, blocked in kinds if verdict == unaffected),
        **{
            name: sum(number for (said, _), number in decided.items() if said == decision)
            for name, decision in zip(("confirmed", "positive", "noise"), spoken, strict=True)
        },
    }


def _covers(decision: str, seen: int, level: Verdict) -> bool:
    return decision == Decision.CONFIRMED_POSITIVE or level <= seen


def _said(reviews: Iterable[Any], level: Verdict) -> str:
    """Return what the newest of some reviews (number, decision, seen verdict) says of an alert, "" if nothing."""
    holding = [one for one in reviews if one is not None and _covers(one[1], one[2], level)]
    return str(max(holding, key=lambda one: int(one[0]))[1]) if holding else ""
