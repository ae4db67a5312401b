"""Reports of the v1 API and of report templates: what they may say of an alert, and what never."""

import json

import pytest

from end_to_end_program import KNOWLEDGE, VULN, alert, run, take, verdicts, write_files
from unit.vendors.qualys_v1_documents import (
    asset,
    asset_report,
    category,
    details,
    entry_v1,
    finding,
    generic_return,
    header,
    knowledge_base_v1,
    saved_scan,
    scan,
    scanned,
    section,
    streamed_scan,
    vuln_info,
)

WHEN = {"DATE": "2026-11-20T00:00:00Z", "DURATION": "01:00:00"}
FOUND = scanned(
    "10.1.0.7", section("INFOS", category(finding("INFO", 6))), section("VULNS", category(finding(qid=99000)))
)
CLEAN = scanned("10.1.0.7", section("INFOS", category(finding("INFO", 6))))


@pytest.fixture
def files(tmp_path):
    return write_files(tmp_path)


def verdict(files, sid):
    (record,) = verdicts(files, alert(sid))
    return record["verdict"], record["reasons"]


def test_a_saved_report_confirms_and_a_vouched_one_clears(files):
    (files / "s.xml").write_bytes(saved_scan(FOUND, **WHEN))
    done = take(files, "s.xml", "k.xml")
    told = run(files / "home", "import", files / "s.xml").stdout

    (read, _) = json.loads(done.stdout)["files"]
    assert (read["kind"], read["hosts"], read["detections"]) == ("SCAN", 1, 2)
    assert (read["confirmed"], read["potential"], read["information"], read["vulnerabilities"]) == (1, 0, 1, 0)
    for words in ("state FINISHED", "launched at 2026-11-20T00:00:00Z", "targets 10.0.0.1-10.0.0.9", "Initial Options"):
        assert words in told
    assert verdict(files, 1) == ("AFFECTED", ["confirmed"])
    assert verdict(files, 2) == ("NOT_AFFECTED", ["tested_absent"])


def test_without_vouching_it_clears_nothing(files):
    (files / "s.xml").write_bytes(saved_scan(FOUND, **WHEN))
    take(files, "s.xml", "k.xml", complete=False)

    assert verdict(files, 1)[0] == "AFFECTED"
    assert verdict(files, 2) == ("UNKNOWN", ["check_set_unvouched", "list_not_whole"])


@pytest.mark.parametrize(
    "document",
    [
        streamed_scan(FOUND, **WHEN),
        saved_scan(FOUND, **WHEN).replace(b"</SCAN>", b""),
        scan(header(**WHEN), FOUND.replace('"Finish"', '"Interrupted"')),
        saved_scan(FOUND, scanned("&x;"), **WHEN),
    ],
    ids=["streamed", "cut", "host unfinished", "host unreadable"],
)
def test_a_report_that_may_not_be_whole_clears_nothing_whoever_vouches(files, document):
    (files / "s.xml").write_bytes(document)
    take(files, "s.xml", "k.xml")

    assert verdict(files, 2)[0] == "UNKNOWN"


@pytest.mark.parametrize(
    "keys",
    [
        {"REPORT_TYPE": "API (specific vulnerabilities)"},
        {"OPTIONS": "<![CDATA[Full TCP scan, Selective vulnerability scan]]>"},
        {"OPTIONS": "<![CDATA[Full TCP scan, Vulnerability Detection: Custom, Intensity: Low]]>"},
        {"OPTIONS": "<![CDATA[Custom search list: 5 QIDs]]>"},
    ],
)
def test_a_scan_that_says_itself_that_not_all_checks_ran_clears_nothing_whoever_vouches(files, keys):
    (files / "s.xml").write_bytes(saved_scan(FOUND, **WHEN | keys))
    done = run(files / "home", "import", files / "s.xml", files / "k.xml", "--complete")

    assert "not all checks ran" in " ".join(done.stdout.split())
    assert verdict(files, 2)[0] == "UNKNOWN"


def test_the_option_profile_that_is_vouched_for_is_named_beside_the_vouch(files):
    usual = "<![CDATA[Custom TCP Port List (1-1000), Vulnerability Detection: Complete, Overall Performance: Custom]]>"
    (files / "s.xml").write_bytes(saved_scan(FOUND, **WHEN | {"OPTIONS": usual}))
    done = run(files / "home", "import", files / "s.xml", files / "k.xml", "--complete")

    assert "Vouched whole. By your word, the option profile 'Initial Options' runs all checks." in done.stdout
    assert verdict(files, 2) == ("NOT_AFFECTED", ["tested_absent"])


def test_before_its_end_a_scan_is_silent(files):
    (files / "s.xml").write_bytes(saved_scan(FOUND, **WHEN))
    take(files, "s.xml", "k.xml")

    (record,) = verdicts(files, alert(2, at="2026-11-20T00:30:00.000000+0000"))
    assert record["verdict"] == "UNKNOWN"


def test_a_port_that_the_scan_did_not_report_on_is_not_cleared(files):
    (files / "s.xml").write_bytes(saved_scan(FOUND.replace('port="443"', 'port="80"'), **WHEN))
    take(files, "s.xml", "k.xml")

    assert verdict(files, 2) == ("UNKNOWN", ["port_not_covered"])


def test_what_only_a_login_can_test_is_not_cleared(files):
    (files / "s.xml").write_bytes(saved_scan(FOUND, **WHEN))
    (files / "k.xml").write_text(KNOWLEDGE.replace("<REMOTE>1</REMOTE>", "<REMOTE>0</REMOTE>"))
    take(files, "s.xml", "k.xml")

    assert verdict(files, 2) == ("UNKNOWN", ["not_testable_unauthenticated"])


@pytest.mark.parametrize("date", ["2026-11-19T00:00:00Z", "2026-11-20T12:00:00Z"], ids=["before", "after"])
def test_a_host_with_and_without_an_id_is_one_that_is_tracked_by_its_address(files, date):
    (files / "s.xml").write_bytes(saved_scan(CLEAN, **WHEN | {"DATE": date}))
    take(files, "h.xml", "d.xml", "k.xml")
    take(files, "s.xml")

    assert verdict(files, 1) == ("AFFECTED", ["confirmed"])
    assert verdict(files, 2)[0] in {"NOT_AFFECTED", "UNKNOWN"}


def test_an_asset_data_report_confirms_and_takes_the_vouching_from_all(files):
    seen = {"FIRST_FOUND": "2026-11-01T00:00:00Z", "LAST_FOUND": "2026-11-20T01:00:00Z"}
    found = asset("10.1.0.7", vuln_info(99000, **seen))
    (files / "a.xml").write_bytes(asset_report(found, details(99000, 5, ("CVE-2026-10000",))))
    done = take(files, "a.xml", "k.xml")

    (read, _) = json.loads(done.stdout)["files"]
    assert (read["kind"], read["hosts"], read["confirmed"], read["vulnerabilities"]) == ("ASSET_DATA_REPORT", 1, 1, 1)
    assert verdict(files, 1) == ("AFFECTED", ["confirmed"])
    assert verdict(files, 2)[0] == "UNKNOWN"


def test_a_glossary_ties_a_qid_to_a_cve_but_never_unties_one(files):
    (files / "k.xml").write_text(
        KNOWLEDGE.replace("</VULN_LIST>", VULN.format(qid=99002, cve="CVE-2026-20000") + "</VULN_LIST>")
    )
    (files / "s.xml").write_bytes(
        saved_scan(
            scanned(
                "10.1.0.7", section("VULNS", category(finding(qid=99002), finding(qid=99003, cves="CVE-2026-10000")))
            ),
            **WHEN,
        )
    )
    take(files, "k.xml", "s.xml")

    assert verdict(files, 1) == ("AFFECTED", ["confirmed"])
    assert verdict(files, 2) == ("AFFECTED", ["confirmed"])


def test_a_qid_that_only_a_report_describes_is_never_tested_absent(files):
    (files / "s.xml").write_bytes(saved_scan(CLEAN, **WHEN))
    (files / "a.xml").write_bytes(
        asset_report(asset("10.9.9.9", vuln_info(99005)), details(99005, 5, ("CVE-2026-20000",)))
    )
    take(files, "a.xml", complete=False)
    take(files, "s.xml", "k.xml")

    assert verdict(files, 1) == ("NOT_AFFECTED", ["tested_absent"])
    assert verdict(files, 2) == ("UNKNOWN", ["qid_not_in_snapshot"])


def test_the_v1_knowledge_base_confirms_and_never_clears(files):
    (files / "s.xml").write_bytes(saved_scan(FOUND, **WHEN))
    (files / "v.xml").write_bytes(
        knowledge_base_v1(entry_v1(99000, ("CVE-2026-10000",)), entry_v1(99001, ("CVE-2026-20000",)))
    )
    done = take(files, "s.xml", "v.xml")

    assert json.loads(done.stdout)["files"][1]["vulnerabilities"] == 2
    assert verdict(files, 1) == ("AFFECTED", ["confirmed"])
    assert verdict(files, 2)[0] == "UNKNOWN"


def test_lists_are_taken_in_and_errors_and_other_kinds_end_with_one(files):
    (files / "l.xml").write_text("<SCAN_REPORT_LIST><SCAN_REPORT ref='scan/1.1' status='FINISHED'/></SCAN_REPORT_LIST>")
    (files / "g.xml").write_bytes(generic_return("Account Expired"))
    (files / "w.xml").write_text("<WAS_SCAN_REPORT/>")

    good, bad = take(files, "l.xml", complete=False), take(files, "g.xml", "w.xml", complete=False)

    (listed,) = json.loads(good.stdout)["files"]
    assert (good.returncode, listed["kind"], listed["hosts"]) == (0, "SCAN_REPORT_LIST", 0)
    assert "a list of 1 scans" in run(files / "home", "import", files / "l.xml").stdout
    assert bad.returncode == 1
    assert [item["error"][:29] for item in json.loads(bad.stdout)["files"]] == [
        "Qualys answered 2001: Account",
        "This WAS_SCAN_REPORT is a web",
    ]
    assert "Traceback" not in bad.stderr
    assert run(files / "home", "host", "list").returncode == 0


@pytest.mark.parametrize(
    "answer",
    [
        b"<SIMPLE_RETURN><RESPONSE><DATETIME>2026-11-20T00:00:00Z</DATETIME><TEXT>Logged in</TEXT></RESPONSE></SIMPLE_RETURN>",
        generic_return("Host tracking was changed", status="SUCCESS", number=None),
    ],
    ids=["v2", "v1"],
)
def test_a_successful_short_answer_is_told_as_one_and_not_as_an_empty_list(files, answer):
    (files / "a.xml").write_bytes(answer)
    done = take(files, "a.xml", complete=False)

    assert done.returncode == 0
    assert "a.xml is the server's short answer to a request, and no report." in " ".join(done.stderr.split())
