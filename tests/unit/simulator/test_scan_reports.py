from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
LIST, REPORT = "/msp/scan_report_list.php", "/msp/scan_report.php"


@pytest.fixture
def found(sim):
    """A scanned host with a confirmed, a potential, an informational, an open-port and a fixed finding."""
    sim.vulnerability(
        38170,
        title="TLS & more",
        cves=["CVE-2014-0160", "CVE-2014-0161"],
        bugtraqs=[66690],
        category="General remote services",
        severity=4,
        diagnosis="d",
        consequence="c",
        solution="s",
    )
    sim.vulnerability(90001, title="Needs a login", remote=False, auth_types=["Windows"])
    host = sim.host("198.51.100.7", os="Linux 2.4-2.6 / Embedded Device", dns="web.example", netbios="WEB")
    host.scanned(NOW - timedelta(days=2))
    host.detect(38170, port=443, ssl=True, results="leak")
    host.detect(38171, type="Potential")
    host.detect(45017, type="Info", results="Operating System\tTechnique\nLinux\tTCP/IP")
    host.detect(82023, type="Info", results="Port\tIANA\n443\thttps")
    host.detect(38172, status="Fixed")
    host.detect(90001)
    return host


def test_a_saved_report_shows_what_the_host_has(sim, ask, found):
    run = sim.scan("weekly", taken=NOW - timedelta(hours=3), duration_s=3725)

    root = ask(REPORT, ref=run.ref).xml

    keys = {key.attrib["value"]: key.text for key in root.find("HEADER").iter("KEY")}
    assert root.attrib == {"value": "scan/1777791600.10001"}
    assert [child.tag for child in root] == ["HEADER", "IP"]
    assert keys["DATE"] == "2026-05-03T07:00:00Z"
    assert (keys["TITLE"], keys["TARGET"], keys["DURATION"]) == ("weekly", "198.51.100.7", "01:02:05")
    assert (keys["STATUS"], keys["NBHOST_ALIVE"], keys["NBHOST_TOTAL"]) == ("FINISHED", "1", "1")
    assert root.find(".//OPTION_PROFILE_TITLE").text == "Initial Options"
    (ip,) = root.findall("IP")
    assert ip.attrib == {"value": "198.51.100.7", "name": "web.example"}
    assert [child.tag for child in ip] == ["OS", "NETBIOS_HOSTNAME", "INFOS", "SERVICES", "VULNS", "PRACTICES"]
    assert {kind: [item.attrib["number"] for item in ip.iter(kind)] for kind in ("INFO", "SERVICE", "PRACTICE")} == {
        "INFO": ["45017"],
        "SERVICE": ["82023"],
        "PRACTICE": ["38171"],
    }


def test_a_finding_carries_its_port_cves_and_result(sim, ask, found):
    root = ask(REPORT, ref=sim.scan("weekly").ref).xml

    (category,) = root.findall(".//VULNS/CAT")
    (vuln,) = category
    assert category.attrib == {"value": "General remote services", "port": "443", "protocol": "tcp"}
    assert vuln.attrib == {"number": "38170", "severity": "4", "cveid": "CVE-2014-0160,CVE-2014-0161"}
    assert vuln.find("TITLE").text == "TLS & more"
    assert [one.text for one in vuln.findall("CVE_ID_LIST/CVE_ID/ID")] == ["CVE-2014-0160", "CVE-2014-0161"]
    assert vuln.find("BUGTRAQ_ID_LIST/BUGTRAQ_ID/ID").text == "66690"
    assert (vuln.find("RESULT").attrib, vuln.find("RESULT").text) == ({}, "leak")
    assert root.find(".//SERVICE/RESULT").attrib == {"format": "table"}


def test_what_needs_a_login_is_found_with_one_only(sim, ask, found):
    sim.option_profile("With login", authentication=["Windows"])
    without, with_login = sim.scan("a"), sim.scan("b", option_profile="With login")

    numbers = [
        {item.attrib["number"] for item in ask(REPORT, ref=run.ref).xml.iter("VULN")} for run in (without, with_login)
    ]

    assert numbers == [{"38170"}, {"38170", "90001"}]


def test_a_report_is_of_its_time(sim, ask, found):
    run = sim.scan("weekly")
    found.detect(38199)

    assert "38199" not in {item.attrib["number"] for item in ask(REPORT, ref=run.ref).xml.iter("VULN")}


def test_a_scan_of_some_qids_finds_those_and_information(sim, ask, found):
    root = ask(REPORT, ref=sim.scan("two", qids="38171-38180").ref).xml

    assert {item.attrib["number"] for item in root.iter() if "number" in item.attrib} == {"38171", "45017", "82023"}
    assert "Custom vulnerability checks" in root.find("HEADER/KEY[@value='OPTIONS']").text


def test_a_host_without_a_name_or_findings_is_there(sim, ask):
    sim.host("198.51.100.9")

    (ip,) = ask(REPORT, ref=sim.scan("weekly").ref).xml.findall("IP")

    assert ip.attrib["name"] == "No registered hostname"
    assert list(ip) == []


def test_last_yes_is_the_newest_report_only(sim, ask, found):
    older = sim.scan("older", taken=NOW - timedelta(days=2))
    newer = sim.scan("newer", taken=NOW - timedelta(days=1), appliance="hq")

    everything = ask(LIST).xml
    (last,) = ask(LIST, last="yes").xml

    assert [entry.attrib["ref"] for entry in everything] == [newer.ref, older.ref]
    assert last.attrib == {
        "ref": newer.ref,
        "date": "2026-05-02T10:00:00Z",
        "target": "198.51.100.7",
        "status": "FINISHED",
    }


def test_a_target_and_a_date_narrow_the_list(sim, ask, found):
    sim.host("198.51.100.8")
    wide = sim.scan("wide", targets="198.51.100.1-198.51.100.20", taken=NOW - timedelta(days=2))
    narrow = sim.scan("narrow", targets=["198.51.100.8"], taken=NOW - timedelta(days=1))

    def refs(**query):
        return [entry.attrib["ref"] for entry in ask(LIST, **query).xml]

    assert refs(target="198.51.100.8", last="yes") == [narrow.ref]
    assert refs(target="198.51.100.7", last="yes") == [wide.ref]
    assert refs(target="198.51.100.7-198.51.100.8") == [wide.ref]
    assert refs(since_datetime="2026-05-02") == [narrow.ref]
    assert refs(since_datetime="2026-05-01T10:00:00Z") == [narrow.ref, wide.ref]


def test_an_empty_list_holds_a_comment_only(ask):
    reply = ask(LIST, last="yes")

    assert (reply.xml.tag, list(reply.xml)) == ("SCAN_REPORT_LIST", [])
    assert b"<!-- There is no saved scan report" in reply.body


def test_unsaved_and_running_scans_are_not_in_the_list(sim, ask, found):
    unsaved = sim.scan("unsaved", saved=False)
    running = sim.scan("running", taken=NOW, duration_s=60)

    assert list(ask(LIST).xml) == []
    assert [ask(REPORT, ref=run.ref).xml.find("ERROR").attrib["number"] for run in (unsaved, running)] == ["99001"] * 2
    sim.clock.advance(minutes=1)
    assert [entry.attrib["ref"] for entry in ask(LIST).xml] == [running.ref]


@pytest.mark.parametrize("query", [{"target": "web.example"}, {"since_datetime": "yesterday"}])
def test_a_list_parameter_that_cannot_be_read_is_an_error(ask, query):
    root = ask(LIST, **query).xml

    assert (root.tag, root.find("ERROR").attrib["number"]) == ("SCAN_REPORT_LIST", "5000")


def test_a_saved_report_can_break_at_one_host(sim, ask, found):
    run = sim.scan("weekly")
    sim.break_next("scan_report", "unclosed-tag", record_id=found.id)

    assert b"</IP>" not in ask(REPORT, ref=run.ref).body
    assert b"</IP>" in ask(REPORT, ref=run.ref).body
