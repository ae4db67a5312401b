"""A client by others, qualysdk 0.3.17, logs in and pulls from the simulator, over TLS on loopback.

It reads ID but not ID_RANGE, so the hosts here have no neighbours by id; it refuses `show_igs`, and a KnowledgeBase of
one entry.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from peers_python import require_client, run_client
from vatriage_simulator.clock import SimulatedClock
from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
SCRIPT = Path(__file__).parent / "call_qualysdk.py"
WHOLE = {"status": "New,Active,Re-Opened,Fixed", "include_ignored": True, "include_disabled": True}


@pytest.fixture(scope="module", autouse=True)
def peers():
    """The client; without it this group is skipped."""
    require_client("qualysdk", "0.3.17")


@pytest.fixture
def sim():
    """A subscription with seven hosts, each with an active, a fixed and a disabled detection; its clock runs."""
    subscription = Subscription(NOW, clock=SimulatedClock(NOW, running=True))
    subscription.account("acme_ab1", "bait")
    subscription.vulnerability(38170, title="TLS heartbeat", cves=["CVE-2014-0160"], bugtraqs=[66690], severity=4)
    subscription.vulnerability(38171, title="Login only", remote=False, auth_types=["Unix"])
    subscription.vulnerability(38172, title="Two ids", cves=["CVE-2017-0144", "CVE-2017-0145"], type="Vulnerability")
    for number in range(7):
        host = subscription.host(f"198.51.100.{number}", id=1001 + 2 * number, os="Ubuntu Linux 22.04", dns="h.example")
        host.scanned(NOW - timedelta(days=1), authenticated=True)
        host.detect(38170, port=443, ssl=True, results="leak")
        host.detect(38171, status="Fixed")
        host.detect(38172, port=445, disabled=True, qds=80)
    return subscription


@pytest.fixture
def client(sim, tmp_path):
    """The client; what its calls gave and what its login told."""
    with SimulatorServer(sim) as server:

        def call(*calls, password="bait"):
            asked = {"url": server.url, "login": "acme_ab1", "password": password, "calls": calls}
            return run_client(SCRIPT, asked, server, tmp_path)

        call.server = server
        yield call
    assert server.failures == []


def rows(answer, place=0):
    """What a call of the client gave."""
    found, error = answer["outcomes"][place]
    assert error == ""
    return found


def test_it_logs_in_and_reads_the_limits(sim, client):
    sim.limit(rate=2000, concurrency=10)

    assert client()["limits"] == {"X-RateLimit-Limit": 2000, "X-Concurrency-Limit-Limit": 10}


def test_a_wrong_password_ends_in_its_own_error(client):
    assert client(password="wrong") == {"limits": None, "outcomes": [[None, "AuthenticationError"]]}


def test_it_reads_the_whole_knowledge_base(client):
    entries = rows(client(["query_kb", {"details": "All", "show_disabled_flag": True}]))

    assert [entry["QID"] for entry in entries] == [38170, 38171, 38172]
    assert [[cve["ID"] for cve in entry["CVE_LIST"] or []] for entry in entries] == [
        ["CVE-2014-0160"],
        [],
        ["CVE-2017-0144", "CVE-2017-0145"],
    ]
    assert [entry["SEVERITY_LEVEL"] for entry in entries] == [4, 3, 3]


def test_it_reads_entries_by_id(client):
    entries = rows(client(["query_kb", {"ids": "38170,38172"}]))

    assert [entry["TITLE"] for entry in entries] == ["TLS heartbeat", "Two ids"]


def test_it_reads_the_host_list_by_ids(sim, client):
    hosts = rows(client(["get_host_list", {"threads": 2, "chunk_size": 3}]))

    assert sorted((host["ID"], host["IP"]) for host in hosts) == [(fact.id, fact.ip) for fact in sim.truth().hosts()]
    assert {host["LAST_VM_AUTH_SCANNED_DATE"] for host in hosts} == {"2026-05-02 10:00:00+00:00"}


def test_it_reads_every_detection_in_threads_within_the_limit(sim, client):
    hosts = rows(client(["get_hld", {"threads": 2, "chunk_size": 2, "show_qds": True, **WHOLE}]))

    found = sorted(
        (host["ID"], item["QID"], item["PORT"], item["PROTOCOL"], item["TYPE"], item["STATUS"])
        for host in hosts
        for item in host["DETECTION_LIST"]
    )
    assert found == sorted(
        (fact.host_id, fact.qid, fact.port, fact.protocol, fact.type, fact.status) for fact in sim.truth().detections()
    )
    tally = sim.ledger.tally("detection_list")
    assert (tally.calls, tally.refused) == (4, 0)
    assert tally.most_running <= 2


def test_it_follows_the_pages_of_a_batch(sim, client):
    hosts = rows(client(["get_hld", {"threads": 1, "chunk_size": 5, "truncation_limit": 2, **WHOLE}]))

    assert sorted(host["ID"] for host in hosts) == list(sim.truth().host_ids())
    assert [call.parameters.get("id_min") for call in client.server.requests if "detection" in call.path] == [
        None,
        "1005",
        "1009",
        None,
    ]


def test_it_waits_as_long_as_a_full_window_says(sim, client):
    """It throws the last answer of a window away, asks once more to be told how long, waits and begins again."""
    sim.limit(rate=2, window_s=4, resource="knowledge_base")

    answer = client(["query_kb", {}], ["query_kb", {}])

    assert [len(rows(answer, place)) for place in (0, 1)] == [3, 3]
    calls = [call for call in client.server.requests if "knowledge_base" in call.path]
    assert [call.status for call in calls] == [200, 200, 409, 200]
    assert calls[3].received_s - calls[2].received_s >= 1
    assert sim.ledger.tally("knowledge_base").refused_rate == 1


def test_an_account_that_expired_gives_it_no_rows(sim, client):
    """HTTP 200 with code 2001: it looks for the list, finds none and fails; it does not take it for an empty network."""
    sim.break_next("knowledge_base", "account-expires")

    (outcome,) = client(["query_kb", {}])["outcomes"]

    assert outcome == [None, "KeyError"]
