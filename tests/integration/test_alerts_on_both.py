"""Stored alerts on SQLite and on PostgreSQL: counters equal a recount, pages give each alert once and in order."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stored_alerts import Judged, counted, newest, recounted, store_alerts
from vatriage.errors import UsageError
from vatriage.model.alert import Disposition
from vatriage.model.alert_filter import AlertFilter, Order
from vatriage.model.verdict import Verdict

NOW = 1_794_000_000
LEVELS = [level for level in Verdict if level is not Verdict.FALSE_POSITIVE]
_some = st.builds(
    Judged,
    number=st.integers(0, 12),
    verdict=st.sampled_from(LEVELS),
    zone=st.sampled_from(["default", "east"]),
    sid=st.sampled_from([1, 2]),
    source=st.sampled_from(["198.51.100.7", "198.51.100.8"]),
    side=st.sampled_from(["source", "destination"]),
    reasons=st.sampled_from([("stale",), ("never_scanned", "stale"), ("fixed",)]),
    priority=st.sampled_from([20, 60]),
    disposition=st.sampled_from([Disposition.ALLOWED, Disposition.BLOCKED]),
    judged=st.integers(0, 3),
    inputs=st.sampled_from(["one", "two"]),
)
LAW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def _of_one_alert(batches: list[list[Judged]]) -> list[list[Judged]]:
    """Return the batches with what identifies an alert the same in all its copies."""
    first: dict[int, Judged] = {}
    return [
        [
            Judged(
                **{name: getattr(one, name) for name in Judged.__struct_fields__}
                | {name: getattr(first.setdefault(one.number, one), name) for name in ("zone", "sid", "source")}
            )
            for one in batch
        ]
        for batch in batches
    ]


def _empty() -> None:
    from vatriage.store.bulk import execute

    for table in (
        "reviews", "verdicts", "alert_events", "alerts", "alert_groups", "alert_signatures", "verdict_hours",
        "verdict_reasons",
    ):  # fmt: skip
        execute(f"DELETE FROM {table}")


@LAW
@given(batches=st.lists(st.lists(_some, max_size=12), max_size=4).map(_of_one_alert))
def test_counters_equal_a_recount_whatever_is_stored_in_which_batches(store, batches):
    _empty()
    for batch in batches:
        store_alerts(batch)

    assert recounted() == counted()


@LAW
@given(batch=st.lists(_some, min_size=1, max_size=12), data=st.data())
def test_storing_again_in_other_batches_changes_nothing(store, batch, data):
    from vatriage.store.bulk import fetch

    _empty()
    (same,) = _of_one_alert([batch])
    store_alerts(same)
    before = counted(), sorted(fetch("SELECT * FROM alerts")), len(fetch("SELECT 1 FROM verdicts"))
    for one in data.draw(st.permutations(same)):
        store_alerts([one])

    assert before == (counted(), sorted(fetch("SELECT * FROM alerts")), len(fetch("SELECT 1 FROM verdicts")))


@LAW
@given(batches=st.lists(st.lists(_some, max_size=6), max_size=4).map(_of_one_alert))
def test_the_verdict_shown_is_the_last_of_the_alerts_history(store, batches):
    from vatriage.store.bulk import fetch
    from vatriage.usecases.lookups import stored_verdicts

    _empty()
    for batch in batches:
        store_alerts(batch)
    rows = fetch("SELECT id, verdict, reasons FROM alerts")

    assert {row[0] for row in rows} == {one.id for one in newest([one for batch in batches for one in batch]).values()}
    for name, verdict, reasons in rows:
        last = stored_verdicts(name)[-1]
        assert (Verdict[last.verdict], ",".join(sorted(last.reasons))) == (verdict, reasons)


def test_an_alert_judged_again_moves_from_one_counter_to_the_other(store):
    store_alerts([Judged(1, Verdict.UNKNOWN), Judged(2, Verdict.UNKNOWN)])
    store_alerts([Judged(1, Verdict.AFFECTED, judged=1, reasons=("confirmed",))])

    assert {key[2]: number for key, number in counted()["hours"].items()} == {
        Verdict.UNKNOWN: 1,
        Verdict.AFFECTED: 1,
    }
    assert recounted() == counted()


def test_an_alert_whose_target_is_another_one_moves_to_another_group(store):
    store_alerts([Judged(1), Judged(2), Judged(3)])
    store_alerts([Judged(3, side="source", judged=1)])
    groups = {row["target_address"]: row for row in _groups()}

    assert {address: row["alerts"] for address, row in groups.items()} == {"10.2.0.1": 2, "198.51.100.7": 1}
    assert groups["10.2.0.1"]["last_at_us"] == Judged(2).instant_us
    assert recounted() == counted()


@pytest.mark.parametrize("together", [True, False])
def test_of_two_judgements_of_one_instant_and_the_same_inputs_the_worse_is_shown(store, together):
    from vatriage.store.bulk import fetch
    from vatriage.usecases.lookups import stored_verdicts

    mild, worse = Judged(1, Verdict.NOT_AFFECTED), Judged(1, Verdict.COMPROMISE_INDICATED, reasons=("outcome_seen",))
    for batch in [[mild, worse]] if together else [[mild], [worse], [mild]]:
        store_alerts(batch)

    assert fetch("SELECT verdict FROM alerts") == [(Verdict.COMPROMISE_INDICATED,)]
    assert stored_verdicts(mild.id)[-1].verdict == "COMPROMISE_INDICATED"
    assert recounted() == counted()


def test_a_judgement_as_at_an_instant_that_has_not_come_gives_way_to_the_next(store):
    from vatriage.store.bulk import fetch
    from vatriage.usecases.lookups import stored_verdicts

    store_alerts([Judged(1, Verdict.NOT_AFFECTED, judged=10**8)])
    store_alerts([Judged(1, Verdict.AFFECTED, judged=5)])

    assert fetch("SELECT verdict FROM alerts") == [(Verdict.AFFECTED,)]
    assert [one.verdict for one in stored_verdicts(Judged(1).id)] == ["NOT_AFFECTED", "AFFECTED"]
    assert recounted() == counted()


def test_an_older_judgement_that_is_stored_later_changes_only_when_it_was_first_judged(store):
    from vatriage.store.bulk import fetch

    store_alerts([Judged(1, Verdict.AFFECTED, judged=5)])
    store_alerts([Judged(1, Verdict.UNKNOWN, judged=2)])
    ((verdict, first, last),) = fetch("SELECT verdict, first_judged_us, last_judged_us FROM alerts")

    assert (verdict, last - first) == (Verdict.AFFECTED, 3_000_000)
    assert recounted() == counted()


def test_a_signature_is_called_what_its_newest_revision_says(store):
    store_alerts([Judged(1, rev=4, message="new")])
    store_alerts([Judged(2, rev=3, message="old"), Judged(3, sid=7, message="n\0l")])

    assert {row["message"] for row in _alerts()} == {"new", "n?l"}


def _walk(listing, size, between=lambda: None, **values):
    """Return the rows of all pages; something may happen between two of them."""
    rows, after = [], None
    while True:
        page = listing(values.pop("wanted", None) or AlertFilter(), now=NOW, after=after, size=size, **values)
        rows += page.rows
        after = page.following
        if after is None:
            return rows
        between()


def _alerts(wanted=None, **values):
    from vatriage.usecases.alert_lists import list_alerts

    return list_alerts(wanted or AlertFilter(), now=NOW, size=1_000, **({"zones": None} | values)).rows


def _groups(wanted=None, **values):
    from vatriage.usecases.alert_lists import list_groups

    return list_groups(wanted or AlertFilter(), now=NOW, size=1_000, **({"zones": None} | values)).rows


def _many() -> list[Judged]:
    return [
        Judged(
            number, LEVELS[number % 5], zone="east" if number % 3 else "default", sid=1 + number % 7,
            source=f"198.51.100.{number % 4}", destination=f"10.2.0.{number % 5}", priority=20 + number % 3 * 20,
            reasons=(("stale",), ("never_scanned", "stale"), ("fixed",))[number % 3],
            message=f"ET EXPLOIT number {1 + number % 7}", at_us=1_793_000_000_000_000 + number % 11 * 10**9,
            disposition=Disposition.BLOCKED if number % 2 else Disposition.ALLOWED,
        )
        for number in range(0, 400, 2)
    ]  # fmt: skip


@pytest.mark.parametrize("order", Order)
def test_pages_give_each_alert_once_and_in_order_while_others_are_stored(store, order):
    from vatriage.usecases.alert_lists import list_alerts

    store_alerts(_many())
    before = [row["id"] for row in _alerts(order=order)]
    later = iter(range(1, 400, 2))
    rows = _walk(
        list_alerts, 7, lambda: store_alerts([Judged(next(later), LEVELS[next(later) % 5])]), zones=None, order=order
    )
    keys = [(row["rank"], row["at_us"], row["id"])[order is Order.TIME :] for row in rows]

    assert keys == sorted(set(keys), reverse=True)
    assert before == [row["id"] for row in rows if row["id"] in set(before)]


@pytest.mark.parametrize("order", Order)
def test_pages_of_groups_give_each_group_once_and_in_order(store, order):
    from vatriage.usecases.alert_lists import list_groups

    store_alerts(_many())
    rows = _walk(list_groups, 7, zones=None, order=order)
    keys = [(row["worst"], row["last_at_us"], row["id"])[order is Order.TIME :] for row in rows]

    assert keys == sorted(set(keys), reverse=True)
    assert len(counted()["groups"]) == len(rows)


_FILTERS = [
    (AlertFilter(verdicts=frozenset({Verdict.AFFECTED, Verdict.UNKNOWN})), lambda one: one.verdict in (3, 5)),
    (AlertFilter(zones=frozenset({"east"})), lambda one: one.zone == "east"),
    (AlertFilter(zones=frozenset()), lambda _one: False),
    (AlertFilter(address="10.2.0.3"), lambda one: one.destination == "10.2.0.3"),
    (AlertFilter(address="198.51.100.2"), lambda one: one.source == "198.51.100.2"),
    (AlertFilter(signature="3"), lambda one: one.sid == 3),
    (AlertFilter(signature="1:3:9"), lambda one: one.sid == 3),
    (AlertFilter(signature="2:3"), lambda _one: False),
    (AlertFilter(signature="exploit NUMBER 4"), lambda one: one.sid == 4),
    (AlertFilter(signature="no such text"), lambda _one: False),
    (AlertFilter(reason="stale"), lambda one: "stale" in one.reasons),
    (AlertFilter(reason="never"), lambda _one: False),
    (AlertFilter(reason="stale", verdicts=frozenset({Verdict.AFFECTED})), lambda one: "stale" in one.reasons and one.verdict == 5),
    (AlertFilter(disposition=Disposition.BLOCKED), lambda one: one.disposition is Disposition.BLOCKED),
    (
        AlertFilter(from_us=1_793_002_000_000_000, until_us=1_793_005_000_000_000),
        lambda one: 1_793_002_000_000_000 <= one.instant_us < 1_793_005_000_000_000,
    ),
    (AlertFilter(reviewed=True), lambda _one: False),
    (AlertFilter(reviewed=False), lambda _one: True),
    (
        AlertFilter(address="10.2.0.3", signature="number", reason="stale", verdicts=frozenset(LEVELS[:4]), reviewed=False),
        lambda one: one.destination == "10.2.0.3" and "stale" in one.reasons and one.verdict in LEVELS[:4],
    ),
]  # fmt: skip


@pytest.mark.parametrize("order", Order)
def test_a_filter_lists_what_fits_and_nothing_else(store, order):
    stored = _many()
    store_alerts(stored)

    for wanted, fits in _FILTERS:
        fitting = [one for one in stored if fits(one)]
        shown = _alerts(wanted, order=order)
        groups = {(row["zone"], row["sid"], row["target_address"], row["attacker_address"]) for row in _groups(wanted)}
        assert sorted(one.id for one in fitting) == sorted(row["id"] for row in shown), wanted
        assert {(one.zone, one.sid, one.destination, one.source) for one in fitting} == groups, wanted


@pytest.mark.parametrize("zones", [frozenset({"default"}), frozenset({"nowhere"}), frozenset()])
def test_nobody_lists_alerts_of_a_zone_that_is_not_theirs(store, zones):
    store_alerts(_many())

    for wanted in (AlertFilter(), AlertFilter(zones=frozenset({"east"})), AlertFilter(address="10.2.0.3")):
        assert {row["zone"] for row in _alerts(wanted, zones=zones)} <= zones
        assert {row["zone"] for row in _groups(wanted, zones=zones)} <= zones


def test_a_page_whose_key_was_changed_is_refused(store):
    for after in ("x", "1.2", "1.2.'", "1." + "9" * 30 + ".a"):
        with pytest.raises(UsageError, match="page cannot be found"):
            _alerts(after=after)


def test_two_that_store_the_same_alerts_at_once_count_each_once(store):
    import threading

    from django.db import connection

    def storing(batch):
        try:
            store_alerts(batch)
        finally:
            connection.close()

    batches = [[Judged(number, LEVELS[number % 5], judged=turn) for number in range(60)] for turn in (0, 0, 1)]
    threads = [threading.Thread(target=storing, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert recounted() == counted()
    assert sum(counted()["hours"].values()) == 60
