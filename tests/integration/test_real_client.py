"""A client by others, qualysapi 8.1.0, makes its own calls to the simulator, over TLS on loopback."""

# ruff: noqa: S314 - nobody else wrote these documents

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as ET  # noqa: TID251 - the tests read what the simulator wrote

import pytest

from peers_python import require_client, run_client
from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
SCRIPT = Path(__file__).parent / "call_qualysapi.py"


@pytest.fixture(scope="module", autouse=True)
def peers():
    """The peers' Python, with the client in it; without it this group is skipped."""
    require_client("qualysapi", "8.1.0")


@pytest.fixture
def sim():
    """A subscription with two hosts and a saved report."""
    subscription = Subscription(NOW)
    subscription.account("acme_ab1", "bait")
    subscription.vulnerability(38170, title="TLS heartbeat", cves=["CVE-2014-0160"])
    for number in (1, 2):
        host = subscription.host(f"198.51.100.{number}", os="Ubuntu Linux 22.04", dns=f"h{number}.example")
        host.scanned(NOW - timedelta(days=1)).detect(38170, port=443, ssl=True, results="leak")
    subscription.scan("weekly", taken=NOW - timedelta(hours=5))
    return subscription


@pytest.fixture
def client(sim, tmp_path):
    """The client, configured by a file of its own; what it sends and gets stays on loopback."""
    with SimulatorServer(sim) as server:
        yield lambda *calls, password="bait": run(server, tmp_path, calls, password)
    assert server.failures == []


def run(server, folder, calls, password):
    """Let the client do its calls; what came back, one pair for each."""
    config = folder / "config.txt"
    config.touch(mode=0o600)
    config.write_text(f"[info]\nhostname = {server.address}\nusername = acme_ab1\npassword = {password}\n")
    return run_client(SCRIPT, {"config": str(config), "calls": calls}, server, folder)


def document(outcome):
    """The document element of what a call gave."""
    body, error = outcome
    assert error == ""
    return ET.fromstring(body.encode())


def test_it_reads_the_version(client):
    (about,) = client(["about.php", None])

    assert document(about).tag == "ABOUT"


def test_it_finds_the_last_report_and_fetches_it(client):
    (listed,) = client(["scan_report_list.php", {"last": "yes"}])
    (entry,) = document(listed)

    (fetched,) = client(["scan_report.php", {"ref": entry.attrib["ref"]}])

    report = document(fetched)
    assert report.attrib["value"] == entry.attrib["ref"]
    assert [ip.attrib["value"] for ip in report.iter("IP")] == ["198.51.100.1", "198.51.100.2"]
    assert {vuln.attrib["cveid"] for vuln in report.iter("VULN")} == {"CVE-2014-0160"}


def test_it_scans_and_reads_the_stream_to_its_end(sim, client):
    sim.scan_pace(host_s=100, keep_alive_s=0.001, moves_clock=True)

    scanned, listed = client(
        ["scan.php", {"ip": "198.51.100.1-198.51.100.2", "save_report": "yes", "option": "Initial Options"}],
        ["scan_report_list.php", {"last": "yes"}],
    )

    (started,) = sim.scans_started
    assert document(scanned).attrib["value"] == document(listed)[0].attrib["ref"] == started.ref
    assert document(scanned)[-1].tag == "HEADER"
    assert scanned[0].count("keep-alive") == 6


def test_it_makes_the_other_old_calls(sim, client):
    sim.scan("now", targets="198.51.100.1", taken=NOW, duration_s=600)

    running, knowledge, schedules, appliances = client(
        ["scan_running_list.php", None],
        ["knowledgebase_download.php", {"vuln_id": "38170"}],
        ["scheduled_scans.php", {"active": "yes"}],
        ["iscanner_list.php", None],
    )

    assert document(running)[0].find("KEY[@value='status']").text == "Running"
    assert document(knowledge).find("VULN/CVE_ID_LIST/CVE_ID/ID").text == "CVE-2014-0160"
    assert (document(schedules).tag, document(appliances).tag) == ("SCHEDULEDSCANS", "ISCANNER_LIST")


def test_it_lists_and_fetches_scans_by_the_newer_calls(client):
    (listed,) = client(["/api/2.0/fo/scan", {"action": "list", "show_op": 1}])
    ref = document(listed).find(".//REF").text

    (fetched,) = client(
        [
            "/api/2.0/fo/scan",
            {"action": "fetch", "scan_ref": ref, "output_format": "json_extended", "mode": "extended"},
        ]
    )

    assert [row.get("ip") for row in json.loads(fetched[0])[2:-1]] == ["198.51.100.1", "198.51.100.2"]


def test_a_wrong_password_ends_in_its_own_error(sim, client):
    (about,) = client(["about.php", None], password="wrong")

    assert about == [None, "HTTPError"]
    assert sim.scans_started == []


def test_it_knows_the_refusal_of_a_caller_whose_address_is_not_secure(sim, client):
    sim.accounts["acme_ab1"].address_allowed = False

    assert client(["scan_report_list.php", None]) == [[False, ""]]


def test_it_logs_in_and_makes_the_calls_of_a_pull(sim, client):
    """What it names api/2.0/fo/... it posts, with the slash at the end and the header that is required."""
    listed, found, knowledge = client(
        ["/api/2.0/fo/asset/host/", {"action": "list", "details": "All"}],
        ["/api/2.0/fo/asset/host/vm/detection/", {"action": "list", "status": "New,Active,Re-Opened,Fixed"}],
        ["/api/2.0/fo/knowledge_base/vuln/", {"action": "list", "ids": "38170", "details": "All"}],
    )

    truth = sim.truth()
    assert [int(each.text) for each in document(listed).iter("ID")] == list(truth.host_ids())
    assert [
        (int(host.find("ID").text), int(item.find("QID").text), int(item.find("PORT").text))
        for host in document(found).iter("HOST")
        for item in host.iter("DETECTION")
    ] == [(fact.host_id, fact.qid, fact.port) for fact in truth.detections()]
    assert document(knowledge).find(".//CVE/ID").text == "CVE-2014-0160"


def test_it_follows_a_page_by_the_id_in_its_warning(client):
    (first,) = client(["/api/2.0/fo/asset/host/", {"action": "list", "truncation_limit": 1}])
    (warned,) = document(first).iter("WARNING")
    query = dict(parse_qsl(urlsplit(warned.find("URL").text).query))

    (second,) = client(["/api/2.0/fo/asset/host/", query])

    assert warned.find("CODE").text == "1980"
    assert [each.text for each in document(first).iter("ID")] == ["1001"]
    assert [each.text for each in document(second).iter("ID")] == ["1002"]


def test_it_waits_as_long_as_a_full_window_says_and_asks_again(sim, client):
    sim.break_next("host_list", "rate-limit", seconds=1)
    began = time.monotonic()

    (listed,) = client(["/api/2.0/fo/asset/host/", {"action": "list"}])

    assert len(list(document(listed).iter("HOST"))) == 2
    assert time.monotonic() - began >= 1
    assert [taken.fault.kind for taken in sim.faults.taken] == ["rate-limit"]
