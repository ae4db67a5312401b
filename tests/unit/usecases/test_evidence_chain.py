"""The chain of evidence: a graph in which every step leads from the alert to the decision, for any record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.model.verdict import (
    ClaimRecord,
    EvidenceKind,
    EvidenceRecord,
    Inputs,
    Reason,
    TargetRecord,
    Verdict,
    VerdictRecord,
)
from vatriage.usecases.evidence_chain import COLUMNS, NodeKind, evidence_chain
from vatriage.usecases.explain import reason_text

_claims = st.sampled_from(["CVE-2021-44228", "CVE-2014-0160", "BUGTRAQ-1"])
_targets = st.builds(
    TargetRecord, address=st.sampled_from(["10.0.0.5", None]), port=st.sampled_from([443, None]),
    protocol=st.sampled_from(["tcp", ""]), side=st.sampled_from(["source", "destination"]),
    chosen_by=st.sampled_from(["flow", "rule_target"]), host=st.sampled_from(["default:10.0.0.5", None]),
)  # fmt: skip
_evidence = st.builds(
    EvidenceRecord, kind=st.sampled_from(EvidenceKind), polarity=st.sampled_from("+-0"),
    claim=st.one_of(_claims, st.just("")), qid=st.one_of(st.none(), st.integers(1, 9)),
    observed_at=st.sampled_from(["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"]), source=st.just("offline:default"),
)  # fmt: skip
RECORDS = st.builds(
    VerdictRecord, schema=st.just(1), id=st.just("0" * 32), timestamp=st.just("2026-11-03T00:00:00Z"),
    judged_at=st.just("2026-11-04T00:00:00Z"), zone=st.just("default"), signature=st.just("1:2:3"), target=_targets,
    other_target=st.one_of(st.none(), _targets),
    claims=st.lists(_claims, unique=True).map(lambda ids: tuple(ClaimRecord(one, ("reference",)) for one in ids)),
    verdict=st.sampled_from(Verdict).map(lambda level: level.name), conflict=st.booleans(),
    reasons=st.lists(st.sampled_from(Reason), unique=True).map(tuple), justifications=st.just(()),
    evidence=st.lists(_evidence, max_size=30).map(tuple), disposition=st.just("allowed"), priority=st.just(60),
    expires=st.none(), inputs=st.just(Inputs("p", "s", "k", "n")), source_file=st.just("-"), source_line=st.just(1),
)  # fmt: skip


@given(RECORDS)
def test_every_step_leads_from_the_alert_to_the_decision(record):
    chain = evidence_chain(record)
    kinds = {node.id: node.kind for node in chain.nodes}
    starts, ends = {edge.start for edge in chain.edges}, {edge.end for edge in chain.edges}

    assert len(kinds) == len(chain.nodes)
    assert starts == kinds.keys() - {"decision"}
    assert ends == kinds.keys() - {"alert"}
    assert all(COLUMNS[kinds[edge.start]] < COLUMNS[kinds[edge.end]] for edge in chain.edges)


@given(RECORDS)
def test_no_evidence_and_no_reason_is_left_out(record):
    chain = evidence_chain(record)
    tests = [node for node in chain.nodes if node.kind is NodeKind.TEST]
    named = {code for code in record.reasons if f"reason {code}" in {node.id for node in chain.nodes}}
    results = {(item.polarity, item.observed_at, item.source) for item in record.evidence}

    assert results == {(node.polarity, *node.lines[-2:]) for node in tests}
    assert set(record.reasons) - named <= {Reason.CONFIRMED, Reason.TESTED_ABSENT, Reason.FIXED, Reason.OUTCOME_SEEN}


def test_a_test_says_what_was_tested_for_which_claim_when_and_by_whom():
    tested = tuple(
        EvidenceRecord("absence", "-", "CVE-2014-0160", qid, "2026-11-01T00:00:00Z", "user@qualys")
        for qid in range(1, 9)
    )
    record = VerdictRecord(
        1, "0" * 32, "2026-11-03T00:00:00Z", "2026-11-04T00:00:00Z", "default", "1:2:3",
        TargetRecord("10.0.0.5", 443, "tcp", "destination", "flow", "default:10.0.0.5"), None,
        (ClaimRecord("CVE-2014-0160", ("reference", "metadata")),), "NOT_AFFECTED", False, ("tested_absent",), (), tested,
        "allowed", 60, "2026-11-08T00:00:00Z", Inputs("p", "s", "k", "n"), "-", 1,
    )  # fmt: skip
    chain = evidence_chain(record)
    (test,) = (node for node in chain.nodes if node.kind is NodeKind.TEST)

    assert test.lines == ("QID 1, 2, 3, 4, 5, 6 and 2 more", "2026-11-01T00:00:00Z", "user@qualys")
    assert {(edge.start, edge.label) for edge in chain.edges if edge.end == test.id} == {
        ("target's host", "on"), ("claim CVE-2014-0160", "asks for"),
    }  # fmt: skip


@pytest.mark.parametrize("code", Reason)
def test_every_reason_can_be_said_in_words(code):
    assert len(reason_text(code).split()) > 2
    assert reason_text("a_code_of_tomorrow") == "a code of tomorrow"
