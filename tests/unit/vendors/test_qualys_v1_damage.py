"""Damage anywhere in a document of the v1 kinds: nothing raises, nothing hangs, nothing is lost in silence."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.vendors.qualys_documents import read
from unit.vendors.qualys_v1_documents import (
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

HOSTILE = "<![CDATA[</VULN></IP><!-- </HOST> ]]>"
RICH = scanned(
    "10.0.0.1",
    section("INFOS", category(finding("INFO", 6), port=None)),
    section("VULNS", category(finding(qid=1, cves="CVE-2026-10000", RESULT=HOSTILE)), category(finding(qid=2))),
)
DOCUMENTS = {
    "saved": saved_scan(RICH, vulnerable("10.0.0.2")),
    "streamed": streamed_scan(RICH, vulnerable("10.0.0.2"), NBHOST_ALIVE="2"),
    "assets": asset_report(
        asset("10.0.0.1", vuln_info(1, RESULT=HOSTILE), vuln_info(2)) + asset("10.0.0.2", vuln_info(1)),
        details(1) + details(2),
    ),
    "knowledge": knowledge_base_v1(entry_v1(1), entry_v1(2)),
    "list": b"<SCAN_REPORT_LIST><SCAN_REPORT ref='scan/1.1' date='2026-02-25T08:00:00Z'/></SCAN_REPORT_LIST>",
    "return": generic_return("Account Expired"),
}
RECORDS = {
    "saved": rb"<IP[\s>]",
    "streamed": rb"<IP[\s>]",
    "assets": rb"<HOST>",
    "knowledge": rb"<VULN>",
    "list": rb"<SCAN_REPORT ",
}
PIECES = st.sampled_from(
    [b"<", b">", b"&", b'"', b"<![CDATA[", b"]]>", b"<!--", b"-->", b"</IP>", b"<IP>", b"</HOST>", b"<HOST>", b"</CAT>",
     b"<CAT port='1'>", b"<VULN number='7'/>", b"</SCAN>", b"<VULN_DETAILS>", b"\x00", b"\xff", b"<?", b"-1", b""]
)  # fmt: skip
WOUNDS = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 12), PIECES), min_size=1, max_size=4)


def wounded(document, wounds):
    for place, length, piece in wounds:
        at = place % (len(document) + 1)
        document = document[:at] + piece + document[at + length :]
    return document


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=60)
@given(WOUNDS)
def test_damage_never_raises_and_never_loses_a_record_in_silence(name, wounds):
    document = wounded(DOCUMENTS[name], wounds)

    found = read(document)

    told = found.rejects or found.end.error or any(row["rejected"] for row in found.hosts)
    if told or name == "return" or b"<!--" in re.sub(rb"<!-- (?:keep-alive|CONF|</HOST>).*?-->", b"", document):
        return
    body = document[document.index(b"<" + found.kind.encode()) :]
    outside = re.sub(
        rb"<!--.*?-->|<\?.*?\?>", b"", re.sub(rb"<!\[CDATA\[.*?\]\]>", b"", body, flags=re.DOTALL), flags=re.DOTALL
    )
    counted = len(re.findall(RECORDS[name], outside))
    assert counted == len(
        found.scans if name == "list" else found.vulnerabilities if name == "knowledge" else found.hosts
    )


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=40)
@given(st.integers(0, 1 << 16))
def test_a_document_cut_anywhere_says_so(name, place):
    document = DOCUMENTS[name]
    root = read(document).kind.encode()
    size = place % document.rindex(b"</" + root + b">")

    found = read(document[:size])

    assert found.end.error or not document[:size].strip()


@given(st.binary(max_size=300), st.sampled_from(["SCAN", "ASSET_DATA_REPORT", "VULNS", "SCAN_LIST", "GENERIC_RETURN"]))
def test_rubbish_inside_a_root_is_never_an_empty_report(rubbish, root):
    found = read(b"<" + root.encode() + b">" + rubbish)

    assert found.end.error
