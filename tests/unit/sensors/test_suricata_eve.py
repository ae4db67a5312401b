"""Lines of EVE, whole and broken, through SuricataEve."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.model.alert import Alert, Direction, Disposition
from vatriage.model.claims import merge_claims
from vatriage.model.signature import ClaimSource
from vatriage.sensors.byte_lines import MAX_LINE, MAX_RAW
from vatriage.sensors.interface import EventBatch
from vatriage.sensors.reading import BATCH_LINES
from vatriage.sensors.suricata_eve import SuricataEve

FLOW_EVENT = b'{"timestamp":"2026-01-02T03:04:05.000006+0000","event_type":"flow","flow":{"alerted":true}}'


def event(**changes):
    """Return an alert event of our own making; a change of `...` leaves the key out."""
    whole = {
        "timestamp": "2026-01-02T03:04:05.000006+0000",
        "flow_id": 77,
        "pcap_cnt": 3,
        "event_type": "alert",
        "src_ip": "192.0.2.10",
        "src_port": 40000,
        "dest_ip": "198.51.100.5",
        "dest_port": 443,
        "proto": "TCP",
        "tx_id": 0,
        "alert": {
            "action": "allowed",
            "gid": 1,
            "signature_id": 9000001,
            "rev": 4,
            "signature": "TEST Something (CVE-2026-12345)",
            "category": "Attempted Administrator Privilege Gain",
            "severity": 1,
            "source": {"ip": "192.0.2.10", "port": 40000},
            "target": {"ip": "198.51.100.5", "port": 443},
            "metadata": {
                "cve": ["CVE_2026_12345"],
                "attack_target": ["Server"],
                "tag": ["CISA_KEV"],
                "confidence": ["High"],
            },
            "references": ["https://example.org/cvename.cgi?name=2026-12345"],
        },
        "direction": "to_server",
        "flow": {"pkts_toserver": 4, "src_ip": "192.0.2.10", "src_port": 40000},
        "payload_printable": "ünïcode",
    }
    whole.update(changes)
    return {key: value for key, value in whole.items() if value is not ...}


def rule(**changes):
    return {"alert": {key: value for key, value in (event()["alert"] | changes).items() if value is not ...}}


def line(**changes):
    return json.dumps(event(**changes)).encode()


def read(content, *, keep_events=False):
    batches = list(SuricataEve().read(io.BytesIO(content), "eve.json", "default", keep_events=keep_events))
    whole = EventBatch()
    for batch in batches:
        whole.line_alert += [index + len(whole.alerts) if index >= 0 else -1 for index in batch.line_alert]
        whole.alerts += batch.alerts
        whole.lines += batch.lines
        whole.rejects += batch.rejects
        whole.events += batch.events
    return whole


def only_alert(content):
    batch = read(content)

    assert batch.rejects == []
    assert len(batch.alerts) == 1
    return batch.alerts[0]


def only_problem(content):
    batch = read(content)

    assert batch.alerts == []
    assert batch.events == 0
    assert len(batch.rejects) == 1
    return batch.rejects[0].problem


def test_an_alert_keeps_every_field_that_judging_needs():
    expected = Alert(
        id=only_alert(line()).id,
        zone="default",
        at_us=1_767_323_045_000_006,
        gid=1,
        sid=9000001,
        rev=4,
        message="TEST Something (CVE-2026-12345)",
        category="Attempted Administrator Privilege Gain",
        alert_priority=1,
        source_address="192.0.2.10",
        source_port=40000,
        destination_address="198.51.100.5",
        destination_port=443,
        protocol="tcp",
        client_address="192.0.2.10",
        client_port=40000,
        direction=Direction.TO_SERVER,
        target_address="198.51.100.5",
        target_port=443,
        cves=("CVE_2026_12345",),
        references=("https://example.org/cvename.cgi?name=2026-12345",),
        attack_targets=("Server",),
        tags=("CISA_KEV",),
        confidence="High",
        disposition=Disposition.ALLOWED,
        source_file="eve.json",
        source_line=1,
    )

    assert expected == only_alert(line())


def test_an_alert_of_the_packet_decoder_has_no_addresses():
    alert = only_alert(line(src_ip=..., src_port=..., dest_ip=..., dest_port=..., proto=..., flow=..., direction=...))

    assert (alert.source_address, alert.destination_port, alert.protocol, alert.direction) == (None, None, "", None)


def test_ipv6_in_any_spelling_is_the_same_and_mapped_addresses_are_ipv4():
    alert = only_alert(line(src_ip="2001:DB8:0:0:0:0:0:1", dest_ip="::ffff:10.0.0.5", proto="IPv6-ICMP"))

    assert (
        alert.source_address,
        alert.destination_address,
        alert.protocol,
    ) == ("2001:db8::1", "10.0.0.5", "ipv6-icmp")


@pytest.mark.parametrize(
    "changes",
    [
        {"src_port": "40000", "dest_port": "443", "flow_id": "77", "pcap_cnt": 3.0},
        {"verdict": None, "http": None, "unknown": [1, {"a": None}]},
        rule(signature_id="9000001", rev="4", gid=None),
        {"src_ip": "::ffff:192.0.2.10"},
        {"timestamp": "2026-01-02T04:04:05.000006+01:00"},
        {"event_type": ...},
    ],
)
def test_the_id_does_not_depend_on_how_a_program_spells_the_alert(changes):
    assert only_alert(line()).id == only_alert(line(**changes)).id


def test_the_id_does_not_depend_on_the_order_of_keys_or_on_blanks():
    turned = json.dumps(dict(reversed(event().items())), indent=None, separators=(" , ", " : ")).encode()

    assert only_alert(line()).id == only_alert(turned).id


@pytest.mark.parametrize(
    "changes",
    [
        {"timestamp": "2026-01-02T03:04:05.000007+0000"},
        {"flow_id": 78},
        {"flow_id": 2**64 + 78},
        {"pcap_cnt": 4},
        {"tx_id": 1},
        {"src_ip": "192.0.2.11"},
        {"dest_port": 444},
        rule(rev=5),
        rule(action="blocked"),
    ],
)
def test_the_id_tells_alerts_apart(changes):
    assert only_alert(line()).id != only_alert(line(**changes)).id


@pytest.mark.parametrize(
    ("changes", "sensor"),
    [
        ({"host": "dmz-1", "in_iface": "eth1"}, "dmz-1"),
        ({"in_iface": "eth1"}, "eth1"),
        ({"host": {"name": "shipper"}, "in_iface": "eth1"}, "eth1"),
        ({"host": {"name": "shipper"}, "in_iface": "eth1", "src_port": "80"}, "eth1"),
        ({"host": "dmz-1", "in_iface": None}, "dmz-1"),
        ({}, ""),
    ],
)
def test_the_sensor_is_named_as_it_calls_itself_or_by_its_interface(changes, sensor):
    plain = {
        name: value for name, value in event(**changes).items() if name in changes or name not in ("host", "in_iface")
    }
    assert sensor == only_alert(json.dumps(plain).encode()).sensor


def test_the_id_depends_on_the_zone():
    batches = SuricataEve().read(io.BytesIO(line() + b"\n"), "eve.json", "branch")

    assert only_alert(line()).id != next(batches).alerts[0].id


@pytest.mark.parametrize(
    ("action", "verdict", "expected"),
    [
        ("allowed", ..., Disposition.ALLOWED),
        ("allowed", {"action": "alert"}, Disposition.ALLOWED),
        ("allowed", {"action": "drop"}, Disposition.BLOCKED),
        ("allowed", {"action": "reject", "reject": ["tcp-reset"]}, Disposition.BLOCKED),
        ("blocked", ..., Disposition.BLOCKED),
        ("blocked", {"action": "drop"}, Disposition.BLOCKED),
        ("blocked", {"action": "pass"}, Disposition.PARTLY),
        ("blocked", {"action": "alert"}, Disposition.PARTLY),
        (None, None, Disposition.ALLOWED),
    ],
)
def test_the_disposition_follows_what_was_done_in_the_end(action, verdict, expected):
    assert expected == only_alert(line(verdict=verdict, **rule(action=action))).disposition


@pytest.mark.parametrize("metadata", ["CVE_2026_1", ["CVE_2026_1"], ["CVE_2026_1", None]])
def test_metadata_may_hold_a_value_where_suricata_writes_a_list(metadata):
    assert only_alert(line(**rule(metadata={"cve": metadata, "tag": None, "confidence": "Low"}))).cves == (
        "CVE_2026_1",
    )


@pytest.mark.parametrize("metadata", [None, [], "", False, {"cve": None}, {"cve": {}}, {"cve": [None, ""]}])
def test_metadata_without_a_cve_names_none(metadata):
    assert only_alert(line(**rule(metadata=metadata))).cves == ()


@pytest.mark.parametrize(
    ("metadata", "kept", "readable"),
    [
        ({"cve": [{"id": "CVE-2026-9999"}]}, '{"id":"CVE-2026-9999"}', ["CVE-2026-9999"]),
        ({"cve": {"year": 2026, "number": 9999}}, '{"year":2026,"number":9999}', []),
        ({"cve": [["CVE-2026-9999"]]}, '["CVE-2026-9999"]', ["CVE-2026-9999"]),
        ({"cve": [True]}, "true", []),
        ([{"cve": ["CVE_2026_9999"]}], '[{"cve":["CVE_2026_9999"]}]', ["CVE-2026-9999"]),
        ("cve CVE_2026_9999", "cve CVE_2026_9999", ["CVE-2026-9999"]),
        (["deployment Perimeter"], '["deployment Perimeter"]', []),
    ],
)
def test_metadata_that_cannot_be_read_is_kept_as_a_malformed_claim(metadata, kept, readable):
    alert = only_alert(line(**rule(metadata=metadata)))
    claims, _ = merge_claims({ClaimSource.EVE_METADATA: alert.cves})

    assert alert.cves == (kept,)
    assert [claim.id for claim in claims if claim.malformed] == [kept]
    assert [claim.id for claim in claims if not claim.malformed] == readable


@pytest.mark.parametrize("metadata", [{"CVE": ["CVE_2026_1"]}, {"CVE": "CVE_2026_1"}, {"cVe": "CVE_2026_1", "tag": 1}])
def test_the_key_of_a_cve_may_be_in_capitals(metadata):
    assert only_alert(line(**rule(metadata=metadata))).cves == ("CVE_2026_1",)


def test_references_and_targets_of_any_shape_are_kept():
    alert = only_alert(
        line(**rule(references=[{"url": "example.org/CVE-2026-9999"}, "x"], metadata={"attack_target": [{"a": 1}]}))
    )

    assert alert.references == ('{"url":"example.org/CVE-2026-9999"}', "x")
    assert [claim.id for claim in merge_claims({ClaimSource.EVE_REFERENCE: alert.references})[0]] == ["CVE-2026-9999"]
    assert alert.attack_targets == ('{"a":1}',)


@pytest.mark.parametrize("unusable", ["nobody", "10.0.0.256", 12, ["10.0.0.1"], "fe80::1%" + "x" * 200])
@pytest.mark.parametrize("strange", [{}, {"pcap_cnt": "3"}], ids=["as written", "rewritten"])
def test_an_unusable_client_or_target_counts_as_not_stated(unusable, strange):
    alert = only_alert(
        line(flow={"src_ip": unusable, "src_port": 70000}, **rule(target={"ip": unusable, "port": 1.5}), **strange)
    )

    assert (alert.client_address, alert.target_address) == (None, None)
    assert (alert.client_port, alert.target_port) == (None, None)
    assert alert.id == only_alert(line()).id


@pytest.mark.parametrize("written", ['"ALERT"', '"Alert"', '" alert"', r'"\u0061lert"', r'"\u0041LERT"'])
@pytest.mark.parametrize("changes", [{}, {"src_port": "40000"}], ids=["as written", "rewritten"])
def test_the_event_type_counts_in_any_spelling(written, changes):
    content = line(**changes).replace(b'"event_type": "alert"', b'"event_type": ' + written.encode())

    assert only_alert(content).id == only_alert(line()).id


def test_an_alert_whose_every_word_is_escaped_is_read():
    assert only_alert(line().replace(b'"alert"', rb'"\u0061l\u0065rt"')).id == only_alert(line()).id


def test_an_alert_in_capitals_without_its_rule_is_a_reject():
    assert "alert is missing" in only_problem(b'{"timestamp":"2026-01-02T03:04:05.000006+0000","event_type":"ALERT"}')


@pytest.mark.parametrize(
    ("wrapped", "place"),
    [
        ({"@timestamp": "x", "source": {"ip": "10.0.0.1"}, "suricata": {"eve": event()}}, "suricata.eve"),
        ({"suricata": {"eve": {"event_type": "alert"}}}, "suricata.eve"),
        ({"suricata": {"eve": {"alert": {"signature_id": 1}}}}, "suricata.eve"),
        ({"suricata.eve.event_type": "alert"}, "its own keys"),
        ({"hits": {"hits": [{"_source": event()}]}}, "hits.hits.0._source"),
        ({"message": json.dumps(event())}, "message (as text)"),
        ({"event": {"original": "<134>ids suricata: " + json.dumps(event())}}, "event.original (as text)"),
    ],
)
def test_an_alert_in_a_wrapping_is_a_reject_that_says_what_to_do(wrapped, place):
    problem = only_problem(json.dumps(wrapped).encode())

    assert f"the alert is wrapped at {place}, " in problem
    assert "give Suricata's own eve.json" in problem


@pytest.mark.parametrize(
    "other",
    [
        {"event_type": "flow", "flow": {"x": {"event_type": "alert"}}},
        {"event_type": "http", "body": json.dumps(event())},
        {"message": 'an "alert" in words', "tags": ["alert"]},
        {"message": '{ "alert"'},
    ],
)
def test_an_event_that_only_speaks_of_alerts_is_an_event(other):
    batch = read(json.dumps(other).encode())

    assert (batch.events, batch.alerts, batch.rejects) == (1, [], [])


@pytest.mark.parametrize(
    "prefix", [b"@cee: ", b"<134>Jan  2 03:04:05 ids suricata[77]: @cee: ", b"\xef\xbb\xbf", b"  "]
)
def test_what_stands_before_the_object_is_cut(prefix):
    batch = read(prefix + line() + b"\r\n", keep_events=True)

    assert [line()] == batch.lines
    assert batch.line_alert == [0]


def test_a_byte_order_mark_alone_is_a_blank_line():
    assert (read(b"\xef\xbb\xbf\n").events, read(b"\xef\xbb\xbf\n").rejects) == (0, [])


def test_blank_lines_are_passed_over_but_counted():
    batch = read(b"\n\r\n   \n" + line() + b"\r\n\n")

    assert (batch.alerts[0].source_line, batch.events, batch.rejects) == (4, 1, [])


def test_events_of_other_types_are_counted_and_kept_when_asked_for():
    drop = line(event_type="drop")
    batch = read(b"\n".join([FLOW_EVENT, line(), drop, FLOW_EVENT, line(flow_id=78), b""]), keep_events=True)

    assert [FLOW_EVENT, line(), drop, FLOW_EVENT, line(flow_id=78)] == batch.lines
    assert batch.line_alert == [-1, 0, -1, -1, 1]
    assert (batch.events, batch.rejects) == (5, [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"timestamp": ...}, "timestamp is missing"),
        ({"timestamp": None}, "timestamp is missing"),
        ({"timestamp": "yesterday"}, "timestamp is not usable: 'yesterday'"),
        ({"timestamp": 1767323045}, "timestamp is not usable"),
        ({"timestamp": "1969-12-31T23:59:59.999999+0000"}, "timestamp is not usable"),
        ({"timestamp": "9999-12-31T23:59:59.000000-0100"}, "timestamp is not usable"),
        ({"alert": ...}, "alert is missing"),
        ({"alert": "yes"}, "alert is not usable: 'yes'"),
        (rule(signature_id=...), "alert.signature_id is missing"),
        (rule(signature_id="many"), "alert.signature_id is not usable"),
        (rule(signature_id=-1), "alert.signature_id is not usable"),
        (rule(signature_id=True), "alert.signature_id is not usable"),
        (rule(gid="other"), "alert.gid is not usable"),
        ({"src_ip": "10.0.0.256"}, "src_ip is not usable: '10.0.0.256'"),
        ({"src_ip": 12}, "src_ip is not usable"),
        ({"dest_ip": "fe80::1%" + "x" * 200}, "dest_ip is not usable"),
        ({"event_type": ["alert"]}, "event_type is not usable"),
        ({"src_port": 65536}, "src_port is not usable: 65536"),
        ({"dest_port": -1}, "dest_port is not usable"),
        ({"dest_port": "http"}, "dest_port is not usable"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(changes, field):
    assert f"line 2: {field}" in only_problem(b"\n" + line(**changes) + b"\n")


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        (b'{"event_type":"alert",}', "bad JSON"),
        (b'{"event_type":"alert"', "lacks its '{' or its '}'"),
        (b'["alert"]', "lacks its '{' or its '}'"),
        (b'"alert"', "lacks its '{' or its '}'"),
        (b"alert", "lacks its '{' or its '}'"),
        (b'{"event_type":"flow"', "lacks its '{' or its '}'"),
        (b'{"event_type":"alert","a":"\0"}', "NUL"),
        (b"\0\0\0" + line(), "NUL"),
        (b'{"event_type":"alert","a":"\xff"}', "invalid UTF-8 at byte 27"),
        (b'{"event_type":"alert","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "bad JSON"),
        (line() + line(), "bad JSON"),
    ],
)
def test_a_line_that_is_no_event_is_a_reject_with_its_cause(broken, cause):
    batch = read(line() + b"\n" + broken + b"\n" + line() + b"\n")

    assert [(2, broken[:MAX_RAW])] == [(reject.line, reject.raw) for reject in batch.rejects]
    assert cause in batch.rejects[0].problem
    assert [alert.source_line for alert in batch.alerts] == [1, 3]


def test_a_line_of_more_than_sixteen_mebibytes_is_one_reject():
    long = b'{"event_type":"alert","a":"' + b"x" * MAX_LINE + b'"}'
    batch = read(line() + b"\n" + long + b"\n" + line() + b"\n")

    assert [(reject.line, len(reject.raw)) for reject in batch.rejects] == [(2, MAX_RAW)]
    assert [alert.source_line for alert in batch.alerts] == [1, 3]


def test_a_last_line_without_its_end_counts_if_it_is_whole():
    assert [alert.source_line for alert in read(line() + b"\n" + line(flow_id=78)).alerts] == [1, 2]


@pytest.mark.parametrize("length", [1, 20, 200, len(line()) - 1])
def test_a_cut_last_line_is_one_reject_that_says_so(length):
    batch = read(line() + b"\n" + line()[:length])

    assert len(batch.alerts) == 1
    assert [reject.problem[:35] for reject in batch.rejects] == ["line 2: the last line is incomplete"]


def test_a_cut_last_line_of_another_type_is_noticed_as_well():
    cut = b'{"event_type":"flow","flow":{"a":1}'

    assert "incomplete" in only_problem(cut)


def test_batches_are_bounded():
    batches = list(SuricataEve().read(io.BytesIO((line() + b"\nrubbish\n") * BATCH_LINES), "eve.json", "default"))

    assert [batch.events + len(batch.rejects) for batch in batches] == [BATCH_LINES, BATCH_LINES]


class LiveSource(io.RawIOBase):
    """Gives one line a read, as a socket would, and counts the reads."""

    def __init__(self, lines):
        self.lines = list(lines)
        self.reads = 0

    def readable(self):
        """Say that it can be read."""
        return True

    def read1(self, _size=-1):
        """Return one line."""
        self.reads += 1
        return self.lines.pop(0) if self.lines else b""


def test_a_live_source_is_not_kept_waiting_for_a_full_batch():
    source = LiveSource([line() + b"\n", line(flow_id=78) + b"\n"])
    batches = SuricataEve().read(source, "-", "default")

    assert len(next(batches).alerts) == 1
    assert source.reads == 1


@given(st.binary())
def test_no_bytes_make_it_raise_or_lose_a_line(content):
    batch = read(content)
    compressed = content.startswith((b"\x1f\x8b", b"BZh"))

    lines = [one for one in content.removeprefix(b"\xef\xbb\xbf").split(b"\n") if one.strip()]
    assert compressed or batch.events + len(batch.rejects) == len(lines)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(event())), JSON)
def test_any_value_in_any_field_gives_an_alert_an_event_or_a_reject(key, value):
    batch = read(line(**{key: value}) + b"\n")

    assert batch.events + len(batch.rejects) == 1


@given(st.sampled_from(sorted(event()["alert"])), JSON)
def test_any_value_in_any_field_of_the_rule_gives_an_alert_or_a_reject(key, value):
    batch = read(line(**rule(**{key: value})) + b"\n")

    assert len(batch.alerts) + len(batch.rejects) == 1


@given(st.data())
def test_a_mutated_line_never_raises_and_is_never_lost(data):
    content = bytearray(line())
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255).filter(lambda byte: byte != 0x0A))
    batch = read(bytes(content) + b"\n" + line() + b"\n")

    assert batch.events + len(batch.rejects) == 2


def test_the_source_file_is_named_in_alerts_and_rejects(tmp_path: Path):
    path = tmp_path / "eve.json"
    path.write_bytes(line() + b"\nrubbish\n")
    with path.open("rb") as source:
        batch = next(SuricataEve().read(source, str(path), "default"))

    assert [str(path)] * 2 == [batch.alerts[0].source_file, batch.rejects[0].file]


@pytest.mark.parametrize("port", ["999", '"999"'])
@pytest.mark.parametrize(
    ("outside", "inside", "proxied"),
    [('"xff": "192.0.2.1", ', "", True), ("", ', "xff": "192.0.2.1"', True), ("", "", False)],
)
def test_whom_a_request_was_forwarded_for_makes_its_client_a_proxy(port, outside, inside, proxied):
    line = (
        f'{{"timestamp": "2026-05-02T00:00:00Z", "event_type": "alert", {outside}"src_ip": "10.0.0.5", "src_port": {port}, '
        f'"alert": {{"signature_id": 1, "rev": 1{inside}}}}}\n'
    )
    batches = SuricataEve().read(io.BytesIO(line.encode()), "-", "default")

    assert [one.proxied for batch in batches for one in batch.alerts] == [proxied]
