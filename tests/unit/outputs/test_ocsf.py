"""OCSF out: findings that the class's own models take, with the verdict where the Incident profile has it."""

import json
from pathlib import Path

import pytest
from py_ocsf_models.events.findings.detection_finding import DetectionFinding

from unit.outputs.judged_alerts import ALERT, record
from vatriage.model.verdict import Verdict
from vatriage.outputs.ocsf import encode_ocsf, finding
from vatriage.outputs.program import VERSION


@pytest.mark.parametrize("verdict", [item.name for item in Verdict])
def test_every_verdict_makes_a_finding_of_the_class(verdict):
    told = json.loads(encode_ocsf(ALERT, record(verdict)))
    read = DetectionFinding.model_validate(told)

    assert (read.class_uid, read.type_uid, read.time) == (2004, 200401, 1_763_892_000_250)
    assert (read.finding_info.uid, read.finding_info.analytic.uid) == ("a" * 32, "1:2034125")
    assert [item.cve.uid for item in read.vulnerabilities] == ["CVE-2021-41773"]
    assert read.evidences[0].verdict_id == told["verdict_id"]
    assert told["unmapped"]["vatriage"]["verdict"] == verdict


def test_verdicts_are_told_in_the_words_of_the_schema():
    told = {item.name: finding(ALERT, record(item.name)) for item in Verdict}

    assert {name: (one["verdict_id"], one["verdict"], one["severity_id"]) for name, one in told.items()} == {
        "FALSE_POSITIVE": (1, "False Positive", 1), "NOT_AFFECTED": (3, "Disregard", 1), "UNVERIFIABLE": (0, "Unknown", 4),
        "UNKNOWN": (7, "Insufficient Data", 4), "POSSIBLY_AFFECTED": (4, "Suspicious", 3),
        "AFFECTED": (8, "Security Risk", 4), "COMPROMISE_INDICATED": (2, "True Positive", 5),
    }  # fmt: skip


def test_what_the_sensor_did_is_an_axis_of_its_own():
    told = finding(ALERT, record("AFFECTED", disposition="blocked"))

    assert (told["disposition"], told["action"], told["verdict"]) == ("Blocked", "Denied", "Security Risk")


def test_the_release_is_the_packages():
    project = Path(__file__).parents[3] / "pyproject.toml"

    assert f'version = "{VERSION}"' in project.read_text()
