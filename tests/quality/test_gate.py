"""The quality gate: no attack that succeeded and no vulnerable host is suppressed, and nothing without a justification."""

from collections import defaultdict
from pathlib import Path

import pytest

from quality.captures import LIMITS, RUN, captures, from_captures, states
from quality.report import SUPPRESSED, all_scenarios, figures, judged, table
from quality.scenario import synthetic

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "quality.md"
ROWS = sorted({one.row for one in synthetic()})
needs_corpus = pytest.mark.skipif(not RUN.exists(), reason="no corpus beside the checkout")


def wrong(scenario):
    """Return what is said otherwise than the label demands."""
    found = []
    for record in judged(scenario).records:
        said = (record.verdict, *map(str, record.reasons))
        if said != (scenario.expect, *scenario.reasons):
            found.append(f"{scenario.id} {record.signature}: {said}, not {(scenario.expect, *scenario.reasons)}")
        if scenario.conflict is not None and scenario.conflict != record.conflict:
            found.append(f"{scenario.id} {record.signature}: conflict is {record.conflict}")
    return found if judged(scenario).records else [f"{scenario.id}: no alert"]


def gated():
    return [one for one in all_scenarios() if one.data_set != LIMITS]


@pytest.mark.parametrize("row", ROWS)
def test_every_scenario_of_a_guard_gets_its_labels(row):
    assert [fault for one in synthetic() if one.row == row for fault in wrong(one)] == []


@needs_corpus
@pytest.mark.parametrize("name", [one["name"] for one in captures()])
def test_a_real_capture_gets_its_labels_in_every_state(name):
    mine = [one for one in from_captures() if one.id.startswith(f"{name}/")]

    assert len(mine) == len(states())
    assert [fault for one in mine for fault in wrong(one)] == []


def test_every_guard_has_a_case_in_which_it_acts_and_one_in_which_it_rests():
    sides = defaultdict(set)
    for one in synthetic():
        sides[one.row].add(one.guard)

    assert set(map(frozenset, sides.values())) == {frozenset({"acts", "rests"})}


def test_there_are_enough_scenarios_and_each_has_a_name_of_its_own():
    names = [one.id for one in all_scenarios()]

    assert len(names) == len(set(names))
    assert len(synthetic()) + len(captures()) * len(states()) >= 150


def test_no_attack_with_a_real_outcome_is_suppressed():
    hidden = [
        (one.id, record.signature)
        for one in gated()
        if one.outcome
        for record in judged(one).all_records
        if record.verdict in SUPPRESSED
    ]

    assert hidden == []


def test_no_vulnerable_host_is_called_not_affected():
    hidden = [
        one.id for one in gated() if one.vulnerable for record in judged(one).records if record.verdict in SUPPRESSED
    ]

    assert hidden == []


def test_nothing_is_not_affected_without_a_justification_for_every_claim():
    for one in all_scenarios():
        for record in judged(one).all_records:
            if record.verdict not in SUPPRESSED:
                assert (record.justifications, record.expires) == ((), None), one.id
                continue
            assert record.claims, one.id
            assert {claim.id for claim in record.claims} == {item.claim for item in record.justifications}, one.id
            assert all(item.qids and item.valid_until >= record.timestamp for item in record.justifications), one.id
            assert record.expires == min(item.valid_until for item in record.justifications), one.id
            assert not record.conflict, one.id
            negative = [item for item in record.evidence if item.polarity == "-"]
            assert negative, one.id
            assert all(item.observed_at <= record.timestamp for item in negative), one.id
            assert not any(item.polarity == "+" for item in record.evidence), one.id


@needs_corpus
def test_the_limits_are_the_known_ones():
    """A scan that lies about an attack which no alert shows to have succeeded: nothing here can know."""
    limits = {one.id: judged(one).records[0].verdict for one in all_scenarios() if one.data_set == LIMITS}

    assert limits == {f"zerologon-exploit/{state['name']}": "NOT_AFFECTED" for state in states() if state["clears"]}


def test_the_page_tells_the_figures():
    told = PAGE.read_text(encoding="utf-8").splitlines()

    assert [line for line in table(figures(all_scenarios())) if line not in told] == []
