"""Hiding is turned on by a report only, leaves out with a number, and ends at the first sign against it."""

import msgspec
import pytest

from integration_store import Store, opened
from shadow_world import ANN, DAY, NOW, AtClock, alert, form_of, hide, judge_sample, month, ready, report_of, say
from stored_alerts import store_alerts
from vatriage.config import read_config
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.alert_filter import AlertFilter, Decision, Order
from vatriage.model.review_scope import Scope
from vatriage.model.verdict import Verdict

FALSE, TRUE = Decision.CONFIRMED_FALSE_POSITIVE, Decision.CONFIRMED_POSITIVE
EVERYTHING = AlertFilter()
HIDDEN = frozenset({("default", Verdict.NOT_AFFECTED)})


@pytest.fixture
def store(tmp_path):
    """An empty store on SQLite; see test_hiding_on_both for PostgreSQL, whose tables take seconds to make."""
    with opened(read_config(tmp_path / "home")) as config:
        yield Store(config, tmp_path)


def standing(clock):
    from vatriage.usecases.hiding_watch import standing

    return standing(clock)


def listed(clock, wanted=EVERYTHING, *, show=False):
    """Return ids of the alerts that a list shows, whether its groups say the same, and what it leaves out."""
    from vatriage.usecases.alert_lists import list_alerts, list_groups
    from vatriage.usecases.hidden_alerts import as_listed

    found = as_listed(wanted, zones=None, clock=clock, show=show)
    now = int(clock.seconds)
    shown = [
        {int(row["id"], 16) for row in list_alerts(found.wanted, zones=None, now=now, order=order, size=10_000).rows}
        for order in Order
    ]
    groups = {row["id"] for row in list_groups(found.wanted, zones=None, now=now, size=10_000).rows}
    rows = list_alerts(found.wanted, zones=None, now=now, size=10_000).rows
    assert shown[0] == shown[1]
    assert groups == {row["group_id"] for row in rows}
    return shown[0], found


def last_note():
    from vatriage.store.audit import Audit

    return Audit.objects.order_by("-id").values_list("actor", "action", "subject").first()


def test_nothing_is_hidden_by_default(store):
    store_alerts([alert(1), alert(2, Verdict.UNKNOWN)])

    assert standing(AtClock()) == frozenset()
    assert listed(AtClock())[0] == {1, 2}


def test_a_list_leaves_out_with_a_number_and_shows_on_request(store):
    clock = ready()
    hide(clock)
    shown, found = listed(clock)
    everything, asked = listed(clock, show=True)

    assert standing(clock) == HIDDEN
    assert last_note() == ("ann", "hiding turned on", "zone default")
    assert (len(shown), found.alerts, found.left_out, found.more) == (29 * 15, 29 * 5, True, False)
    assert (len(everything), asked.alerts, asked.left_out) == (29 * 20, 29 * 5, False)


def test_who_asks_for_what_is_hidden_gets_it(store):
    clock = ready()
    hide(clock)
    unaffected = AlertFilter(verdicts=frozenset({Verdict.NOT_AFFECTED}))

    assert len(listed(clock, unaffected)[0]) == 29 * 5
    assert len(listed(clock, AlertFilter(decisions=frozenset({FALSE})))[0]) == 10
    assert len(listed(clock, AlertFilter(reviewed=True))[0]) == 10
    assert listed(clock, AlertFilter(zones=frozenset({"west"})))[1].alerts == 0


def test_the_number_is_of_the_alerts_that_fit_the_filter(store):
    clock = ready()
    hide(clock)
    recent = AlertFilter(from_us=(NOW - 2 * DAY) * 1_000_000)

    for wanted in (
        recent,
        AlertFilter(reason="tested_absent"),
        AlertFilter(reviewed=False),
        AlertFilter(signature="1"),
    ):
        shown, found = listed(clock, wanted)
        everything, _ = listed(clock, wanted, show=True)
        assert found.alerts == len(everything) - len(shown)
    assert listed(clock, recent)[1].alerts == 10


def test_only_what_a_person_called_false_may_be_chosen_too(store):
    clock = ready()
    hide(clock, verdict=Verdict.FALSE_POSITIVE)

    assert listed(clock)[1].alerts == 10
    assert len(listed(clock)[0]) == 29 * 20 - 10


def test_nothing_above_not_affected_is_hidden_whatever_a_person_said(store):
    clock = AtClock()
    store_alerts(month())
    store_alerts([alert(1, Verdict.UNVERIFIABLE), alert(2, Verdict.UNKNOWN), alert(3, Verdict.AFFECTED)])
    for number in (1, 2, 3):
        say(alert(number).id, FALSE, clock)
    judge_sample(clock)
    for level in (Verdict.FALSE_POSITIVE, Verdict.NOT_AFFECTED):
        hide(clock, verdict=level)
        assert {1, 2, 3} <= listed(clock)[0]


def test_what_was_ever_worse_or_called_an_attack_stays_in_the_list(store):
    clock = AtClock()
    store_alerts(month())
    store_alerts([alert(1, Verdict.UNKNOWN), alert(2, days_ago=40), alert(3, days_ago=40)])
    store_alerts([alert(4, days_ago=40, sid=77)])
    store_alerts([msgspec.structs.replace(alert(1), verdict=Verdict.NOT_AFFECTED, judged=1)])
    say(alert(2).id, TRUE, clock)
    say(alert(4).id, TRUE, clock, scope=Scope.IN_ZONE)
    judge_sample(clock)
    hide(clock)

    assert {1, 2, 4} <= listed(clock)[0]
    assert 3 not in listed(clock)[0]


REFUSED = [
    ({"verdict": Verdict.UNVERIFIABLE}, "never hidden"),
    ({"verdict": Verdict.AFFECTED}, "never hidden"),
    ({"digest": ""}, "no report's digest"),
    ({"digest": "0" * 64}, "figures have changed"),
    ({"days": 7}, "at least 30 days"),
    ({"reason": "  "}, "needs a reason"),
    ({"until": NOW}, "needs a day"),
    ({"until": NOW + 91 * DAY}, "needs a day"),
    ({"made_us": (NOW - 3_601) * 1_000_000}, "older than an hour"),
    ({"made_us": (NOW + 1) * 1_000_000}, "older than an hour"),
]
"""What is wrong with a form, and what is said of it."""


def test_hiding_is_refused_without_the_report_a_reason_and_a_date(store):
    clock = ready()

    for values, said in REFUSED:
        with pytest.raises(UsageError, match=said):
            hide(clock, **values)
        assert standing(clock) == frozenset()


def test_a_report_whose_figures_have_changed_is_refused_and_one_of_an_hour_ago_is_not(store):
    from vatriage.usecases.hiding import turn_on

    clock = ready()
    report = report_of(clock)
    clock.seconds += 3_600
    store_alerts([alert(5)])
    with pytest.raises(UsageError, match="figures have changed"):
        turn_on("default", form_of(report), who=ANN, clock=clock)
    fresh = report_of(clock)
    clock.seconds += 3_600
    turn_on("default", form_of(fresh), who=ANN, clock=clock)
    assert standing(clock) == HIDDEN


def test_a_report_of_another_zone_turns_nothing_on(store):
    from vatriage.usecases.hiding import turn_on

    clock = ready()
    store_alerts(month("west", first=5_000))
    with pytest.raises(UsageError, match="figures have changed"):
        turn_on("west", form_of(report_of(clock)), who=ANN, clock=clock)


def test_hiding_needs_a_judged_sample_and_nothing_against_it(store):
    clock = AtClock()
    store_alerts(month())
    with pytest.raises(UsageError, match="no alert of a random sample"):
        hide(clock)
    judge_sample(clock)
    store_alerts([alert(1)])
    say(alert(1).id, TRUE, clock)
    with pytest.raises(UsageError, match="turned out to be attacks"):
        hide(clock)


def test_what_came_after_the_reports_window_counts_against_it(store):
    clock = ready()
    clock.seconds += 200
    late = msgspec.structs.replace(alert(1), at_us=(NOW + 100) * 1_000_000)
    store_alerts([late])
    store_alerts([msgspec.structs.replace(late, verdict=Verdict.AFFECTED, judged=1)])

    with pytest.raises(UsageError, match="speaks against"):
        hide(clock)


def _ends(clock, said):
    from vatriage.usecases.hiding_watch import ended_by_itself

    assert standing(clock) == frozenset()
    assert last_note() == ("vatriage", "hiding turned off", "zone default")
    ended = ended_by_itself(None, int(clock.seconds))
    assert (ended[0].zone, said in ended[0].why) == ("default", True), ended
    assert ended_by_itself(frozenset({"west"}), int(clock.seconds)) == []
    assert ended_by_itself(None, int(clock.seconds) + 15 * DAY) == []
    shown, found = listed(clock)
    assert (found.alerts, found.ended) == (0, tuple(ended))
    return shown


def test_a_later_verdict_that_contradicts_ends_hiding(store):
    clock = ready()
    hide(clock)
    store_alerts([msgspec.structs.replace(month()[0], verdict=Verdict.COMPROMISE_INDICATED, judged=1)])

    assert len(_ends(clock, "is AFFECTED or worse")) == 29 * 20


@pytest.mark.parametrize(
    "how", [{"group": False}, {"group": True}, {"scope": Scope.ON_TARGET}, {"scope": Scope.IN_ZONE}]
)
def test_a_person_who_calls_one_an_attack_ends_hiding(store, how):
    clock = ready()
    hide(clock)
    say(month()[0].id, TRUE, clock, **how)

    _ends(clock, "an attack")


def test_a_share_that_doubles_ends_hiding(store):
    clock = ready()
    hide(clock)
    store_alerts([alert(n, days_ago=0.5) for n in range(40)])

    _ends(clock, "risen beyond its bound")


def test_the_date_ends_hiding_and_so_does_a_clock_put_back(store):
    clock = ready()
    hide(clock)
    clock.seconds += 30 * DAY
    _ends(clock, "was to be confirmed again")

    clock = AtClock()
    hide(clock)
    clock.seconds -= 2 * 3_600
    assert standing(clock) == frozenset()


def test_what_speaks_for_nothing_ends_nothing(store):
    clock = ready()
    hide(clock)
    store_alerts([alert(1, Verdict.AFFECTED), alert(2), alert(3, Verdict.NOT_AFFECTED, zone="west")])
    store_alerts([msgspec.structs.replace(alert(3), zone="west", verdict=Verdict.AFFECTED, judged=1)])
    say(alert(1).id, TRUE, clock)
    say(alert(2).id, FALSE, clock)

    assert standing(clock) == HIDDEN


def test_the_watch_ends_it_without_a_reader_and_notes_how_far_it_looked(store):
    from vatriage.store.shadow import Hiding
    from vatriage.wiring.controller import watch_hiding as watch

    clock = ready()
    hide(clock)
    store_alerts([alert(1)])
    before = Hiding.objects.get().verdict_mark
    assert watch(clock) == ""
    assert Hiding.objects.get().verdict_mark > before
    say(alert(1).id, TRUE, clock)
    assert "'default'" in watch(clock)
    assert watch(clock) == ""
    assert last_note() == ("vatriage", "hiding turned off", "zone default")


def test_a_person_turns_it_off_at_once_and_confirms_it_anew(store):
    from vatriage.store.shadow import Hiding
    from vatriage.usecases.hiding import turn_off
    from vatriage.usecases.hiding_watch import ended_by_itself

    clock = ready()
    hide(clock)
    hide(clock, reason="looked again")
    assert [row.off_why for row in Hiding.objects.order_by("id")] == ["It is confirmed anew.", ""]
    with pytest.raises(UsageError, match="reason"):
        turn_off("default", reason=" ", who=ANN, clock=clock)
    turn_off("default", reason="a new scanner", who=ANN, clock=clock)
    assert standing(clock) == frozenset()
    assert ended_by_itself(None, NOW) == []
    with pytest.raises(NotFoundError):
        turn_off("default", reason="once more", who=ANN, clock=clock)
