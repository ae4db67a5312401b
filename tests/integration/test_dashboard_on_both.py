"""The dashboard's numbers: they equal what the lists hold, and nothing is counted that the viewer may not see."""

from collections import Counter

from integration_store import report
from stored_alerts import Judged, store_alerts
from vatriage.model.time_columns import Step
from vatriage.model.verdict import Reason, Verdict

HOUR = 3_600
START = 1_793_000_000
LEVELS = [level for level in Verdict if level is not Verdict.FALSE_POSITIVE]


def _some():
    return [
        Judged(
            number, LEVELS[number % 4], zone="east" if number % 3 else "default", at_us=(START + number * 1_800) * 10**6,
            reasons=("never_scanned", "stale") if number % 2 else ("stale",),
        )
        for number in range(120)
    ]  # fmt: skip


def test_totals_are_the_alerts_by_verdict_and_by_reason(store):
    from vatriage.usecases.dashboard import totals

    store_alerts(_some())
    seen = totals(None)

    assert dict.fromkeys(LEVELS[:4], 30) | dict.fromkeys(LEVELS[4:], 0) == seen.by_verdict
    assert seen.by_reason == [("stale", 120), ("never_scanned", 60)]
    assert (seen.alerts, seen.decided, seen.with_reason(Reason.NO_CLAIM)) == (120, 60, 0)
    assert totals(frozenset({"default"})).alerts == 40
    assert totals(frozenset()).alerts == 0


def test_the_chart_holds_every_hour_and_every_alert(store):
    from vatriage.usecases.dashboard import verdicts_over_time

    some = _some()
    store_alerts(some)
    for step in Step:
        width = step.hours * HOUR
        columns = verdicts_over_time(None, step, 80, START + 60 * HOUR)
        expected = Counter((one.instant_us // 10**6 // width * width, one.verdict) for one in some)

        assert [column.start for column in columns] == list(range(columns[0].start, columns[-1].start + 1, width))
        assert expected == Counter(
            {(column.start, level): alerts for column in columns for level, alerts in column.alerts.items()}
        )
        assert sum(column.total for column in columns) == 120


def test_a_chart_that_would_be_empty_ends_with_the_newest_alert(store):
    from vatriage.usecases.dashboard import verdicts_over_time

    store_alerts(_some())
    columns = verdicts_over_time(None, Step.HOUR, 24, START + 400 * 24 * HOUR)

    assert columns[-1].start == (START + 119 * 1_800) // HOUR * HOUR
    assert sum(column.total for column in columns) == 2 * 23 + 1  # the newest alert is the only one of its hour so far
    assert [column.total for column in verdicts_over_time(frozenset(), Step.DAY, 3, START)] == [0, 0, 0]


def test_the_newest_pulls_come_first_and_only_of_zones_that_may_be_seen(store):
    from vatriage.usecases.dashboard import newest_pulls

    for day, zone in ((9, "east"), (10, "west"), (11, "east")):
        store.take(report(day, {1: []}), zone=zone)

    assert [(row["zone"], row["state"]) for row in newest_pulls(None)] == [
        ("east", "complete"), ("west", "complete"), ("east", "complete"),
    ]  # fmt: skip
    assert [row["zone"] for row in newest_pulls(frozenset({"west"}))] == ["west"]


def test_saved_filters_are_their_owners_own(store):
    import pytest

    from vatriage.errors import NotFoundError, UsageError
    from vatriage.usecases.saved_filters import delete_filter, save_filter, saved_filters

    save_filter("ann", "mine", {"verdict": ["AFFECTED"], "zone": [""]}, store.clock)
    save_filter("ann", "mine", {"verdict": ["UNKNOWN", "AFFECTED"]}, store.clock)
    save_filter("bob", "mine", {"reason": ["stale"]}, store.clock)

    assert [(row["name"], row["query"]) for row in saved_filters("ann")] == [
        ("mine", {"verdict": ["UNKNOWN", "AFFECTED"]})
    ]
    for name, query in (("", {"a": ["b"]}), ("x" * 65, {"a": ["b"]}), ("empty", {"a": [""]})):
        with pytest.raises(UsageError):
            save_filter("ann", name, query, store.clock)
    delete_filter("ann", "mine")
    with pytest.raises(NotFoundError):
        delete_filter("ann", "mine")
    assert len(saved_filters("bob")) == 1
