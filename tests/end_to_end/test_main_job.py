"""The program as a person starts it: demo, imports, triage."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from end_to_end_program import DETECTIONS, alert, run, take, verdicts, write_files

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"


@pytest.fixture
def files(tmp_path):
    return write_files(tmp_path)


def test_a_whole_import_confirms_and_refutes(files):
    done = take(files, "h.xml", "d.xml", "k.xml")

    assert done.returncode == 0
    first, second = verdicts(files, alert(1), alert(2))
    assert first["verdict"] == "AFFECTED"
    assert second["verdict"] == "NOT_AFFECTED"
    assert [item["claim"] for item in second["justifications"]] == ["CVE-2026-20000"]
    assert second["expires"] == "2026-11-27T01:00:00Z"


def test_an_import_that_is_not_vouched_refutes_nothing(files):
    take(files, "h.xml", "d.xml", "k.xml", complete=False)

    (record,) = verdicts(files, alert(2))
    assert record["verdict"] == "UNKNOWN"
    assert {"list_not_whole", "check_set_unvouched"} <= set(record["reasons"])


def test_a_cut_file_takes_the_vouching_from_all_files(files):
    (files / "d.xml").write_text(DETECTIONS[:-45])
    done = take(files, "h.xml", "d.xml", "k.xml")

    assert done.returncode == 1
    assert [record["verdict"] for record in verdicts(files, alert(1), alert(2))] == ["AFFECTED", "UNKNOWN"]


def test_an_alert_is_judged_by_its_own_zone_only(files):
    take(files, "h.xml", "d.xml", "k.xml")

    (record,) = verdicts(files, alert(1), zone="lab")
    assert (record["verdict"], record["reasons"]) == ("UNKNOWN", ["host_unknown"])


def test_the_same_import_twice_gives_the_same_snapshot(files):
    take(files, "h.xml", "d.xml", "k.xml")
    (first,) = verdicts(files, alert(1))
    take(files, "k.xml", "d.xml", "h.xml")
    (again,) = verdicts(files, alert(1))

    assert first["inputs"] == again["inputs"]


def test_bad_lines_are_counted_and_the_rest_is_judged(files):
    (files / "eve.json").write_text(alert(1) + "\n{broken\n" + alert(2) + "\n")
    done = run(files / "home", "triage", files / "eve.json", "--output", "jsonl")

    assert len(done.stdout.splitlines()) == 2
    assert done.stderr.splitlines()[-1] == "2 events read, 2 alerts judged, 1 lines rejected"


def test_standard_input_gives_one_record_an_alert(files):
    done = run(files / "home", "triage", "-", "--output", "jsonl", stdin=alert(1) + "\n" + alert(2) + "\n")

    assert [json.loads(line)["source_line"] for line in done.stdout.splitlines()] == [1, 2]


def test_a_password_is_shown_nowhere(files):
    home, canary = files / "home", "canary-7f3a9"
    added = run(
        home,
        "device",
        "add",
        "d",
        "--url",
        "127.0.0.1:1",
        "--login",
        "l",
        "--password-stdin",
        "--activate",
        stdin=canary + "\n",
    )
    shown = run(home, "device", "show", "d", "--json")
    pulled = run(home, "pull", "d")

    assert added.returncode == 0
    assert pulled.returncode == 4
    assert canary not in added.stdout + added.stderr + shown.stdout + pulled.stdout + pulled.stderr
    assert not [path for path in home.rglob("*") if path.is_file() and canary.encode() in path.read_bytes()]


def test_triage_imports_no_django(files):
    code = (
        "import sys; sys.argv = ['vatriage', 'triage', sys.argv[1]]; from vatriage.__main__ import run; run(); "
        "assert not [name for name in sys.modules if name.split('.')[0] in ('django', 'dbos')]"
    )
    (files / "eve.json").write_text(alert(1) + "\n")
    done = subprocess.run(
        [sys.executable, "-c", code, str(files / "eve.json")], check=False, capture_output=True, text=True,
        env={**os.environ, "VATRIAGE_HOME": str(files / "home"), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator"},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


def test_the_demo_gives_the_verdicts_it_tells(tmp_path):
    demo = tmp_path / "demo"
    done = run(tmp_path / "home", "demo", "--folder", demo)
    assert done.returncode == 0, done.stderr
    material = ROOT / "simulator" / "vatriage_simulator" / "demo"
    judged = run(
        demo,
        "--home",
        demo,
        "triage",
        material / "alerts.eve.json",
        "--as-of",
        "2026-11-23T06:00:00Z",
        "--output",
        "jsonl",
    )
    got = {}
    for line in judged.stdout.splitlines():
        record = json.loads(line)
        event = json.loads((material / "alerts.eve.json").read_text().splitlines()[record["source_line"] - 1])
        key = (event["alert"]["signature_id"], event["src_ip"], event["dest_ip"])
        got[key] = (record["verdict"], record["reasons"], record["conflict"])

    for item in json.loads((material / "expected.json").read_text()):
        verdict, reasons, conflict = got.pop((item["sid"], item["source"], item["destination"]))
        assert (item["verdict"], item["conflict"]) == (verdict, conflict)
        assert item["reason"] in reasons
    assert got == {}


@pytest.mark.skipif(not CORPUS.exists(), reason="no corpus beside the checkout")
def test_an_empty_inventory_clears_no_alert_of_the_corpus(tmp_path):
    alerts = CORPUS / "alerts" / "suricata-7.0.10-run" / "alerts.ndjson.gz"
    done = run(tmp_path / "home", "triage", alerts, "--output", "jsonl")
    records = [json.loads(line) for line in done.stdout.splitlines()]

    assert len(records) == 4670
    assert not [record for record in records if record["verdict"] in ("NOT_AFFECTED", "FALSE_POSITIVE")]
