"""OpenVEX out: statements about refuted claims only, narrow, and none that another alert of the run contradicts."""

import json

import msgspec
import pytest
from lib4vex.parser import VEXParser

from unit.outputs.judged_alerts import TARGET, record
from vatriage.model.verdict import Justification, TargetRecord
from vatriage.outputs.openvex import OpenVex

AT = "2025-11-24T00:00:00Z"


def document(*records):
    """Return the document of some verdicts."""
    vex = OpenVex()
    vex.add(records)
    return vex.document(AT)


def test_a_refuted_claim_is_stated_with_its_reason_and_its_end():
    (told,) = document(record())["statements"]

    assert told == {
        "vulnerability": {"name": "CVE-2021-41773"},
        "products": [{"@id": "pkg:generic/default/17?address=10.0.0.7&protocol=tcp&port=443"}],
        "timestamp": "2025-11-23T10:00:00.250000Z", "status": "not_affected",
        "justification": "vulnerable_code_not_present",
        "status_notes": (
            "vulnerability_tested_absent by QID 87460; valid for alerts until 2025-11-29T10:00:00Z; "
            f"alert {'a' * 32}, signature 1:2034125:2."
        ),
    }  # fmt: skip


def test_a_fixed_finding_is_stated_as_fixed_without_a_justification():
    fixed = Justification("CVE-2021-41773", "fixed", (87460,), "2025-11-29T10:00:00Z")
    (told,) = document(record(justifications=(fixed,)))["statements"]

    assert (told["status"], "justification" in told) == ("fixed", False)


def test_nothing_else_is_stated():
    others = ["COMPROMISE_INDICATED", "AFFECTED", "POSSIBLY_AFFECTED", "UNKNOWN", "UNVERIFIABLE", "FALSE_POSITIVE"]

    assert document(*map(record, others))["statements"] == []


def test_what_another_alert_of_the_run_does_not_refute_is_not_stated_in_any_order():
    other_port = msgspec.structs.replace(TARGET, port=8443)
    refuted, doubted = record(), record("UNKNOWN", target=other_port)

    assert document(refuted, doubted)["statements"] == document(doubted, refuted)["statements"] == []


def test_nor_what_an_alert_does_not_refute_that_knows_the_address_only():
    ambiguous = record("UNKNOWN", target=msgspec.structs.replace(TARGET, host=None))

    assert document(record(), ambiguous)["statements"] == []


def test_of_an_alert_whose_both_ends_were_cleared_nothing_is_stated():
    other_end = TargetRecord("10.0.0.8", 40000, "tcp", "source", "undecided", "18")

    assert document(record(other_target=other_end))["statements"] == []


def test_of_two_statements_about_the_same_the_later_alerts_is_kept():
    earlier = record(timestamp="2025-11-22T11:00:00Z", id="b" * 32)

    told = [document(*both)["statements"] for both in ((earlier, record()), (record(), earlier))]

    assert [[item["timestamp"] for item in items] for items in told] == [["2025-11-23T10:00:00.250000Z"]] * 2


# That reader leaves its file to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_another_reader_of_the_format_reads_it(tmp_path):
    path = tmp_path / "run.openvex.json"
    path.write_text(json.dumps(document(record())))
    reader = VEXParser(vex_type="openvex")
    reader.parse(str(path))

    assert [(item["id"], item["status"], item["justification"]) for item in reader.get_vulnerabilities()] == [
        ("CVE-2021-41773", "not_affected", "vulnerable_code_not_present")
    ]
