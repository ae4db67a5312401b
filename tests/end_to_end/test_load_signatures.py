"""Rules, maps and classifications as a person loads them."""

import json

import pytest

from end_to_end_program import RULES, alert, run, take, verdicts, write_files


@pytest.fixture
def files(tmp_path):
    return write_files(tmp_path)


def test_rules_maps_and_classifications_are_loaded_together(files):
    (files / "sid-msg.map").write_text("1 || T || cve,2026-10000\n9 || T\nbroken\n")
    (files / "classification.config").write_text("config classification: misc-attack,Misc Attack,2\n")
    done = run(files / "home", "signatures", "load", files, "--json")

    said = json.loads(done.stdout)
    assert (said["signatures"], said["classtypes"], said["rejects"]) == (3, 1, 1)
    assert "sid-msg.map:3: the line is not 'sid || message || references'" in done.stderr
    counts = json.loads(run(files / "home", "signatures", "coverage", "--json").stdout)
    assert (counts["signatures"], counts["with_cve"], counts["no_claim"], len(counts)) == (3, 2, 1, 7)
    assert "map only" in run(files / "home", "signatures", "coverage").stdout


def test_an_index_of_another_release_is_set_aside_and_begun_anew(files):
    (files / "home").mkdir()
    index = files / "home" / "signatures.index"
    index.write_bytes(b"vatriage signatures 1 of old")
    refused = run(files / "home", "signatures", "coverage")
    done = run(files / "home", "signatures", "load", files / "r.rules", "--json")

    assert refused.returncode == 3
    assert "another or older format" in refused.stderr
    assert json.loads(done.stdout)["signatures"] == 2
    assert "signatures.index.unreadable" in done.stderr
    assert index.with_name("signatures.index.unreadable").read_bytes() == b"vatriage signatures 1 of old"
    assert run(files / "home", "signatures", "coverage").returncode == 0


def test_a_map_beside_the_rules_adds_a_claim_that_forbids_the_clearance(files):
    take(files, "h.xml", "d.xml", "k.xml")
    (clear,) = verdicts(files, alert(2))
    folder = files / "r.rules"
    folder.unlink()
    folder.mkdir()
    (folder / "r.rules").write_text(RULES)
    (folder / "sid-msg.map").write_text("2 || T || cve,2026-20000 || cve,2026-30000\n")
    (record,) = verdicts(files, alert(2))

    assert (clear["verdict"], record["verdict"]) == ("NOT_AFFECTED", "UNKNOWN")
    assert {"id": "CVE-2026-30000", "sources": ["sid_msg_map"]} in record["claims"]
    assert {"id": "CVE-2026-20000", "sources": ["reference", "sid_msg_map"]} in record["claims"]
