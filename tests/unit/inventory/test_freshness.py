"""The arithmetic of the freshness advisor, with fixed instants."""

import pytest

from vatriage.inventory.freshness import Freshness, PlannedScan, advise, planned
from vatriage.model.report import ScanSummary, ScheduledScan

HOUR, DAY = 3_600, 86_400
MIDNIGHT = 1_795_478_400
"""2026-11-24 00:00 UTC."""
NIGHTLY = PlannedScan(
    title="Nightly", launch_at=MIDNIGHT + DAY + 3 * HOUR, every_s=DAY, duration_s=HOUR, finished_at=MIDNIGHT + 4 * HOUR
)
"""Daily at 03:00, an hour long; last night's run ended at 04:00."""


def freshness(at, pulled_at=0, scan=NIGHTLY):
    return advise(scan, MIDNIGHT + at, pulled_at).freshness


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (5 * HOUR, Freshness.FRESH),
        (15 * HOUR, Freshness.FRESH),
        (17 * HOUR, Freshness.SOON_OLD),
        (DAY + 2 * HOUR, Freshness.SOON_OLD),
        (DAY + 3 * HOUR, Freshness.STILL_RUNNING),
        (DAY + 4 * HOUR - 1, Freshness.STILL_RUNNING),
        (DAY + 4 * HOUR, Freshness.FRESH),
        (9 * DAY + 2 * HOUR, Freshness.SOON_OLD),
        (9 * DAY + 5 * HOUR, Freshness.FRESH),
    ],
)
def test_a_pull_is_good_soon_after_the_scan_and_bad_shortly_before_the_next(at, expected):
    assert freshness(at) is expected


def test_what_was_pulled_already_is_nothing_new_until_the_next_scan_is_over():
    pulled_at = MIDNIGHT + 5 * HOUR

    assert freshness(8 * HOUR, pulled_at) is Freshness.NOTHING_NEW
    assert freshness(DAY + 3 * HOUR, pulled_at) is Freshness.STILL_RUNNING
    assert freshness(DAY + 5 * HOUR, pulled_at) is Freshness.FRESH


def test_the_suggested_instant_leaves_time_to_spare_after_the_longest_run():
    advice = advise(NIGHTLY, MIDNIGHT + DAY + 2 * HOUR, 0)
    long = PlannedScan(title="", launch_at=MIDNIGHT, every_s=DAY, duration_s=10 * HOUR + 1, finished_at=0)

    assert advice.suggested_at == MIDNIGHT + DAY + 4 * HOUR + 600
    assert advise(long, MIDNIGHT - 1, 0).suggested_at == MIDNIGHT + 11 * HOUR + 300


def test_a_run_that_goes_on_now_is_known_though_the_schedule_names_the_next_one_already():
    running = PlannedScan(
        title="", launch_at=MIDNIGHT + DAY, every_s=DAY, duration_s=6 * HOUR, finished_at=MIDNIGHT - DAY + 6 * HOUR
    )
    advice = advise(running, MIDNIGHT + 2 * HOUR, 0)

    assert (advice.freshness, advice.next_at) == (Freshness.STILL_RUNNING, MIDNIGHT + 6 * HOUR)


def test_a_scan_that_never_ran_brings_nothing():
    new = PlannedScan(title="", launch_at=MIDNIGHT + DAY, every_s=DAY, duration_s=None, finished_at=0)

    assert freshness(0, scan=new) is Freshness.NEVER_RUN


def test_of_a_scan_without_a_rhythm_only_its_next_launch_is_known():
    once = PlannedScan(title="", launch_at=MIDNIGHT, every_s=0, duration_s=HOUR, finished_at=MIDNIGHT - 30 * DAY)
    before, after = advise(once, MIDNIGHT - HOUR, 0), advise(once, MIDNIGHT + 2 * HOUR, 0)

    assert (before.freshness, before.suggested_at) == (Freshness.SOON_OLD, MIDNIGHT + HOUR + 600)
    assert (after.freshness, after.report_at, after.suggested_at) == (Freshness.FRESH, MIDNIGHT + HOUR, 0)


def test_a_schedule_finds_its_runs_by_title_or_else_by_targets():
    def schedule(title, targets, *, active=True):
        return ScheduledScan(title=title, targets=targets, active=active, next_launch_at=MIDNIGHT + DAY, every_s=DAY)

    runs = [
        ScanSummary(ref="1", title="Nightly", targets="192.0.2.1", launched_at=MIDNIGHT, duration_s=600),
        ScanSummary(ref="2", title="Nightly", targets="192.0.2.1", launched_at=MIDNIGHT - DAY, duration_s=900),
        ScanSummary(ref="3", title="by hand", targets="192.0.2.7", launched_at=MIDNIGHT + 60, duration_s=60),
    ]
    found = planned([schedule("Nightly", "x"), schedule("Other", "192.0.2.7"), schedule("New", "y"), schedule("Off", "y", active=False)], runs)  # fmt: skip

    assert [(item.title, item.duration_s, item.finished_at) for item in found] == [
        ("Nightly", 900, MIDNIGHT + 600), ("Other", 60, MIDNIGHT + 120), ("New", None, 0),
    ]  # fmt: skip
