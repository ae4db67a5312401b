"""Schedules: every kind fires when a calendar says so, once a local day whatever clocks do."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import available_timezones

import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from soak import examples
from vatriage.errors import UsageError
from vatriage.model.due import due_between, jitter_of, last_due, next_due
from vatriage.model.local_time import instant_of, local
from vatriage.model.schedule import Blackout, Missed, Schedule, ScheduleKind, check_schedule
from vatriage.model.schedule_content import schedule_content, schedule_of

ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"}))
DATES = st.dates(date(1970, 1, 3), date(2100, 1, 1))
TIMES = st.times().map(lambda at: at.replace(microsecond=0, second=0, fold=0))
HARD = [
    ("America/New_York", date(2026, 11, 1)), ("America/New_York", date(2026, 3, 8)), ("Europe/Berlin", date(2026, 10, 25)),
    ("Europe/Berlin", date(2026, 3, 29)), ("Pacific/Apia", date(2011, 12, 29)), ("Pacific/Kwajalein", date(1993, 8, 20)),
    ("America/Havana", date(2026, 3, 8)), ("Australia/Lord_Howe", date(2026, 10, 4)), ("Africa/Cairo", date(2026, 4, 24)),
    ("America/Sao_Paulo", date(2018, 11, 4)), ("Asia/Pyongyang", date(2018, 5, 4)), ("Africa/Casablanca", date(2026, 2, 15)),
]  # fmt: skip


def seconds(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def days_of(zone, first, days):
    """Return the local days that a zone really has, with their first and last second."""
    begin = seconds((first - timedelta(days=2)).isoformat())
    found = {}
    for instant in range(begin, begin + (days + 4) * 86_400, 900):
        found.setdefault(local(instant, zone).date(), instant)
    return [day for day in sorted(found) if first <= day < first + timedelta(days=days)]


def fired(schedule, first, days):
    begin, end = (seconds((first + timedelta(days=shift)).isoformat()) for shift in (-3, days + 3))
    return list(due_between(schedule, "rule", begin, end))


@settings(max_examples=examples(150))
@given(ZONES, DATES, TIMES, st.integers(1, 5))
def test_a_daily_rule_fires_exactly_once_every_local_day(zone, first, at, days):
    schedule = Schedule(kind=ScheduleKind.DAILY, times=(at,), zone=zone)
    counts = Counter(local(due.at, zone).date() for due in fired(schedule, first, days))

    assert [counts[day] for day in days_of(zone, first, days)] == [1] * len(days_of(zone, first, days))


@pytest.mark.parametrize(("zone", "first"), HARD)
def test_a_daily_rule_fires_once_on_the_days_on_which_clocks_change(zone, first):
    for minute in range(0, 1440, 15):
        schedule = Schedule(kind=ScheduleKind.DAILY, times=(time(minute // 60, minute % 60),), zone=zone)
        counts = Counter(local(due.at, zone).date() for due in fired(schedule, first, 3))

        assert {counts[day] for day in days_of(zone, first, 3)} == {1}


@settings(max_examples=examples(60))
@given(ZONES, DATES, TIMES, st.sets(st.integers(0, 6), min_size=1))
def test_a_weekly_rule_fires_once_on_each_of_its_days_and_on_no_other(zone, first, at, weekdays):
    schedule = Schedule(kind=ScheduleKind.WEEKLY, times=(at,), days=tuple(sorted(weekdays)), zone=zone)
    counts = Counter(local(due.at, zone).date() for due in fired(schedule, first, 8))

    for day in days_of(zone, first, 8):
        assert counts[day] == (day.weekday() in weekdays), day


@settings(max_examples=examples(40))
@given(ZONES, DATES, TIMES, st.sets(st.integers(0, 31), min_size=1, max_size=4))
def test_a_monthly_rule_fires_once_on_each_of_its_dates_and_on_no_other(zone, first, at, dates):
    schedule = Schedule(kind=ScheduleKind.MONTHLY, times=(at,), dates=tuple(sorted(dates)), zone=zone)
    counts = Counter(local(due.at, zone).date() for due in fired(schedule, first, 40))

    for day in days_of(zone, first, 40):
        last = (day + timedelta(days=1)).day == 1
        assert counts[day] == (day.day in dates or (last and 0 in dates)), day


def test_a_time_that_does_not_exist_fires_at_the_first_instant_after_the_gap_and_a_repeated_one_at_its_first():
    assert instant_of(date(2026, 3, 29), time(2, 30), "Europe/Berlin") == seconds("2026-03-29T01:00:00")
    assert instant_of(date(2026, 10, 25), time(2, 30), "Europe/Berlin") == seconds("2026-10-25T00:30:00")
    assert instant_of(date(2011, 12, 30), time(2, 30), "Pacific/Apia") is None


def test_a_time_in_a_gap_that_ends_the_day_fires_before_the_gap():
    instant = instant_of(date(1919, 3, 30), time(23, 45), "America/Toronto")

    assert local(instant, "America/Toronto").isoformat() == "1919-03-30T23:29:59-05:00"


_NUMBERS = {"minute": (0, 59), "hour": (0, 23), "date": (1, 31), "month": (1, 12), "weekday": (0, 6)}


def field(name, *, restricted=False):
    least, most = _NUMBERS[name]
    number = st.integers(least, most)
    pair = st.tuples(number, number).map(sorted).filter(lambda p: p[0] < p[1] and p != [least, most])  # croniter: all
    named = number.map(str)
    forms = [named, pair.map(lambda p: f"{p[0]}-{p[1]}"), st.lists(named, min_size=1, max_size=3).map(",".join)]
    return (
        st.one_of(*forms)
        if restricted
        else st.one_of(st.just("*"), st.integers(2, 20).map(lambda n: f"*/{min(n, most)}"), *forms)
    )


CRON = st.tuples(
    field("minute"), field("hour"), st.one_of(st.just("*"), field("date", restricted=True)), st.just("*"),
    st.one_of(st.just("*"), field("weekday", restricted=True)),
).map(" ".join)  # fmt: skip


@settings(max_examples=examples(150))
@given(CRON, st.integers(0, 4_000_000_000))
def test_a_cron_line_means_in_utc_what_croniter_says(line, begin):
    schedule = Schedule(kind=ScheduleKind.CRON, cron=line)
    check_schedule(schedule)
    ours = [due.at for due in islice(due_between(schedule, "r", begin, 2**40), 5)]
    theirs = croniter(line, begin, ret_type=float)

    assert ours == [int(theirs.get_next()) for _ in ours]
    assert len(ours) == 5


def test_a_cron_line_for_every_hour_goes_by_time_passed_and_one_with_an_hour_by_the_clock():
    begin, end = seconds("2026-10-24T22:00:00"), seconds("2026-10-25T23:00:00")
    hourly = Schedule(kind=ScheduleKind.CRON, cron="30 * * * *", zone="Europe/Berlin")
    nightly = Schedule(kind=ScheduleKind.CRON, cron="30 2 * * *", zone="Europe/Berlin")

    assert {b.at - a.at for a, b in pairwise(due_between(hourly, "r", begin, end))} == {3_600}
    assert len(list(due_between(nightly, "r", begin, end))) == 1


def test_an_interval_goes_by_time_passed():
    schedule = Schedule(kind=ScheduleKind.EVERY, every_minutes=6 * 60, zone="Europe/Berlin")
    found = [
        due.at for due in due_between(schedule, "r", seconds("2026-10-24T00:00:00"), seconds("2026-10-26T00:00:00"))
    ]

    assert found == [seconds("2026-10-24T00:00:00") + 21_600 * step for step in range(1, 9)]


@given(st.integers(0, 3_600), st.integers(0, 2_000_000_000))
def test_jitter_is_bounded_and_always_the_same(most, tick):
    assert 0 <= jitter_of("r", tick, most) <= most
    assert jitter_of("r", tick, most) == jitter_of("r", tick, most)


def test_jitter_spreads_rules_and_loses_no_run():
    schedule = Schedule(kind=ScheduleKind.DAILY, times=(time(2),), jitter_s=3_600)
    begin = seconds("2026-01-01T00:00:00")
    by_rule = {key: [due.at for due in due_between(schedule, key, begin, begin + 30 * 86_400)] for key in "abcdef"}

    assert {len(found) for found in by_rule.values()} == {30}
    assert len({found[0] for found in by_rule.values()}) > 3
    assert all(
        0 <= at - (begin + 7_200 + 86_400 * number) <= 3_600
        for found in by_rule.values()
        for number, at in enumerate(found)
    )


WINDOWS = st.lists(
    st.builds(Blackout, days=st.sets(st.integers(0, 6), min_size=1).map(sorted).map(tuple), begin=TIMES, end=TIMES),
    max_size=3,
).map(tuple)


@settings(max_examples=examples(80))
@given(ZONES, st.integers(0, 4_000_000_000), TIMES, WINDOWS, st.integers(0, 7_200))
def test_what_falls_into_a_blackout_waits_for_its_end_and_nothing_starts_inside(zone, begin, at, blackouts, jitter_s):
    schedule = Schedule(kind=ScheduleKind.DAILY, times=(at,), zone=zone, blackouts=blackouts, jitter_s=jitter_s)
    try:
        check_schedule(schedule)
    except UsageError:
        return
    free = Schedule(kind=ScheduleKind.DAILY, times=(at,), zone=zone, jitter_s=jitter_s)
    end = begin + 20 * 86_400
    found = [due.at for due in due_between(schedule, "r", begin, end)]
    wanted = [due.at for due in due_between(free, "r", begin, end - 8 * 86_400)]

    assert found == sorted(set(found))
    assert not [instant for instant in found if _closed(blackouts, local(instant, zone))]
    for instant in wanted:
        assert [later for later in found if later >= instant][:1] != []
    assert {instant for instant in wanted if not _closed(blackouts, local(instant, zone))} <= set(found)


def _closed(blackouts, here):
    """Whether a window is open at a local time, by the plain reading; on days of a change of the clock nobody says."""
    zone = here.tzinfo
    near = {(here + timedelta(hours=shift)).replace(tzinfo=zone).utcoffset() for shift in (-30, 0, 30)}
    if len(near) > 1:
        return False
    at = here.time().replace(fold=0)
    for window in blackouts:
        if window.begin < window.end:
            closed = here.weekday() in window.days and window.begin <= at < window.end
        else:
            yesterday = (here.weekday() - 1) % 7
            closed = (here.weekday() in window.days and at >= window.begin) or (
                yesterday in window.days and at < window.end
            )
        if closed:
            return True
    return False


def test_several_runs_that_wait_for_one_window_are_one_run():
    weekend = Blackout(days=(5, 6), begin=time(0), end=time(0))
    schedule = Schedule(kind=ScheduleKind.EVERY, every_minutes=60, blackouts=(weekend,))
    found = [
        due.at for due in due_between(schedule, "r", seconds("2026-11-20T22:30:00"), seconds("2026-11-23T01:00:00"))
    ]

    assert found == [seconds("2026-11-20T23:00:00"), seconds("2026-11-23T00:00:00"), seconds("2026-11-23T01:00:00")]


@given(st.integers(0, 2_000_000_000), st.integers(0, 90 * 86_400))
def test_the_last_run_due_is_the_last_of_all(begin, span):
    schedule = Schedule(kind=ScheduleKind.DAILY, times=(time(2), time(14)), zone="Europe/Berlin", jitter_s=600)
    found = list(due_between(schedule, "r", begin, begin + span))

    assert last_due(schedule, "r", begin, begin + span) == (found[-1] if found else None)


def test_on_demand_is_never_due_and_a_date_that_no_month_has_neither():
    assert next_due(Schedule(kind=ScheduleKind.ON_DEMAND), "r", 0) is None
    with pytest.raises(UsageError, match="never comes"):
        check_schedule(Schedule(kind=ScheduleKind.CRON, cron="0 0 31 2 *"))
    assert next_due(
        Schedule(kind=ScheduleKind.CRON, cron="0 0 29 2 *"), "r", seconds("2096-03-01T00:00:00")
    ).day == date(2104, 2, 29)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"kind": "hourly"}, "kind of schedule"),
        ({"kind": "daily"}, "time of day"),
        ({"kind": "daily", "times": ["25:00"]}, "time of day"),
        ({"kind": "daily", "times": ["02:00+01:00"]}, "time of day"),
        ({"kind": "daily", "times": "02:00"}, "times"),
        ({"kind": "daily", "times": ["02:00"], "zone": "Mars/Olympus"}, "time zone"),
        ({"kind": "daily", "times": ["02:00"], "zone": "../etc/passwd"}, "time zone"),
        ({"kind": "daily", "times": ["02:00"], "jitter_s": -1}, "jitter"),
        ({"kind": "daily", "times": ["02:00"], "jitter_s": 86_400}, "jitter"),
        ({"kind": "daily", "times": ["02:00"], "missed": "later"}, "missed-run policy"),
        (
            {"kind": "daily", "times": ["02:00"], "blackouts": [{"days": ["mon"], "begin": "1", "end": "02:00"}]},
            "begin of the blackout",
        ),
        (
            {"kind": "daily", "times": ["02:00"], "blackouts": [{"days": [], "begin": "01:00", "end": "02:00"}]},
            "day of the blackout",
        ),
        (
            {
                "kind": "daily",
                "times": ["02:00"],
                "blackouts": [
                    {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "begin": "01:00", "end": "01:00"}
                ],
            },
            "blackout windows",
        ),
        ({"kind": "weekly", "times": ["02:00"]}, "day of the week"),
        ({"kind": "weekly", "times": ["02:00"], "days": ["noday"]}, "day of the week"),
        ({"kind": "monthly", "times": ["02:00"]}, "day of the month"),
        ({"kind": "monthly", "times": ["02:00"], "dates": [32]}, "day of the month"),
        ({"kind": "every", "every_minutes": 0}, "interval"),
        ({"kind": "every", "every_minutes": 10, "jitter_s": 600}, "jitter"),
        ({"kind": "cron", "cron": "* * * *"}, "cron line"),
        ({"kind": "cron", "cron": "60 * * * *"}, "cron field minute"),
        ({"kind": "cron", "cron": "0 5-2 * * *"}, "cron field hour"),
        ({"kind": "cron", "cron": "0 0 * foo *"}, "cron field month"),
        ({"kind": "daily", "hours": [1]}, "hours"),
        ("daily", "schedule"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_name_of_its_field(content, field):
    with pytest.raises(UsageError, match=field):
        schedule_of(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"kind": "on demand"}, "On demand only"),
        ({"kind": "every", "every_minutes": 360}, "Every 6 hours"),
        ({"kind": "every", "every_minutes": 90}, "Every 90 minutes"),
        ({"kind": "every", "every_minutes": 60}, "Every hour"),
        ({"kind": "daily", "times": ["02:00"], "zone": "Europe/Berlin"}, "Daily at 02:00 Europe/Berlin"),
        ({"kind": "daily", "times": ["14:00", "02:00"]}, "Daily at 02:00 and 14:00 UTC"),
        ({"kind": "weekly", "days": ["thu", "Monday"], "times": ["2:00".zfill(5)]}, "Weekly on Monday and Thursday at 02:00 UTC"),
        ({"kind": "monthly", "dates": [1, 22, "last"], "times": ["02:00"]}, "Monthly on the 1st, 22nd and last day at 02:00 UTC"),
        ({"kind": "cron", "cron": "0  2 * * 1-5"}, "Cron 0 2 * * 1-5 UTC"),
    ],
)  # fmt: skip
def test_a_schedule_says_itself_in_words_and_survives_its_plain_values(content, words):
    schedule = schedule_of(content)

    assert schedule.words == words
    assert schedule_of(schedule_content(schedule)) == schedule
    assert schedule.missed is Missed.RUN_ONCE
