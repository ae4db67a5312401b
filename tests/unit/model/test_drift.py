"""When a share has left its bound, and when it has not."""

from vatriage.model.drift import Day, Trend, drift_of, errors_rose
from vatriage.model.proportion import Proportion
from vatriage.model.sampling import drawn


def _trend(hidden, alerts, before=(50, 1_000), days=28):
    past = [Day(place, before[1], before[0]) for place in range(days)]
    return drift_of([*past, Day(days, alerts, hidden)]).trend


def test_a_share_that_doubles_overnight_is_an_alarm():
    assert _trend(100, 1_000) is Trend.RISEN
    assert _trend(99, 1_000) is Trend.STEADY
    assert drift_of([Day(0, 1_000, 50), Day(1, 1_000, 100)]).alarm


def test_a_share_that_halves_is_an_alarm_too():
    assert _trend(25, 1_000) is Trend.FALLEN
    assert _trend(26, 1_000) is Trend.STEADY
    assert _trend(0, 1_000) is Trend.FALLEN


def test_a_few_alerts_more_are_chance():
    assert _trend(4, 40) is Trend.STEADY
    assert _trend(0, 30) is Trend.STEADY


def test_what_was_never_hidden_before_and_is_now_is_an_alarm():
    assert _trend(20, 1_000, before=(0, 1_000)) is Trend.RISEN
    assert _trend(0, 1_000, before=(0, 1_000)) is Trend.STEADY


def test_of_too_few_alerts_nothing_is_claimed():
    assert _trend(29, 29) is Trend.TOO_FEW
    assert _trend(50, 100, before=(1, 10)) is Trend.TOO_FEW
    assert drift_of([Day(0, 1_000, 900)]).trend is Trend.TOO_FEW


def test_only_the_28_days_before_count():
    old = [Day(place, 1_000, 900) for place in range(30)]
    past = [Day(30 + place, 1_000, 50) for place in range(28)]

    assert drift_of([*old, *past, Day(58, 1_000, 100)]).trend is Trend.RISEN


def test_errors_that_become_frequent_are_told_and_single_ones_are_not():
    assert errors_rose(Proportion(5, 20), Proportion(1, 200))
    assert not errors_rose(Proportion(1, 20), Proportion(1, 200))
    assert not errors_rose(Proportion(3, 20), Proportion(0, 0))
    assert errors_rose(Proportion(300, 5_000), Proportion(30, 5_000))


def test_a_sample_depends_on_its_seed_and_on_nothing_else():
    alerts = [(f"{place:032x}", place) for place in range(1_000)]

    assert drawn(7, alerts, 50) == drawn(7, reversed(alerts), 50)
    assert drawn(7, alerts, 50) != drawn(8, alerts, 50)
    assert drawn(7, alerts, 20) == drawn(7, alerts, 50)[:20]
    assert len(drawn(7, alerts[:3], 50)) == 3
    assert drawn(7, [], 50) == []


def test_every_alert_is_as_likely_to_be_drawn_as_any_other():
    alerts = [(f"{place:032x}", place) for place in range(100)]
    counts = [0] * 100
    for seed in range(500):
        for _name, place in drawn(seed, alerts, 10):
            counts[place] += 1
    chi = sum((found - 50) ** 2 / (50 * 0.9) for found in counts)

    assert 60 < chi < 150  # about 99 degrees of freedom
