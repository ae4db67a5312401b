"""Starting the program as a person does, on small files of our own."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

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


def write_files(folder):
    for name, text in {"h.xml": HOSTS, "d.xml": DETECTIONS, "k.xml": KNOWLEDGE, "r.rules": RULES}.items():
        (folder / name).write_text(text)
    return folder


def verdicts(files, *lines, zone="default"):
    (files / "eve.json").write_text("".join(line + "\n" for line in lines))
    done = run(
        files / "home", "triage", files / "eve.json", "--rules", files / "r.rules", "--output", "jsonl", "--zone", zone
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def take(files, *names, complete=True):
    paths = [files / name for name in names]
    return run(files / "home", "import", *paths, *(["--complete"] if complete else []), "--json")
