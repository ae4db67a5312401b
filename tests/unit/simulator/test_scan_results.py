"""The KnowledgeBase of v1, and the list and the results of scans in /api/{2.0,3.0}/fo/scan/."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
SCANS = "/api/2.0/fo/scan/"


@pytest.fixture
def run(sim):
    """A scan of five addresses: one host with a finding, one without, three nobody is at."""
    sim.vulnerability(38170, title="Leak", cves=["CVE-2014-0160", "CVE-2014-0161"], bugtraqs=[66690], solution="s\r\nt")
    host = sim.host("198.51.100.2", os="Linux 2.6", dns="web.example")
    host.scanned(NOW - timedelta(days=1)).detect(38170, port=443, ssl=True, results="a\tb\nc\td")
    host.detect(45017, type="Info")
    sim.host("198.51.100.4")
    return sim.scan("weekly", targets="198.51.100.1-198.51.100.5", taken=NOW - timedelta(days=1))


def test_the_old_knowledge_base_has_all_qids_or_one(sim, ask, run):
    sim.vulnerability(38169)

    everything = ask("/msp/knowledgebase_download.php").xml
    one = ask("/msp/knowledgebase_download.php", post={"vuln_id": "38170", "show_pci_flag": "1"}).xml
    none = ask("/msp/knowledgebase_download.php", vuln_id="1").xml

    assert (everything.tag, [item.text for item in everything.iter("QID")]) == ("VULNS", ["38169", "38170"])
    assert [item.text for item in one.findall("VULN/CVE_ID_LIST/CVE_ID/ID")] == ["CVE-2014-0160", "CVE-2014-0161"]
    assert one.find("VULN/PCI_FLAG").text == "1"
    assert (none.tag, list(none)) == ("VULNS", [])
    assert ask("/msp/knowledgebase_download.php", vuln_id="x").xml.tag == "GENERIC_RETURN"


def test_the_list_shows_finished_running_and_cancelled_scans(sim, ask, run):
    sim.host("198.51.100.9")
    running = sim.scan("now", targets="198.51.100.9", taken=NOW, duration_s=60, kind="API", asset_groups=["HQ"])
    nobody = sim.scan("nobody", targets="192.0.2.1", taken=NOW - timedelta(days=2), saved=False)

    reply = ask(SCANS, action="list", show_ags="1", show_op="1")

    assert reply.all("REF") == [running.ref, run.ref, nobody.ref]
    assert reply.all("STATE") == ["Running", "Finished", "Finished"]
    assert reply.all("SUB_STATE") == ["No_Host"]
    assert reply.all("DURATION") == ["Pending", "00:05:00", "00:05:00"]
    assert reply.all("ASSET_GROUP_TITLE") == ["HQ"]
    assert [item.find("OPTION_PROFILE/TITLE").text for item in reply.xml.iter("SCAN")] == ["Initial Options"] * 3


def test_filters_narrow_the_list(sim, ask, run):
    old = sim.scan("old", targets="192.0.2.1", taken=NOW - timedelta(days=31), login="other", kind="On-Demand")
    running = sim.scan("now", targets="192.0.2.2", taken=NOW, duration_s=60)

    def refs(**query):
        return ask(SCANS.replace("2.0", "3.0"), action="list", **query).all("REF")

    assert refs() == [running.ref, run.ref]
    assert refs(launched_after_datetime="2026-01-01") == [running.ref, run.ref, old.ref]
    assert refs(launched_before_datetime="2026-05-02T10:00:00Z") == [run.ref, old.ref]
    assert refs(scan_ref=old.ref) == [old.ref]
    assert refs(state="Running,Queued") == [running.ref]
    assert refs(processed="1") == [run.ref]
    assert refs(target="198.51.100.3") == [run.ref]
    assert refs(type="On-Demand", launched_after_datetime="2026-01-01") == [old.ref]
    assert refs(user_login="other", launched_after_datetime="2026-01-01") == [old.ref]
    assert refs(show_last="1") == [running.ref]


def test_a_list_without_scans_has_no_list_element(ask):
    assert [child.tag for child in ask(SCANS, action="list").xml[0]] == ["DATETIME"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "1903"),
        ({"action": "launch"}, "1905"),
        ({"action": "list", "colour": "red"}, "1901"),
        ({"action": "list", "state": "Asleep"}, "1905"),
        ({"action": "list", "target": "web.example"}, "1905"),
        ({"action": "fetch"}, "1903"),
        ({"action": "fetch", "scan_ref": "scan/1.00001"}, "1905"),
        ({"action": "fetch", "scan_ref": "scan/1.00001", "output_format": "pdf"}, "1905"),
    ],
)
def test_a_wrong_call_is_refused(ask, query, code):
    reply = ask(SCANS, **query)

    assert (reply.status, reply.one("CODE")) == (400, code)


def test_brief_json_is_an_array_of_findings(ask, run):
    reply = ask(SCANS, action="fetch", scan_ref=run.ref, output_format="json", mode="brief")

    assert reply.headers["Content-Type"] == "application/json"
    assert json.loads(reply.body)[0] == {
        "ip": "198.51.100.2",
        "dns": "web.example",
        "netbios": None,
        "qid": 38170,
        "instance": None,
        "result": "a\tb\nc\td",
        "protocol": "tcp",
        "port": "443",
        "ssl": "yes",
        "fqdn": "",
    }


def test_extended_json_has_two_header_rows_and_a_trailer(ask, run):
    body = ask(SCANS, action="fetch", scan_ref=run.ref, output_format="json_extended", mode="extended").body

    first, second, finding, info, trailer = json.loads(body)
    assert first["scan_report_template_title"] == "Scan Results"
    assert (second["reference"], second["launch_date"]) == (run.ref, "05/02/2026 10:00:00")
    assert (second["option_profile"], second["active_hosts"], second["total_hosts"]) == ("Initial Options", "2", "5")
    assert (finding["type"], finding["severity"], finding["cve_id"]) == ("Vuln", "3", "CVE-2014-0160, CVE-2014-0161")
    assert (info["type"], info["port"]) == ("Ig", "")
    assert trailer == {
        "target_distribution_across_scanner_appliances": "External : 198.51.100.1-198.51.100.5",
        "no_vulnerabilities_match_your_filters_for_these_hosts": "198.51.100.4",
        "hosts_not_scanned_host_not_alive_ip": "198.51.100.1,198.51.100.3,198.51.100.5",
    }


def test_csv_comes_with_and_without_what_is_around_it(ask, run):
    plain = ask(SCANS, action="fetch", scan_ref=run.ref)
    extended = ask(SCANS, action="fetch", scan_ref=run.ref, output_format="csv_extended").body.decode()

    rows = list(csv.DictReader(io.StringIO(plain.body.decode())))
    lines = [row for row in csv.reader(io.StringIO(extended)) if row]
    assert plain.headers["Content-Type"].startswith("text/csv")
    assert [(row["IP"], row["QID"], row["Port"]) for row in rows] == [
        ("198.51.100.2", "38170", "443"),
        ("198.51.100.2", "45017", ""),
    ]
    assert lines[1][0] == "Scan Results"
    assert [len(line) for line in lines] == [12, 12, 14, 14, 25, 25, 25, 1, 1, 1, 1, 1, 1]


def test_results_can_be_narrowed_to_addresses(ask, run):
    body = ask(SCANS, action="fetch", scan_ref=run.ref, output_format="json", ips="198.51.100.4").body

    assert json.loads(body) == []


def test_what_still_runs_cannot_be_fetched(sim, ask):
    running = sim.scan("now", targets="192.0.2.2", taken=NOW, duration_s=60)

    reply = ask(SCANS, action="fetch", scan_ref=running.ref)

    assert (reply.status, reply.one("CODE")) == (200, "7001")


def test_list_and_fetch_break_apart(sim, ask, run):
    sim.break_next("scan_fetch", "internal")

    assert ask(SCANS, action="list").status == 200
    assert ask(SCANS, action="fetch", scan_ref=run.ref).status == 500
    assert ask(SCANS, action="fetch", scan_ref=run.ref).status == 200
