"""The laws of the merge: a join of versions."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from soak import examples
from vatriage.inventory.changes import difference
from vatriage.inventory.hosts import merge_host
from vatriage.inventory.knowledge import link_times, merge_pair, merge_qid
from vatriage.inventory.versions import merge_versions
from vatriage.model.host import FACTS, HostKey, HostSight
from vatriage.model.versions import COLUMN, NUMBERS, Versions, no_versions

ROW = st.fixed_dictionaries(
    {
        "host": st.integers(1, 2),
        "qid": st.integers(1, 2),
        "kind": st.integers(0, 2),
        "status": st.sampled_from([1, 2, 3, 4]),
        "disabled": st.integers(0, 1),
        "first_found": st.integers(0, 9),
        "stamp": st.integers(1, 9),
        "results": st.sampled_from(["", "a", "b"]),
    }
)
REPORTS = st.lists(st.lists(ROW, max_size=4), min_size=1, max_size=4)


def versions(rows):
    numbers = [[{**row, "since": row["stamp"]}.get(name, 0) for name in NUMBERS] for row in rows]
    empty = np.array([""] * len(rows), dtype=object)
    return Versions(
        numbers=np.array(numbers, dtype=np.int64).reshape(-1, len(NUMBERS)),
        instance=empty,
        service=empty.copy(),
        results=np.array([row["results"] for row in rows], dtype=object),
    )


def merged(reports):
    current, past = no_versions(), no_versions()
    for report in reports:
        state = merge_versions(current, past, versions(report))
        current, past = state.current, state.past
    return current, past


def plain(rows):
    return [(*numbers, text) for numbers, text in zip(rows.numbers.tolist(), rows.results.tolist(), strict=True)]


@settings(max_examples=examples(200), deadline=None)
@given(REPORTS)
def test_the_same_report_twice_changes_nothing(reports):
    once, _ = merged(reports)
    twice, _ = merged([*reports, reports[-1]])

    assert plain(once) == plain(twice)
    assert len(difference(once, twice, versions(reports[-1])).written) == 0


@settings(max_examples=examples(200), deadline=None)
@given(REPORTS, st.randoms())
def test_the_order_of_reports_does_not_matter_for_what_is_current(reports, random):
    shuffled = random.sample(reports, len(reports))

    drop = COLUMN["since"]
    told = [[value for place, value in enumerate(row) if place != drop] for row in plain(merged(reports)[0])]
    again = [[value for place, value in enumerate(row) if place != drop] for row in plain(merged(shuffled)[0])]
    assert [row[:-1] for row in told] == [row[:-1] for row in again]


@settings(max_examples=examples(200), deadline=None)
@given(REPORTS)
def test_an_older_report_never_regresses_a_row(reports):
    before, _ = merged(reports)
    older = [{**row, "stamp": 0, "first_found": 0} for report in reports for row in report]
    after, _ = merged([*reports, older])

    status, stamp = COLUMN["status"], COLUMN["stamp"]
    assert before.numbers[:, [status, stamp]].tolist() == after.numbers[:, [status, stamp]].tolist()


@settings(max_examples=examples(200), deadline=None)
@given(REPORTS)
def test_a_first_sight_is_never_forgotten(reports):
    current, _ = merged(reports)
    for row in current.numbers.tolist():
        sights = [
            item["first_found"]
            for report in reports
            for item in report
            if (item["host"], item["qid"]) == (row[COLUMN["host"]], row[COLUMN["qid"]]) and item["first_found"]
        ]
        assert min(sights, default=0) == row[COLUMN["first_found"]]


SIGHT = st.tuples(
    st.integers(0, 5), st.lists(st.sampled_from(["", "x", "y"]), min_size=len(FACTS), max_size=len(FACTS))
)


@given(st.lists(SIGHT, min_size=1, max_size=5), st.randoms())
def test_a_host_is_the_same_in_whatever_order_it_was_seen(sights, random):
    def state(order):
        host = None
        for seen_at, facts in order:
            host = merge_host(host, HostSight(HostKey(1, ""), 0, seen_at, tuple(facts), (), False))
        return host

    assert state(sights) == state(random.sample(sights, len(sights)))


def test_a_pair_that_an_earlier_copy_lacked_was_added_later():
    pair = merge_pair(merge_pair(None, 1, "CVE-2026-10000", 20, by_copy=True), 1, "CVE-2026-10000", 30, by_copy=False)

    assert link_times(10, 30, pair.first_with, pair.last_with, pair.by_copy) == (20, 0)
    assert link_times(20, 40, pair.first_with, pair.last_with, pair.by_copy) == (0, 40)


DOCUMENTS = st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=6)


@given(DOCUMENTS, st.randoms())
def test_a_pair_is_the_same_in_whatever_order_its_documents_came(documents, random):
    def state(order):
        pair = None
        for at, by_copy in order:
            pair = merge_pair(pair, 1, "CVE-2026-10000", at, by_copy=by_copy)
        return pair

    assert state(documents) == state(random.sample(documents, len(documents)))


def test_a_report_makes_no_pair_older_than_the_copies_show_it():
    report = merge_pair(None, 1, "CVE-2026-10000", 5, by_copy=False)
    pair = merge_pair(report, 1, "CVE-2026-10000", 20, by_copy=True)

    assert link_times(10, 20, pair.first_with, pair.last_with, pair.by_copy) == (20, 0)


COPIES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["a", "b"])), min_size=1, max_size=5)


@given(COPIES, st.randoms())
def test_a_qid_is_the_same_in_whatever_order_its_copies_came(copies, random):
    def state(order):
        known = None
        for copy, title in order:
            known = merge_qid(known, 1, (title,), copy)
        return known

    assert state(copies) == state(random.sample(copies, len(copies)))


def test_what_is_no_dated_copy_describes_a_qid_only_until_one_does():
    glossary = merge_qid(None, 1, ("short",), 0)
    copy = merge_qid(None, 1, ("whole",), 20)

    assert (glossary.first_copy, glossary.description) == (0, ("short",))
    assert merge_qid(glossary, 1, ("whole",), 20) == merge_qid(copy, 1, ("short",), 0) == copy
