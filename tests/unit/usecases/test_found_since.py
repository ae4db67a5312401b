"""Evidence that was not there when a person called an alert harmless."""

import msgspec
import pytest

from stored_alerts import JUDGED_US, START_US, Judged, _record
from vatriage.model.verdict import EvidenceRecord, Verdict
from vatriage.usecases.found_since import found_since

REVIEWED = (START_US + JUDGED_US) // 10**6 + 100
"""After judgement 0 to 99, before the later ones."""


def record(judged, *evidence):
    """Return a judgement with some evidence."""
    return msgspec.structs.replace(_record(Judged(1, Verdict.AFFECTED, judged=judged)), evidence=evidence)


def found(qid, polarity="+", kind="detection"):
    """Return one piece of evidence."""
    return EvidenceRecord(kind, polarity, "CVE-2014-6271", qid, "2026-10-26T00:00:00Z", "pull 1")


def since(records, decision="noise"):
    """Return the QIDs found since a review."""
    return [one.qid for one in found_since(records, {"decision": decision, "at": REVIEWED})]


@pytest.mark.parametrize(
    ("records", "qids"),
    [
        ([record(0, found(1))], []),
        ([record(0, found(1)), record(200, found(1))], []),
        ([record(0, found(1)), record(200, found(1), found(2))], [2]),
        ([record(0, found(1)), record(50, found(2)), record(200, found(2), found(1))], []),
        ([record(0), record(200, found(3, "-"), found(4, "0"))], []),
        ([record(0), record(200, found(None, kind="outcome"))], [None]),
        ([record(200, found(1)), record(300, found(2))], [2]),
    ],
)
def test_only_evidence_for_the_attack_that_nobody_knew_then_counts(records, qids):
    assert since(records) == qids


@pytest.mark.parametrize("decision", ["confirmed_positive", "withdrawn"])
def test_who_says_that_the_attack_was_real_is_contradicted_by_no_finding(decision):
    assert since([record(0), record(200, found(1))], decision) == []


def test_nobody_said_anything_nothing_is_found_since():
    assert found_since([record(0, found(1))], None) == ()
