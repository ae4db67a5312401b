"""The program as a person starts it: demo, imports, triage."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"

HOSTS = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HOST_LIST_OUTPUT SYSTEM "https://127.0.0.1:1/x.dtd">
<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-20T02:00:00Z</DATETIME><HOST_LIST>
<HOST><ID>7</ID><IP>10.1.0.7</IP><TRACKING_METHOD>IP</TRACKING_METHOD><OS>Linux</OS>
<LAST_VM_SCANNED_DATE>2026-11-20T01:00:00Z</LAST_VM_SCANNED_DATE>
<LAST_VM_AUTH_SCANNED_DATE>2026-11-20T01:00:00Z</LAST_VM_AUTH_SCANNED_DATE></HOST>
</HOST_LIST></RESPONSE></HOST_LIST_OUTPUT>"""
DETECTIONS = """<?xml version="1.0" encoding="UTF-8"?>
<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><DATETIME>2026-11-20T02:00:00Z</DATETIME><HOST_LIST>
<HOST><ID>7</ID><IP>10.1.0.7</IP><TRACKING_METHOD>IP</TRACKING_METHOD>
<LAST_VM_SCANNED_DATE>2026-11-20T01:00:00Z</LAST_VM_SCANNED_DATE>
<LAST_VM_AUTH_SCANNED_DATE>2026-11-20T01:00:00Z</LAST_VM_AUTH_SCANNED_DATE><DETECTION_LIST>
<DETECTION><QID>99000</QID><TYPE>Confirmed</TYPE><SEVERITY>5</SEVERITY><PORT>443</PORT><PROTOCOL>tcp</PROTOCOL>
<STATUS>Active</STATUS><FIRST_FOUND_DATETIME>2026-11-01T01:00:00Z</FIRST_FOUND_DATETIME>
<LAST_FOUND_DATETIME>2026-11-20T01:00:00Z</LAST_FOUND_DATETIME>
<LAST_TEST_DATETIME>2026-11-20T01:00:00Z</LAST_TEST_DATETIME></DETECTION>
</DETECTION_LIST></HOST></HOST_LIST></RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>"""
VULN = """<VULN><QID>{qid}</QID><VULN_TYPE>Vulnerability</VULN_TYPE><SEVERITY_LEVEL>5</SEVERITY_LEVEL><TITLE>t</TITLE>
<PUBLISHED_DATETIME>2020-01-01T00:00:00Z</PUBLISHED_DATETIME><CVE_LIST><CVE><ID>{cve}</ID></CVE></CVE_LIST>
<DISCOVERY><REMOTE>1</REMOTE><AUTH_TYPE_LIST><AUTH_TYPE>Unix</AUTH_TYPE></AUTH_TYPE_LIST></DISCOVERY></VULN>"""
KNOWLEDGE = (
    "<KNOWLEDGE_BASE_VULN_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-19T00:00:00Z</DATETIME><VULN_LIST>"
    + VULN.format(qid=99000, cve="CVE-2026-10000")
    + VULN.format(qid=99001, cve="CVE-2026-20000")
    + "</VULN_LIST></RESPONSE></KNOWLEDGE_BASE_VULN_LIST_OUTPUT>"
)
RULES = "\n".join(
    f'alert tcp $EXTERNAL_NET any -> $HOME_NET any (msg:"T"; flow:established,to_server; reference:cve,{cve}; sid:{sid}; rev:1;)'
    for sid, cve in ((1, "2026-10000"), (2, "2026-20000"))
)


def run(home, *arguments, stdin=None):
    environment = {**os.environ, "VATRIAGE_HOME": str(home), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator"}
    return subprocess.run(
        [sys.executable, "-m", "vatriage", *map(str, arguments)],
        check=False, capture_output=True, text=True, env=environment, input=stdin, cwd=home.parent,
    )  # fmt: skip


def alert(sid, at="2026-11-21T00:00:00.000000+0000", destination="10.1.0.7"):
    return json.dumps(
        {
            "timestamp": at, "event_type": "alert", "src_ip": "203.0.113.9", "src_port": 999, "dest_ip": destination,
            "dest_port": 443, "proto": "TCP", "direction": "to_server",
            "alert": {"action": "allowed", "gid": 1, "signature_id": sid, "rev": 1, "signature": "T", "severity": 1},
            "flow": {"src_ip": "203.0.113.9", "dest_ip": destination, "src_port": 999, "dest_port": 443},
        }
    )  # fmt: skip


@pytest.fixture
def files(tmp_path):
    for name, text in {"h.xml": HOSTS, "d.xml": DETECTIONS, "k.xml": KNOWLEDGE, "r.rules": RULES}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def verdicts(files, *lines, zone="default"):
    (files / "eve.json").write_text("".join(line + "\n" for line in lines))
    done = run(files / "home", "triage", files / "eve.json", "--rules", files / "r.rules", "--output", "jsonl", "--zone", zone)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def take(files, *names, complete=True):
    paths = [files / name for name in names]
    return run(files / "home", "import", *paths, *(["--complete"] if complete else []), "--json")


def test_a_whole_import_confirms_and_refutes(files):
    done = take(files, "h.xml", "d.xml", "k.xml")

    assert 0 == done.returncode
    first, second = verdicts(files, alert(1), alert(2))
    assert "AFFECTED" == first["verdict"]
    assert "NOT_AFFECTED" == second["verdict"]
    assert ["CVE-2026-20000"] == [item["claim"] for item in second["justifications"]]
    assert "2026-11-27T01:00:00Z" == second["expires"]


def test_an_import_that_is_not_vouched_refutes_nothing(files):
    take(files, "h.xml", "d.xml", "k.xml", complete=False)

    (record,) = verdicts(files, alert(2))
    assert "UNKNOWN" == record["verdict"]
    assert {"list_not_whole", "check_set_unvouched"} <= set(record["reasons"])


def test_a_cut_file_takes_the_vouching_from_all_files(files):
    (files / "d.xml").write_text(DETECTIONS[:-45])
    done = take(files, "h.xml", "d.xml", "k.xml")

    assert 1 == done.returncode
    assert ["AFFECTED", "UNKNOWN"] == [record["verdict"] for record in verdicts(files, alert(1), alert(2))]


def test_an_alert_is_judged_by_its_own_zone_only(files):
    take(files, "h.xml", "d.xml", "k.xml")

    (record,) = verdicts(files, alert(1), zone="lab")
    assert ("UNKNOWN", ["host_unknown"]) == (record["verdict"], record["reasons"])


def test_the_same_import_twice_gives_the_same_snapshot(files):
    take(files, "h.xml", "d.xml", "k.xml")
    (first,) = verdicts(files, alert(1))
    take(files, "k.xml", "d.xml", "h.xml")
    (again,) = verdicts(files, alert(1))

    assert first["inputs"] == again["inputs"]


def test_bad_lines_are_counted_and_the_rest_is_judged(files):
    (files / "eve.json").write_text(alert(1) + "\n{broken\n" + alert(2) + "\n")
    done = run(files / "home", "triage", files / "eve.json", "--output", "jsonl")

    assert 2 == len(done.stdout.splitlines())
    assert "2 events read, 2 alerts judged, 1 lines rejected" == done.stderr.splitlines()[-1]


def test_standard_input_gives_one_record_an_alert(files):
    done = run(files / "home", "triage", "-", "--output", "jsonl", stdin=alert(1) + "\n" + alert(2) + "\n")

    assert [1, 2] == [json.loads(line)["source_line"] for line in done.stdout.splitlines()]


def test_a_password_is_shown_nowhere(files):
    home, canary = files / "home", "canary-7f3a9"
    added = run(home, "device", "add", "d", "--url", "127.0.0.1:1", "--login", "l", "--password-stdin", "--activate", stdin=canary + "\n")
    shown = run(home, "device", "show", "d", "--json")
    pulled = run(home, "pull", "d")

    assert 0 == added.returncode
    assert 4 == pulled.returncode
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

    assert 0 == done.returncode, done.stderr


def test_the_demo_gives_the_verdicts_it_tells(tmp_path):
    demo = tmp_path / "demo"
    done = run(tmp_path / "home", "demo", "--folder", demo)
    assert 0 == done.returncode, done.stderr
    material = ROOT / "simulator" / "vatriage_simulator" / "demo"
    judged = run(demo, "--home", demo, "triage", material / "alerts.eve.json", "--as-of", "2026-11-23T06:00:00Z", "--output", "jsonl")
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
    assert {} == got


@pytest.mark.skipif(not CORPUS.exists(), reason="no corpus beside the checkout")
def test_an_empty_inventory_clears_no_alert_of_the_corpus(tmp_path):
    alerts = CORPUS / "alerts" / "suricata-7.0.10-run" / "alerts.ndjson.gz"
    done = run(tmp_path / "home", "triage", alerts, "--output", "jsonl")
    records = [json.loads(line) for line in done.stdout.splitlines()]

    assert 4670 == len(records)
    assert not [record for record in records if record["verdict"] in ("NOT_AFFECTED", "FALSE_POSITIVE")]
