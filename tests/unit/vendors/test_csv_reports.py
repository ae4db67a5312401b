"""Tables in CSV: VMDR detections, scan results and reports, host detections of the API."""

import io
from datetime import UTC, datetime

import pytest

from unit.vendors.qualys_documents import read
from unit.vendors.table_documents import (
    SCAN_COLUMNS,
    SCAN_METADATA,
    VMDR_COLUMNS,
    detections,
    quoted,
    scan,
    table,
    vmdr,
)
from vatriage.vendors.qualys.readers import QualysReader
from vatriage.vendors.qualys.tables import batch, lines

HOUR = 3600


def seconds(*parts):
    return int(datetime(*parts, tzinfo=UTC).timestamp())


def problems(found):
    return [reject.problem for reject in found.rejects]


def test_a_vmdr_row_becomes_a_host_and_a_detection():
    found = read(vmdr({}), "v.csv")

    assert found.kind == "VMDR_CSV"
    assert found.rejects == []
    assert found.end.error is None
    assert "does not say which hosts were scanned" in found.end.narrowed
    assert not found.end.partial
    assert found.end.generated_at == seconds(2026, 2, 4, 15)
    (host,) = found.hosts
    assert (host["host_id"], host["address"], host["dns"], host["os"]) == (0, "10.1.0.7", "WEB", "Linux")
    (row,) = found.detections
    assert (row["qid"], row["kind"], row["qualys_severity"], row["port"], row["protocol"]) == (99000, 2, 4, 443, 6)
    assert (row["status"], row["results"], row["times_found"]) == (2, "version 1", 3)
    assert row["last_found"] == seconds(2026, 2, 3, 12)
    assert row["first_found"] == seconds(2026, 1, 13, 20, 14)


def test_without_metadata_a_date_is_utc_and_leans_to_the_side_that_clears_less():
    found = read(vmdr({}, before=""))

    (row,) = found.detections
    assert row["last_found"] == seconds(2026, 2, 3, 7)
    assert row["first_found"] == seconds(2026, 1, 13, 15, 14) - 14 * HOUR
    assert found.hosts[0]["last_scan"] == seconds(2026, 2, 3, 7) - 14 * HOUR
    assert found.end.generated_at == 0


def test_no_table_states_a_scan():
    for document in (vmdr({}), scan({}, before=SCAN_METADATA.format(state="Finished")), detections({})):
        (host,) = read(document).hosts
        assert (host["scanned_at"], host["auth_scanned_at"]) == (0, 0)
        assert host["last_scan"] > 0


def test_a_fixed_finding_is_information_and_told_once():
    found = read(vmdr({}, {"QID": "2", "Status": "FIXED", "Last Fixed": "Feb 01, 2026 07:00 AM"}, {"Status": "FIXED"}))

    active, fixed, undated = found.detections
    assert (active["kind"], active["status"]) == (2, 2)
    assert (fixed["kind"], fixed["status"], fixed["last_fixed"]) == (0, 2, seconds(2026, 2, 1, 12))
    assert fixed["last_update"] > fixed["last_fixed"]
    assert undated["kind"] == 0
    assert undated["last_update"] > undated["last_found"]
    (told,) = found.rejects
    assert told.where.endswith("line 6")
    assert told.subject.startswith("2 rows whose finding is fixed")


@pytest.mark.parametrize(("port", "protocol"), [("0", "'-"), ("", ""), ("-", "-")])
def test_no_port_is_host_level(port, protocol):
    (row,) = read(vmdr({"Port": port, "Protocol": protocol})).detections

    assert (row["port"], row["protocol"]) == (-1, 0)


def test_hosts_are_known_by_their_addresses_and_a_second_one_is_kept():
    found = read(
        vmdr(
            {"Asset IPV4": "10.1.0.7,10.1.0.8"},
            {"Asset IPV4": "", "Asset IPV6": "2001:DB8::1"},
            {"Asset IPV4": "10.1.0.9, 10.1.0.10 ,10.1.0.11"},
            {"Asset IPV4": "10.1.0.12", "Asset IPV6": "2001:db8::2"},
        )
    )

    assert [(host["address"], host["address6"]) for host in found.hosts] == [
        ("10.1.0.7", "10.1.0.8"),
        ("", "2001:db8::1"),
        ("10.1.0.9", "10.1.0.10"),
        ("10.1.0.12", "2001:db8::2"),
    ]
    assert len(found.rejects) == 1
    assert "10.1.0.11" in problems(found)[0]


def test_the_portals_asset_id_is_no_host_id():
    assert read(vmdr({"Asset Id": "4711"})).hosts[0]["host_id"] == 0


def test_a_report_by_cve_gives_pairs_and_never_entries():
    columns = ("CVE", "CVE-Description", *VMDR_COLUMNS)
    found = read(vmdr({"CVE": "CVE-2026-10000"}, {"CVE": "CAN-2001-0001"}, {"CVE": "soon"}, columns=columns))

    assert len(found.detections) == 3
    assert found.references == [
        {"qid": 99000, "claim": "CVE-2026-10000"},
        {"qid": 99000, "claim": "CVE-2001-0001"},
    ]
    assert found.vulnerabilities == []
    assert problems(found) == ["'soon' is no CVE id: the reference was left out"]


def test_columns_are_found_by_name_in_any_order_and_spelling():
    columns = [name.upper().replace(" ", "_") for name in reversed(VMDR_COLUMNS)]
    changed = {name.upper().replace(" ", "_"): value for name, value in {"Asset IPV4": "10.1.0.9", "QID": "5"}.items()}
    row = {"STATUS": "New", "TYPE_DETECTED": "Potential", **changed}
    found = read(table(columns, row))

    assert (found.kind, found.hosts[0]["address"]) == ("VMDR_CSV", "10.1.0.9")
    assert (found.detections[0]["qid"], found.detections[0]["kind"], found.detections[0]["status"]) == (5, 1, 1)


def test_unknown_columns_are_counted_and_named_once():
    found = read(vmdr({}, {}, columns=(*VMDR_COLUMNS, "Moon Phase", "Tide")))

    assert len(found.detections) == 2
    assert problems(found) == ["2 columns are not known here and were not read: moon phase, tide"]
    assert found.rejects[0].where.endswith("line 4")


@pytest.mark.parametrize("lost", ["QID", "Type Detected", "Status"])
def test_a_missing_column_is_an_error_that_names_it(lost):
    found = read(vmdr({}, columns=[name for name in VMDR_COLUMNS if name != lost]))

    assert found.kind == "VMDR_CSV"
    assert f"no column '{lost.lower()}'" in found.end.error
    assert found.hosts == found.detections == []


def test_a_table_without_any_address_column_is_an_error():
    found = read(vmdr({}, columns=[name for name in VMDR_COLUMNS if not name.startswith("Asset IP")]))

    assert "'asset ipv4 or asset ipv6'" in found.end.error


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"QID": "x"}, "QID 'x' cannot be read: the detection was left out"),
        ({"QID": ""}, "it has no QID: the row was left out"),
        ({"QID": "-5"}, "QID '-5' cannot be read: the detection was left out"),
        ({"Port": "99999"}, "PORT '99999' cannot be read: the detection was left out"),
        ({"Status": "MAYBE"}, "STATUS 'MAYBE' cannot be read: the detection was left out"),
        ({"Asset IPV4": "10.1.0.1-10.1.0.9"}, "it names no host by a readable address: the row was left out"),
        ({"Asset IPV4": ""}, "it names no host by a readable address: the row was left out"),
    ],
)
def test_a_row_that_says_nothing_is_a_reject_with_its_line(change, problem):
    found = read(vmdr({}, change, {"Asset IPV4": "10.1.0.8"}), "v.csv")

    assert len(found.detections) == 2
    assert [(reject.where, reject.problem) for reject in found.rejects] == [("v.csv, line 6", problem)]
    assert found.rejects[0].raw.startswith(b'"')


@pytest.mark.parametrize(
    ("change", "field"),
    [({"Severity": "9"}, "SEVERITY"), ({"Type Detected": "Odd"}, "TYPE"), ({"Last Detected": "soon"}, "LAST_FOUND")],
)
def test_a_field_that_cannot_be_read_costs_only_itself(change, field):
    found = read(vmdr(change))

    assert len(found.detections) == 1
    assert problems(found)[0].startswith(field)


def test_rows_of_wrong_width_are_rejects_and_the_others_are_read():
    found = read(vmdr({}, '"1","2"\n', {"QID": "2"}, quoted(*(["x"] * 22)), {"QID": "3"}), "v.csv")

    assert [row["qid"] for row in found.detections] == [99000, 2, 3]
    assert [reject.where for reject in found.rejects] == ["v.csv, line 6", "v.csv, line 8"]
    assert not found.end.partial


def test_a_stray_quote_costs_its_rows_only():
    bad = quoted("99001", 'a "b" c').replace('""', '"')
    found = read(vmdr({}, bad, *({"QID": str(qid)} for qid in range(1, 5))), "v.csv")

    assert [row["qid"] for row in found.detections] == [99000, 1, 2, 3, 4]
    assert [reject.where for reject in found.rejects] == ["v.csv, line 6"]
    assert "no CSV" in problems(found)[0]


def test_quoted_line_ends_and_commas_stay_in_their_field_and_lines_are_counted():
    found = read(scan({}, {"QID": "x"}), "s.csv")

    assert found.detections[0]["results"] == "line one\nline two, with a comma"
    assert found.rejects[0].where == "s.csv, line 4"


def test_byte_order_mark_and_crlf_change_nothing():
    plain = read(vmdr({}))
    windows = read(b"\xef\xbb\xbf" + vmdr({}).replace(b"\n", b"\r\n"))

    assert (windows.kind, windows.hosts, windows.detections) == (plain.kind, plain.hosts, plain.detections)
    assert windows.rejects == []


def test_bytes_that_are_no_utf8_are_replaced_and_told():
    found = read(vmdr({"Results": "caf\udce9 \0"}))

    assert found.detections[0]["results"] == "caf\ufffd \ufffd"
    assert "no UTF-8" in problems(found)[0]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_named(separator):
    document = vmdr({}, before="").replace(b",", separator.encode()).replace(b'"', b"")
    found = read(document)

    assert {";": "semicolons", "\t": "tabs"}[separator] in found.end.error
    assert found.detections == []


def test_a_scan_row_is_read_with_its_names_and_ids():
    found = read(scan({}))

    assert found.kind == "SCAN_CSV"
    assert found.rejects == []
    (host,) = found.hosts
    assert (host["address"], host["dns"], host["os"]) == ("10.1.0.7", "web.example.org", "Linux 5")
    (row,) = found.detections
    assert (row["kind"], row["ssl"], row["status"], row["first_found"]) == (2, True, 2, 0)
    assert {item["claim"] for item in found.references} == {"CVE-2026-10000", "CVE-2026-10001", "BUGTRAQ-123"}


def test_a_scans_launch_is_when_its_findings_were_seen():
    found = read(scan({}, before=SCAN_METADATA.format(state="Finished")))

    launched = seconds(2026, 2, 3, 7)
    assert (found.detections[0]["first_found"], found.detections[0]["last_found"]) == (launched, launched)
    assert found.hosts[0]["last_scan"] == launched
    assert found.end.generated_at == seconds(2026, 2, 3, 8)
    assert not found.end.partial


def test_a_scan_that_did_not_finish_is_partial():
    assert read(scan({}, before=SCAN_METADATA.format(state="Canceled"))).end.partial


def test_a_report_by_template_keeps_its_own_dates_and_status():
    columns = (*SCAN_COLUMNS, "Vuln Status", "First Detected", "Last Detected", "Times Detected", "Date Last Fixed")
    dated = {
        "Vuln Status": "Re-Opened",
        "First Detected": "05/13/2021 07:08:28",
        "Last Detected": "05/25/2021 07:36:58",
    }
    found = read(scan(dated, {"Type": "Ig", "Vuln Status": ""}, columns=columns))

    assert found.detections[0]["last_found"] == seconds(2021, 5, 25, 7, 36, 58)
    assert found.detections[0]["status"] == 3
    assert found.detections[1]["kind"] == 0
    assert found.rejects == []


def test_a_brief_scan_without_types_holds_potential_findings():
    columns = [name for name in SCAN_COLUMNS if name not in {"Type", "Severity", "Title"}]

    assert read(scan({}, columns=columns)).detections[0]["kind"] == 1


def test_hosts_without_findings_are_hosts_and_hosts_not_scanned_are_not():
    found = read(
        scan(
            {"QID": "", "IP": "10.1.0.1", "IP Status": "host scanned, no vuln found"},
            {"QID": "", "IP": "10.1.0.2-10.1.0.9", "IP Status": "host not scanned, host not alive"},
        )
    )

    assert [host["address"] for host in found.hosts] == ["10.1.0.1"]
    assert found.detections == []
    assert found.rejects == []


def test_what_follows_a_scans_rows_is_no_reject():
    after = (
        "\n\n" + quoted("hosts not scanned, hosts not alive (IP)") + quoted("10.1.0.2-10.1.0.9", "10.1.0.30")
        + quoted("Target distribution across scanner appliances") + quoted("External : 10.1.0.7")
    )  # fmt: skip
    found = read(scan({}, after=after))

    assert len(found.detections) == 1
    assert found.rejects == []


def test_tables_put_together_bring_their_header_twice():
    found = read(scan({}) + scan({"QID": "2"}))

    assert [row["qid"] for row in found.detections] == [99000, 2]
    assert found.rejects == []


def test_detections_of_the_api_keep_host_ids_and_exact_dates():
    found = read(detections({}, {"QID": "2", "Port": ""}))

    assert found.kind == "HOST_LIST_VM_DETECTION_CSV"
    (host,) = found.hosts
    assert (host["host_id"], host["address"]) == (7, "10.1.0.7")
    assert found.detections[0]["first_found"] == seconds(2026, 1, 13, 15, 14)
    assert found.detections[0]["last_test"] == seconds(2026, 2, 3, 7)
    assert found.rejects == []
    assert found.end.error is None


def test_a_truncation_warning_in_the_footer_is_a_truncation():
    footer = (
        '----BEGIN_RESPONSE_FOOTER_CSV\nWARNING\n"CODE","TEXT","URL"\n'
        '"1980","2 record limit exceeded.","https://127.0.0.1/api/?action=list&id_min=42"\n----END_RESPONSE_FOOTER_CSV\n'
    )
    found = read(detections({}, footer=footer))

    assert (found.end.truncation.code, found.end.truncation.next_id) == ("1980", 42)
    assert found.rejects == []


def test_suppressed_host_columns_are_those_of_the_row_before():
    again = {"Host ID": "", "IP Address": "", "QID": "2"}
    found = read(detections({}, again, {"Host ID": "8", "IP Address": "10.1.0.8"}, again))

    assert [found.hosts[row["host"]]["host_id"] for row in found.detections] == [7, 7, 8, 8]


def test_after_a_row_that_cannot_be_read_nobody_knows_whose_the_next_one_is():
    again = {"Host ID": "", "IP Address": "", "QID": "2"}
    found = read(detections({}, '"8","10.1.0.8"\n', again))

    assert len(found.detections) == 1
    assert len(found.rejects) == 2


@pytest.mark.parametrize("document", [vmdr({}, {"QID": "2"}), scan({}, {}), detections({}, {})])
def test_a_table_cut_anywhere_keeps_what_is_whole_and_never_raises(document):
    whole = read(document)
    for length in range(0, len(document), 7):
        found = read(document[:length])
        assert len(found.detections) <= len(whole.detections)
        assert found.kind is not None or found.end.error


def test_a_table_cut_inside_a_row_is_partial():
    for document in (vmdr({}, {})[:-30], vmdr({}, {})[:-4], detections({}, {}).rpartition(b"----END_RESPONSE_BODY")[0]):
        found = read(document)
        assert found.end.partial
        assert "stops before its end" in found.end.error


def test_a_header_without_rows_is_empty_and_no_error():
    for document in (vmdr(), scan(after="\n\n"), detections()):
        found = read(document)
        assert (found.end.error, found.hosts, found.rejects) == (None, [], [])
        assert found.kind


def test_many_rows_come_in_pages_and_hosts_are_counted_once(monkeypatch):
    monkeypatch.setattr(batch, "PAGE_ROWS", 10)
    rows = [{"QID": str(number + 1), "Asset IPV4": f"10.1.0.{number % 4 + 1}"} for number in range(95)]
    pages = list(QualysReader().open(io.BytesIO(vmdr(*rows)), "v.csv").pages())
    assert len(pages) > 5
    assert sum(page.detections.num_rows for page in pages) == 95
    assert sum(page.hosts.num_rows - page.repeated_hosts for page in pages) == 4


def test_a_hosts_rows_that_stand_together_come_in_one_page(monkeypatch):
    monkeypatch.setattr(batch, "PAGE_ROWS", 10)
    rows = [{"QID": str(number + 1), "Asset IPV4": f"10.1.0.{number // 7 + 1}"} for number in range(70)]
    pages = list(QualysReader().open(io.BytesIO(vmdr(*rows)), "v.csv").pages())
    assert len(pages) > 2
    assert sum(page.repeated_hosts for page in pages) == 0


def test_an_endless_row_is_left_out_and_told(monkeypatch):
    monkeypatch.setattr(lines, "RECORD_LIMIT", 4_000)
    found = read(vmdr({}, {"Results": "x" * 5_000}, {"Results": "y\n" * 4_000}, {}, {"QID": "2"}))

    assert [row["qid"] for row in found.detections][-1] == 2
    assert any("longer than" in problem for problem in problems(found))


def test_words_that_are_no_table_stay_with_the_other_reader():
    for document in (b"ACCESS DENIED", b"Service Unavailable, try later, or not"):
        found = read(document)
        assert "no XML" in found.end.error
