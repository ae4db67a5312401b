import json
import re
from collections import Counter

import pytest

from vatriage_simulator.demo import record
from vatriage_simulator.demo.scenes import expected_verdicts

needs_suricata = pytest.mark.skipif(record.find_suricata() is None, reason="suricata is not installed")


def read_alerts(data):
    """Return what is said of each alert in an EVE file: all but what differs between runs and versions of Suricata."""
    events = [json.loads(line) for line in data.splitlines()]
    kept = ("timestamp", "src_ip", "src_port", "dest_ip", "dest_port", "proto", "direction", "community_id", "alert")
    return [
        {name: event.get(name) for name in kept} | {"client": event["flow"]["src_ip"]}
        for event in events
        if event["event_type"] == "alert"
    ]


def rules():
    """Return the demo's rules, one text a rule."""
    return [line for line in record.RULES.read_text().splitlines() if line and not line.startswith("#")]


def test_every_expected_verdict_has_its_alert_and_every_alert_its_verdict():
    alerts = Counter(
        (alert["alert"]["signature_id"], alert["src_ip"], alert["dest_ip"])
        for alert in read_alerts(record.ALERTS.read_bytes())
    )
    expected = Counter((item["sid"], item["source"], item["destination"]) for item in expected_verdicts())

    assert alerts == expected
    assert set(expected.values()) == {1}


def test_the_committed_expectations_are_those_of_the_story():
    assert record.EXPECTED.read_text() == record.render_expected()


def test_the_record_names_no_machine():
    text = record.ALERTS.read_text()

    assert "pcap_filename" not in text
    assert all(json.loads(line)["timestamp"].endswith("+0000") for line in text.splitlines())


def test_the_record_holds_flows_and_what_was_said_in_them():
    kinds = {json.loads(line)["event_type"] for line in record.ALERTS.read_text().splitlines()}

    assert kinds == {"alert", "flow", "http", "tls"}


def test_every_rule_is_of_the_demos_own_range_and_marked_as_such():
    sids = [int(re.search(r"sid:(\d+);", rule)[1]) for rule in rules()]

    assert sids == list(range(9_000_001, 9_000_001 + len(sids)))
    assert all('msg:"VATRIAGE DEMO ' in rule and "rev:1;" in rule for rule in rules())


def test_a_rules_references_metadata_and_message_name_the_same_cve():
    for rule in rules():
        references = set(re.findall(r"reference:cve,([\d-]+);", rule))
        metadata = {f"{year}-{number}" for year, number in re.findall(r"cve CVE_(\d+)_(\d+)", rule)}
        message = set(re.findall(r"\(CVE-([\d-]+)\)", rule))

        assert references == metadata == message


def test_every_rule_fires_in_the_demo():
    fired = {item["sid"] for item in expected_verdicts()}

    assert fired == {int(re.search(r"sid:(\d+);", rule)[1]) for rule in rules()}


@needs_suricata
def test_suricata_loads_every_rule(tmp_path):
    said = record.check_rules(tmp_path)

    assert f"{len(rules())} rules successfully loaded, 0 rules failed" in said


@needs_suricata
def test_a_new_recording_raises_the_committed_alerts(tmp_path):
    assert read_alerts(record.record(tmp_path)) == read_alerts(record.ALERTS.read_bytes())


@needs_suricata
def test_the_recipe_writes_the_record_and_the_expectations(tmp_path):
    assert record.main([str(tmp_path)]) == 0
    assert read_alerts((tmp_path / "alerts.eve.json").read_bytes()) == read_alerts(record.ALERTS.read_bytes())
    assert (tmp_path / "expected.json").read_text() == record.EXPECTED.read_text()


def test_without_suricata_the_recipe_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert record.main([str(tmp_path)]) == 1
    assert "suricata is not installed" in capsys.readouterr().err


def test_a_suricata_that_fails_is_quoted(tmp_path, monkeypatch):
    fake = tmp_path / "suricata"
    fake.write_text("#!/bin/sh\necho 'no such rule' >&2\nexit 3\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(record.RecordingError, match="code 3: no such rule"):
        record.check_rules(tmp_path)
