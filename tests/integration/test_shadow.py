"""What hiding would have done is counted from the stored alerts, with everything that came to light of them."""

from dataclasses import replace

import msgspec
import pytest

from integration_store import Store, opened
from shadow_world import NOW, NOW_US, AtClock, alert, judge_sample, report_of, say
from stored_alerts import store_alerts
from vatriage.config import read_config
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.alert_filter import Decision
from vatriage.model.proportion import Proportion
from vatriage.model.verdict import Verdict

FALSE, TRUE, NOISE, OPEN = (
    Decision.CONFIRMED_FALSE_POSITIVE, Decision.CONFIRMED_POSITIVE, Decision.NOISE, Decision.WITHDRAWN,
)  # fmt: skip


@pytest.fixture
def store(tmp_path):
    """An empty store on SQLite; see test_hiding_on_both for PostgreSQL, whose tables take seconds to make."""
    with opened(read_config(tmp_path / "home")) as config:
        yield Store(config, tmp_path)


def again(one, verdict, judged=1):
    """Return the same alert judged later."""
    return msgspec.structs.replace(one, verdict=verdict, judged=judged)


def test_what_was_first_judged_not_affected_would_have_been_hidden(store):
    alerts = [alert(n) for n in range(5)]
    store_alerts([*alerts, alert(9, Verdict.UNKNOWN), alert(10, days_ago=40), alert(11, zone="west")])
    report = report_of(AtClock())

    assert (report.alerts, report.would_hide, report.confirmed, report.reviewed) == (6, 5, 0, 0)
    assert (report.seen_error, report.seen_error.interval) == (Proportion(0, 0), (0.0, 1.0))


def test_a_later_worse_verdict_an_outcome_and_a_person_confirm_and_each_is_counted_once(store):
    clock = AtClock()
    alerts = [alert(n) for n in range(6)]
    store_alerts([*alerts, alert(7, Verdict.UNKNOWN)])
    store_alerts([
        again(alerts[0], Verdict.AFFECTED), again(alerts[1], Verdict.COMPROMISE_INDICATED),
        again(alerts[2], Verdict.POSSIBLY_AFFECTED), again(alert(7), Verdict.AFFECTED),
    ])  # fmt: skip
    for one, decision in ((0, TRUE), (3, TRUE), (4, FALSE), (5, NOISE)):
        say(alerts[one].id, decision, clock)
    report = report_of(clock)

    assert (report.would_hide, report.raised) == (6, 3)
    assert (report.confirmed, report.confirmed_by_people, report.confirmed_by_evidence) == (3, 2, 2)
    assert (report.reviewed, report.seen_error) == (4, Proportion(3, 5))
    assert "3 of the alerts" in report.alarms[0]


def test_a_verdict_that_falls_later_hides_nothing_at_first_sight(store):
    one = alert(1, Verdict.UNKNOWN)
    store_alerts([one])
    store_alerts([again(one, Verdict.NOT_AFFECTED)])

    assert report_of(AtClock()).would_hide == 0


def test_a_review_of_the_group_counts_for_alerts_that_were_there_when_it_was_made(store):
    clock = AtClock()
    same = {"source": "198.51.100.9"}
    store_alerts([alert(1, **same), alert(2, **same)])
    say(alert(1).id, FALSE, clock, group=True)
    late = 2_000_000  # judged after now: nobody can have seen it when the group was reviewed
    store_alerts([msgspec.structs.replace(alert(3, **same), judged=late)])

    assert (report_of(clock).would_hide, report_of(clock).reviewed) == (3, 2)
    say(alert(1).id, TRUE, clock, group=True)
    assert report_of(clock).confirmed == 3


def test_the_later_word_counts_and_one_taken_back_does_not(store):
    clock = AtClock()
    store_alerts([alert(1), alert(2)])
    say(alert(1).id, TRUE, clock)
    say(alert(1).id, FALSE, clock)
    say(alert(2).id, TRUE, clock)
    say(alert(2).id, OPEN, clock)
    report = report_of(clock)

    assert (report.confirmed, report.reviewed) == (0, 1)


def test_the_same_instant_gives_the_same_digest_and_a_changed_figure_another(store):
    clock = AtClock()
    store_alerts([alert(n) for n in range(5)])
    before = report_of(clock)

    assert report_of(clock).digest == before.digest
    assert report_of(AtClock(NOW + 1)).digest != before.digest
    say(alert(1).id, FALSE, clock)
    assert report_of(clock).digest != before.digest


def test_an_alert_of_this_minute_does_not_change_a_report_under_its_reader(store):
    store_alerts([alert(n) for n in range(5)])
    before = report_of(AtClock(NOW + 200))
    store_alerts([replace_at(alert(50), NOW_US + 100_000_000)])

    assert report_of(AtClock(NOW + 200)).digest == before.digest
    assert report_of(AtClock(NOW + 400)).would_hide == 6


def replace_at(one, at_us):
    """Return an alert at another instant."""
    return msgspec.structs.replace(one, at_us=at_us)


def test_a_sample_is_kept_apart_and_can_be_drawn_again(store):
    from vatriage.usecases.shadow_samples import draw_sample, samples_of, show_sample

    clock = AtClock()
    store_alerts([alert(n, days_ago=1 + n % 20) for n in range(40)])
    numbers = [draw_sample("default", who=_ann(), clock=clock, seed=5, size=10) for _ in range(2)]
    ids = [[row["id"] for row in show_sample(number, zones=None, now=NOW).rows] for number in numbers]

    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 10
    assert [row["population"] for row in samples_of("default", now=NOW)] == [40, 40]
    say(ids[0][0], FALSE, clock)
    outside = next(alert(n).id for n in range(40) if alert(n).id not in ids[0])
    say(outside, TRUE, clock)
    report = report_of(clock)
    assert (report.sampled, report.sample_error, report.seen_error) == (10, Proportion(0, 1), Proportion(1, 2))


def _ann():
    from shadow_world import ANN

    return ANN


def test_a_sample_is_drawn_from_all_pages_of_candidates(store, monkeypatch):
    from vatriage.store.shadow_rows import Window, hidden_alerts

    monkeypatch.setattr("vatriage.store.shadow_rows._CHUNK", 7)
    alerts = [alert(n, days_ago=1 + n % 3) for n in range(30)]
    store_alerts([*alerts, replace_at(alert(40), alerts[0].instant_us), alert(41, Verdict.UNKNOWN)])
    found = list(hidden_alerts(Window("default", 0, NOW_US)))

    assert sorted(name for name, _ in found) == sorted([one.id for one in alerts] + [alert(40).id])
    at_us = alerts[0].instant_us
    assert len(list(hidden_alerts(Window("default", at_us, at_us + 1)))) == 2
    assert list(hidden_alerts(Window("default", at_us + 1, at_us + 1))) == []


def test_drawing_again_discards_no_answer(store):
    from vatriage.usecases.shadow_samples import draw_sample, show_sample

    clock = AtClock()
    store_alerts([alert(n) for n in range(30)])
    number = draw_sample("default", who=_ann(), clock=clock, seed=1, size=3)
    bad = show_sample(number, zones=None, now=NOW).rows[0]["id"]
    say(bad, TRUE, clock)
    judge_sample(clock, size=5)

    assert report_of(clock).sample_error.part == 1


def test_samples_refuse_what_cannot_be_meant_and_hide_other_zones(store):
    from vatriage.usecases.shadow_samples import draw_sample, show_sample

    clock = AtClock()
    with pytest.raises(UsageError, match="nothing would have been hidden"):
        draw_sample("default", who=_ann(), clock=clock, seed=1)
    for values in ({"size": 0}, {"size": 1_001}, {"days": 0}, {"days": 366}):
        with pytest.raises(UsageError, match="cannot be drawn"):
            draw_sample("default", who=_ann(), clock=clock, seed=1, **values)
    store_alerts([alert(1)])
    number = draw_sample("default", who=_ann(), clock=clock, seed=1)
    with pytest.raises(NotFoundError):
        show_sample(number, zones=frozenset({"west"}), now=NOW)
    with pytest.raises(NotFoundError):
        show_sample(number + 1, zones=None, now=NOW)


def test_a_report_tells_of_a_share_that_doubled(store):
    quiet = [
        alert(n, Verdict.NOT_AFFECTED if n % 20 == 0 else Verdict.UNKNOWN, days_ago=2 + n % 20) for n in range(400)
    ]
    loud = [alert(1_000 + n, days_ago=0.5) for n in range(40)]
    store_alerts([*quiet, *loud])
    report = report_of(AtClock())

    assert [one.alarm for one in report.drifts] == [False, True]
    assert "has risen beyond its bound" in report.alarms[0]
    assert report_of(AtClock(NOW + 3 * 86_400)).alarms == ()


def test_a_report_that_nobody_can_mean_is_refused(store):
    from vatriage.usecases.shadow_report import check_reported

    for days in (0, 366):
        with pytest.raises(UsageError):
            report_of(AtClock(), days=days)
    with pytest.raises(NotFoundError):
        check_reported("nowhere", None)
    with pytest.raises(NotFoundError):
        check_reported("default", frozenset({"west"}))
    check_reported("default", None)


def test_percentages_never_round_a_chance_away():
    from vatriage.model.shadow import error_said, percent, told

    assert percent(None) == "unknown"
    assert (percent(0.0), percent(1e-7), percent(0.99999), percent(0.0443)) == (
        "0 %",
        "< 0.001 %",
        "> 99.9 %",
        "4.43 %",
    )
    assert error_said(Proportion(0, 300)) == "0 of 300 wrong: between 0 % and 1.23 % (95 % interval)"
    assert error_said(Proportion(0, 10**8)) == "0 of 100,000,000 wrong: between 0 % and < 0.001 % (95 % interval)"
    assert error_said(Proportion(2, 2)) == "2 of 2 wrong: between 15.8 % and 100 % (95 % interval)"
    assert error_said(Proportion(3, 300)) == "3 of 300 wrong: between 0.206 % and 2.9 % (95 % interval)"
    assert "unknown" in error_said(Proportion(0, 0))
    assert told(Proportion(0, 100_000_000))["upper"] > 0
    assert replace(_report(), would_hide=1).digest != _report().digest


def _report():
    from vatriage.model.shadow import ShadowReport

    none = Proportion(0, 0)
    return ShadowReport(
        zone="z", days=30, made_us=0, from_us=0, until_us=0, alerts=0, would_hide=0, raised=0, confirmed=0,
        confirmed_by_people=0, confirmed_by_evidence=0, reviewed=0, seen_error=none, sampled=0, sample_error=none,
        drifts=(), errors_rose=False,
    )  # fmt: skip
