"""Hiding on both databases: one month from the report to the alert that ends it, and the law that danger is never left out."""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.test_hiding import listed, standing
from shadow_world import DAY, NOW, AtClock, hide, month, ready, report_of, say
from stored_alerts import Judged, store_alerts
from vatriage.model.alert_filter import AlertFilter, Decision
from vatriage.model.proportion import Proportion
from vatriage.model.review_scope import Scope
from vatriage.model.verdict import Verdict

FALSE, TRUE = Decision.CONFIRMED_FALSE_POSITIVE, Decision.CONFIRMED_POSITIVE


def test_a_month_from_the_report_to_the_alert_that_ends_hiding(store):
    from vatriage.usecases.hiding_watch import watch

    clock = ready()
    report = report_of(clock)
    hide(clock, verdict=Verdict.FALSE_POSITIVE)
    assert listed(clock)[1].alerts == 10
    hide(clock)

    assert (report.alerts, report.would_hide, report.reviewed, report.sample_error) == (580, 145, 10, Proportion(0, 10))
    assert (len(listed(clock)[0]), listed(clock)[1].alerts, len(listed(clock, show=True)[0])) == (435, 145, 580)
    recent = AlertFilter(from_us=(NOW - 2 * DAY) * 1_000_000, reason="tested_absent")
    assert (len(listed(clock, recent)[0]), listed(clock, recent)[1].alerts) == (30, 10)
    store_alerts([msgspec.structs.replace(month()[0], verdict=Verdict.AFFECTED, judged=1)])
    assert "'default'" in watch(clock)
    assert standing(clock) == frozenset()
    assert report_of(clock).confirmed_by_evidence == 1


_HOW = st.sampled_from([{}, {"group": True}, *({"scope": scope} for scope in Scope)])
_WORDS = st.tuples(st.integers(0, 9), st.sampled_from([FALSE, TRUE, Decision.NOISE, Decision.WITHDRAWN]), _HOW)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    judged=st.lists(
        st.builds(
            Judged, number=st.integers(0, 9), verdict=st.sampled_from(list(Verdict)[1:]), judged=st.integers(0, 3),
            source=st.sampled_from(["198.51.100.1", "198.51.100.2"]), zone=st.just("default"),
        ), max_size=20,
    ),
    words=st.lists(_WORDS, max_size=6),
    level=st.sampled_from([Verdict.NOT_AFFECTED, Verdict.FALSE_POSITIVE]),
)  # fmt: skip
def test_nothing_is_ever_left_out_that_was_worse_or_called_an_attack(store, judged, words, level):
    """A law: whatever was judged and said in whatever order, and whatever the policy, danger stays in the list."""
    from django.db import transaction

    from vatriage.store.bulk import fetch
    from vatriage.store.hidden import left_out

    with transaction.atomic():
        store_alerts(judged)
        stored = {row[0] for row in fetch("SELECT id FROM alerts")}
        for number, decision, how in words:
            if f"{number:032x}" in stored:
                say(f"{number:032x}", decision, AtClock(), **how)
        sql, values = left_out({("default", level)}, NOW)
        hidden = {row[0] for row in fetch(f"SELECT a.id FROM alerts a WHERE {sql}", values)}
        worst = dict(fetch("SELECT alert_id, MAX(verdict) FROM verdicts GROUP BY alert_id"))
        attacks = {
            row[0]
            for row in fetch(
                "SELECT a.id FROM alerts a JOIN reviews r ON r.alert_id = a.id OR r.group_id = a.group_id OR "
                "(r.scope <> '' AND r.zone = a.zone AND r.sid = a.sid AND r.gid = a.gid "
                "AND r.target_address IN ('', a.target_address) AND r.attacker_address IN ('', a.attacker_address)) "
                "WHERE r.superseded_by = 0 AND r.decision = 'confirmed_positive'"
            )
        }
        transaction.set_rollback(True)

    assert {worst[name] for name in hidden} <= {int(Verdict.NOT_AFFECTED)}
    assert not hidden & attacks
