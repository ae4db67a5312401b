"""What people say of alerts stands beside the verdict, for as long as they said, and no machine touches it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stored_alerts import Judged, counted, recounted, store_alerts
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.alert_filter import AlertFilter, Decision, Order
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Who

SOMEBODY = Who("ann", "192.0.2.1")
NOW = 1_795_478_400
"""2026-11-24 00:00 UTC, where the tests' clock stands still."""
DAY = 86_400
FALSE, TRUE, NOISE, OPEN = (
    Decision.CONFIRMED_FALSE_POSITIVE, Decision.CONFIRMED_POSITIVE, Decision.NOISE, Decision.WITHDRAWN,
)  # fmt: skip


def _form(decision=FALSE, reason="a known scanner", expires_at=0):
    from vatriage.usecases.reviews import ReviewForm

    return ReviewForm(decision=decision, reason=reason, expires_at=expires_at)


def _review(store, one: Judged, form=None, *, whole_group=False, zones=None, seen=None, saw=None) -> int:
    from vatriage.usecases.alert_page import show_alert
    from vatriage.usecases.reviews import review_alert, review_group

    values = {"who": SOMEBODY, "zones": zones, "clock": store.clock, "seen": seen, "saw": saw}
    if not whole_group:
        return review_alert(one.id, form or _form(), **values)
    return review_group(show_alert(one.id, zones=None, now=NOW).group["id"], form or _form(), **values)


def _listed(wanted: AlertFilter, now=NOW) -> set[int]:
    from vatriage.usecases.alert_lists import list_alerts

    found = [
        {int(row["id"], 16) for row in list_alerts(wanted, zones=None, now=now, order=order, size=100).rows}
        for order in Order
    ]
    assert found[0] == found[1]
    return found[0]


def _mars(name: str, now=NOW) -> set[int]:
    from vatriage.usecases.alert_lists import mars_list

    return _listed(mars_list(name), now)


def test_a_review_takes_an_alert_from_the_unconfirmed_to_the_confirmed(store):
    store_alerts([Judged(1, Verdict.NOT_AFFECTED), Judged(2, Verdict.NOT_AFFECTED), Judged(3, Verdict.UNKNOWN)])
    _review(store, Judged(1))

    assert ({2}, {1}) == (_mars("unconfirmed"), _mars("confirmed"))


def test_blocked_and_not_affected_is_system_determined_whatever_people_say(store):
    store_alerts(
        [Judged(number, level, disposition=done) for number, (level, done) in enumerate(
            [(Verdict.NOT_AFFECTED, "blocked"), (Verdict.NOT_AFFECTED, "allowed"), (Verdict.UNKNOWN, "blocked")]
        )]
    )  # fmt: skip
    _review(store, Judged(0))

    assert {0} == _mars("system")


def test_the_review_of_a_group_holds_for_later_alerts_unless_they_are_worse(store):
    store_alerts([Judged(1, Verdict.NOT_AFFECTED), Judged(2, Verdict.UNKNOWN)])
    _review(store, Judged(1), whole_group=True)
    store_alerts([Judged(3, Verdict.UNKNOWN), Judged(4, Verdict.COMPROMISE_INDICATED), Judged(5, sid=9)])

    assert {1, 2, 3} == _mars("confirmed")
    assert {4, 5} == _listed(AlertFilter(reviewed=False))


def test_an_alert_that_is_judged_worse_than_the_reviewer_saw_is_shown_again(store):
    store_alerts([Judged(1, Verdict.NOT_AFFECTED)])
    _review(store, Judged(1))
    store_alerts([Judged(1, Verdict.AFFECTED, judged=1)])

    assert {1} == _listed(AlertFilter(reviewed=False))


@pytest.mark.parametrize("whole_group", [False, True])
def test_what_got_worse_while_the_reviewer_was_reading_is_shown_again(store, whole_group):
    store_alerts([Judged(1, Verdict.COMPROMISE_INDICATED)])
    _review(store, Judged(1), whole_group=whole_group, saw=Verdict.NOT_AFFECTED)
    before = _listed(AlertFilter(reviewed=False))
    _review(store, Judged(1), whole_group=whole_group, saw=Verdict.COMPROMISE_INDICATED)

    assert (before, _listed(AlertFilter(reviewed=False))) == ({1}, set())


def test_that_an_attack_was_real_stays_true_when_the_verdict_gets_worse(store):
    store_alerts([Judged(1, Verdict.NOT_AFFECTED)])
    _review(store, Judged(1), _form(TRUE))
    store_alerts([Judged(1, Verdict.AFFECTED, judged=1)])

    assert {1} == _mars("positive")


def test_a_review_ends_at_its_expiry(store):
    store_alerts([Judged(1, Verdict.NOT_AFFECTED)])
    _review(store, Judged(1), _form(expires_at=NOW + DAY))

    assert ({1}, set()) == (_mars("confirmed"), _mars("confirmed", NOW + DAY))
    assert {1} == _mars("unconfirmed", NOW + DAY)


def test_the_later_word_counts_and_the_earlier_stays_on_record(store):
    from vatriage.usecases.reviews import review_history

    store_alerts([Judged(1, Verdict.NOT_AFFECTED)])
    for decision in (FALSE, TRUE, OPEN, NOISE):
        _review(store, Judged(1), _form(decision))

    assert ({1}, set(), set()) == (_mars("noise"), _mars("positive"), _mars("confirmed"))
    assert [row["decision"] for row in review_history(alert_id=Judged(1).id)] == [NOISE, OPEN, TRUE, FALSE]


def test_a_withdrawn_review_says_nothing_any_more(store):
    store_alerts([Judged(1, Verdict.NOT_AFFECTED), Judged(2, Verdict.NOT_AFFECTED)])
    _review(store, Judged(1), whole_group=True)
    _review(store, Judged(1), _form(OPEN))

    assert ({1}, {2}) == (_mars("unconfirmed"), _mars("confirmed"))


def test_storing_and_judging_again_touch_no_review(store):
    from vatriage.store.bulk import fetch

    store_alerts([Judged(1, Verdict.NOT_AFFECTED)])
    _review(store, Judged(1))
    before = fetch("SELECT * FROM reviews")
    store_alerts([Judged(1, Verdict.NOT_AFFECTED), Judged(1, Verdict.UNKNOWN, judged=1), Judged(2)])

    assert before == fetch("SELECT * FROM reviews")
    assert recounted() == counted()


def test_a_review_needs_a_reason_a_future_and_a_zone_of_the_reviewers(store):
    store_alerts([Judged(1, zone="east")])

    for form in (_form(reason=" "), _form(reason="x" * 2_001), _form(expires_at=NOW), _form(expires_at=-1)):
        with pytest.raises(UsageError):
            _review(store, Judged(1), form)
    with pytest.raises(NotFoundError):
        _review(store, Judged(1), zones=frozenset({"default"}))
    with pytest.raises(NotFoundError):
        _review(store, Judged(1), zones=frozenset({"default"}), whole_group=True)
    assert set() == _listed(AlertFilter(reviewed=True))


def test_of_two_reviewers_the_slower_one_is_told(store):
    from vatriage.usecases.changes import ConflictError

    store_alerts([Judged(1)])
    first = _review(store, Judged(1), seen=0)
    with pytest.raises(ConflictError, match="Somebody else reviewed"):
        _review(store, Judged(1), _form(TRUE), seen=0)
    _review(store, Judged(1), _form(NOISE), seen=first)

    assert {1} == _mars("noise")


def test_every_review_stands_in_the_audit_log(store):
    from vatriage.store.bulk import fetch

    store_alerts([Judged(1)])
    _review(store, Judged(1))

    assert fetch("SELECT actor, address, action, subject FROM audit WHERE action = 'alert reviewed'") == [
        ("ann", "192.0.2.1", "alert reviewed", f"alert {Judged(1).id}")
    ]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    said=st.lists(
        st.tuples(
            st.integers(0, 3), st.booleans(), st.sampled_from(Decision), st.sampled_from([0, NOW + DAY, NOW + 2 * DAY])
        ),
        max_size=8,
    ),
    verdicts=st.lists(st.sampled_from([Verdict.NOT_AFFECTED, Verdict.UNKNOWN]), min_size=4, max_size=4),
    now=st.sampled_from([NOW, NOW + DAY, NOW + 2 * DAY]),
)
def test_counts_of_reviews_equal_what_the_lists_hold(store, said, verdicts, now):
    from vatriage.store.bulk import execute
    from vatriage.usecases.dashboard import mars_counts

    for table in ("reviews", "verdicts", "alert_events", "alerts", "alert_groups", "verdict_hours", "verdict_reasons"):
        execute(f"DELETE FROM {table}")
    alerts = [
        Judged(number, verdict, sid=number % 2, disposition="blocked" if number > 1 else "allowed")
        for number, verdict in enumerate(verdicts)
    ]
    store_alerts(alerts)
    for number, whole_group, decision, expires_at in said:
        _review(store, alerts[number], _form(decision, expires_at=expires_at), whole_group=whole_group)
    store_alerts([replace_verdict(alerts[0], Verdict.AFFECTED)])

    names = ("unconfirmed", "system", "confirmed", "positive", "noise")
    assert {name: len(_mars(name, now)) for name in names} == mars_counts(None, now)


def replace_verdict(one: Judged, verdict: Verdict) -> Judged:
    """Return the same alert, judged again."""
    values = {name: getattr(one, name) for name in Judged.__struct_fields__}
    return Judged(**values | {"verdict": verdict, "judged": 1})
