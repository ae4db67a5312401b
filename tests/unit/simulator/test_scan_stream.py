import http.client
from datetime import UTC, datetime, timedelta

import pytest

from vatriage_simulator.clock import SimulatedClock
from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
SCAN, RUNNING, REPORT, LIST = (
    f"/msp/{name}.php" for name in ("scan", "scan_running_list", "scan_report", "scan_report_list")
)
RANGE = "198.51.100.1-198.51.100.4"


@pytest.fixture(autouse=True)
def hosts(sim):
    """Three hosts in a range of four, one finding each."""
    for number in (1, 2, 3):
        sim.host(f"198.51.100.{number}").scanned(NOW - timedelta(days=30)).detect(38170 + number, port=80)


@pytest.fixture
def slow(sim):
    """A minute for each host and a keep-alive every few milliseconds."""
    sim.scan_pace(host_s=60, keep_alive_s=0.003)


class Stream:
    """A call of scan.php that is read as it comes."""

    def __init__(self, ask, **query):
        self.connection = ask.connect()
        self.connection.request(*ask.request(SCAN, **query))
        self.response = self.connection.getresponse()
        self.seen = b""

    def until(self, text: bytes, times: int = 1) -> bytes:
        """Read on until a text was seen so often; everything so far."""
        while self.seen.count(text) < times:
            more = self.response.read1(4096)
            assert more, f"the stream ended before {text!r}: {self.seen!r}"
            self.seen += more
        return self.seen

    def rest(self) -> bytes:
        """Read to the end and close; everything."""
        try:
            while more := self.response.read1(4096):
                self.seen += more
                assert len(self.seen) < 100_000, "the stream does not end"
        finally:
            self.close()
        return self.seen

    def close(self) -> None:
        """Hang up."""
        self.response.close()
        self.connection.close()


def test_a_scan_streams_its_report_header_last(sim, ask):
    reply = ask(SCAN, ip=RANGE)

    root = reply.xml
    keys = {key.attrib["value"]: key.text for key in root.iter("KEY")}
    assert [child.tag for child in root] == ["IP", "IP", "IP", "HEADER"]
    assert {ip.attrib["status"] for ip in root.findall("IP")} == {"Finish"}
    assert keys["TITLE"] == "N/A (no report saved)"
    assert keys["REPORT_TYPE"] == "API (default option profile)"
    assert (keys["NBHOST_ALIVE"], keys["NBHOST_TOTAL"], keys["STATUS"]) == ("3", "4", "FINISHED")
    assert f"<!-- Scan of {RANGE} -->".encode() in reply.body
    (run,) = sim.scans_started
    assert root.attrib["value"] == run.ref
    assert (run.login, run.targets, run.saved) == ("acme_ab1", RANGE, False)


def test_hosts_arrive_one_by_one_as_the_clock_moves(sim, ask, slow):
    stream = Stream(ask, ip=RANGE)

    before = stream.until(b"<!-- keep-alive", times=3)
    assert f'<SCAN value="{sim.scans_started[0].ref}">'.encode() in before
    assert b"<IP" not in before
    sim.clock.advance(60)
    assert stream.until(b"</IP>").count(b"<IP") == 1
    sim.clock.advance(60)
    assert stream.until(b"</IP>", times=2).count(b"<IP") == 2
    sim.clock.advance(60)
    whole = stream.rest()

    assert b'<KEY value="DURATION">00:03:00</KEY>' in whole
    assert whole.count(b"<IP") == 3


def test_keep_alives_can_move_the_clock_so_that_one_reader_sees_it_through(sim, ask):
    sim.scan_pace(host_s=100, keep_alive_s=0.001, moves_clock=True)

    body = ask(SCAN, ip=RANGE).body

    assert body.count(b"<!-- keep-alive") == 9
    assert sim.clock.now() == NOW + timedelta(seconds=9 * 37)


def test_what_a_scan_finds_is_seen_in_the_other_api(sim, ask):
    sim.clock.advance(days=1)
    ask(SCAN, ip="198.51.100.1")

    reply = ask("/api/2.0/fo/asset/host/vm/detection/", action="list", ids="1001")

    assert reply.one("LAST_SCAN_DATETIME") == "2026-05-04T10:00:00Z"
    assert reply.one("LAST_FOUND_DATETIME") == "2026-05-04T10:00:00Z"
    assert reply.one("TIMES_FOUND") == "2"


def test_only_the_asked_qids_are_tested(sim, ask):
    root = ask(SCAN, ip=RANGE, specific_vulns="38171,38173").xml

    assert [item.attrib["number"] for item in root.iter("VULN")] == ["38171", "38173"]


def test_header_can_come_first_and_then_holds_the_hosts_back(sim, ask):
    sim.scan_pace(host_s=60, keep_alive_s=0.003, header_first=True)
    stream = Stream(ask, ip=RANGE)

    sim.clock.advance(120)
    assert b"<IP" not in stream.until(b"<!-- keep-alive", times=2)
    sim.clock.advance(60)
    whole = stream.rest()

    assert whole.index(b"<HEADER>") < whole.index(b"<IP ")
    assert whole.count(b"<IP") == 3


def test_a_cut_stream_does_not_stop_the_scan(sim, ask, slow):
    sim.break_next("scan", "cut", after_records=1)
    stream = Stream(ask, ip=RANGE, save_report="yes", scan_title="now")
    stream.until(b"<SCAN ")
    sim.clock.advance(60)

    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        stream.rest()

    (running,) = ask(RUNNING).xml
    (run,) = sim.scans_started
    assert running.attrib == {"value": run.ref}
    assert running.find("KEY[@value='status']").text == "Running"
    assert list(ask(LIST).xml) == []
    sim.clock.advance(minutes=2)
    (saved,) = ask(LIST, last="yes").xml
    assert (saved.attrib["ref"], saved.attrib["status"]) == (run.ref, "FINISHED")
    assert len(ask(REPORT, ref=run.ref).xml.findall("IP")) == 3
    assert ask(RUNNING).xml.find("ERROR") is not None


def test_a_client_that_hangs_up_does_not_stop_the_scan(sim, ask, slow):
    stream = Stream(ask, ip=RANGE, save_report="yes")
    stream.until(b"<!-- keep-alive")
    stream.close()

    sim.clock.advance(minutes=3)

    (run,) = sim.scans_started
    assert len(ask(REPORT, ref=run.ref).xml.findall("IP")) == 3


def test_a_running_clock_brings_a_scan_to_its_end_by_itself(client_of):
    sim = Subscription(NOW, clock=SimulatedClock(NOW, running=True, speed=1_000))
    sim.account("acme_ab1", "bait")
    sim.host("198.51.100.1")
    sim.scan_pace(host_s=60, keep_alive_s=0.01)
    with SimulatorServer(sim) as server:
        body = client_of(server)(SCAN, ip=RANGE).body

    assert body.count(b"</IP>") == 1
    assert b"<!-- keep-alive" in body
    assert server.failures == []


@pytest.mark.parametrize(
    ("after", "whole_hosts", "header"), [(0, 0, False), (1, 1, False), (None, 1, False), (3, 3, False), (4, 3, True)]
)
def test_a_cut_falls_behind_so_many_hosts(sim, ask, after, whole_hosts, header):
    sim.break_next("scan", "cut-unmarked", after_records=after)

    body = ask(SCAN, ip=RANGE).body

    assert (body.count(b"</IP>"), b"</HEADER>" in body, b"</SCAN>" in body) == (whole_hosts, header, False)
    assert b"<SCAN value=" in body


def test_a_cut_can_fall_before_the_reference(sim, ask):
    sim.break_next("scan", "cut-unmarked", after_bytes=45)

    assert len(ask(SCAN, ip=RANGE).body) == 45
    assert len(sim.scans_started) == 1


def test_a_stalled_stream_sends_nothing_and_then_goes_on(sim, ask):
    sim.break_next("scan", "stall", seconds=30, after_records=1)
    silent = ask.connect()
    silent.timeout = 0.3
    silent.request(*ask.request(SCAN, ip=RANGE))
    response = silent.getresponse()
    with pytest.raises(TimeoutError):
        response.read()
    silent.close()
    sim.break_next("scan", "stall", seconds=0.05, after_records=1)

    assert len(ask(SCAN, ip=RANGE).xml.findall("IP")) == 3


def test_a_scan_has_begun_when_the_status_line_is_there(sim, ask, slow):
    stream = Stream(ask, ip=RANGE)

    assert len(sim.scans_started) == 1
    sim.clock.advance(minutes=3)
    assert stream.rest().count(b"</IP>") == 3


def test_one_host_of_a_stream_can_be_malformed(sim, ask):
    sim.break_next("scan", "unclosed-tag", record_id=1002)

    assert ask(SCAN, ip=RANGE).body.count(b"</IP>") == 2


def test_a_refusal_starts_no_scan(sim, ask):
    for kind in ("bad-login", "maintenance", "internal", "no-permission", "html-page"):
        sim.break_next("scan", kind)
        ask(SCAN, ip=RANGE)
    ask(SCAN, ip="x")
    ask(SCAN, ip=RANGE, login=None)
    for path in ("/msp/about.php", LIST, RUNNING, "/msp/iscanner_list.php"):
        ask(path)

    assert sim.scans_started == []


def test_a_cancelled_scan_ends_its_stream_and_keeps_what_it_found(sim, ask, slow):
    stream = Stream(ask, ip=RANGE, save_report="yes")
    stream.until(b"<SCAN ")
    (run,) = sim.scans_started
    sim.clock.advance(60)

    done = ask("/msp/scan_cancel.php", ref=run.ref).xml
    whole = stream.rest()

    assert done.find("RETURN").attrib == {"status": "SUCCESS"}
    assert (whole.count(b"</IP>"), b'<KEY value="STATUS">CANCELED</KEY>' in whole) == (1, True)
    sim.clock.advance(minutes=5)
    assert ask(LIST).xml[0].attrib["status"] == "CANCELED"
    assert len(ask(REPORT, ref=run.ref).xml.findall("IP")) == 1


def test_nobody_alive_is_told_at_the_end(sim, ask):
    root = ask(SCAN, ip="198.51.100.40").xml

    assert [child.tag for child in root] == ["IP", "ERROR", "HEADER"]
    assert root[0].attrib == {"value": "198.51.100.40", "status": "down"}
    assert (root[1].attrib["number"], root[1].text.strip()) == ("3509", "No host alive...")
    assert root.find("HEADER/KEY[@value='STATUS']").text == "NOHOSTALIVE"


@pytest.mark.parametrize(
    ("query", "number", "text"),
    [
        ({"ip": "ja.example,http://192.0.2.8/"}, "5000", "Invalid value for 'ip' : ja.example. Invalid IP or range."),
        ({"ip": RANGE, "option": "Mine"}, "19001", "expecting one of (Initial Options, Payment Card"),
        ({"ip": "10.0.0.1"}, "99002", "Private IPs need a scanner appliance"),
        ({"ip": "10.0.0.1", "iscanner_name": "External"}, "99002", "10.0.0.1"),
        ({"ip": "10.0.0.1", "iscanner_name": "attic"}, "99003", "attic"),
        ({"asset_groups": "HQ"}, "99007", "HQ"),
        ({}, "99008", "'ip' or 'asset_groups'"),
        ({"ip": RANGE, "specific_vulns": "abc"}, "5000", "abc"),
        ({"ip": "192.0.2.1"}, "5101", "Cannot launch scan. These IPs are not in your subscription: 192.0.2.1"),
    ],
)
def test_a_scan_that_may_not_be_started_has_no_reference(sim, ask, query, number, text):
    sim.own_addresses("198.51.100.0/24,10.0.0.0/8")

    root = ask(SCAN, **query).xml

    assert (root.tag, root.attrib["value"], root.find("ERROR").attrib["number"]) == ("SCAN", "None", number)
    assert text in root.find("ERROR").text
    assert sim.scans_started == []


def test_an_appliance_reaches_private_addresses_by_name_or_by_group(sim, ask):
    sim.scanner_appliance("hq")
    sim.host("10.0.0.1")
    sim.asset_group("HQ", "10.0.0.0/30", appliance="hq")

    by_name = ask(SCAN, ip="10.0.0.1", iscanner_name="hq").xml
    by_group = ask(SCAN, asset_groups="HQ", default_scanner="1").xml

    assert len(by_name.findall("IP")) == len(by_group.findall("IP")) == 1
    assert by_group.find(".//ASSET_GROUP_TITLE").text == "HQ"
    assert by_name.find("HEADER/KEY[@value='SCAN_HOST']").text.startswith("hq (Scanner")


def test_only_so_many_scans_run_at_once(sim, ask, slow):
    sim.scan_pace(at_once=1)
    first = Stream(ask, ip="198.51.100.1", save_report="yes")
    first.until(b"<SCAN ")

    refused = ask(SCAN, ip="198.51.100.2").xml
    sim.clock.advance(60)
    first.rest()
    sim.scan_pace(host_s=0)
    allowed = ask(SCAN, ip="198.51.100.2").xml

    assert refused.find("ERROR").attrib["number"] == "99004"
    assert allowed.find("ERROR") is None


def test_the_server_closes_while_a_scan_goes_on(sim, client_of):
    sim.scan_pace(host_s=60)
    with SimulatorServer(sim) as server:
        stream = Stream(client_of(server), ip=RANGE)
        stream.until(b"<SCAN ")
    stream.close()

    assert server.failures == []


def test_get_and_post_and_gzip_make_no_difference(sim, ask):
    reply = ask(SCAN, post={"ip": RANGE}, headers={"Accept-Encoding": "gzip"})

    assert len(reply.xml.findall("IP")) == 3
    assert reply.headers["Content-Encoding"] is None
    assert reply.headers["Transfer-Encoding"] == "chunked"
