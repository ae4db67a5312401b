"""Ways in which a report could clear a host that it does not clear; each was open once."""

import json

import pytest

from end_to_end_program import DETECTIONS, HOSTS, KNOWLEDGE, VULN, alert, run, take, verdicts, write_files


@pytest.fixture
def files(tmp_path, database):
    return write_files(tmp_path)


def verdict(files, sid):
    (record,) = verdicts(files, alert(sid))
    return record["verdict"], record["reasons"]


def test_a_host_whose_findings_came_without_readable_id_is_not_cleared(files):
    broken = DETECTIONS.replace("<ID>7</ID><IP>10.1.0.7</IP>", "<ID>&x;</ID><IP>?</IP>").replace(
        "<HOST_LIST>", "<HOST_LIST>" + other_host(8)
    )
    (files / "d.xml").write_text(broken)
    (files / "h.xml").write_text(HOSTS)
    done = take(files, "h.xml", "d.xml", "k.xml")

    assert json.loads(done.stdout)["files"][1]["rejects"] >= 1
    assert verdict(files, 1)[0] == "UNKNOWN"
    assert verdict(files, 2)[0] == "UNKNOWN"


def other_host(number):
    return (
        f"<HOST><ID>{number}</ID><IP>10.1.0.{number}</IP><DETECTION_LIST><DETECTION><QID>99000</QID>"
        "<TYPE>Confirmed</TYPE><STATUS>Active</STATUS></DETECTION></DETECTION_LIST></HOST>"
    )


def truncated(*hosts, next_id=None):
    warning = (
        f"<WARNING><CODE>1980</CODE><TEXT>t</TEXT><URL><![CDATA[https://x/?id_min={next_id}]]></URL></WARNING>"
        if next_id
        else ""
    )
    return (
        "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><DATETIME>2026-11-20T02:00:00Z</DATETIME><HOST_LIST>"
        + "".join(hosts)
        + f"</HOST_LIST>{warning}</RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>"
    )


@pytest.mark.parametrize(("last", "expected"), [(9, "UNKNOWN"), (5, "NOT_AFFECTED")])
def test_pages_clear_only_if_each_begins_where_the_last_one_stopped(files, last, expected):
    (files / "p1.xml").write_text(truncated(other_host(3), next_id=5))
    (files / "p2.xml").write_text(truncated(other_host(last)))
    take(files, "h.xml", "p1.xml", "p2.xml", "k.xml")

    assert expected == verdict(files, 2)[0]


def test_a_rejected_knowledge_base_entry_takes_the_vouching(files):
    (files / "k.xml").write_text(
        KNOWLEDGE.replace("</VULN_LIST>", VULN.format(qid="x", cve="CVE-2026-20000") + "</VULN_LIST>")
    )
    take(files, "h.xml", "d.xml", "k.xml")

    assert verdict(files, 2)[0] == "UNKNOWN"


def test_a_finding_that_nobody_describes_may_be_the_very_vulnerability(files):
    (files / "d.xml").write_text(DETECTIONS.replace("<QID>99000</QID>", "<QID>99777</QID>"))
    take(files, "h.xml", "d.xml", "k.xml")

    assert verdict(files, 2) == ("UNKNOWN", ["qid_not_in_snapshot"])


def test_a_writer_that_died_before_the_snapshot_leaves_no_old_verdict(files):
    take(files, "h.xml", "k.xml")
    home = files / "home"
    old = {path: path.read_bytes() for path in (home / "snapshots").rglob("*") if path.is_file()}
    take(files, "h.xml", "d.xml", "k.xml")
    for path in (home / "snapshots").rglob("*"):
        if path.is_file():
            path.unlink()
    for path, content in old.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (home / "snapshots" / "behind").touch()

    assert verdict(files, 1)[0] == "AFFECTED"


def test_a_wrong_file_is_one_sentence_and_no_traceback(files):
    done = run(files / "home", "triage", files)

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
