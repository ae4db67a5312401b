"""Ways to a wrong NOT_AFFECTED that a reader of the code found; each was open once. The stage clears; each test spoils it.

Host 1 was scanned with a login on 1 May. QID 1000 stands for CVE-2020-1000; a gathered information (QID 86000) shows that
the web port was looked at. The attack comes on 2 May.
"""

import json

import pytest

from integration_store import Store, opened
from vatriage.clock import now_us
from vatriage.config import read_config
from vatriage.usecases.triage import TriageRun
from vatriage.wiring import alert_reader, triage_knowledge

SCAN = "2026-05-01T00:00:00Z"
RULE = 'alert tcp $EXTERNAL_NET any -> $HOME_NET any (msg:"T"; flow:established,to_server; reference:cve,2020-1000; sid:1; rev:1;)'


@pytest.fixture
def store(tmp_path):
    with opened(read_config(tmp_path / "home")) as config:
        yield Store(config, tmp_path)


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


def test_the_stage_clears(store):
    store.take(hosts(), findings(listed(SEEN)), KNOWN)

    assert verdict(store) == "NOT_AFFECTED"


def test_an_empty_list_of_findings_makes_no_network_clean(store):
    store.take(hosts(), findings(), KNOWN)

    assert verdict(store) == "UNKNOWN"


def test_a_rejected_claim_of_a_newer_copy_takes_no_finding_away(store):
    both = (entry(1000), entry(1005, remote=0, auth=""))
    store.take(hosts(), findings(listed(SEEN, row(1005))), knowledge(*both))
    before = verdict(store)
    spoilt = entry(1005, cve="CVE-2020-1000x", remote=0, auth="")
    store.take(knowledge(entry(1000), spoilt, at="2026-05-01T20:00:00Z"), complete=False)

    assert (before, verdict(store)) == ("AFFECTED", "UNKNOWN")


def test_a_pair_that_a_newer_copy_leaves_out_still_objects_while_its_finding_stands(store):
    both = (entry(1000), entry(1005, remote=0, auth=""))
    store.take(hosts(), findings(listed(SEEN, row(1005))), knowledge(*both))
    other = entry(1005, cve="CVE-2020-2222", remote=0, auth="")
    store.take(knowledge(entry(1000), other, at="2026-05-01T20:00:00Z"), complete=False)

    assert verdict(store) == "UNKNOWN"


@pytest.mark.parametrize("spoil", ["cut", "garbled"])
def test_a_damaged_knowledge_base_in_a_call_of_its_own_clears_nothing_until_a_sound_one_comes(store, spoil):
    store.take(hosts(), findings(listed(SEEN)))
    whole = knowledge(entry(1000), entry(1005, remote=0, auth=""))
    damaged = {"cut": whole[: whole.index("<VULN><QID>1005") + 60], "garbled": whole.replace(">1005<", ">10o5<")}
    store.take(damaged[spoil], complete=False)

    assert verdict(store) == "UNKNOWN"
    store.take(KNOWN, complete=False)
    assert verdict(store) == "NOT_AFFECTED"


def test_a_list_of_what_is_fixed_says_nothing_of_another_instance(store):
    gone = row(
        1000, status="Fixed", found="2026-04-20T00:00:00Z", fixed="2026-04-30T00:00:00Z", more="<INSTANCE>a</INSTANCE>"
    )
    store.take(hosts(), findings(listed(SEEN, gone)), KNOWN, complete=False)
    narrow = verdict(store)
    store.take(hosts(), findings(listed(SEEN, gone)), KNOWN)

    assert (narrow, verdict(store)) == ("UNKNOWN", "NOT_AFFECTED")


def test_a_fix_without_a_date_clears_nothing_by_itself(store):
    undated = row(1000, status="Fixed", found="", first="", tested="")
    store.take(hosts(host(login="")), findings(listed(undated, login="")), knowledge(entry(1000, remote=0)))

    assert verdict(store) == "UNKNOWN"


def test_what_was_found_after_its_fix_stands(store):
    again = row(1000, status="Fixed", found="2026-05-02T12:00:00Z", fixed="2026-04-30T00:00:00Z")
    store.take(hosts(), findings(listed(SEEN, again), at="2026-05-03T00:00:00Z"), KNOWN)

    assert verdict(store) == "AFFECTED"


def test_findings_that_are_older_than_a_scan_are_silent_about_it(store):
    old = "2026-04-20T00:00:00Z"
    store.take(hosts(), findings(listed(row(86000, kind="Info", found=old), scanned=old, login=old), at=old), KNOWN)

    assert verdict(store) == "UNKNOWN"


@pytest.mark.parametrize("first", ["2099-01-01T00:00:00Z", "2026-06-15T00:00:00Z"])
def test_a_first_sight_in_the_future_hides_no_finding(store, first):
    store.take(hosts(), findings(listed(SEEN, row(1000, first=first))), KNOWN)

    assert verdict(store) == "AFFECTED"


def test_a_host_without_any_date_is_not_one_of_long_ago(store):
    open_one = row(1000, found="", first="", tested="")
    undated = listed(open_one, number=2, scanned="", login="")
    store.take(hosts(), findings(listed(SEEN)), KNOWN)
    store.take(findings(undated, at=""), complete=False)

    assert verdict(store) != "NOT_AFFECTED"


def test_an_agents_plain_date_is_no_login(store):
    agent = {"method": "AGENT", "login": ""}
    store.take(hosts(host(**agent)), findings(listed(SEEN, **agent)), knowledge(entry(1000, remote=0)))

    assert verdict(store) == "UNKNOWN"


def test_a_pair_that_only_a_report_speaks_of_is_never_the_last_word(store):
    store.take(hosts(), findings(listed(SEEN)), knowledge(entry(1000, cve="CVE-2020-3333")))
    before = verdict(store)
    scan = (
        '<SCAN value="scan/1777500000.00001"><HEADER><KEY value="DATE">2026-04-29T00:00:00Z</KEY>'
        '<KEY value="DURATION">00:10:00</KEY><KEY value="STATUS">FINISHED</KEY><KEY value="NBHOST_ALIVE">1</KEY></HEADER>'
        '<IP value="10.0.0.99"><VULNS><CAT value="Web" port="80" protocol="tcp"><VULN number="1000" severity="5" '
        'cveid="CVE-2020-1000"><TITLE>t</TITLE><CVE_ID_LIST><CVE_ID><ID>CVE-2020-1000</ID></CVE_ID></CVE_ID_LIST></VULN>'
        "</CAT></VULNS></IP></SCAN>"
    )
    store.take(scan, complete=False)

    assert (before, verdict(store), verdict(store, address="10.0.0.99")) == ("UNKNOWN", "UNKNOWN", "AFFECTED")


@pytest.mark.parametrize(
    "echo",
    [
        ("severities", "5"),
        ("status", "Active"),
        ("qids", "86000"),
        ("ids", "1"),
        ("include_vuln_type", "confirmed"),
        ("detection_updated_since", "2026-05-01"),
    ],
)
def test_a_request_that_is_echoed_as_narrow_is_not_vouched_for(store, echo):
    request = "<REQUEST><DATETIME>x</DATETIME><PARAM_LIST><PARAM><KEY>{}</KEY><VALUE>{}</VALUE></PARAM></PARAM_LIST></REQUEST>"
    result = store.take(hosts(), findings(listed(SEEN), request=request.format(*echo)), KNOWN)

    assert (result.whole, verdict(store)) == (False, "UNKNOWN")


def test_hosts_of_two_networks_at_one_address_leave_identity_open(store):
    def network(number, name, at, *rows):
        return listed(*rows, number=number, scanned=at, login=at).replace(
            "</IP>", f"</IP><NETWORK_ID>{name}</NETWORK_ID>"
        )

    early = network(1, "0", "2026-04-30T00:00:00Z", row(1000, found="2026-04-30T00:00:00Z"))
    late = network(2, "7", SCAN, SEEN)
    store.take(findings(early, late), KNOWN)

    assert verdict(store) == "POSSIBLY_AFFECTED"


def test_whoever_answers_at_a_lost_hosts_address_is_not_that_host(store):
    from vatriage.store.bulk import execute

    store.take(hosts(), findings(listed(SEEN)), KNOWN)
    execute("UPDATE hosts SET gone_at = 1777600000")  # as a pull does that finds it in no whole host list
    scan = (
        '<SCAN value="scan/1777636800.00001"><HEADER><KEY value="DATE">2026-05-01T12:00:00Z</KEY>'
        '<KEY value="DURATION">00:10:00</KEY><KEY value="STATUS">FINISHED</KEY><KEY value="NBHOST_ALIVE">1</KEY></HEADER>'
        '<IP value="10.0.0.5"><INFOS><CAT value="Web"><INFO number="86000" severity="1"><TITLE>t</TITLE></INFO></CAT>'
        "</INFOS></IP></SCAN>"
    )
    store.take(scan, complete=False)

    assert verdict(store) == "UNKNOWN"


def test_a_damaged_copy_counts_as_one_from_its_own_commit_on(store):
    from vatriage.store import ledger
    from vatriage.usecases.snapshots import rebuild_snapshot

    store.take(hosts(), findings(listed(SEEN)), KNOWN)
    pull = ledger.open_pull(zone="default", account="a@b", origin="pull", started_at=1, request={})
    ledger.note_knowledge(pull, 5, damaged=True)
    ledger.note_knowledge(pull, 7, damaged=False)
    rebuild_snapshot(store.config.snapshots)

    assert verdict(store) == "UNKNOWN"
