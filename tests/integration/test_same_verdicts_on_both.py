"""One world in Qualys reports, taken in by SQLite and by PostgreSQL: the same snapshot, and verdicts of the same bytes."""

import json
from pathlib import Path

import msgspec

from integration_stage import RULE, SEEN, entry, findings, host, hosts, knowledge, listed, row
from integration_store import Store, opened
from quality.captures import RUN
from vatriage.clock import now_us
from vatriage.config import read_config
from vatriage.usecases.triage import TriageRun
from vatriage.wiring.judging import triage_knowledge
from vatriage.wiring.readers import alert_reader

CONTROLLER, LOGGER = "172.16.5.58", "172.16.238.10"
PATCHED = "2020-09-15T01:00:00Z"
CAPTURES = sorted(RUN.glob("*.eve.json"))
"""Zerologon at a host that a fresh login calls patched, Log4Shell, Heartbleed; none without the corpus."""


def event(at, address="10.0.0.5", port=80, sid=1):
    """Return one line of EVE."""
    ends = {"src_ip": "203.0.113.9", "src_port": 999, "dest_ip": address, "dest_port": port}
    alert = {"action": "allowed", "gid": 1, "signature_id": sid, "rev": 1, "signature": "T", "severity": 1}
    return json.dumps(
        {"timestamp": at, "event_type": "alert", **ends, "proto": "TCP", "direction": "to_server", "alert": alert}
    )


def take_on_both(tmp_path, monkeypatch, reports, judge):
    """Return what `judge` says, and the snapshot's files, of a store on PostgreSQL and of one on SQLite."""
    said = []
    for kind in ("postgresql", "sqlite"):
        if kind == "sqlite":
            monkeypatch.delenv("VATRIAGE_DATABASE")
        folder = tmp_path / kind
        folder.mkdir()
        with opened(read_config(folder / "home")) as config:
            store = Store(config, folder)
            for group in reports:
                store.take(*group)
            said.append((judge(store), store.snapshot_files()))
    return said


def records(store, rules, *sources):
    """Return the records' bytes of some EVE files."""
    run = TriageRun(triage_knowledge(store.config, [rules]), alert_reader(), "default", now_us(store.clock))
    names = [(Path(source).name, Path(source)) for source in sources]
    return [
        msgspec.json.encode(record) for batch in run.judge_files(names, keep_events=False) for record in batch.records
    ]


def reports():
    """Return what is imported, one call after the other: hosts of May 2026, a fix, and the captures' hosts of 2020."""
    made = hosts(
        host(),
        host(number=2, address="10.0.0.6"),
        host(number=3, address="10.0.0.7", login=""),
        host(number=4, address="10.0.0.8", scanned="2026-03-01T00:00:00Z", login="2026-03-01T00:00:00Z"),
    )
    found = findings(
        listed(SEEN),
        listed(SEEN, row(1000), number=2, address="10.0.0.6"),
        listed(SEEN, row(1000, kind="Potential"), number=3, address="10.0.0.7", login=""),
    )
    captured = [{"number": 5, "address": CONTROLLER}, {"number": 6, "address": LOGGER}]
    seen = SEEN.replace("2026-0", "2020-0")
    old_hosts = hosts(*(host(**one, scanned=PATCHED, login=PATCHED) for one in captured), at=PATCHED)
    old_found = findings(*(listed(seen, **one, scanned=PATCHED, login=PATCHED) for one in captured), at=PATCHED)
    about = [entry(1000), entry(1005, cve="CVE-2020-2222", remote=0)]
    about += [entry(qid, cve=cve) for qid, cve in ((1006, "CVE-2020-1472"), (1007, "CVE-2021-44228"))]
    fix = listed(SEEN, row(1000, status="Fixed", fixed="2026-05-03T00:00:00Z"), number=2, address="10.0.0.6")
    return [(old_hosts, old_found, knowledge(*about, at="2020-08-01T00:00:00Z")), (made, found), (findings(fix),)]


def attacks():
    """Return alerts on every host, ports and rules mixed, before and after the scans."""
    return "".join(
        event(f"2026-05-{day:02d}T00:00:00.000000+0000", f"10.0.0.{last}", port, sid) + "\n"
        for day in (1, 2, 4, 9)
        for last in (5, 6, 7, 8, 99)
        for port in (80, 443)
        for sid in (1, 2, 3)
    )


def test_both_databases_give_one_snapshot_and_verdicts_of_the_same_bytes(tmp_path, postgresql, monkeypatch):
    eve, rules = tmp_path / "eve.json", tmp_path / "r.rules"
    eve.write_text(attacks())
    few = (RUN / "mini.rules").read_text() if CAPTURES else ""
    rules.write_text(f"{RULE}\n{RULE.replace('1000; sid:1;', '2222; sid:2;')}\n{few}")
    (first, snapshot), (second, other) = take_on_both(
        tmp_path, monkeypatch, reports(), lambda store: records(store, rules, eve, *CAPTURES)
    )
    found = [json.loads(line) for line in first]
    patched = {(item["verdict"], len(item["justifications"])) for item in found if item["signature"] == "1:2030871:2"}

    assert snapshot == other
    assert first == second
    assert {"AFFECTED", "POSSIBLY_AFFECTED", "UNKNOWN", "NOT_AFFECTED"} <= {item["verdict"] for item in found}
    assert patched == ({("NOT_AFFECTED", 1)} if CAPTURES else set())
    assert not [item for item in found if "CVE-2021-44228" in str(item["claims"]) and item["verdict"] == "NOT_AFFECTED"]
