import gzip
import http.client
import socket
import ssl
from datetime import UTC, datetime

import pytest

from vatriage_simulator import service
from vatriage_simulator.server import SimulatorServer

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
HOSTS = "/api/5.0/fo/asset/host/"


def test_a_missing_slash_is_redirected_with_a_page(server, ask):
    reply = ask("/api/5.0/fo/asset/host", action="list", details="None")

    assert reply.status == 301
    assert reply.headers["Location"] == f"{server.url}/api/5.0/fo/asset/host/?action=list&details=None"
    assert b"<html>" in reply.body


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/9.0/fo/asset/host/",
        "/api/2.0/fo/asset/",
        "/mssp/about.php",
        "/api/5.0/fo/session/",
        "//x",
    ],
)
def test_an_unknown_path_is_not_found(ask, path):
    assert ask(path).status == 404


def test_the_page_of_a_redirect_quotes_what_the_client_wrote(ask):
    reply = ask('/api/5.0/fo/asset/host?a=%22"><b>')

    assert b'"><b>' not in reply.body


def test_query_and_form_are_merged_and_the_last_value_wins(server, ask, sim):
    sim.host("10.0.0.1").scanned(NOW)
    sim.host("10.0.0.2").scanned(NOW)

    by_query = ask(HOSTS + "?action=erase&action=list&ids=1001", post="")
    by_both = ask(HOSTS + "?action=list&ids=1001", post="ids=1001&ids=1002")

    assert by_query.all("ID") == ["1001"]
    assert by_both.all("ID") == ["1002"]
    assert server.requests[-1].parameters == {"action": "list", "ids": "1002"}


def test_get_and_post_give_the_same_bytes(ask, sim):
    sim.host("10.0.0.1").scanned(NOW)

    assert ask(HOSTS, action="list").body == ask(HOSTS, post={"action": "list"}).body


def test_gzip_only_when_asked(ask, sim):
    sim.host("10.0.0.1").scanned(NOW)

    plain = ask(HOSTS, action="list", headers={"Accept-Encoding": "identity"})
    packed = ask(HOSTS, action="list", headers={"Accept-Encoding": "br, gzip;q=0.8"})
    refused = ask(HOSTS, action="list", headers={"Accept-Encoding": "gzip;q=0, identity"})

    assert plain.headers["Content-Encoding"] is None
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert refused.body == plain.body


def test_lists_are_chunked_and_dated_by_the_simulated_clock(ask):
    reply = ask(HOSTS, action="list")

    assert reply.headers["Transfer-Encoding"] == "chunked"
    assert reply.headers["Content-Type"] == "application/xml"
    assert reply.headers["Date"] == "Sun, 03 May 2026 10:00:00 GMT"
    assert reply.headers["Server"] == "Qualys"


def test_a_connection_serves_several_calls(server, ask):
    connection = ask.connect()
    statuses = []
    for _ in range(3):
        connection.request(*ask.request(HOSTS, action="list"))
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()

    assert statuses == [200, 200, 200]


def raw_call(server, sent: bytes) -> bytes:
    """Send bytes over TLS and return everything that comes back."""
    trust = ssl.create_default_context(cafile=str(server.ca_file))
    host, port = server.address.split(":")
    with (
        socket.create_connection((host, int(port)), timeout=5) as raw,
        trust.wrap_socket(raw, server_hostname="localhost") as line,
    ):
        line.sendall(sent)
        return b"".join(iter(lambda: line.recv(4096), b""))


def test_an_old_client_gets_an_answer_without_chunks(server):
    answer = raw_call(server, b"GET /nowhere HTTP/1.0\r\n\r\n")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in head
    assert body.startswith(b"<!DOCTYPE HTML")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET http://[ HTTP/1.1\r\n\r\n", b"404"),
        (b"PUT /api/5.0/fo/asset/host/ HTTP/1.1\r\n\r\n", b"501"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET " + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"413"),
    ],
)
def test_a_strange_request_gets_a_status_and_no_traceback(server, sent, status):
    answer = raw_call(server, sent)

    assert status in answer
    assert b"Traceback" not in answer


def test_a_client_that_does_not_trust_the_ca_is_no_failure(server, ask):
    connection = http.client.HTTPSConnection(server.address, context=ssl.create_default_context(), timeout=5)

    with pytest.raises(ssl.SSLCertVerificationError):
        connection.request("GET", "/")

    assert ask(HOSTS, action="list").status == 200


def test_a_silent_client_does_not_block_the_others(server, ask):
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port))):
        assert ask(HOSTS, action="list").status == 200


@pytest.mark.parametrize("length", ["-1", "many", "99999999999"])
def test_a_form_of_unreadable_length_is_refused(ask, length):
    connection = ask.connect()
    connection.putrequest("POST", HOSTS)
    connection.putheader("Content-Length", length)
    connection.endheaders()

    assert connection.getresponse().status == 413
    connection.close()


def test_an_error_of_ours_is_no_traceback_for_the_client(sim, client_of, monkeypatch):
    def broken(*_):
        raise RuntimeError("a secret of ours")

    with SimulatorServer(sim) as server:
        ask = client_of(server)
        with monkeypatch.context() as patch:
            patch.setattr(service, "host_list", broken)
            reply = ask(HOSTS, action="list")
        after = ask(HOSTS, action="list")
        failures = [str(error) for error in server.failures]

    assert (reply.status, reply.one("CODE"), after.status) == (500, "999", 200)
    assert b"secret of ours" not in reply.body
    assert failures == ["a secret of ours"]


def test_an_error_of_ours_in_the_middle_of_a_list_cuts_it(sim, client_of):
    for number in range(1, 401):
        sim.host(f"10.0.{number >> 8}.{number & 255}").scanned(NOW)
    sim.hosts[1400].scans[0] = "no scan"

    with SimulatorServer(sim) as server, pytest.raises((http.client.IncompleteRead, ConnectionError)):
        client_of(server)(HOSTS, action="list")

    assert [type(error) for error in server.failures] == [AttributeError]


def test_two_servers_give_the_same_bytes_apart_from_the_port(sim, ask, server, client_of):
    for number in range(1, 30):
        sim.host(f"10.0.0.{number}", os="x").scanned(NOW).detect(number, port=80, results="r")
    path = "/api/5.0/fo/asset/host/vm/detection/"
    first = ask(path, action="list", truncation_limit=5)

    with SimulatorServer(sim) as other:
        second = client_of(other)(path, action="list", truncation_limit=5)

        assert first.body.replace(server.address.encode(), b"") == second.body.replace(other.address.encode(), b"")


def test_the_ca_file_goes_when_the_server_goes(sim):
    with SimulatorServer(sim) as running:
        ca_file = running.ca_file
        assert ca_file.exists()

    assert not ca_file.exists()


def test_a_server_that_ends_does_not_wait_for_a_stalled_client(sim):
    sim.host("10.0.0.1").scanned(NOW)
    sim.break_next("about", "delay", seconds=60)
    with SimulatorServer(sim) as running:
        connection = http.client.HTTPSConnection(
            running.address, context=ssl.create_default_context(cafile=str(running.ca_file)), timeout=5
        )
        headers = {"Authorization": "Basic YWNtZV9hYjE6YmFpdA=="}
        connection.request("GET", "/msp/about.php", headers=headers)
    connection.close()


def test_the_service_can_name_itself_differently(sim, client_of):
    sim.host("10.0.0.1").scanned(NOW)
    sim.host("10.0.0.2").scanned(NOW)

    with SimulatorServer(sim, url="https://qualysapi.example/") as running:
        reply = client_of(running)(HOSTS, action="list", truncation_limit=1)

    assert reply.one("URL").startswith("https://qualysapi.example/api/5.0/fo/asset/host/?action=list")
