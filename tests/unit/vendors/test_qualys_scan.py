import pytest

from unit.vendors.qualys_documents import read
from unit.vendors.qualys_v1_documents import (
    ENDED,
    LAUNCHED,
    PORTS,
    REF,
    category,
    finding,
    header,
    saved_scan,
    scan,
    scanned,
    section,
    streamed_scan,
    vulnerable,
)
from vatriage.model.report import DescribedBy, ScanSummary

FULL = scanned(
    "10.0.0.1",
    section("INFOS", category(finding("INFO", 45017), finding("INFO", 6), port=None, protocol=None)),
    section(
        "SERVICES",
        category(finding("SERVICE", 82023, RESULT=PORTS), port=None, protocol=None),
        category(finding("SERVICE", 82004, RESULT="<![CDATA[Port\tName\n53\tdns]]>"), port=None, protocol=None),
    ),
    section(
        "VULNS",
        category(finding(qid=38170, cves="CVE-2026-10000,CAN-2004-0001"), finding(qid=38171), misc="over ssl"),
        category(finding(qid=11, INSTANCE="i1"), port="8080"),
    ),
    section("PRACTICES", category(finding("PRACTICE", 90001), port=None, protocol=None)),
    OS="<![CDATA[Linux 2.4-2.6 / Embedded Device / F5 Networks Big-IP]]>",
    NETBIOS_HOSTNAME="<![CDATA[A]]>",
)


def keys_of(found):
    return [
        (row["qid"], row["kind"], row["port"], row["protocol"], row["ssl"], row["instance"]) for row in found.detections
    ]


def test_a_saved_report_is_read():
    found = read(saved_scan(FULL))

    (host,) = found.hosts
    assert (host["host_id"], host["address"], host["dns"], host["netbios"]) == (0, "10.0.0.1", "a.example", "A")
    assert host["os"] == "Linux 2.4-2.6 / Embedded Device / F5 Networks Big-IP"
    assert (host["last_scan"], host["scanned_at"], host["auth_scanned_at"], host["agent"]) == (ENDED, ENDED, 0, False)
    assert keys_of(found) == [
        (45017, 0, -1, 0, False, ""),
        (6, 0, -1, 0, False, ""),
        (82023, 0, -1, 0, False, ""),
        (82004, 0, -1, 0, False, ""),
        (38170, 2, 443, 6, True, ""),
        (38171, 2, 443, 6, True, ""),
        (11, 2, 8080, 6, False, "i1"),
        (90001, 1, -1, 0, False, ""),
    ]
    assert {(row["first_found"], row["last_found"], row["last_test"]) for row in found.detections} == {
        (LAUNCHED, ENDED, ENDED)
    }
    assert {(row["status"], row["qualys_severity"]) for row in found.detections} == {(2, 3)}
    assert (found.rejects, found.end.error, found.end.partial, found.end.narrowed) == ([], None, False, "")
    assert found.end.generated_at == LAUNCHED


def test_the_tables_of_open_services_become_open_ports():
    found = read(saved_scan(FULL))

    assert [(row["protocol"], row["port"]) for row in found.open_ports] == [(6, 22), (6, 443), (17, 53)]


def test_the_header_tells_of_the_scan():
    found = read(saved_scan(FULL))

    assert found.end.scan == ScanSummary(
        ref=REF,
        state="FINISHED",
        launched_at=LAUNCHED,
        duration_s=3723,
        targets="10.0.0.1-10.0.0.9",
        option_profile="Initial Options",
        title="Weekly",
    )


def test_findings_describe_their_qids():
    lists = (
        "<CVE_ID><ID><![CDATA[CVE-2026-10001]]></ID><URL>u</URL></CVE_ID><CVE_ID><ID></ID></CVE_ID>",
        "<BUGTRAQ_ID><ID>4314</ID></BUGTRAQ_ID>",
    )
    host = scanned(
        "10.0.0.1",
        section("VULNS", category(finding(qid=1, cves="CVE-2026-10000"), finding(qid=2, CVE_ID_LIST=lists[0]))),
        section("PRACTICES", category(finding("PRACTICE", 1), finding("PRACTICE", 3, BUGTRAQ_ID_LIST=lists[1]))),
    )

    found = read(saved_scan(host))

    assert [(row["qid"], row["kind"], row["published"]) for row in found.vulnerabilities] == [
        (1, 2, 0),
        (2, 2, 0),
        (3, 1, 0),
    ]
    assert sorted((row["qid"], row["claim"]) for row in found.references) == [
        (1, "CVE-2026-10000"),
        (2, "CVE-2026-10001"),
        (3, "BUGTRAQ-4314"),
    ]
    assert found.described_by == {DescribedBy.FINDINGS}


def test_a_malformed_reference_is_told_and_the_finding_kept():
    found = read(saved_scan(scanned("10.0.0.1", section("VULNS", category(finding(qid=1, cves="CVE-2026-1,CVE-X"))))))

    assert [row["qid"] for row in found.detections] == [1]
    assert ["'CVE-2026-1'" in found.rejects[0].problem, "'CVE-X'" in found.rejects[1].problem] == [True, True]


def test_a_streamed_report_is_dated_by_its_header_and_refutes_nothing():
    found = read(
        streamed_scan(vulnerable("10.0.0.1"), vulnerable("10.0.0.2"), NBHOST_ALIVE="2", DATE="2026-02-26T08:00:00Z")
    )

    assert [row["address"] for row in found.hosts] == ["10.0.0.1", "10.0.0.2"]
    assert [row["first_found"] for row in found.detections] == [LAUNCHED + 86400] * 2
    assert "while its scan ran" in found.end.narrowed
    assert (found.end.error, found.end.partial) == (None, False)


def test_a_cut_stream_keeps_its_whole_hosts_and_is_dated_by_its_ref():
    document = streamed_scan(vulnerable("10.0.0.1"), vulnerable("10.0.0.2"))
    cut = document.index(b"10.0.0.2") + 30

    found = read(document[:cut])

    assert [(row["address"], row["scanned_at"]) for row in found.hosts] == [("10.0.0.1", LAUNCHED)]
    assert found.end.partial
    assert "inside host (10.0.0.2)" in found.end.error
    assert "after host (10.0.0.1)" in found.end.error
    assert "no HEADER" in found.end.narrowed
    assert found.end.scan.ref == REF


def test_a_scan_of_unknown_time_says_so_and_its_findings_bear_no_date():
    found = read(scan(vulnerable(), ref="None"))

    assert [(row["first_found"], row["last_found"]) for row in found.detections] == [(0, 0)]
    assert [row["scanned_at"] for row in found.hosts] == [0]
    assert "bear no date" in found.rejects[0].problem


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"STATUS": "CANCELED"}, "CANCELED, not FINISHED"),
        ({"STATUS": None}, "not stated, not FINISHED"),
        ({"DURATION": "long"}, "how long it took"),
        ({"DURATION": None}, "how long it took"),
        ({"DATE": "yesterday"}, "how long it took"),
        ({"alive": 2}, "2 hosts alive, but the report lists 1"),
    ],
)
def test_a_report_that_may_not_be_whole_refutes_nothing(keys, why):
    assert why in read(saved_scan(vulnerable(), **keys)).end.narrowed


def test_a_host_that_did_not_answer_was_not_scanned():
    down = '<IP value="10.0.0.2" name="x" status="down"><ERROR number="3509">No host alive</ERROR></IP>'

    found = read(saved_scan(vulnerable(), down, alive=1))

    assert [(row["address"], row["scanned_at"], row["rejected"]) for row in found.hosts] == [
        ("10.0.0.1", ENDED, False),
        ("10.0.0.2", 0, True),
    ]
    assert (found.end.error, found.end.narrowed) == (None, "")


def test_a_host_without_findings_was_scanned():
    found = read(
        saved_scan(scanned("10.0.0.1"), '<IP value="10.0.0.2"/>', '<IP value="10.0.0.3"><VULNS>\n</VULNS></IP>')
    )

    assert [(row["address"], row["scanned_at"]) for row in found.hosts] == [
        ("10.0.0.1", ENDED),
        ("10.0.0.2", ENDED),
        ("10.0.0.3", ENDED),
    ]


def test_hosts_that_the_header_counts_and_the_report_lacks_are_an_error():
    found = read(saved_scan(alive=3))

    assert found.hosts == []
    assert "counts 3 hosts alive" in found.end.error


def test_a_scan_that_was_refused_is_an_error_with_its_code():
    found = read(b'<SCAN value="None"><ERROR number="5000">Bad IP: 10.0.0.999</ERROR></SCAN>')

    assert (found.end.error, found.end.error_code) == ("Qualys answered 5000: Bad IP: 10.0.0.999", "5000")


def test_a_bad_finding_is_named_and_costs_only_itself():
    host = scanned(
        "10.0.0.1",
        section("INFOS", category(finding("INFO", 1))),
        section("VULNS", category(finding(qid="x"), finding(qid=2)), category(finding(qid=3), port="http")),
    )

    found = read(saved_scan(host))

    assert [row["qid"] for row in found.detections] == [1, 2]
    assert [row["rejected"] for row in found.hosts] == [True]
    assert [reject.subject for reject in found.rejects] == [
        "host (10.0.0.1), a detection without readable QID",
        "host (10.0.0.1), QID 3",
    ]
    assert found.rejects[1].raw.startswith(b'<VULN number="3"')


def test_a_bad_host_is_named_and_costs_only_itself():
    found = read(saved_scan(vulnerable("10.0.0.1"), scanned("10.0.0.2", OS="&x;"), vulnerable("10.0.0.3", qid=7)))

    assert [(row["address"], row["rejected"]) for row in found.hosts] == [
        ("10.0.0.1", False),
        ("10.0.0.3", False),
        ("10.0.0.2", True),
    ]
    assert [(row["host"], row["qid"]) for row in found.detections] == [(0, 38170), (1, 7)]
    assert sorted((row["qid"]) for row in found.vulnerabilities) == [7, 38170]


def test_the_category_of_a_finding_is_its_own():
    empty = '<CAT value="Empty" port="99"></CAT>'
    host = scanned(
        "10.0.0.1", section("VULNS", empty, category(finding(qid=1), finding(qid=2), port=None, protocol=None))
    )
    twice = scanned(
        "10.0.0.2", section("VULNS", category(finding(qid=3))), section("VULNS", category(finding(qid=4), port="5"))
    )

    found = read(saved_scan(host, twice))

    assert [(row["qid"], row["port"]) for row in found.detections] == [(1, -1), (2, -1), (3, 443), (4, 5)]


def test_many_hosts_that_wait_for_the_header_keep_their_order_and_findings():
    text = "<![CDATA[" + "x" * 50_000 + "]]>"
    hosts = [
        scanned(f"10.0.{n // 250}.{n % 250 + 1}", section("VULNS", category(finding(qid=n + 1, RESULT=text))))
        for n in range(600)
    ]

    found = read(streamed_scan(*hosts, NBHOST_ALIVE="600"))

    assert [(row["host"], row["qid"]) for row in found.detections] == [(n, n + 1) for n in range(600)]
    assert {row["first_found"] for row in found.detections} == {LAUNCHED}


def test_a_header_between_hosts_is_none_and_the_report_refutes_nothing():
    found = read(scan(vulnerable("10.0.0.1"), header(NBHOST_ALIVE="2"), vulnerable("10.0.0.2")))

    assert [(row["address"], row["scanned_at"]) for row in found.hosts] == [
        ("10.0.0.1", LAUNCHED),
        ("10.0.0.2", LAUNCHED),
    ]
    assert "no HEADER" in found.end.narrowed
