# ruff: noqa: S314 - nobody else wrote these documents

import http.client
import socket
import ssl
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET  # noqa: TID251 - the tests read what the simulator wrote

import pytest

from vatriage_simulator.server import SimulatorServer

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
HOSTS = "/api/5.0/fo/asset/host/"
DETECTIONS = "/api/5.0/fo/asset/host/vm/detection/"
KNOWLEDGE = "/api/4.0/fo/knowledge_base/vuln/"


@pytest.fixture(autouse=True)
def hosts(sim):
    """Five scanned hosts, 1001 to 1005, each with two detections; a KnowledgeBase of twenty QIDs."""
    for qid in range(1, 21):
        sim.vulnerability(qid, solution="update")
    for number in range(1, 6):
        host = sim.host(f"10.0.0.{number}", dns=f"h{number}.example").scanned(NOW)
        host.detect(1, port=80, results="first")
        host.detect(10, port=443, ssl=True, results="second")


@pytest.mark.parametrize(("kind", "status"), [("bad-gateway", 502), ("unavailable", 503), ("gateway-timeout", 504)])
def test_a_load_balancer_answers_for_the_service(sim, ask, kind, status):
    sim.break_next("host_list", kind)

    reply = ask(HOSTS, action="list")

    assert reply.status == status
    assert b"<HOST" not in reply.body


def test_a_move_leads_to_the_same_path(sim, ask):
    sim.break_next("host_list", "moved")

    reply = ask(HOSTS, action="list")

    assert reply.status == 301
    assert urlsplit(reply.headers["Location"])[2:4] == (HOSTS, "action=list")
    assert len(ask.follow(reply.headers["Location"]).all("ID")) == 5


def test_a_report_that_is_not_ready_is_told_with_http_200(sim, ask):
    sim.break_next("scan_fetch", "not-ready")
    run = sim.scan("weekly")
    asked = {"action": "fetch", "scan_ref": run.ref, "output_format": "json"}

    reply = ask("/api/2.0/fo/scan/", **asked)

    assert (reply.status, reply.one("CODE")) == (200, "7001")
    assert ask("/api/2.0/fo/scan/", **asked).body.startswith(b"[")


def test_a_reset_is_one(sim, server, ask):
    sim.break_next("host_list", "reset")

    with pytest.raises(ConnectionResetError):
        read_below_tls(server, ask.request(HOSTS, action="list"))
    assert len(ask(HOSTS, action="list").all("ID")) == 5


def read_below_tls(server, request):
    """Do one call with TLS in memory, so that the end of the connection itself is seen: OpenSSL may hide a reset."""
    method, target, _, headers = request
    came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
    trust = ssl.create_default_context(cafile=str(server.ca_file))
    tls = trust.wrap_bio(came, goes, server_hostname="127.0.0.1")
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as raw:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                raw.sendall(goes.read())
                came.write(raw.recv(65_536))
        lines = [f"{method} {target} HTTP/1.1", "Host: x", *(f"{name}: {text}" for name, text in headers.items())]
        tls.write("\r\n".join([*lines, "", ""]).encode())
        raw.sendall(goes.read())
        while raw.recv(65_536):
            pass


def test_a_silence_ends_without_a_byte(sim, ask):
    sim.break_next("host_list", "silence", seconds=0.2)
    began = time.monotonic()

    with pytest.raises((http.client.RemoteDisconnected, ConnectionError, http.client.BadStatusLine)):
        ask(HOSTS, action="list")
    assert time.monotonic() - began >= 0.2


def test_a_stall_may_end_in_a_closed_connection(sim, ask):
    sim.break_next("host_list", "stall-cut", seconds=0.1)

    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        ask(HOSTS, action="list")


@pytest.mark.parametrize("kind", ["silence", "stall", "stall-cut", "delay"])
def test_a_long_wait_ends_with_the_server(sim, client_of, kind):
    with SimulatorServer(sim) as server:
        sim.break_next("host_list", kind, seconds=600)
        ask = client_of(server)
        connection = ask.connect()
        connection.request(*ask.request(HOSTS, action="list"))
        began = time.monotonic()

    assert time.monotonic() - began < 5
    connection.close()


@pytest.mark.parametrize(
    ("kind", "found"), [("control-byte", b"\x0b"), ("latin-1", b"stra\xdfe"), ("bad-byte", b"\xff")]
)
def test_one_record_holds_what_no_xml_may_hold(sim, ask, kind, found):
    sim.break_next("detection_list", kind, record_id=1003)

    body = ask(DETECTIONS, action="list").body

    assert [found in record for record in body.split(b"<HOST>")[1:]] == [False, False, True, False, False]
    with pytest.raises(ET.ParseError):
        ET.fromstring(body)


def test_unknown_elements_are_in_every_record_and_the_rest_is_as_it_was(sim, ask):
    plain = ask(DETECTIONS, action="list")
    sim.break_next("detection_list", "unknown-elements")

    reply = ask(DETECTIONS, action="list")

    assert len(reply.all("X_NEW")) == 15
    assert reply.all("QID") == plain.all("QID")
    assert reply.all("RESULTS") == plain.all("RESULTS")


def test_optional_elements_can_be_missing_and_the_rest_stays(sim, ask):
    plain = ask(DETECTIONS, action="list")
    sim.break_next("detection_list", "optional-missing")
    sim.break_next("knowledge_base", "optional-missing")

    reply, knowledge = ask(DETECTIONS, action="list"), ask(KNOWLEDGE, action="list")

    for name in ("RESULTS", "DNS", "DNS_DATA", "IS_DISABLED", "TIMES_FOUND"):
        assert plain.all(name)
        assert reply.all(name) == []
    for name in ("ID", "IP", "QID", "PORT", "SSL", "STATUS", "LAST_FOUND_DATETIME", "LAST_VM_SCANNED_DATE"):
        assert reply.all(name) == plain.all(name) != []
    assert (knowledge.all("SOLUTION"), len(knowledge.all("QID"))) == ([], 20)


def test_a_page_can_begin_with_the_host_before_it(sim, ask):
    first = ask(HOSTS, action="list", truncation_limit=2)
    sim.break_next("host_list", "overlap")

    second = ask.follow(first.one("URL"))

    assert first.all("ID") == ["1001", "1002"]
    assert second.all("ID") == ["1002", "1003", "1004"]
    assert "id_min=1005" in second.one("URL")


def test_an_overlap_on_a_batch_of_ids_brings_a_host_of_the_batch_before(sim, ask):
    sim.break_next("detection_list", "overlap")

    assert ask(DETECTIONS, action="list", ids="1003-1004").all("ID") == ["1002", "1003", "1004"]


def test_the_limit_can_be_ignored(sim, ask):
    sim.break_next("host_list", "ignored-limit")

    reply = ask(HOSTS, action="list", truncation_limit=2)

    assert (len(reply.all("ID")), reply.all("WARNING")) == (5, [])


def test_a_fault_can_let_calls_go_well_before(sim, ask):
    sim.break_next("host_list", "bad-login", times=None, after=2)

    assert [ask(HOSTS, action="list").status for _ in range(4)] == [200, 200, 401, 401]


def test_the_password_changes_in_the_middle(sim, ask):
    sim.break_next("host_list", "password-changed", after=1)

    assert [ask(HOSTS, action="list").status for _ in range(3)] == [200, 401, 401]
    assert ask(DETECTIONS, action="list").status == 401
    assert ask(DETECTIONS, action="list", login=("acme_ab1", sim.accounts["acme_ab1"].password)).status == 200


def test_the_account_expires_in_the_middle(sim, ask):
    sim.break_next("detection_list", "account-expires", after=1)

    replies = [ask(DETECTIONS, action="list") for _ in range(3)]

    assert [reply.status for reply in replies] == [200, 200, 200]
    assert [reply.all("CODE") for reply in replies] == [[], ["2001"], ["2001"]]
    assert ask(HOSTS, action="list").one("CODE") == "2001"


def test_hosts_are_purged_between_two_pages(sim, ask):
    sim.break_next("host_list", "hosts-purged")

    first = ask(HOSTS, action="list", truncation_limit=2)
    second = ask.follow(first.one("URL"))

    assert (first.all("ID"), second.all("ID")) == (["1001", "1002"], ["1004", "1005"])
    assert sim.truth().purged == {1002, 1003}
    assert list(sim.truth().host_ids()) == [1001, 1004, 1005]


def test_another_host_has_the_address_of_one_that_is_gone(sim, ask):
    sim.break_next("host_list", "address-reused", record_id=1002)

    before = ask(HOSTS, action="list")
    after = ask(HOSTS, action="list")

    assert before.all("ID") == ["1001", "1002", "1003", "1004", "1005"]
    assert after.all("ID") == ["1001", "1003", "1004", "1005", "1006"]
    assert after.all("IP")[-1] == "10.0.0.2"
    assert sim.truth().came_late == {1006: 1002}
    assert [fact.qid for fact in sim.truth().detections() if fact.host_id == 1006] == [1]


def test_the_clock_goes_wrong_from_a_call_on(sim, ask):
    sim.break_next("host_list", "clock-skew", seconds=-3600, after=1)

    told = [ask(HOSTS, action="list") for _ in range(3)]

    assert [reply.headers["Date"][17:25] for reply in told] == ["10:00:00", "09:00:00", "09:00:00"]
    assert told[2].one("DATETIME") == "2026-05-03T09:00:00Z"


def test_the_knowledge_base_lacks_qids_seen_on_hosts(sim, ask):
    assert sim.truth().unlisted_qids() == frozenset()
    sim.break_next("knowledge_base", "qids-withheld", number=10)

    assert [len(ask(KNOWLEDGE, action="list").all("QID")) for _ in range(2)] == [18, 18]
    assert ask(KNOWLEDGE, action="list", ids="10").all("QID") == []
    assert sim.truth().unlisted_qids() == {10}
    assert len(list(sim.truth().qids())) == 18


def test_the_truth_is_what_a_whole_pull_would_see(sim, ask):
    sim.host("10.0.0.99")  # never scanned: in no host list
    sim.hosts[1004].fix(1)
    asked = {"action": "list", "status": "New,Active,Re-Opened,Fixed"}

    listed, found = ask(HOSTS, action="list"), ask(DETECTIONS, **asked)

    truth = sim.truth()
    assert [fact.ip for fact in truth.hosts()] == listed.all("IP")
    assert [str(fact.qid) for fact in truth.detections()] == found.all("QID")
    assert [fact.status for fact in truth.detections()] == found.all("STATUS")


def test_a_host_that_never_arrives_is_told_beforehand(sim, ask):
    sim.break_next("detection_list", "reset", times=None, record_id=1003)

    assert sim.truth().undeliverable() == {1003}
    for ids in ("1001-1005", "1003"):
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            ask(DETECTIONS, action="list", ids=ids)
    assert ask(DETECTIONS, action="list", ids="1001,1002,1004").all("ID") == ["1001", "1002", "1004"]


def test_what_happened_can_be_read(sim, ask):
    sim.break_next("host_list", "internal", after=1)

    for _ in range(3):
        ask(HOSTS, action="list")

    assert [(taken.resource, taken.call, taken.fault.kind) for taken in sim.faults.taken] == [
        ("host_list", 2, "internal")
    ]


def test_a_fault_that_cannot_happen_to_a_resource_is_refused_at_once(sim):
    with pytest.raises(ValueError, match="overlap cannot happen to knowledge_base"):
        sim.break_next("knowledge_base", "overlap")
