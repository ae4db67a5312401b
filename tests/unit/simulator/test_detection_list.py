from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
DETECTIONS = "/api/5.0/fo/asset/host/vm/detection/"


@pytest.fixture
def host(sim):
    """A host that was scanned a day ago."""
    return sim.host("10.0.0.5", os="Debian 11").scanned(NOW - timedelta(days=1))


def test_the_defaults_leave_out_fixed_ignored_disabled_and_information(host, ask):
    host.detect(1, status="New")
    host.detect(2, status="Active")
    host.detect(3, status="Re-Opened")
    host.detect(4, status="Fixed")
    host.detect(5, ignored=True)
    host.detect(6, disabled=True)
    host.detect(7, type="Info")
    host.detect(8, type="Potential", results="banner")

    reply = ask(DETECTIONS, action="list")

    assert reply.all("QID") == ["1", "2", "3", "8"]
    assert reply.all("RESULTS") == ["banner"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "Fixed"}, ["4"]),
        ({"status": "New,Fixed"}, ["1", "4"]),
        ({"show_igs": 1}, ["1", "2", "7"]),
        ({"include_ignored": 1}, ["1", "2", "5"]),
        ({"include_disabled": 1}, ["1", "2", "6"]),
        ({"qids": "2-4"}, ["2"]),
        ({"severities": "5"}, ["2"]),
        ({"filter_superseded_qids": 1, "arf_kernel_filter": 1}, ["1", "2"]),
        ({"detection_updated_since": "2026-05-02T10:00:00Z"}, ["1", "2"]),
        ({"detection_updated_since": "2026-05-02T10:00:01Z"}, []),
        ({"max_days_since_last_vm_scan": 1}, ["1", "2"]),
        ({"vm_scan_since": "2026-05-03"}, []),
        ({"ips": "10.0.0.9"}, []),
    ],
)
def test_filters(host, ask, query, found):
    host.detect(1, status="New")
    host.detect(2, severity=5)
    host.detect(4, status="Fixed")
    host.detect(5, ignored=True)
    host.detect(6, disabled=True)
    host.detect(7, type="Info")

    reply = ask(DETECTIONS, action="list", **query)

    assert reply.status == 200
    assert reply.all("QID") == found


def test_a_host_without_a_matching_detection_is_left_out(sim, host, ask):
    host.detect(1)
    sim.host("10.0.0.6").scanned(NOW)
    sim.host("10.0.0.7").scanned(NOW).detect(2, status="Fixed")

    reply = ask(DETECTIONS, action="list")

    assert reply.all("IP") == ["10.0.0.5"]


def test_no_detection_at_all_leaves_only_the_date(host, ask):
    reply = ask(DETECTIONS, action="list")

    assert [child.tag for child in reply.xml.find("RESPONSE")] == ["DATETIME"]


def test_a_detection_has_its_children_in_order(host, ask):
    host.detect(
        38170, port=443, ssl=True, instance="i", results="r", service="https", fqdn="a.example", qds=95, status="Fixed"
    )

    reply = ask(DETECTIONS, action="list", status="Fixed", show_qds=1)

    assert [child.tag for child in reply.xml.find(".//DETECTION")] == [
        "UNIQUE_VULN_ID", "QID", "TYPE", "SEVERITY", "PORT", "PROTOCOL", "FQDN", "SSL", "INSTANCE", "RESULTS", "STATUS",
        "FIRST_FOUND_DATETIME", "LAST_FOUND_DATETIME", "QDS", "TIMES_FOUND", "LAST_TEST_DATETIME",
        "LAST_UPDATE_DATETIME", "LAST_FIXED_DATETIME", "SERVICE", "IS_IGNORED", "IS_DISABLED",
        "LAST_PROCESSED_DATETIME",
    ]  # fmt: skip
    assert reply.xml.find(".//QDS").attrib == {"severity": "CRITICAL"}
    assert reply.one("PROTOCOL") == "tcp"


def test_version_2_has_no_unique_id(host, ask):
    host.detect(1)

    reply = ask("/api/2.0/fo/asset/host/vm/detection/", action="list")

    assert reply.all("UNIQUE_VULN_ID") == []


def test_results_can_be_left_out(host, ask):
    host.detect(1, results="secret banner")

    reply = ask(DETECTIONS, action="list", show_results=0)

    assert b"banner" not in reply.body


def test_results_that_would_end_a_cdata_section_arrive_whole(host, ask):
    host.detect(1, results="a ]]> b <x> & \x00 c")

    reply = ask(DETECTIONS, action="list")

    assert reply.one("RESULTS") == "a ]]> b <x> & \ufffd c"


def test_information_gathered_has_no_status(host, ask):
    host.detect(1, type="Info")

    reply = ask(DETECTIONS, action="list", show_igs=1)

    assert reply.all("STATUS") == []


def test_fix_and_reopen_change_the_status_and_its_dates(host, ask):
    host.detect(1, port=80)
    host.fix(1, port=80, at=NOW - timedelta(hours=2))
    fixed = ask(DETECTIONS, action="list", status="Fixed")
    host.reopen(1, at=NOW)
    open_again = ask(DETECTIONS, action="list")

    assert fixed.one("LAST_FIXED_DATETIME") == "2026-05-03T08:00:00Z"
    assert open_again.one("STATUS") == "Re-Opened"
    assert open_again.one("LAST_REOPENED_DATETIME") == "2026-05-03T10:00:00Z"
    assert open_again.one("TIMES_REOPENED") == "1"


def test_a_truncated_list_followed_to_its_end_gives_every_host_once(sim, ask):
    for number in range(1, 12):
        host = sim.host(f"10.0.0.{number}").scanned(NOW)
        if number % 2:
            host.detect(1)
    reply = ask(DETECTIONS, post={"action": "list", "truncation_limit": "2"})
    seen = reply.all("IP")

    while reply.all("URL"):
        reply = ask.follow(reply.one("URL"))
        seen += reply.all("IP")

    assert seen == [f"10.0.0.{number}" for number in range(1, 12, 2)]


def test_csv_is_refused_with_a_reason(host, ask):
    reply = ask(DETECTIONS, action="list", output_format="CSV")

    assert (reply.status, reply.one("CODE")) == (400, "1905")
    assert "no CSV" in reply.one("TEXT")


def test_an_unknown_status_is_refused(ask):
    reply = ask(DETECTIONS, action="list", status="new")

    assert (reply.status, reply.one("CODE")) == (400, "1905")


def test_keep_alive_comments_stand_inside_and_after_the_root(sim, ask):
    for number in range(1, 106):
        sim.host(f"10.0.0.{number}").scanned(NOW).detect(1)

    reply = ask(DETECTIONS, action="list")

    beat = b"<!-- keep-alive for HOST_LIST_VM_DETECTION_OUTPUT -->"
    assert reply.body.count(beat) == 3
    assert reply.body.rstrip().endswith(beat)
