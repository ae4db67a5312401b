"""Tuning rules: what they mark, what they leave alone, what is refused, and what stays on record."""

from dataclasses import replace

import pytest

from integration.test_reviews_on_both import DAY, NOISE, NOW, TRUE, _form, _listed, _mars, _review
from stored_alerts import Judged, counted, recounted, store_alerts
from vatriage.errors import NotAllowedError, NotFoundError, UsageError
from vatriage.model.alert_filter import AlertFilter, Decision
from vatriage.model.tuning import TuningRule
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Role, Viewer

ANALYST = Viewer(name="ann", role=Role.ANALYST, address="192.0.2.1")
ADMIN = Viewer(name="root", role=Role.ADMIN)
RULE = TuningRule(zone="default", gid=1, sid=2_021_648, reason="our own scanner", expires_at=NOW + DAY)


def make(store, viewer=ANALYST, *, marked=1_000, affected_named=False, **change):
    """Store a rule; return its number."""
    from vatriage.usecases.tuning_rules import Consent, make_rule

    consent = Consent(marked=marked, affected_named=affected_named)
    return make_rule(replace(RULE, **change), consent, viewer=viewer, clock=store.clock)


def change(store, number, *, seen, viewer=ANALYST, **values):
    """Change a rule."""
    from vatriage.usecases.tuning_rules import Consent, change_rule

    return change_rule(
        number, replace(RULE, **values), Consent(marked=1_000), seen=seen, viewer=viewer, clock=store.clock
    )  # fmt: skip


def switch(store, number, *, on, seen, viewer=ANALYST):
    """Switch a rule off or on."""
    from vatriage.usecases.tuning_rules import switch_rule

    return switch_rule(number, on=on, reason="", seen=seen, viewer=viewer, clock=store.clock)


def shown(store, number, viewer=ANALYST):
    """Return a rule's view."""
    from vatriage.usecases.tuning_rules import show_rule

    return show_rule(number, viewer, store.clock)


MIXED = [
    Judged(1, Verdict.NOT_AFFECTED),
    Judged(2, Verdict.UNKNOWN, source="203.0.113.9"),
    Judged(3, Verdict.POSSIBLY_AFFECTED),
    Judged(4, Verdict.AFFECTED),
    Judged(5, Verdict.COMPROMISE_INDICATED, reasons=("outcome_seen",)),
    Judged(6, Verdict.UNKNOWN, sid=9),
    Judged(7, Verdict.UNKNOWN, zone="east"),
    Judged(8, Verdict.UNKNOWN, destination="2001:db8::9"),
]


NARROWED = [
    ({}, {1, 2, 8}),
    ({"bound": Verdict.NOT_AFFECTED}, {1}),
    ({"bound": Verdict.POSSIBLY_AFFECTED}, {1, 2, 3, 8}),
    ({"source": "203.0.113.0/28"}, {2}),
    ({"target": "10.2.0.0/24"}, {1, 2}),
    ({"target": "2001:db8::/120"}, {8}),
    ({"gid": -1, "sid": -1, "target": "10.2.0.1"}, {1, 2, 6}),
    ({"zone": "east", "gid": -1, "sid": -1, "target": "10.2.0.1"}, {7}),
    ({"sid": 4}, set()),
]


def test_a_rule_marks_what_has_all_that_it_says_and_nothing_else(store):
    store_alerts(MIXED)
    for values, marked in NARROWED:
        number = make(store, **values)
        found = shown(store, number).now

        assert _listed(AlertFilter(marked=True)) == marked
        assert _listed(AlertFilter(marked=False)) == {one.number for one in MIXED} - marked
        assert (found.marked, _mars("marked")) == (len(marked), marked)
        switch(store, number, on=False, seen=1)


def test_a_preview_says_what_the_rule_would_mark_and_what_is_worse(store):
    from vatriage.usecases.tuning_rules import try_rule

    store_alerts(MIXED)
    found = try_rule(RULE, viewer=ANALYST, clock=store.clock)

    assert (found.marked, found.left, found.dangerous, found.outcomes, found.total) == (3, 3, 2, 1, 7)
    assert found.groups == 3
    assert {verdict.name: number for verdict, number in found.by_verdict.items() if number} == {
        "COMPROMISE_INDICATED": 1, "AFFECTED": 1, "POSSIBLY_AFFECTED": 1, "UNKNOWN": 2, "NOT_AFFECTED": 1,
    }  # fmt: skip
    assert [int(row["id"], 16) for row in found.worst][:3] == [5, 4, 3]
    assert found.problems == []
    assert _listed(AlertFilter(marked=True)) == set()


def test_a_rule_holds_for_what_comes_later_and_touches_no_verdict_and_no_counter(store):
    store_alerts(MIXED)
    make(store)
    store_alerts([Judged(20, Verdict.UNKNOWN, source="192.0.2.77"), Judged(21, Verdict.AFFECTED)])

    assert _listed(AlertFilter(marked=True)) == {1, 2, 8, 20}
    assert _listed(AlertFilter(verdicts=frozenset({Verdict.AFFECTED}))) == {4, 21}
    assert recounted() == counted()


def test_an_alert_that_gets_worse_than_the_bound_comes_back(store):
    store_alerts(MIXED)
    make(store)
    store_alerts([Judged(1, Verdict.AFFECTED, judged=1)])

    assert _listed(AlertFilter(marked=True)) == {2, 8}


def test_a_review_goes_before_a_rule_and_what_evidence_contradicts_is_never_marked(store):
    store_alerts(MIXED)
    _review(store, MIXED[0], _form(TRUE))
    _review(store, MIXED[1], _form(NOISE))
    make(store, bound=Verdict.POSSIBLY_AFFECTED)
    store_alerts([Judged(2, Verdict.POSSIBLY_AFFECTED, source="203.0.113.9", judged=1)])

    assert _listed(AlertFilter(marked=True)) == {3, 8}
    assert (_mars("positive"), _mars("contradicted")) == ({1}, {2})


def test_a_rule_ends_by_itself_and_is_switched_off_and_on_and_all_of_it_stays_on_record(store):
    from vatriage.store.bulk import fetch

    store_alerts(MIXED)
    number = make(store)
    change(store, number, seen=1, target="10.2.0.0/24")
    changed = _listed(AlertFilter(marked=True))
    switch(store, number, on=False, seen=2)
    off = _listed(AlertFilter(marked=True))
    switch(store, number, on=True, seen=3)

    assert (changed, off, _listed(AlertFilter(marked=True))) == ({1, 2}, set(), {1, 2})
    assert _listed(AlertFilter(marked=True), NOW + DAY) == set()
    assert [(row["revision"], row["enabled"]) for row in shown(store, number).history] == [
        (4, 1),
        (3, 0),
        (2, 1),
        (1, 1),
    ]
    assert fetch("SELECT action, subject, actor FROM audit WHERE subject <> '' ORDER BY id") == [
        ("tuning rule made", f"tuning rule {number}", "ann"),
        *[("tuning rule changed", f"tuning rule {number}", "ann")] * 3,
    ]


def test_of_two_who_change_a_rule_the_slower_one_is_told(store):
    from vatriage.usecases.changes import ConflictError

    store_alerts(MIXED)
    number = make(store)
    change(store, number, seen=1, bound=Verdict.NOT_AFFECTED)
    for act in (change, switch):
        with pytest.raises(ConflictError, match="Somebody else changed"):
            act(store, number, seen=1, **({"on": False} if act is switch else {}))


SENSELESS = [
    {"reason": "  "}, {"expires_at": NOW}, {"expires_at": NOW + 181 * DAY}, {"gid": -1, "sid": -1},
    {"target": "10.2.0.1/24"}, {"zone": "nowhere"}, {"mark": Decision.CONFIRMED_POSITIVE}, {"sid": 1 << 63},
    {"gid": -1, "sid": -1, "source": "10.0.0.0/16"}, {"bound": Verdict.AFFECTED},
]  # fmt: skip


def test_an_over_broad_or_senseless_rule_is_refused_and_nothing_is_stored(store):
    from vatriage.usecases.tuning_rules import list_rules

    store_alerts(MIXED)
    for values in SENSELESS:
        with pytest.raises(UsageError):
            make(store, **values)

    assert list_rules(ADMIN, store.clock) == []


def test_a_rule_for_a_quarter_of_a_zone_is_refused(store):
    store_alerts([Judged(number, sid=number % 3) for number in range(330)])
    with pytest.raises(UsageError, match=r"mark 110 of the 330 alerts"):
        make(store, sid=0)


def test_only_an_administrator_makes_a_rule_about_affected_targets_and_anybody_ends_it(store):
    store_alerts(MIXED)
    with pytest.raises(UsageError, match="administrator"):
        make(store, bound=Verdict.AFFECTED, affected_named=True)
    number = make(store, ADMIN, bound=Verdict.AFFECTED, affected_named=True)
    with pytest.raises(UsageError, match="administrator"):
        change(store, number, seen=1, bound=Verdict.AFFECTED)
    before = _listed(AlertFilter(marked=True))
    switch(store, number, on=False, seen=1)
    with pytest.raises(NotAllowedError):
        switch(store, number, on=True, seen=2)

    assert (before, _listed(AlertFilter(marked=True))) == ({1, 2, 3, 4, 8}, set())


def test_a_rule_that_marks_far_more_than_its_author_saw_is_not_stored(store):
    from vatriage.usecases.changes import ConflictError

    store_alerts([Judged(number) for number in range(20)])
    with pytest.raises(ConflictError, match="mark 20 alerts now, not the 3"):
        make(store, marked=3)


def test_nobody_sees_or_changes_a_rule_of_a_zone_that_is_not_theirs(store):
    from vatriage.usecases.tuning_rules import list_rules

    store_alerts(MIXED)
    number = make(store, zone="east")
    here = Viewer(name="bob", role=Role.ANALYST, zones=frozenset({"default"}))

    assert (list_rules(here, store.clock), len(list_rules(ANALYST, store.clock))) == ([], 1)
    for act in (
        lambda: shown(store, number, here), lambda: switch(store, number, on=False, seen=1, viewer=here),
        lambda: change(store, number, seen=1, zone="east", viewer=here),
    ):  # fmt: skip
        with pytest.raises(NotFoundError):
            act()
    with pytest.raises(UsageError, match="no zone"):
        make(store, here, zone="east")


def test_a_zone_with_rules_keeps_its_name_and_stays_while_one_is_switched_on(store):
    from vatriage.store.ledger import zone_number
    from vatriage.usecases.zone_kind import check_may_be_renamed, check_unused

    zone_number("lab")
    number = make(store, zone="lab")
    with pytest.raises(UsageError, match="tuning rules that are switched on"):
        check_unused("lab")
    switch(store, number, on=False, seen=1)
    check_unused("lab")
    with pytest.raises(UsageError, match="keeps its name"):
        check_may_be_renamed("lab")


def test_the_list_of_marked_alerts_is_the_same_when_they_are_many(store, monkeypatch):
    from vatriage.store import alert_branches

    store_alerts(MIXED)
    make(store)
    monkeypatch.setattr(alert_branches, "FEW", 0)

    assert _listed(AlertFilter(marked=True)) == {1, 2, 8}
