"""When to pull: the account's scan schedule and past durations against the instant of a pull (pure).

The seed's "Configure QualysGuard to Scan the Network" leaves this arithmetic to the operator: how long does a scan take,
when does it run, and is a recent report there when it is pulled? Instants and lengths are seconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vatriage.model.report import ScanSummary, ScheduledScan

RUNS_LOOKED_AT = 5
"""A scan is expected to take as long as the longest of so many newest runs."""
LEAST_MARGIN_S = 600
"""How long after the expected end of a scan a pull should come at least."""
_STEP_S = 300
"""Suggested instants are rounded up to five minutes."""


class Freshness(StrEnum):
    """What a pull at an instant would bring of one scheduled scan."""

    FRESH = "fresh"
    """A report that is nearer to its scan than to the next one."""
    STILL_RUNNING = "still running"
    """The scan would not be over: the pull fetches the report before it."""
    SOON_OLD = "soon old"
    """A report that is older than the next scan is far."""
    NOTHING_NEW = "nothing new"
    """What was pulled already."""
    NEVER_RUN = "never run"
    """Nothing: the scan has not run yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedScan:
    """A scheduled scan with what its past runs tell."""

    title: str
    launch_at: int
    """Its next launch."""
    every_s: int
    """0 = not always the same."""
    duration_s: int | None
    """How long it is expected to take, None = no run tells."""
    finished_at: int
    """When its newest run ended, 0 = never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a pull would bring of one scheduled scan, and when it would bring the most."""

    scan: PlannedScan
    freshness: Freshness
    pull_at: int
    report_at: int
    """When the scan whose report is fetched will have ended, 0 = there is none."""
    next_at: int
    """When the first scan that is not over at the pull is expected to end, 0 = nobody knows when it runs."""
    suggested_at: int
    """When a pull would bring that scan's report fresh: soon after `next_at`; 0 = nobody knows."""


def planned(schedules: Iterable[ScheduledScan], runs: Sequence[ScanSummary]) -> list[PlannedScan]:
    """Return the scans that will run, each with its past: runs of the same title, else of the same targets.

    Args:
        schedules: of the account; those without a next launch are left out.
        runs: scans that are over, with their durations.
    """
    return [_planned(item, runs) for item in schedules if item.active and item.next_launch_at]


def _planned(item: ScheduledScan, runs: Sequence[ScanSummary]) -> PlannedScan:
    same = [run for run in runs if run.launched_at and item.title and run.title == item.title]
    same = same or [run for run in runs if run.launched_at and item.targets and run.targets == item.targets]
    newest = sorted(same, key=lambda run: run.launched_at, reverse=True)[:RUNS_LOOKED_AT]
    return PlannedScan(
        title=item.title,
        launch_at=item.next_launch_at,
        every_s=item.every_s,
        duration_s=max((run.duration_s for run in newest if run.duration_s), default=None),
        finished_at=newest[0].launched_at + newest[0].duration_s if newest else 0,
    )


def advise(scan: PlannedScan, pull_at: int, pulled_at: int) -> Advice:
    """Return what a pull at an instant would bring of a scan.

    Args:
        scan: the scan.
        pull_at: when the pull begins.
        pulled_at: when the last complete pull began, 0 = there was none.
    """
    duration_s = scan.duration_s or 0
    launch, report_at = _around(scan, pull_at, duration_s)
    next_at = launch + duration_s if launch else 0
    return Advice(
        scan=scan,
        freshness=_freshness(launch, next_at, report_at, pull_at, pulled_at),
        pull_at=pull_at,
        report_at=report_at,
        next_at=next_at,
        suggested_at=_suggested(next_at, duration_s) if next_at else 0,
    )


def _around(scan: PlannedScan, pull_at: int, duration_s: int) -> tuple[int, int]:
    """Return the launch of the first run that is not over at the pull (0 = unknown), and the end of the one before."""
    launch = scan.launch_at
    if not scan.every_s:
        return (launch, scan.finished_at) if pull_at < launch + duration_s else (0, launch + duration_s)
    before = launch - scan.every_s
    if scan.finished_at and scan.finished_at < before <= pull_at < before + duration_s:
        return before, scan.finished_at  # it runs now: the schedule names the launch after it already
    passed = max((pull_at - launch - duration_s) // scan.every_s + 1, 0)
    launch += passed * scan.every_s
    return launch, launch - scan.every_s + duration_s if passed else scan.finished_at


def _freshness(launch: int, next_at: int, report_at: int, pull_at: int, pulled_at: int) -> Freshness:
    if launch and launch <= pull_at < next_at:
        return Freshness.STILL_RUNNING
    if not report_at:
        return Freshness.NEVER_RUN
    if pulled_at >= report_at:
        return Freshness.NOTHING_NEW
    if next_at > pull_at and pull_at - report_at > next_at - pull_at:
        return Freshness.SOON_OLD
    return Freshness.FRESH


def _suggested(next_at: int, duration_s: int) -> int:
    """Return an instant after a scan's expected end, with a tenth of its duration (at least ten minutes) to spare."""
    return -(-(next_at + max(duration_s // 10, LEAST_MARGIN_S)) // _STEP_S) * _STEP_S
