"""A finding that stands where none is read, or whose tag is not written as it ought to be, must not look like silence."""

import pytest

from integration_stage import KNOWN, SEEN, entry, findings, host, hosts, knowledge, listed, row, scan, verdict
from unit.vendors.qualys_v1_documents import (
    asset,
    asset_report,
    category,
    details,
    finding,
    vuln_info,
)

VULN = finding(qid=1000)
IN_CATEGORY = category(VULN, port="80")
OPEN = row(1000)
LOWER = OPEN.replace("DETECTION>", "detection>")


def rejects(result):
    return sum(item.rejects for item in result.files)


@pytest.mark.parametrize(
    "part",
    [
        f"<VULNS>{VULN}</VULNS>",
        IN_CATEGORY,
        f"<POTENTIALS>{IN_CATEGORY}</POTENTIALS>",
        f"<vulns>{IN_CATEGORY}</vulns>",
        f'<VULNS><CAT value="x">{IN_CATEGORY}</CAT></VULNS>',
        f"<INFOS>{IN_CATEGORY}</INFOS>",
        f"<VULNS>{IN_CATEGORY.replace('VULN', 'vuln')}</VULNS>",
        "<VULNS>" + IN_CATEGORY.replace("<VULN ", "<VULN\n") + "</VULNS>",
    ],
    ids=[
        "no CAT",
        "no section",
        "unknown section",
        "lower section",
        "nested CAT",
        "VULN in INFOS",
        "lower VULN",
        "fine",
    ],
)
def test_a_vulnerability_of_a_scan_is_read_or_its_host_is_not_whole(store, part):
    result = store.take(scan(part), KNOWN)

    read = result.files[0].confirmed
    assert (read, rejects(result)) in {(1, 0), (0, 1)}
    assert verdict(store) == ("AFFECTED" if read else "UNKNOWN")


@pytest.mark.parametrize(
    "listing",
    [
        host(body=f"<DETECTION_LIST>{SEEN}</DETECTION_LIST>{OPEN}"),
        listed(SEEN, f"<X>{OPEN}</X>"),
        listed(SEEN, LOWER),
        listed(SEEN, LOWER.replace("<detection>", "<detection >").replace("</detection>", "</detection >")),
        listed(SEEN, OPEN.replace("<DETECTION>", '<q:DETECTION xmlns:q="u">').replace("</D", "</q:D")),
        listed(SEEN) + OPEN,
        OPEN + listed(SEEN),
        listed(SEEN) + listed(OPEN, number=1).replace("HOST>", "host>"),
        listed(SEEN, number=2, address="10.0.0.6") + listed(OPEN).replace("HOST>", "host>"),
        listed(SEEN) + f"</HOST_LIST><HOST_LIST>{listed(SEEN, number=2, address='10.0.0.6')}</HOST_LIST>{OPEN}<HOST_LIST>",
        listed(SEEN, OPEN.replace("<QID>1000</QID>", "<QID>1000</QID>\x07")).replace("</HOST>", f"</HOST>{LOWER}"),
    ],
    ids=[
        "no list", "wrapped", "lower", "lower with blanks", "prefixed", "behind its host", "before its host",
        "its host lower", "only a lower host", "in the frame", "beside a repaired record",
    ],
)  # fmt: skip
def test_a_detection_is_read_or_its_host_is_not_cleared(store, listing):
    result = store.take(hosts(host(), host(2, "10.0.0.6")), findings(listing), KNOWN)

    assert rejects(result)
    assert verdict(store) != "NOT_AFFECTED"


def test_the_words_of_a_result_are_no_finding(store):
    quoted = "<RESULTS><![CDATA[<detection>a :DETECTION <q:DETECTION/> Detection>]]></RESULTS><!-- <DETECTION> -->"
    result = store.take(hosts(), findings(listed(SEEN.replace("<STATUS>", quoted + "<STATUS>"))), KNOWN)

    assert rejects(result) == 0
    assert verdict(store) == "NOT_AFFECTED"


def test_another_host_of_the_block_stays_whole(store):
    spoilt = listed(SEEN, LOWER, number=2, address="10.0.0.6")
    store.take(hosts(host(), host(2, "10.0.0.6")), findings(listed(SEEN), spoilt), KNOWN)

    assert verdict(store) == "NOT_AFFECTED"
    assert verdict(store, address="10.0.0.6") == "UNKNOWN"


@pytest.mark.parametrize(
    "spoil", [("<VULN>", "<vuln>", "</VULN>", "</vuln>"), ("<CVE>", "<q><CVE>", "</CVE>", "</CVE></q>")]
)
def test_a_knowledge_base_entry_out_of_place_damages_the_copy(store, spoil):
    objecting = entry(1005, remote=0, auth="")
    for before, after in (spoil[:2], spoil[2:]):
        objecting = objecting.replace(before, after)
    result = store.take(hosts(), findings(listed(SEEN)), knowledge(entry(1000), objecting))

    assert (result.knowledge_sound, verdict(store)) == (False, "UNKNOWN")


@pytest.mark.parametrize(
    "body",
    ["<HOST><IP>10.0.0.5</IP>{}</HOST>", "{}", "<host><IP>10.0.0.5</IP><VULN_INFO_LIST>{}</VULN_INFO_LIST></host>"],
)
def test_a_finding_of_an_asset_data_report_out_of_place_is_told(store, body):
    found = body.format(vuln_info(1000))
    result = store.take(asset_report(asset("10.0.0.6", vuln_info(1)) + found, details(1000)).decode(), complete=False)

    assert result.files[0].detections == 1
    assert any("stands where none is read" in item.problem for item in result.first_rejects)
