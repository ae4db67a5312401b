"""What real documents of Qualys's do to a parser; the numbers are those of our list of traps (11 and 12: JSON, CSV)."""

import re

import pytest

from unit.vendors.qualys_documents import (
    DECLARATION,
    detection,
    detections_answer,
    host,
    host_list_answer,
    knowledge_base_answer,
    read,
    simple_return,
)
from unit.vendors.qualys_v1_documents import (
    NOTICE,
    asset,
    asset_report,
    category,
    details,
    entry_v1,
    finding,
    generic_return,
    knowledge_base_v1,
    saved_scan,
    scanned,
    section,
    streamed_scan,
    vuln_info,
    vulnerable,
)

SCAN = saved_scan(vulnerable())
ASSETS = asset_report(asset("10.0.0.1", vuln_info()), details())
KNOWLEDGE = knowledge_base_v1(entry_v1())
LISTED = host_list_answer(host(1))
DOCUMENTS = pytest.mark.parametrize(
    "document", [SCAN, ASSETS, KNOWLEDGE, LISTED], ids=["SCAN", "ADR", "VULNS", "HOSTS"]
)


def records_of(found):
    return len(found.hosts) + len(found.vulnerabilities) + len(found.detections)


def assert_same(changed, document):
    found, plain = read(changed), read(document)
    assert (found.end.error, found.end.partial) == (None, False)
    assert (found.hosts, found.detections, found.vulnerabilities) == (
        plain.hosts,
        plain.detections,
        plain.vulnerabilities,
    )


@DOCUMENTS
@pytest.mark.parametrize(
    "system",
    [
        'SYSTEM "https://qualysapi.qualys.example/scan-1.dtd"',
        'SYSTEM "https://qualysguard.qg3.apps.example/asset_data_report.dtd"',
        'SYSTEM ""',
        'SYSTEM\n"https://qualysapi.example/api/3.0/fo/scan/dtd/list/output.dtd"',
        "",
    ],
)
def test_a_doctype_is_accepted_and_never_fetched(document, system):
    """Trap 1: DOCTYPE SYSTEM to many hosts, also to none (nothing in the tests may reach beyond loopback)."""
    root = read(document).kind
    body = document[document.index(f"<{root}".encode()) :]

    assert_same(DECLARATION + f"<!DOCTYPE {root} {system}>\n".encode() + body, document)


@DOCUMENTS
@pytest.mark.parametrize("before", [b"\n\n", b"\r\n \t", b"\xef\xbb\xbf", b"Report of the week\n"])
def test_what_stands_before_the_declaration_is_stepped_over(document, before):
    """Trap 2: blank lines or text before the XML declaration."""
    assert_same(before + document, document)


@DOCUMENTS
def test_a_document_without_declaration_is_read(document):
    """Trap 2: bodies with no declaration; blank line after it."""
    assert_same(document.removeprefix(DECLARATION), document)
    assert_same(document.replace(DECLARATION, DECLARATION + b"\n \n"), document)


@DOCUMENTS
def test_comments_before_inside_and_after_the_root_change_nothing(document):
    """Trap 3: keep-alive, progress, evaluation and confidentiality comments."""
    comment = b"<!-- keep-alive <IP> </HOST> <VULN> <![CDATA[ //-->\n"
    root = read(document).kind.encode()
    places = rb"<IP |</IP>|<HOST>|</HOST>|<VULN_INFO>|<VULN>|</VULNS>|<VULN_DETAILS |<" + root + rb"[ >]"

    changed = re.sub(places, lambda match: comment + match.group(), document)

    assert_same(changed + comment, document)


def test_the_header_may_come_last():
    """Trap 4: HEADER before or after the hosts."""
    first, last = read(saved_scan(vulnerable())), read(streamed_scan(vulnerable()))

    assert (first.hosts, first.detections) == (last.hosts, last.detections)


@pytest.mark.parametrize(
    "document",
    [
        saved_scan(),
        asset_report(total=0),
        asset_report(total=0).replace(b"<APPENDICES>", b"<HOST_LIST/><GLOSSARY><!-- none --></GLOSSARY><APPENDICES>"),
        knowledge_base_v1(),
        knowledge_base_v1("<!-- No vulnerability matches -->"),
        b"<SCAN_LIST_OUTPUT><RESPONSE/></SCAN_LIST_OUTPUT>",
        b"<SCAN_REPORT_LIST><!-- none saved --></SCAN_REPORT_LIST>",
        b"<HOST_LIST_OUTPUT><RESPONSE><DATETIME/></RESPONSE></HOST_LIST_OUTPUT>".replace(b"<DATETIME/>", b""),
    ],
)
def test_a_list_may_be_missing_empty_or_a_comment(document):
    """Trap 5: no HOST_LIST, VULN_LIST, SCAN_LIST, GLOSSARY at all; empty; comment only."""
    found = read(document)

    assert (records_of(found), found.end.error, found.end.partial, found.rejects) == (0, None, False, [])


def test_markup_in_sections_and_line_breaks_in_tags_are_survived():
    """Trap 6: HTML and its entities in CDATA, padded CDATA, line breaks inside start tags."""
    hostile = "<![CDATA[\n<P>&quot;x&quot; &lt;b&gt;</VULN></CAT></IP><IP value='6.6.6.6'>\n]]>"
    one = finding(qid=1, RESULT=hostile, TITLE="<![CDATA[\nA &quot;B&quot; &amp; C\n]]>")
    text = (
        scanned("10.0.0.1", section("VULNS", category(one)))
        .replace('" name=', '"\n  name=')
        .replace('" port=', '"\n port=')
    )

    found = read(saved_scan(text))

    assert [row["address"] for row in found.hosts] == ["10.0.0.1"]
    assert found.vulnerabilities[0]["title"] == 'A "B" & C'
    assert found.detections[0]["results"].startswith("<P>&quot;x&quot;")
    assert (found.detections[0]["port"], found.rejects) == (443, [])


def test_every_spelling_of_references_is_read():
    """Trap 7: empty or dashed CVSS, CVE without id or URL, CAN- ids, CVEs as attribute or as list."""
    listed = "<CVE_ID><ID></ID><URL>u</URL></CVE_ID><CVE_ID><ID>CAN-2004-0002</ID></CVE_ID>"
    one = finding(qid=1, cves="CVE-2026-10000,CAN-2004-0001, ", CVSS3_BASE="-", CVSS_BASE="", CVE_ID_LIST=listed)

    found = read(saved_scan(scanned("10.0.0.1", section("VULNS", category(one)))))

    assert [row["claim"] for row in found.references] == ["CVE-2026-10000", "CVE-2004-0001", "CVE-2004-0002"]
    assert found.rejects == []


def test_what_is_missing_or_written_in_words_is_not_taken_for_a_fact():
    """Trap 8: "No registered hostname", hosts without OS, findings without port, port "" and "0", spellings of SSL."""
    categories = [category(finding(qid=1), port=port, protocol=None) for port in (None, "", "0", "443")]
    nameless = scanned("10.0.0.1", section("VULNS", *categories), name="No registered hostname")
    spelled = [vuln_info(number, SSL=ssl) for number, ssl in enumerate(("yes", "no", "1", "0", "", "true", "false"), 1)]

    found, report = read(saved_scan(nameless)), read(asset_report(asset("10.0.0.1", *spelled)))

    assert (found.hosts[0]["dns"], found.hosts[0]["os"]) == ("", "")
    assert [row["port"] for row in found.detections] == [-1, -1, -1, 443]
    assert [row["ssl"] for row in report.detections] == [True, False, True, False, False, True, False]
    assert found.rejects + report.rejects == []


def test_a_host_list_may_be_written_in_lower_case():
    """Trap 9: the lower-case variant of the host list."""
    found = read(host_list_answer(host(7, TRACKING_METHOD="IP")).lower().replace(b"z</datetime>", b"Z</datetime>"))

    assert [row["host_id"] for row in found.hosts] == [7]


@pytest.mark.parametrize("wound", [b"\x00", b"\x1b", b"\xff\xfe", b"&#1;", "caf\u00e9".encode("latin-1")])
def test_bytes_that_are_no_text_cost_no_record(wound):
    """Trap 10: ill-formed characters and broken UTF-8 in the KnowledgeBase's and the devices' texts."""
    host_of_scan = saved_scan(vulnerable()).replace(b"a.example", b"a" + wound + b"b")
    of_knowledge = knowledge_base_v1(entry_v1()).replace(b"CGI", b"C" + wound + b"I")
    of_assets = asset_report(asset("10.0.0.1", vuln_info()), details()).replace(b"<P>patch", b"<P>" + wound)

    for document in (host_of_scan, of_knowledge, of_assets):
        found = read(document)
        assert records_of(found) > 0
        assert (found.end.error, [row["rejected"] for row in found.hosts]) == (None, [False] * len(found.hosts))
        in_section = wound == b"&#1;" and document is of_assets
        assert in_section or any("the record was kept" in reject.problem for reject in found.rejects)


def test_a_backward_range_of_addresses_is_survived():
    """Trap 13: a range whose start is greater than its end, in a report's target and in an id set."""
    found = read(asset_report(asset("10.0.0.1", vuln_info())))
    listed = read(
        b"<HOST_LIST_OUTPUT><RESPONSE><ID_SET><ID_RANGE>9-2</ID_RANGE></ID_SET></RESPONSE></HOST_LIST_OUTPUT>"
    )

    assert ([row["address"] for row in found.hosts], found.rejects) == (["10.0.0.1"], [])
    assert (listed.id_ranges, len(listed.rejects)) == ([], 1)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (simple_return(CODE="7001", TEXT="Report cannot be fetched."), "7001"),
        (generic_return("Account Expired"), "2001"),
        (generic_return("Too many", number="1960", nested=True), "1960"),
        (b'<SCAN value="None"><ERROR number="5000">Bad IP</ERROR></SCAN>', "5000"),
        (b'<ASSET_DATA_REPORT><ERROR number="999">Internal</ERROR></ASSET_DATA_REPORT>', "999"),
        (b'<VULNS><ERROR number="2002">No right</ERROR></VULNS>', "2002"),
    ],
)
def test_an_error_where_a_report_was_expected_is_an_error(document, code):
    """Trap 14: HTTP 200 with another root, or an ERROR in the expected one."""
    found = read(document)

    assert found.end.error_code == code
    assert found.end.error.startswith(f"Qualys answered {code}: ")
    assert records_of(found) == 0


def test_a_stream_cut_anywhere_keeps_its_whole_hosts_and_says_so():
    """Trap 15: no HEADER, no closing tag."""
    document = streamed_scan(vulnerable("10.0.0.1"), vulnerable("10.0.0.2")).removesuffix(NOTICE).rstrip()
    ends = [at for at in range(len(document)) if document[:at].endswith(b"</IP>")]
    for size in range(document.index(b"<SCAN"), len(document), 3):
        found = read(document[:size])

        assert (size, len(found.hosts)) == (size, sum(size >= end for end in ends))
        assert (size, len(found.detections)) == (size, len(found.hosts))
        assert (size, found.end.partial, bool(found.end.error), bool(found.end.narrowed)) == (
            size,
            True,
            True,
            True,
        ) or (size < document.index(b">", document.index(b"<SCAN ")))


def test_the_same_facts_in_current_reports():
    """Traps 6 to 8 in host detections and in the current KnowledgeBase."""
    found = read(detections_answer(host(1, detection(1, PORT=None), detection(2, PORT=""), detection(3, PORT=0))))
    known = read(knowledge_base_answer("<VULN><QID>1</QID><CVE_LIST><CVE><ID></ID></CVE></CVE_LIST></VULN>"))

    assert [row["port"] for row in found.detections] == [-1, -1, -1]
    assert (known.references, known.rejects) == ([], [])
