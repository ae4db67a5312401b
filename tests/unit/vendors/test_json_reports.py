"""A scan's results in JSON."""

import json
from datetime import UTC, datetime

import pytest

from unit.vendors.qualys_documents import read
from unit.vendors.table_documents import JSON_HEADERS, JSON_ROW, JSON_TRAILER, scan_json
from vatriage.vendors.qualys.tables import json_records, lines

LAUNCHED = int(datetime(2026, 2, 3, 7, tzinfo=UTC).timestamp())
BRIEF = ("ip", "dns", "netbios", "qid", "instance", "protocol", "port", "ssl", "fqdn")


def problems(found):
    return [reject.problem for reject in found.rejects]


def test_extended_results_are_read_without_their_header_and_trailer_rows():
    found = read(scan_json({}, {"qid": "2", "type": "Ig", "port": ""}), "s.json")

    assert found.kind == "SCAN_JSON"
    assert found.end.error is None
    assert "does not say which hosts were scanned" in found.end.narrowed
    assert not found.end.partial
    assert found.rejects == []
    assert found.end.generated_at == LAUNCHED + 3600
    (host,) = found.hosts
    assert (host["address"], host["os"], host["last_scan"], host["scanned_at"]) == ("10.1.0.7", "Linux 5", LAUNCHED, 0)
    first, second = found.detections
    assert (first["qid"], first["kind"], first["port"], first["ssl"]) == (99000, 2, 443, True)
    assert (first["first_found"], first["last_found"], first["results"]) == (LAUNCHED, LAUNCHED, "a\r\nb")
    assert (second["qid"], second["kind"], second["port"]) == (2, 0, -1)
    assert found.references == [
        {"qid": 99000, "claim": "CVE-2026-10000"},
        {"qid": 2, "claim": "CVE-2026-10000"},
    ]
    assert found.vulnerabilities == []


def test_brief_results_have_no_header_no_type_and_no_date():
    row = {name: JSON_ROW[name] for name in BRIEF} | {"result": "x"}
    found = read(json.dumps([row]).encode())

    (detection,) = found.detections
    assert (detection["kind"], detection["first_found"], detection["results"]) == (1, 0, "x")
    assert found.rejects == []
    assert found.end.generated_at == 0


def test_hosts_not_scanned_may_be_named_in_further_trailers():
    trailers = ({"hosts_not_scanned_host_not_alive_ip": "10.1.0.9-10.1.0.12"}, JSON_TRAILER)

    assert read(scan_json({}, trailers=trailers)).rejects == []


def test_a_scan_that_did_not_finish_is_partial():
    headers = (JSON_HEADERS[0], JSON_HEADERS[1] | {"status": "Canceled"})

    assert read(scan_json({}, headers=headers)).end.partial


def test_only_header_and_trailer_rows_are_a_scan_that_found_nothing():
    found = read(scan_json())

    assert (found.kind, found.end.error, found.hosts, found.rejects) == ("SCAN_JSON", None, [], [])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"qid": "x"}, "QID 'x' cannot be read: the detection was left out"),
        ({"qid": None, "ip_status": ""}, "it has no QID: the row was left out"),
        ({"ip": "nowhere"}, "it names no host by a readable address: the row was left out"),
        ({"port": "70000"}, "PORT '70000' cannot be read: the detection was left out"),
    ],
)
def test_a_row_that_says_nothing_is_a_reject_with_its_record(change, problem):
    found = read(scan_json({}, change, {"ip": "10.1.0.8"}), "s.json")

    assert len(found.detections) == 2
    assert [(reject.where, reject.problem) for reject in found.rejects] == [("s.json, record 4", problem)]


def test_an_element_that_is_no_json_costs_only_itself():
    document = scan_json({}, {"qid": 2}, {"qid": 3}).replace(b'"qid": 2', b'"qid" 2')
    found = read(document, "s.json")

    assert [row["qid"] for row in found.detections] == [99000, 3]
    assert [reject.where for reject in found.rejects] == ["s.json, record 4"]


def test_elements_of_other_shapes_are_rejects():
    document = json.dumps([*JSON_HEADERS, JSON_ROW, 5, "x", ["y"], {"foo": 1}, None, JSON_ROW]).encode()
    found = read(document)

    assert len(found.detections) == 2
    assert len(found.rejects) == 5


def test_unknown_fields_are_counted_and_named_once():
    found = read(scan_json({"moon": "full"}, {"moon": "new", "tide": 1}))

    assert problems(found) == ["2 fields are not known here and were not read: moon, tide"]


def test_halves_of_characters_and_nul_are_replaced_and_told():
    found = read(scan_json({"results": "a\ud800b\0", "qid": "\ud800"}, {"results": "fine"}))

    assert len(found.detections) == 1
    assert any("replaced" in problem for problem in problems(found))
    for reject in found.rejects:
        f"{reject.where}{reject.subject}{reject.problem}".encode()


@pytest.mark.parametrize(
    ("document", "kind", "words"),
    [
        (b"[]", None, "empty JSON array"),
        (b"[", None, "stops inside"),
        (b"[nonsense]", None, "no JSON"),
        (b'[{"REF": "scan/1", "STATUS": {}}]', "JSON_ARRAY", "'REF', 'STATUS'"),
        (b'["10.0.0.1"]', "JSON_ARRAY", "10.0.0.1"),
        (b'{"ServiceResponse": {"responseCode": "SUCCESS"}}', "QPS_PORTAL_JSON", "portal"),
        (b'{"X-RateLimit-Limit": "300"}', "HTTP_HEADERS_JSON", "HTTP headers"),
        (b'{"foo": 1}', "JSON_OBJECT", "JSON object"),
        (b"{", "JSON_OBJECT", "JSON object"),
    ],
)
def test_other_json_is_refused_by_name(document, kind, words):
    found = read(document)

    assert found.kind == kind
    assert words in found.end.error
    assert "fetch" in found.end.error
    assert found.hosts == found.detections == []


def test_results_cut_anywhere_keep_their_whole_records_and_are_partial():
    document = scan_json({}, {"qid": 2})
    for length in range(1, len(document) - 1):
        found = read(document[:length])
        assert found.end.partial or found.end.error
        assert len(found.detections) == document[:length].count(b'"instance": null}')


def test_what_follows_the_array_is_an_error():
    found = read(scan_json({}) + b" x")

    assert len(found.detections) == 1
    assert "follows" in found.end.error


def test_deep_nesting_is_no_crash():
    for document in (b"[" * 100_000, b'[{"qid":' * 50_000, b"[" + b"[" * 90_000 + b"]" * 90_000 + b"]"):
        assert read(document).end.error


def test_numbers_of_any_length_are_text():
    found = read(scan_json({}).replace(b"99000", b"9" * 6_000))

    assert found.detections == []
    assert "QID" in problems(found)[0]


def test_an_endless_record_stops_the_reading_and_is_told(monkeypatch):
    monkeypatch.setattr(json_records, "RECORD_LIMIT", 10_000)
    monkeypatch.setattr(lines, "_BLOCK", 4_096)
    found = read(scan_json({}, {"results": "x" * 50_000}, {}))

    assert len(found.detections) == 1
    assert found.end.partial
    assert "longer than" in found.end.error
