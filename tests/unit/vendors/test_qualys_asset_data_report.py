import pytest

from unit.vendors.qualys_documents import read
from unit.vendors.qualys_v1_documents import asset, asset_report, details, vuln_info
from vatriage.model.report import DescribedBy

FOUND = 1772006400
"""2026-02-25T08:00:00Z."""


def test_hosts_and_findings_are_read_and_joined_with_the_glossary():
    host = asset(
        "10.0.0.1",
        vuln_info(38170),
        vuln_info(11, TYPE="Practice", PORT=0, PROTOCOL="", SSL="false", INSTANCE="i"),
        vuln_info(
            6, TYPE="Ig", PORT=None, PROTOCOL=None, SSL=None, VULN_STATUS=None, LAST_FOUND="2026-01-02T00:00:00Z"
        ),
        DNS="<![CDATA[a.example]]>",
        NETBIOS="A",
        OPERATING_SYSTEM="<![CDATA[Ubuntu / Linux 2.6.x]]>",
        QG_HOSTID="0-1",
    )

    found = read(asset_report(host, details(38170, 4) + details(11, 2, ()) + details(6, 1, ("",))))

    (row,) = found.hosts
    assert (row["address"], row["dns"], row["os"], row["agent_id"]) == (
        "10.0.0.1",
        "a.example",
        "Ubuntu / Linux 2.6.x",
        "0-1",
    )
    assert (row["last_scan"], row["scanned_at"], row["auth_scanned_at"]) == (FOUND, FOUND, 0)
    assert [
        (row["qid"], row["kind"], row["port"], row["protocol"], row["ssl"], row["qualys_severity"], row["status"])
        for row in found.detections
    ] == [(38170, 2, 443, 6, True, 4, 2), (11, 1, -1, 0, False, 2, 2), (6, 0, -1, 0, False, 1, 2)]
    assert [(row["qid"], row["title"], row["service_modified"]) for row in found.vulnerabilities] == [
        (38170, "A & B", 1577836800),
        (11, "A & B", 1577836800),
        (6, "A & B", 1577836800),
    ]
    assert [(row["qid"], row["claim"]) for row in found.references] == [(38170, "CVE-2026-10000")]
    assert found.described_by == {DescribedBy.GLOSSARY}
    assert (found.end.error, found.end.partial, found.rejects) == (None, False, [])
    assert found.end.generated_at == 1772323200


def test_whatever_its_filters_it_refutes_nothing_and_says_so():
    found = read(asset_report(asset("10.0.0.1", vuln_info()), details(), filters="Status:New, Active"))

    assert "narrowed by its template" in found.end.narrowed
    assert "Status:New, Active" in found.end.narrowed


def test_a_network_id_stands_on_the_address():
    host = asset("10.0.0.1", vuln_info()).replace("<IP>", '<IP network_id="12">')

    assert [row["network_id"] for row in read(asset_report(host)).hosts] == ["12"]


def test_a_fix_without_a_date_clears_nothing():
    dated = vuln_info(1, VULN_STATUS="Fixed", LAST_FIXED="2026-02-26T00:00:00Z")

    found = read(asset_report(asset("10.0.0.1", dated, vuln_info(2, VULN_STATUS="Fixed"))))

    assert [(row["qid"], row["status"], row["last_fixed"] > 0) for row in found.detections] == [
        (1, 4, True),
        (2, 2, False),
    ]
    assert [(reject.subject, reject.problem[:19]) for reject in found.rejects] == [
        ("host (10.0.0.1), QID 2", "Fixed, but not when")
    ]


@pytest.mark.parametrize("glossary", ["", details(99)])
def test_a_finding_that_the_glossary_lacks_has_no_severity(glossary):
    found = read(asset_report(asset("10.0.0.1", vuln_info(38170)), glossary))

    assert [row["qualys_severity"] for row in found.detections] == [0]


def test_an_empty_report_is_empty_but_one_that_counts_findings_is_broken():
    assert read(asset_report(total=0)).end.error is None
    assert "counts 299 vulnerabilities, but it lists no host" in read(asset_report(total=299)).end.error


def test_a_report_cut_in_its_glossary_keeps_its_findings():
    document = asset_report(asset("10.0.0.1", vuln_info(38170), vuln_info(11)), details(38170, 4) + details(11, 2))
    cut = document.rindex(b"<VULN_DETAILS ") + 60

    found = read(document[:cut])

    assert [(row["qid"], row["qualys_severity"]) for row in found.detections] == [(38170, 4), (11, 0)]
    assert found.end.partial
    assert "inside QID 11" in found.end.error


def test_a_bad_finding_and_a_bad_entry_are_named():
    found = read(asset_report(asset("10.0.0.1", vuln_info("x"), vuln_info(1)), details("y") + details(1)))

    assert [row["qid"] for row in found.detections] == [1]
    assert [row["rejected"] for row in found.hosts] == [True]
    assert sorted(reject.subject for reject in found.rejects) == [
        "entry without readable QID",
        "host (10.0.0.1), a detection without readable QID",
    ]


def test_a_host_among_the_glossary_is_told():
    mixed = details(1) + asset("10.0.0.2", vuln_info(2)) + details(2)

    assert "a HOST stands in VULN_DETAILS_LIST" in read(asset_report("", mixed)).end.error


def test_a_glossary_entry_among_the_hosts_is_told():
    mixed = details(1) + asset("10.0.0.2", vuln_info(2))

    found = read(asset_report(asset("10.0.0.1", vuln_info(1)), mixed))

    assert [row["address"] for row in found.hosts] == ["10.0.0.1", "10.0.0.2"]
    assert [reject.problem for reject in found.rejects] == ["it stands among the hosts: it was left out"]


def test_open_ports_of_the_newest_list_are_read():
    ports = vuln_info(82023, TYPE="Ig", PORT=None, RESULT="<![CDATA[Port\tName\n22\tssh]]>")

    assert [(row["protocol"], row["port"]) for row in read(asset_report(asset("10.0.0.1", ports))).open_ports] == [
        (6, 22)
    ]
