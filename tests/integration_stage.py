"""A stage on which the store clears an attack: host 1, scanned with a login on 1 May, attacked on 2 May.

QID 1000 stands for CVE-2020-1000; a gathered information (QID 86000) shows that the web port was looked at.
"""

import json

from unit.vendors.qualys_v1_documents import category, finding, saved_scan, scanned, section
from vatriage.clock import now_us
from vatriage.usecases.triage import TriageRun
from vatriage.wiring.judging import triage_knowledge
from vatriage.wiring.readers import alert_reader

SCAN = "2026-05-01T00:00:00Z"
RULE = 'alert tcp $EXTERNAL_NET any -> $HOME_NET any (msg:"T"; flow:established,to_server; reference:cve,2020-1000; sid:1; rev:1;)'


def host(number=1, address="10.0.0.5", scanned=SCAN, login=SCAN, method="IP", body=""):
    dates = "".join(
        f"<{name}>{at}</{name}>"
        for name, at in (("LAST_VM_SCANNED_DATE", scanned), ("LAST_VM_AUTH_SCANNED_DATE", login))
        if at
    )
    return f"<HOST><ID>{number}</ID><IP>{address}</IP><TRACKING_METHOD>{method}</TRACKING_METHOD>{dates}{body}</HOST>"


def hosts(*entries, at=SCAN):
    return (
        f"<HOST_LIST_OUTPUT><RESPONSE><DATETIME>{at}</DATETIME><HOST_LIST>{''.join(entries or (host(),))}</HOST_LIST>"
        "</RESPONSE></HOST_LIST_OUTPUT>"
    )


def row(
    qid, kind="Confirmed", status="Active", found=SCAN, first="2026-04-01T00:00:00Z", tested=SCAN, fixed="", more=""
):
    dates = "".join(
        f"<{name}_DATETIME>{at}</{name}_DATETIME>"
        for name, at in (("FIRST_FOUND", first), ("LAST_FOUND", found), ("LAST_TEST", tested), ("LAST_FIXED", fixed))
        if at
    )
    return (
        f"<DETECTION><QID>{qid}</QID><TYPE>{kind}</TYPE><PORT>80</PORT><PROTOCOL>tcp</PROTOCOL>{more}"
        f"<STATUS>{status}</STATUS>{dates}</DETECTION>"
    )


SEEN = row(86000, kind="Info")


def findings(*entries, at=SCAN, request=""):
    stated = f"<DATETIME>{at}</DATETIME>" if at else ""
    return (
        f"<HOST_LIST_VM_DETECTION_OUTPUT>{request}<RESPONSE>{stated}<HOST_LIST>{''.join(entries)}</HOST_LIST></RESPONSE>"
        "</HOST_LIST_VM_DETECTION_OUTPUT>"
    )


def listed(*rows, **changes):
    return host(body=f"<DETECTION_LIST>{''.join(rows)}</DETECTION_LIST>", **changes)


def scan(*sections, address="10.0.0.5", at="2026-05-01T11:00:00Z", **keys):
    """Return the saved report of a scan of one host, one hour long; the web port was looked at."""
    seen = section("INFOS", category(finding("INFO", 86000), port="80"))
    return saved_scan(scanned(address, seen, *sections), DATE=at, DURATION="01:00:00", **keys).decode()


def entry(qid, cve="CVE-2020-1000", remote=1, auth="Unix"):
    kinds = f"<AUTH_TYPE_LIST><AUTH_TYPE>{auth}</AUTH_TYPE></AUTH_TYPE_LIST>" if auth else ""
    return (
        f"<VULN><QID>{qid}</QID><VULN_TYPE>Vulnerability</VULN_TYPE><SEVERITY_LEVEL>5</SEVERITY_LEVEL><TITLE>t</TITLE>"
        "<LAST_SERVICE_MODIFICATION_DATETIME>2020-01-01T00:00:00Z</LAST_SERVICE_MODIFICATION_DATETIME>"
        f"<PUBLISHED_DATETIME>2020-01-01T00:00:00Z</PUBLISHED_DATETIME><CVE_LIST><CVE><ID>{cve}</ID></CVE></CVE_LIST>"
        f"<DISCOVERY><REMOTE>{remote}</REMOTE>{kinds}</DISCOVERY></VULN>"
    )


def knowledge(*entries, at="2026-04-01T00:00:00Z"):
    return (
        f"<KNOWLEDGE_BASE_VULN_LIST_OUTPUT><RESPONSE><DATETIME>{at}</DATETIME><VULN_LIST>{''.join(entries)}</VULN_LIST>"
        "</RESPONSE></KNOWLEDGE_BASE_VULN_LIST_OUTPUT>"
    )


KNOWN = knowledge(entry(1000))


def verdict(store, at="2026-05-02T00:00:00.000000+0000", address="10.0.0.5"):
    """Return the verdict on the attack, as of a month later."""
    event = {
        "timestamp": at, "event_type": "alert", "src_ip": "203.0.113.9", "src_port": 999, "dest_ip": address,
        "dest_port": 80, "proto": "TCP", "direction": "to_server",
        "alert": {"action": "allowed", "gid": 1, "signature_id": 1, "rev": 1, "signature": "T", "severity": 1},
        "flow": {"src_ip": "203.0.113.9", "dest_ip": address, "src_port": 999, "dest_port": 80},
    }  # fmt: skip
    (store.folder / "eve.json").write_text(json.dumps(event) + "\n")
    (store.folder / "r.rules").write_text(RULE + "\n")
    known = triage_knowledge(store.config, [store.folder / "r.rules"])
    run = TriageRun(known, alert_reader(), "default", now_us(store.clock))
    (record,) = [
        item for batch in run.judge([str(store.folder / "eve.json")], keep_events=False) for item in batch.records
    ]
    return record.verdict
