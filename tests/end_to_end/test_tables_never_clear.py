"""Tables confirm and never clear, whatever a person vouches for and whatever else has been taken in."""

import json

import pytest

from end_to_end_program import KNOWLEDGE, VULN, alert, run, take, verdicts, write_files
from unit.vendors.table_documents import JSON_HEADERS, SCAN_METADATA, detections, scan, scan_json, vmdr

LATE = {"Last Detected": "Nov 20, 2026 01:00 AM", "First Detected": "Nov 01, 2026 01:00 AM"}
FIXED = LATE | {"Status": "FIXED", "Last Fixed": "Nov 20, 2026 01:00 AM"}
OTHER = {"QID": "99555"}
METADATA = '"Asset Vuln Datalist Report","20 Nov 2026 02:00AM GMT","1"\n'
LAUNCHED = (
    JSON_HEADERS[0] | {"result_date": "11/20/2026 02:00:00"},
    JSON_HEADERS[1] | {"launch_date": "11/20/2026 01:00:00"},
)
ISO = "2026-11-20T01:00:00Z"
API = {
    "Last VM Scanned Date": ISO,
    "Last VM Auth Scanned Date": ISO,
    "Last Found Datetime": ISO,
    "Last Test Datetime": ISO,
}
SCAN_HEAD = SCAN_METADATA.format(state="Finished").replace("02/03/2026", "11/20/2026")
CLAIMS = {"CVE ID": "CVE-2026-10000"}

TABLES = {
    "v.csv": lambda finding: vmdr(LATE | finding, before=METADATA),
    "s.csv": lambda finding: scan(CLAIMS | finding, before=SCAN_HEAD),
    "d.csv": lambda finding: detections(API | finding),
    "s.json": lambda finding: scan_json({name.lower(): value for name, value in finding.items()}, headers=LAUNCHED),
}


@pytest.fixture
def files(tmp_path):
    return write_files(tmp_path)


def both(files):
    """Return the verdicts on an attack on QID 99000 and on one on QID 99001."""
    return [record["verdict"] for record in verdicts(files, alert(1), alert(2))]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_confirms_and_what_it_leaves_out_clears_nothing_even_if_vouched(files, name):
    (files / name).write_bytes(TABLES[name]({"QID": "99000"}))
    (done, _) = json.loads(take(files, name, "k.xml").stdout)["files"]

    assert (done["hosts"], done["detections"], done["confirmed"], done["rejects"], done["error"]) == (1, 1, 1, 0, None)
    assert both(files) == ["AFFECTED", "UNKNOWN"]


def test_the_vouching_is_refused_with_its_reason(files):
    (files / "v.csv").write_bytes(TABLES["v.csv"](OTHER))
    done = run(files / "home", "import", files / "v.csv", files / "k.xml", "--complete")

    told = " ".join((done.stdout + done.stderr).split())
    assert "NOT vouched whole" in told
    assert "does not say which hosts were scanned" in told


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("v.csv", vmdr(FIXED, before=METADATA)),
        ("v.csv", vmdr(FIXED, before="")),
        ("d.csv", detections(API | {"Status": "Fixed", "Last Fixed Datetime": ISO})),
    ],
)
def test_a_fixed_finding_in_a_table_clears_nothing(files, name, document):
    (files / name).write_bytes(document)
    take(files, name, "k.xml")

    assert both(files) == ["UNKNOWN", "UNKNOWN"]


def test_a_later_table_that_says_fixed_ends_the_confirmation(files):
    (files / "a.csv").write_bytes(vmdr(LATE | {"Last Detected": "Nov 10, 2026 01:00 AM"}, before=METADATA))
    (files / "b.csv").write_bytes(vmdr(FIXED, before=METADATA))
    take(files, "a.csv", "k.xml")
    take(files, "b.csv")

    earlier, later = verdicts(files, alert(1, at="2026-11-15T00:00:00.000000+0000"), alert(1))
    assert earlier["verdict"] == "AFFECTED"
    assert (later["verdict"], later["reasons"]) == ("UNKNOWN", ["information_gathered"])


@pytest.mark.parametrize("name", ["v.csv", "s.json"])
def test_a_table_among_vouched_files_takes_their_vouching(files, name):
    (files / name).write_bytes(TABLES[name](OTHER | {"IP": "10.1.0.99", "Asset IPV4": "10.1.0.99"}))
    take(files, "h.xml", "d.xml", "k.xml", name)

    assert both(files)[1] == "UNKNOWN"


@pytest.mark.parametrize("name", ["v.csv", "s.csv", "d.csv"])
def test_a_table_imported_after_vouched_files_clears_no_more_than_before(files, name):
    # A host that a table knows by its address only is another host than one with an ID: the identity is in doubt, or
    # the later one holds the address. Either weakens what is known; nothing of it may clear.
    take(files, "h.xml", "d.xml", "k.xml")
    (files / name).write_bytes(TABLES[name]({"QID": "99001", "CVE ID": "CVE-2026-20000"}))
    take(files, name)

    first, second = both(files)
    assert first != "NOT_AFFECTED"
    assert second in {"AFFECTED", "POSSIBLY_AFFECTED"}


@pytest.mark.parametrize("described", [True, False])
@pytest.mark.parametrize("name", ["s.csv", "s.json", "undated.json"])
def test_a_cve_that_only_a_table_ties_to_its_finding_confirms_and_clears_nothing(files, name, described):
    if described:
        other = VULN.format(qid=99003, cve="CVE-2026-33333")
        (files / "k.xml").write_text(KNOWLEDGE.replace("</VULN_LIST>", other + "</VULN_LIST>"))
    take(files, "h.xml", "d.xml", "k.xml")
    before = both(files)
    found = {"qid": "99003", "cve_id": "CVE-2026-20000"}
    upper = {"QID": "99003", "CVE ID": "CVE-2026-20000"}
    undated = scan_json(found, headers=(), trailers=())
    (files / name).write_bytes(undated if name == "undated.json" else TABLES[name](upper | found))
    take(files, name, complete=False)

    assert before == ["AFFECTED", "NOT_AFFECTED"]
    assert both(files) == ["AFFECTED", "POSSIBLY_AFFECTED" if name == "undated.json" else "AFFECTED"]
    assert verdicts(files, alert(2, destination="10.1.0.8"))[0]["verdict"] == "UNKNOWN"


def test_the_cves_of_a_table_are_no_copy_of_the_knowledge_base(files):
    take(files, "h.xml", "d.xml", "k.xml")
    kept = json.loads(run(files / "home", "kb", "show", "99001", "--json").stdout)
    (files / "s.csv").write_bytes(
        scan({"IP": "10.9.9.9", "QID": "99001", "CVE ID": "CVE-2026-77777"}, before=SCAN_HEAD)
    )
    take(files, "s.csv")

    shown = json.loads(run(files / "home", "kb", "show", "99001", "--json").stdout)
    assert shown == kept | {"reported_claims": ["BUGTRAQ-123", "CVE-2026-77777"]}
    assert kept["reported_claims"] == []
    assert both(files) == ["AFFECTED", "NOT_AFFECTED"]


def test_a_table_of_another_kind_is_a_sentence_and_exit_code_one(files):
    (files / "p.csv").write_text("IP,HOSTNAME,QID,IS_PCI,FALSE POSITIVE STATUS\n10.1.0.7,x,99000,Fail,-\n")
    done = run(files / "home", "import", files / "p.csv", "--json")

    (file,) = json.loads(done.stdout)["files"]
    assert done.returncode == 1
    assert (file["kind"], file["detections"]) == ("PCI_CSV", 0)
    assert "PCI" in file["error"]
    assert "Traceback" not in done.stderr
