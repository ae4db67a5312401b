import pytest

from unit.vendors.qualys_documents import answer, elements, read
from unit.vendors.qualys_v1_documents import entry_v1, generic_return, knowledge_base_v1
from vatriage.model.report import DescribedBy, ScanSummary


def test_the_v1_knowledge_base_is_read_and_has_no_date():
    found = read(knowledge_base_v1(entry_v1(1, ("CVE-2026-10000", "CAN-2004-0001"), ("4314",)), entry_v1(2, ("",))))

    assert found.kind == "VULNS"
    assert [(row["qid"], row["kind"], row["qualys_severity"], row["patchable"]) for row in found.vulnerabilities] == [
        (1, 2, 4, True),
        (2, 2, 4, True),
    ]
    assert {(row["published"], row["remote"], row["auth_types"]) for row in found.vulnerabilities} == {(0, False, "")}
    assert [(row["qid"], row["claim"]) for row in found.references] == [
        (1, "CVE-2026-10000"),
        (1, "CVE-2004-0001"),
        (1, "BUGTRAQ-4314"),
    ]
    assert found.described_by == {DescribedBy.KNOWLEDGE_BASE}
    assert (found.end.generated_at, found.end.error, found.rejects) == (0, None, [])


def test_a_scan_list_of_the_current_api_is_read():
    scan = elements(
        REF="scan/1772006400.12345",
        TYPE="On-Demand",
        TITLE="<![CDATA[Weekly]]>",
        LAUNCH_DATETIME="2026-02-25T08:00:00Z",
        DURATION="1 day 00:00:01",
        STATUS="<STATE>Finished</STATE><SUB_STATE>No_Host</SUB_STATE>",
        TARGET="<![CDATA[10.0.0.1,\n10.0.0.5-10.0.0.9]]>",
        OPTION_PROFILE="<TITLE>Initial Options</TITLE><DEFAULT_FLAG>1</DEFAULT_FLAG>",
    )

    found = read(answer("SCAN_LIST_OUTPUT", "SCAN_LIST", f"<SCAN>{scan}</SCAN>", "<SCAN><TITLE>x</TITLE></SCAN>"))

    assert found.scans == [
        ScanSummary(
            ref="scan/1772006400.12345",
            state="Finished",
            launched_at=1772006400,
            duration_s=86401,
            targets="10.0.0.1, 10.0.0.5-10.0.0.9",
            option_profile="Initial Options",
            title="Weekly",
        )
    ]
    assert found.hosts == []
    assert found.rejects[0].problem == "it has no ref: it was left out"


def test_a_list_of_saved_reports_is_read():
    found = read(
        b"""<!DOCTYPE SCAN_REPORT_LIST SYSTEM "https://qualysapi.example/scan_report_list.dtd">
<SCAN_REPORT_LIST user="someone" from="2026-01-01T00:00:00Z">
<SCAN_REPORT ref="scan/1772006400.12345" date="2026-02-25T08:00:00Z" target="10.0.0.1" status="FINISHED">
<ASSET_GROUPS><ASSET_GROUP><ASSET_GROUP_TITLE>All</ASSET_GROUP_TITLE></ASSET_GROUP></ASSET_GROUPS>
<OPTION_PROFILE><OPTION_PROFILE_TITLE option_profile_default="1">Initial Options</OPTION_PROFILE_TITLE></OPTION_PROFILE>
</SCAN_REPORT>
<SCAN_REPORT ref="scan/1.00001" date="never" target="10.0.0.2" status="CANCELED"/></SCAN_REPORT_LIST>"""
    )

    assert found.scans == [
        ScanSummary(
            ref="scan/1772006400.12345",
            state="FINISHED",
            launched_at=1772006400,
            targets="10.0.0.1",
            option_profile="Initial Options",
        ),
        ScanSummary(ref="scan/1.00001", state="CANCELED", targets="10.0.0.2"),
    ]
    assert [reject.subject for reject in found.rejects] == ["scan scan/1.00001"]


def test_a_list_of_running_scans_is_read():
    found = read(
        b"""<SCAN_RUNNING_LIST><SCAN value="scan/1772006400.12345"><KEY value="startdate">2026-02-25T08:00:00Z</KEY>
<KEY value="target">10.0.0.1</KEY><KEY value="status">Running</KEY>
<OPTION_PROFILE><OPTION_PROFILE_TITLE>O</OPTION_PROFILE_TITLE></OPTION_PROFILE></SCAN></SCAN_RUNNING_LIST>"""
    )

    assert found.scans == [
        ScanSummary(
            ref="scan/1772006400.12345", state="Running", launched_at=1772006400, targets="10.0.0.1", option_profile="O"
        )
    ]


@pytest.mark.parametrize(
    "document",
    [
        b"<SCAN_REPORT_LIST><!-- No report is saved --></SCAN_REPORT_LIST>",
        b"<SCAN_LIST_OUTPUT><RESPONSE><DATETIME>2026-02-25T08:00:00Z</DATETIME></RESPONSE></SCAN_LIST_OUTPUT>",
        b"<SCAN_LIST/>",
    ],
)
def test_an_empty_list_of_scans_is_no_error(document):
    found = read(document)

    assert (found.scans, found.end.error, found.end.partial) == ([], None, False)


def test_a_v1_list_may_be_an_error():
    found = read(b'<SCAN_RUNNING_LIST><ERROR number="1"><SUMMARY>No scans\nrun</SUMMARY>x</ERROR></SCAN_RUNNING_LIST>')

    assert (found.end.error, found.end.error_code) == ("Qualys answered 1: No scans run", "1")


@pytest.mark.parametrize("nested", [False, True])
def test_a_failed_generic_return_is_an_error_with_its_code(nested):
    found = read(generic_return("Account Expired", nested=nested))

    assert (found.kind, found.end.error, found.end.error_code) == (
        "GENERIC_RETURN",
        "Qualys answered 2001: Account Expired",
        "2001",
    )
    assert found.end.generated_at == 1772006400


def test_a_successful_generic_return_is_no_error_and_an_empty_one_is():
    assert read(generic_return("Report deleted", status="SUCCESS", number=None)).end.error is None
    assert "says nothing" in read(b"<GENERIC_RETURN><API/></GENERIC_RETURN>").end.error


@pytest.mark.parametrize(
    ("root", "what"),
    [
        ("WAS_SCAN_REPORT", "web application"),
        ("ServiceResponse", "portal API"),
        ("COMPLIANCE_POLICY_REPORT", "policy compliance"),
        ("MAP", "network map"),
        ("PCI_REPORT", "PCI report"),
        ("REPORT_TEMPLATE_LIST", "report templates"),
    ],
)
def test_other_kinds_are_refused_by_name_and_with_a_way_out(root, what):
    found = read(f"<{root}><A/></{root}>".encode())

    assert found.kind == root.upper()
    assert root in found.end.error
    assert what in found.end.error
    assert "Export scan results as XML" in found.end.error
