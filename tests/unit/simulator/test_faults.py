# ruff: noqa: S314 - nobody else wrote these documents

import http.client
import time
import zlib
from datetime import UTC, datetime
from xml.etree import ElementTree as ET  # noqa: TID251 - the tests read what the simulator wrote

import pytest

from vatriage_simulator.faults import Fault, FaultKind

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
HOSTS = "/api/5.0/fo/asset/host/"


@pytest.fixture(autouse=True)
def hosts(sim):
    """Three scanned hosts."""
    for number in range(1, 4):
        sim.host(f"10.0.0.{number}").scanned(NOW)


@pytest.mark.parametrize(
    ("kind", "status", "code", "limits"),
    [
        ("bad-login", 401, "2000", False),
        ("account-expired", 200, "2001", False),
        ("eula", 403, "2003", False),
        ("maintenance", 503, "1999", True),
        ("internal", 500, "999", True),
        ("rate-limit", 409, "1965", True),
        ("concurrency", 409, "1960", True),
    ],
)
def test_a_fault_that_is_an_error_with_a_code(sim, ask, kind, status, code, limits):
    sim.break_next("host_list", kind)

    reply = ask(HOSTS, action="list")

    assert (reply.status, reply.one("CODE")) == (status, code)
    assert ("X-RateLimit-Limit" in reply.headers) == limits
    assert ask(HOSTS, action="list").all("ID") == ["1001", "1002", "1003"]


@pytest.mark.parametrize(("kind", "status"), [("maintenance-page", 503), ("html-page", 200)])
def test_a_fault_that_is_a_page(sim, ask, kind, status):
    sim.break_next("host_list", kind)

    reply = ask(HOSTS, action="list")

    assert reply.status == status
    assert reply.headers["Content-Type"].startswith("text/html")
    assert reply.body.startswith(b"<!DOCTYPE HTML")


def test_a_rate_fault_tells_how_long(sim, ask):
    sim.break_next("host_list", "rate-limit", seconds=42)

    assert ask(HOSTS, action="list").headers["X-RateLimit-ToWait-Sec"] == "42"


def test_a_cut_body_ends_inside_a_chunked_answer(sim, ask):
    sim.break_next("host_list", "cut")

    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        ask(HOSTS, action="list")


def test_an_unmarked_cut_shows_only_in_the_xml(sim, ask):
    sim.break_next("host_list", "cut-unmarked", after_bytes=300)

    reply = ask(HOSTS, action="list")

    assert reply.status == 200
    assert len(reply.body) == 300
    with pytest.raises(ET.ParseError):
        _ = reply.xml


def test_an_empty_body(sim, ask):
    sim.break_next("host_list", "empty")

    reply = ask(HOSTS, action="list", headers={"Accept-Encoding": "gzip"})

    assert (reply.status, reply.body) == (200, b"")


def test_a_cut_gzip_stream_in_a_whole_message(sim, ask):
    sim.break_next("host_list", "gzip-cut")

    reply = ask(HOSTS, action="list", headers={"Accept-Encoding": "gzip"})

    reader = zlib.decompressobj(wbits=31)
    reader.decompress(reply.body)
    assert reply.headers["Content-Encoding"] == "gzip"
    assert not reader.eof


def test_a_delayed_first_byte(sim, ask):
    sim.break_next("host_list", "delay", seconds=0.3)
    began = time.monotonic()

    reply = ask(HOSTS, action="list")

    assert time.monotonic() - began >= 0.3
    assert len(reply.all("ID")) == 3


def test_a_stall_in_the_middle_outlasts_a_read_timeout(sim, server, ask):
    sim.break_next("host_list", "stall", seconds=30)
    connection = ask.connect()
    connection.timeout = 0.3
    connection.request(*ask.request(HOSTS, action="list"))
    response = connection.getresponse()

    first = response.read1(50)
    with pytest.raises(TimeoutError):
        response.read()
    connection.close()

    assert first.startswith(b"<?xml")


def test_a_short_stall_ends_whole(sim, ask):
    sim.break_next("host_list", "stall", seconds=0.1)

    assert len(ask(HOSTS, action="list").all("ID")) == 3


@pytest.mark.parametrize("kind", ["bad-byte", "unknown-entity", "unclosed-tag"])
def test_one_host_is_malformed_and_the_others_are_not(sim, ask, kind):
    sim.break_next("host_list", kind, record_id=1002)

    reply = ask(HOSTS, action="list")

    with pytest.raises(ET.ParseError):
        _ = reply.xml
    records = reply.body.split(b"<HOST>")
    assert [is_well_formed(record) for record in records[1:]] == [True, False, True]


def is_well_formed(record: bytes) -> bool:
    whole, end, _ = record.partition(b"</HOST>")
    try:
        ET.fromstring(b"<HOST>" + whole + end)
    except ET.ParseError:
        return False
    return True


def test_a_fault_bound_to_a_host_waits_for_that_host(sim, ask):
    sim.break_next("host_list", Fault(kind=FaultKind.INTERNAL, record_id=1003), times=None)

    assert ask(HOSTS, action="list", ids="1001,1002").status == 200
    assert ask(HOSTS, action="list").status == 500
    assert ask(HOSTS, action="list", ids="1003").status == 500


def test_a_fault_lasts_for_its_number_of_calls(sim, server, ask):
    sim.break_next("*", "internal", times=2)

    assert [ask(HOSTS, action="list").status for _ in range(3)] == [500, 500, 200]

    sim.break_next("*", "internal", times=None)
    ask(HOSTS, action="list")
    server.faults.clear()

    assert ask(HOSTS, action="list").status == 200


def test_a_fault_of_another_resource_does_nothing_here(sim, ask):
    sim.break_next("knowledge_base", "internal")

    assert ask(HOSTS, action="list").status == 200
    assert ask("/api/4.0/fo/knowledge_base/vuln/", action="list").status == 500


def test_a_refused_call_uses_no_fault_up(sim, ask):
    sim.break_next("host_list", "internal")

    assert ask(HOSTS, action="list", login=None).status == 401
    assert ask(HOSTS, action="list", ids="x").status == 400
    assert ask(HOSTS, action="list").status == 500


def test_the_session_can_break_as_well(sim, ask):
    sim.break_next("session", "maintenance")
    form = {"action": "login", "username": "acme_ab1", "password": "bait"}

    reply = ask("/api/2.0/fo/session/", post=form, login=None)

    assert (reply.status, reply.one("CODE")) == (503, "1999")


def test_an_unknown_fault_or_resource_is_refused_at_once(sim):
    with pytest.raises(ValueError, match="melt"):
        sim.break_next("host_list", "melt")
    with pytest.raises(ValueError, match="hosts"):
        sim.break_next("hosts", "cut")
