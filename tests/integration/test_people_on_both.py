"""Reviews beyond a group, evidence that contradicts a person, selections: on each kind of database."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.test_reviews_on_both import (
    DAY,
    FALSE,
    NOISE,
    NOW,
    OPEN,
    SOMEBODY,
    TRUE,
    _form,
    _listed,
    _mars,
    _review,
    replace_verdict,
)
from stored_alerts import Judged, store_alerts
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.alert_filter import AlertFilter, Decision
from vatriage.model.review_scope import Scope
from vatriage.model.verdict import Verdict

ATTACKER, OTHER = "198.51.100.7", "198.51.100.8"
TARGET, NEXT = "10.2.0.1", "10.2.0.2"


def _wide(store, one, scope, form=None, **values):
    from vatriage.usecases.alert_page import show_alert
    from vatriage.usecases.reviews import review_signature

    group = show_alert(one.id, zones=None, now=NOW).group["id"]
    values = {"who": SOMEBODY, "zones": None, "clock": store.clock} | values
    return review_signature(group, scope, form or _form(expires_at=NOW + DAY), **values)


FOUR = [
    Judged(1, Verdict.UNKNOWN),
    Judged(2, Verdict.UNKNOWN, source=OTHER),
    Judged(3, Verdict.UNKNOWN, destination=NEXT),
    Judged(4, Verdict.UNKNOWN, zone="east"),
    Judged(5, Verdict.UNKNOWN, sid=9),
]


COVERED = {Scope.ON_TARGET: {1, 2}, Scope.FROM_ATTACKER: {1, 3}, Scope.IN_ZONE: {1, 2, 3}}


def test_a_review_of_a_signature_covers_its_scope_and_no_more(store):
    store_alerts(FOUR)
    for scope, covered in COVERED.items():
        _wide(store, FOUR[0], scope)
        store_alerts([replace_number(one, one.number + 10) for one in FOUR])

        assert _mars("confirmed") == {one for number in covered for one in (number, number + 10)}
        assert _mars("confirmed", NOW + DAY) == set()
        _wide(store, FOUR[0], scope, _form(OPEN))
        assert _mars("confirmed") == set()


def replace_number(one, number):
    """Return another alert of the same kind."""
    return Judged(**{name: getattr(one, name) for name in Judged.__struct_fields__} | {"number": number})


def test_a_review_of_a_signature_must_end_and_never_covers_an_affected_target(store):
    store_alerts([Judged(1, Verdict.AFFECTED), Judged(2, Verdict.POSSIBLY_AFFECTED)])
    for expires_at in (0, NOW + 367 * DAY):
        with pytest.raises(UsageError, match="must end"):
            _wide(store, Judged(1), Scope.IN_ZONE, _form(expires_at=expires_at))
    _wide(store, Judged(1), Scope.IN_ZONE, saw=Verdict.COMPROMISE_INDICATED)

    assert (_mars("confirmed"), _mars("contradicted")) == ({2}, {1})


def test_what_is_said_of_a_group_goes_before_what_is_said_of_its_signature(store):
    store_alerts(FOUR)
    _review(store, FOUR[0], _form(TRUE))
    _review(store, FOUR[1], _form(OPEN), whole_group=True)
    _wide(store, FOUR[0], Scope.IN_ZONE, _form(NOISE, expires_at=NOW + DAY))

    assert (_mars("positive"), _mars("noise")) == ({1}, {3})


def test_a_review_of_a_signature_is_superseded_by_its_like_only_and_taken_back(store):
    from vatriage.usecases.changes import ConflictError

    store_alerts(FOUR)
    first = _wide(store, FOUR[0], Scope.ON_TARGET, seen=0)
    _wide(store, FOUR[0], Scope.IN_ZONE, seen=0)
    with pytest.raises(ConflictError):
        _wide(store, FOUR[0], Scope.ON_TARGET, seen=0)
    _wide(store, FOUR[0], Scope.ON_TARGET, _form(OPEN), seen=first)

    assert _mars("confirmed") == {3}


def test_nobody_speaks_of_a_signature_in_a_zone_that_is_not_theirs(store):
    store_alerts(FOUR)
    with pytest.raises(NotFoundError):
        _wide(store, FOUR[3], Scope.IN_ZONE, zones=frozenset({"default"}))


WORSE = (Verdict.POSSIBLY_AFFECTED, Verdict.AFFECTED, Verdict.COMPROMISE_INDICATED)


@pytest.mark.parametrize("whole_group", [False, True])
def test_evidence_against_a_persons_word_puts_the_alert_back_and_the_word_stays(store, whole_group):
    from vatriage.usecases.alert_lists import list_alerts, list_groups, mars_list
    from vatriage.usecases.alert_page import show_alert

    decision = NOISE if whole_group else FALSE
    store_alerts([Judged(1, Verdict.NOT_AFFECTED)])
    number = _review(store, Judged(1), _form(decision), whole_group=whole_group)
    store_alerts([Judged(1, Verdict.AFFECTED, judged=5), Judged(1, Verdict.COMPROMISE_INDICATED, judged=9)])
    view = show_alert(Judged(1).id, zones=None, now=NOW)
    (row,) = list_alerts(mars_list("contradicted"), zones=None, now=NOW).rows
    (group,) = list_groups(mars_list("contradicted"), zones=None, now=NOW).rows

    assert view.review is None
    assert view.contradicted["id"] == row["contradicted"]["id"] == number
    assert view.contradicted["since_us"] == row["contradicted"]["since_us"] == _judged_at(5)
    assert group["contradicted"]["id"] == number
    assert [one["decision"] for one in view.reviews] == [decision]


def _judged_at(judged):
    from stored_alerts import JUDGED_US, START_US

    return START_US + JUDGED_US + judged * 10**6


JUDGED_AGAIN = [
    (Verdict.NOT_AFFECTED, Verdict.UNKNOWN, False),
    (Verdict.NOT_AFFECTED, Verdict.POSSIBLY_AFFECTED, True),
    (Verdict.UNKNOWN, Verdict.AFFECTED, True),
    (Verdict.AFFECTED, Verdict.AFFECTED, False),
    (Verdict.AFFECTED, Verdict.COMPROMISE_INDICATED, True),
    (Verdict.COMPROMISE_INDICATED, Verdict.COMPROMISE_INDICATED, False),
    (Verdict.AFFECTED, Verdict.NOT_AFFECTED, False),
]
"""What the person saw, what it is judged later, whether that contradicts them."""


def test_only_evidence_beyond_what_the_person_saw_contradicts_them(store):
    store_alerts([Judged(place, seen, sid=place) for place, (seen, _, _) in enumerate(JUDGED_AGAIN)])
    for place in range(len(JUDGED_AGAIN)):
        _review(store, Judged(place))
    store_alerts(
        [Judged(place, now, sid=place, judged=1, inputs="later") for place, (_, now, _) in enumerate(JUDGED_AGAIN)]
    )

    assert _mars("contradicted") == {place for place, (_, _, against) in enumerate(JUDGED_AGAIN) if against}


def test_a_contradiction_counts_from_the_judgement_behind_the_review(store):
    from vatriage.usecases.alert_page import show_alert

    later = 10**7
    store_alerts([Judged(1, Verdict.AFFECTED), Judged(1, Verdict.UNKNOWN, judged=1)])
    _review(store, Judged(1))
    store_alerts([Judged(1, Verdict.AFFECTED, judged=later)])
    view = show_alert(Judged(1).id, zones=None, now=NOW)

    assert view.contradicted["since_us"] == _judged_at(later)


def test_a_new_word_or_an_end_ends_a_contradiction_and_that_an_attack_was_real_has_none(store):
    store_alerts([Judged(number, Verdict.NOT_AFFECTED, sid=number) for number in (1, 2, 3, 4)])
    _review(store, Judged(1))
    _review(store, Judged(2), _form(expires_at=NOW + DAY))
    _review(store, Judged(3), _form(TRUE))
    store_alerts([Judged(number, Verdict.AFFECTED, sid=number, judged=1) for number in (1, 2, 3, 4)])
    before = _mars("contradicted")
    _review(store, Judged(1), _form(NOISE))

    assert (before, _mars("contradicted"), _mars("contradicted", NOW + DAY)) == ({1, 2}, {2}, set())


SELECTED = AlertFilter(signature="2021648")


def _confirmed(found, **change):
    from vatriage.usecases.selections import Confirmed

    values = {"alerts": found.alerts, "groups": found.groups, "stamp": found.stamp, "until_us": found.until_us}
    return Confirmed(**values | change)


def _select(store, wanted=SELECTED, zones=None):
    from vatriage.usecases.selections import preview_selection

    return preview_selection(wanted, zones=zones, clock=store.clock)


def _review_selection(store, found, cover, wanted=SELECTED, form=None, zones=None, **change):
    from vatriage.usecases.selections import Cover, review_selection

    return review_selection(
        wanted, Cover(cover), _confirmed(found, **change), form or _form(), who=SOMEBODY, zones=zones, clock=store.clock
    )


def test_a_selection_is_stated_and_reviewed_whole_and_later_alerts_only_with_their_groups(store):
    from vatriage.store.bulk import fetch

    many = [replace_number(FOUR[0], 100 + number) for number in range(30)]
    store_alerts([*FOUR, *many])
    found = _select(store)
    first, last = _review_selection(store, found, "alerts")
    store_alerts([Judged(50, Verdict.UNKNOWN)])

    assert (found.alerts, found.groups, found.in_groups, found.reviewed) == (34, 4, 34, 0)
    assert found.by_verdict[Verdict.UNKNOWN] == 34
    assert last - first + 1 == 34
    assert _mars("confirmed") == {1, 2, 3, 4, *(one.number for one in many)}
    (line,) = fetch("SELECT actor, subject FROM audit WHERE action = 'alerts reviewed'")
    assert line == ("ann", "selection of 34 alerts in 4 groups")

    again = _select(store)
    _review_selection(store, again, "groups", form=_form(NOISE))
    store_alerts([Judged(51, Verdict.UNKNOWN)])

    assert (again.alerts, again.reviewed) == (35, 34)
    assert _mars("noise") == {1, 2, 3, 4, 50, 51, *(one.number for one in many)}


def _arrives(store, found):
    store_alerts([Judged(60, Verdict.UNKNOWN)])


def _gets_worse(store, found):
    store_alerts([Judged(1, Verdict.POSSIBLY_AFFECTED, judged=1)])


def _is_reviewed(store, found):
    _review(store, Judged(2), _form(TRUE))


@pytest.mark.parametrize("meanwhile", [_arrives, _gets_worse, _is_reviewed])
def test_a_selection_that_is_not_what_was_confirmed_is_not_reviewed_at_all(store, meanwhile):
    from vatriage.usecases.changes import ConflictError

    store_alerts(FOUR)
    found = _select(store)
    meanwhile(store, found)
    for cover in ("alerts", "groups"):
        with pytest.raises(ConflictError, match="Nothing was stored"):
            _review_selection(store, found, cover)

    assert _mars("confirmed") == set()


def test_a_count_of_ones_own_and_a_zone_of_others_are_refused(store):
    from vatriage.usecases.changes import ConflictError

    store_alerts(FOUR)
    found = _select(store)
    east = _select(store, zones=frozenset({"east"}))
    for change in ({"alerts": 5}, {"groups": 1}, {"stamp": "0" * 32}):
        with pytest.raises(ConflictError):
            _review_selection(store, found, "alerts", **change)
    with pytest.raises(ConflictError):
        _review_selection(store, found, "alerts", zones=frozenset({"east"}))
    with pytest.raises(UsageError, match="selects no alert"):
        _review_selection(store, found, "alerts", wanted=AlertFilter(signature="77"))

    assert (east.alerts, east.groups, _mars("confirmed")) == (1, 1, set())


def test_a_selection_nobody_can_answer_for_is_refused(store, monkeypatch):
    from vatriage.usecases import selections

    store_alerts(FOUR)
    for name in ("MOST_ALERTS", "MOST_GROUPS"):
        monkeypatch.setattr(selections, name, 3)
        with pytest.raises(UsageError, match="tuning rule"):
            _select(store)
        monkeypatch.setattr(selections, name, 4)
        assert _select(store).alerts == 4


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    said=st.lists(
        st.tuples(
            st.integers(0, 3), st.sampled_from(["alert", "group", *Scope]), st.sampled_from(Decision),
            st.sampled_from([NOW + DAY, NOW + 2 * DAY]),
        ),
        max_size=6,
    ),
    bounds=st.lists(st.sampled_from([Verdict.UNKNOWN, Verdict.POSSIBLY_AFFECTED]), max_size=2),
    verdicts=st.lists(st.sampled_from([Verdict.NOT_AFFECTED, Verdict.UNKNOWN, Verdict.AFFECTED]), min_size=4, max_size=4),
    later=st.sampled_from(WORSE),
    now=st.sampled_from([NOW, NOW + DAY]),
)  # fmt: skip
def test_counts_of_all_lists_equal_what_they_hold(store, said, bounds, verdicts, later, now):
    from integration.test_tuning_on_both import make
    from vatriage.store.bulk import execute
    from vatriage.usecases.dashboard import review_counts

    for table in (
        "reviews", "verdicts", "alert_events", "alerts", "alert_groups", "verdict_hours", "verdict_reasons", "tuning_rules",
    ):  # fmt: skip
        execute(f"DELETE FROM {table}")
    ends = [(ATTACKER, TARGET), (OTHER, TARGET), (ATTACKER, NEXT), (ATTACKER, TARGET)]
    alerts = [
        Judged(number, verdict, source=ends[number][0], destination=ends[number][1])
        for number, verdict in enumerate(verdicts)
    ]
    store_alerts(alerts)
    for number, scope, decision, expires_at in said:
        form = _form(decision, expires_at=expires_at)
        if scope in ("alert", "group"):
            _review(store, alerts[number], form, whole_group=scope == "group")
        else:
            _wide(store, alerts[number], scope, form)
    for bound in bounds:
        make(store, sid=2_021_648, gid=1, bound=bound, target="10.2.0.0/31")
    store_alerts([replace_verdict(alerts[0], later)])

    names = ("unconfirmed", "system", "confirmed", "positive", "noise", "contradicted", "marked")
    assert {name: len(_mars(name, now)) for name in names} == review_counts(None, now)
    marked = _listed(AlertFilter(marked=True), now)
    assert _listed(AlertFilter(marked=False), now) == {0, 1, 2, 3} - marked
