"""A client by others, qualysapi 8.1.0, makes its own calls to the simulator, over TLS on loopback."""

# ruff: noqa: S314 - nobody else wrote these documents

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET  # noqa: TID251 - the tests read what the simulator wrote

import pytest

from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
PEERS = ROOT / os.environ.get("PEERS", ".venv-peers") / "bin" / "python"
SCRIPT = Path(__file__).parent / "call_qualysapi.py"


@pytest.fixture(scope="module", autouse=True)
def peers():
    """The peers' Python, with the client in it; without it this group is skipped."""
    if not PEERS.exists():
        pytest.skip("no real client: `make tests` installs requirements-peers.lock where the registry can be reached")
    found = subprocess.run(
        [PEERS, "-c", "import qualysapi.version as v; print(v.__version__)"],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        pytest.skip("no real client: requirements-peers.lock is not installed in whole")
    assert found.stdout.strip() == "8.1.0"


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
    done = subprocess.run(
        [PEERS, SCRIPT],
        input=json.dumps({"config": str(config), "calls": calls}),
        env={"REQUESTS_CA_BUNDLE": str(server.ca_file), "HOME": str(folder), "NO_PROXY": "*"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


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
