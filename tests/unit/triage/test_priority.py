"""The priority: a sum of shown factors that ranks inside a level and reaches no level."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soak import examples
from unit.triage.strategies import FIRST, ZONE, Case, cases
from unit.triage.test_laws import LAW
from unit.triage.test_scenarios import FOUND, RULE, alert, judge
from vatriage.model.ranking import Listed, RankingData
from vatriage.model.snapshot import Snapshot, empty_columns
from vatriage.triage.asset_values import AssetValue, AssetValues
from vatriage.triage.priority import BASE, RankedBy, rank

CLOCK = 1_756_166_400_000_000
"""2025-08-26T00:00:00Z."""
PLAIN = RankedBy(("CVE-2021-44228",), "", (0, 0, ""), (None, ""), ("", ""), None)
LISTS = RankingData(
    exploited={"CVE-2021-44228": Listed("2021-12-10", True), "CVE-2021-0002": Listed("2022-01-01", False)},
    exploited_date="2025-08-25", score={"CVE-2021-44228": 0.94}.get, score_date="2025-08-25",
)  # fmt: skip
FACTS = st.builds(
    RankedBy,
    cves=st.lists(st.sampled_from(["CVE-2021-44228", "CVE-2021-0002", "CVE-2021-0003"]), unique=True).map(tuple),
    tag_source=st.sampled_from(["", "the rule"]),
    qds=st.tuples(st.integers(0, 100), st.integers(1, 9), st.just("a")),
    alert_priority=st.tuples(st.none() | st.integers(-1, 300), st.just("the alert")),
    confidence=st.tuples(st.sampled_from(["", "low", "medium", "high", "odd"]), st.just("the rule")),
    asset=st.none() | st.builds(AssetValue, st.integers(1, 5), st.just("10.0.0.0/8")),
)
DATA = st.builds(
    RankingData,
    exploited=st.dictionaries(
        st.sampled_from([FIRST, "CVE-2021-44228"]), st.builds(Listed, st.just("2021-01-01"), st.booleans())
    ),
    exploited_date=st.sampled_from(["", "2025-08-25"]),
    score=st.floats(0, 1).map(lambda score: lambda _cve: score),
    score_date=st.sampled_from(["", "2025-08-25", "2020-01-01"]),
)


def points(facts: RankedBy, data: RankingData = LISTS) -> dict[str, int]:
    """Return the points by factor."""
    return {factor.name: factor.points for factor in rank(facts, data, CLOCK).factors}


@settings(max_examples=examples(200), deadline=None)
@given(FACTS, DATA)
def test_the_factors_add_up_to_a_number_from_0_to_100(facts: RankedBy, data: RankingData):
    ranked = rank(facts, data, CLOCK)

    assert ranked.priority == sum(factor.points for factor in ranked.factors)
    assert 0 <= ranked.priority <= 100
    assert all(factor.value for factor in ranked.factors)
    assert ranked == rank(facts, data, CLOCK)


@LAW
@given(cases(), DATA)
def test_no_factor_moves_an_alert_to_another_level(case: Case, data: RankingData):
    ranked = replace(case, knowledge=replace(case.knowledge, ranking=data))

    def without_rank(record):
        return {
            name: value
            for name, value in record.to_dict().items()
            if name not in ("priority", "priority_factors", "inputs")
        }

    assert list(map(without_rank, ranked.judge())) == list(map(without_rank, case.judge()))


def test_what_is_not_known_counts_nothing_and_says_so():
    ranked = rank(PLAIN, RankingData(), CLOCK)

    assert ranked.priority == BASE
    assert [factor.value for factor in ranked.factors[1:]] == [
        "no catalogue is loaded", "no scores are loaded", "no finding with a score", "not stated", "not stated",
        "not stated, taken as 3",
    ]  # fmt: skip
    assert {factor.source for factor in ranked.factors} == {""}


def test_a_cve_that_ransomware_uses_counts_most():
    assert points(PLAIN)["known_exploited"] == 28
    assert points(PLAIN._replace(cves=("CVE-2021-0002",)))["known_exploited"] == 25
    assert points(PLAIN._replace(cves=("CVE-2021-0002", "CVE-2021-44228")))["known_exploited"] == 28
    assert points(PLAIN._replace(cves=(), tag_source="the rule"))["known_exploited"] == 25
    assert points(PLAIN._replace(cves=()))["known_exploited"] == 0


def test_the_age_of_old_scores_is_told():
    fresh, old = (
        rank(PLAIN, replace(LISTS, score_date=date), CLOCK).factors[2] for date in ("2025-08-25", "2025-07-01")
    )

    assert (fresh.points, fresh.source) == (16, "EPSS of 2025-08-25")
    assert (old.points, old.source) == (16, "EPSS of 2025-07-01, 56 days old")


@pytest.mark.parametrize(("score", "worth"), [(0, 0), (39, 0), (40, 3), (70, 7), (90, 10), (100, 10)])
def test_the_score_of_the_finding_that_matches_the_claim_counts(score: int, worth: int):
    record = judge(FOUND._replace(qds=score))

    assert {factor.name: factor.points for factor in record.priority_factors}["qds"] == worth
    assert record.evidence[0].qds == (score or None)


def test_the_rule_counts_where_the_alert_says_nothing():
    rule = replace(RULE, tags=("CISA_KEV",), confidence="High", priority=1)

    by_rule, by_alert = (
        judge(FOUND, rule=rule),
        judge(FOUND, rule=rule, attack=alert(alert_priority=4, confidence="Low")),
    )

    assert (by_rule.priority, by_alert.priority) == (BASE + 25 + 5 + 6, BASE + 25 - 5 - 6)


def valued(*rows: tuple[str, int]) -> AssetValues:
    """Return values of networks of the one zone."""
    columns = replace(
        empty_columns(), zones=np.array([ZONE]), asset_zone=np.zeros(len(rows), np.int32),
        asset_network=np.array([network for network, _ in rows]), asset_value=np.array([value for _, value in rows], np.uint8),
    )  # fmt: skip
    return AssetValues(Snapshot(columns=columns, id="t", knowledge_base="t"))


def test_the_narrowest_network_that_holds_the_target_says_what_it_is_worth():
    values = valued(("10.0.0.0/8", 2), ("10.0.0.5/32", 5), ("2001:db8::/32", 4), ("0.0.0.0/0", 1))

    assert values.of(ZONE, "10.0.0.5") == (5, "10.0.0.5/32")
    assert values.of(ZONE, "10.9.9.9") == (2, "10.0.0.0/8")
    assert values.of(ZONE, "192.0.2.1") == (1, "0.0.0.0/0")
    assert values.of(ZONE, "2001:db8::1") == (4, "2001:db8::/32")
    assert values.of(ZONE, "2001:db9::1") is None
    assert values.of("another", "10.0.0.5") is None
    assert values.of(ZONE, None) is None
