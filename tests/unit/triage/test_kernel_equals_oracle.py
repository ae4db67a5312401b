"""The product's kernel and a second implementation of the specification come to the same verdicts."""

from hypothesis import HealthCheck, given, settings

from soak import examples
from unit.triage.oracle import World, expected
from unit.triage.strategies import Case, cases
from vatriage.model.instant import format_instant


@settings(max_examples=examples(500), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases(step=0.5))
def test_the_kernel_says_what_the_specification_says(case: Case):
    world = World(case.inventory, case.knowledge, case.clock, case.outcomes)

    records = case.judge()

    wanted = [expected(alert, world) for alert in case.alerts]
    assert [one.level.name for one in wanted] == [record.verdict for record in records]
    assert [one.until and format_instant(one.until) for one in wanted] == [record.expires for record in records]


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_not_affected_brings_a_justification_for_every_claim_and_an_end(case: Case):
    for record in case.judge():
        if record.verdict == "NOT_AFFECTED":
            assert {claim.id for claim in record.claims} == {one.claim for one in record.justifications}
            assert record.claims
            assert record.expires is not None
            assert record.timestamp <= record.expires == min(one.valid_until for one in record.justifications)
        else:
            assert record.justifications == ()
            assert None is record.expires
