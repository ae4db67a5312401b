import pytest

from unit.vendors.qualys_documents import elements, knowledge_base_answer, read
from vatriage.model.evidence import Kind


def vuln(qid=38170, *, cves=(), bugtraqs=(), auth_types=(), **fields):
    """Return a VULN."""
    listed = "".join(f"<CVE><ID><![CDATA[{cve}]]></ID><URL>x</URL></CVE>" for cve in cves)
    numbers = "".join(f"<BUGTRAQ><ID>{number}</ID><URL>x</URL></BUGTRAQ>" for number in bugtraqs)
    types = "".join(f"<AUTH_TYPE>{name}</AUTH_TYPE>" for name in auth_types)
    discovery = f"<REMOTE>1</REMOTE>{f'<AUTH_TYPE_LIST>{types}</AUTH_TYPE_LIST>' if types else ''}"
    body = elements(QID=qid, **({"VULN_TYPE": "Vulnerability", "SEVERITY_LEVEL": 4} | fields), DISCOVERY=discovery)
    return f"<VULN>{body}<BUGTRAQ_LIST>{numbers}</BUGTRAQ_LIST><CVE_LIST>{listed}</CVE_LIST></VULN>"


def test_an_entry_is_read():
    found = read(
        knowledge_base_answer(
            vuln(
                5,
                cves=["CVE-2021-44228"],
                auth_types=["Unix", "SNMP"],
                TITLE="<![CDATA[\nTitle & more]]>",
                CATEGORY="CGI",
                PUBLISHED_DATETIME="2026-01-01T00:00:00Z",
                CODE_MODIFIED_DATETIME="2026-01-02T00:00:00Z",
                LAST_SERVICE_MODIFICATION_DATETIME="2026-01-03T00:00:00Z",
                PATCHABLE=1,
                IS_DISABLED=0,
                SOLUTION="<![CDATA[<P>Patch</P>]]>",
            )
        )
    )

    assert found.vulnerabilities == [
        {
            "qid": 5,
            "kind": Kind.CONFIRMED,
            "qualys_severity": 4,
            "title": "Title & more",
            "category": "CGI",
            "published": 1767225600,
            "code_modified": 1767312000,
            "service_modified": 1767398400,
            "patchable": True,
            "remote": True,
            "auth_types": "Unix,SNMP",
            "disabled": False,
            "solution": "<P>Patch</P>",
        }
    ]
    assert found.references == [{"qid": 5, "claim": "CVE-2021-44228"}]
    assert found.rejects == []


def test_authentication_types_stay_with_their_entry():
    found = read(
        knowledge_base_answer(vuln(1), vuln(2, auth_types=["A", "B"]), vuln(3), vuln(4, auth_types=["C"]), vuln(5))
    )

    assert [row["auth_types"] for row in found.vulnerabilities] == ["", "A,B", "", "C", ""]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Vulnerability", Kind.CONFIRMED),
        ("Vulnerability or Potential Vulnerability", Kind.CONFIRMED),
        ("Potential Vulnerability", Kind.POTENTIAL),
        ("Information Gathered", Kind.INFORMATION),
        ("", Kind.POTENTIAL),
    ],
)
def test_types_are_the_strongest_kind_a_qid_can_report(written, kind):
    assert read(knowledge_base_answer(vuln(VULN_TYPE=written))).vulnerabilities[0]["kind"] == kind


def test_references_are_canonical_distinct_and_stay_with_their_entry():
    found = read(
        knowledge_base_answer(
            vuln(1, cves=["can-2001-0001", "CVE-2001-0001", " CVE-2020-1234567 ", ""]),
            vuln(2),
            vuln(3, cves=["CVE-2001-0001"], bugtraqs=["00377", "", "12"]),
        )
    )

    assert [(row["qid"], row["claim"]) for row in found.references] == [
        (1, "CVE-2001-0001"),
        (1, "CVE-2020-1234567"),
        (3, "CVE-2001-0001"),
        (3, "BUGTRAQ-377"),
        (3, "BUGTRAQ-12"),
    ]
    assert found.rejects == []


def test_malformed_references_are_left_out_and_told():
    found = read(
        knowledge_base_answer(vuln(7, cves=["CVE-21-1", "CVE-2021-4422x", "CVE-2021-44228"], bugtraqs=["0", "x"]))
    )

    assert [row["claim"] for row in found.references] == ["CVE-2021-44228"]
    assert [(reject.subject, reject.problem) for reject in found.rejects] == [
        ("QID 7", "'CVE-21-1' is no CVE id: the reference was left out"),
        ("QID 7", "'CVE-2021-4422X' is no CVE id: the reference was left out"),
        ("QID 7", "'0' is no BUGTRAQ id: the reference was left out"),
        ("QID 7", "'X' is no BUGTRAQ id: the reference was left out"),
    ]


def test_an_entry_without_readable_qid_is_left_out_with_its_references():
    found = read(knowledge_base_answer(vuln("x", cves=["CVE-2001-0001"]), vuln(None, cves=["y"]), vuln(3)))

    assert [row["qid"] for row in found.vulnerabilities] == [3]
    assert found.references == []
    assert [reject.subject for reject in found.rejects] == ["entry without readable QID"] * 2


def test_a_bad_entry_costs_itself_only():
    found = read(
        knowledge_base_answer(
            vuln(1, auth_types=["A"]), vuln(2, TITLE="&foo;"), vuln(3, auth_types=["B"], cves=["CVE-2001-0001"])
        )
    )

    assert [(row["qid"], row["auth_types"]) for row in found.vulnerabilities] == [(1, "A"), (3, "B")]
    assert found.references == [{"qid": 3, "claim": "CVE-2001-0001"}]
    assert [reject.subject for reject in found.rejects] == ["QID 2"]
