"""Two zones with the same address: each alert is judged only by the hosts of its own (A31)."""

import json

import pytest

from end_to_end_program import DETECTIONS, alert, run, verdicts, write_files

ELSEWHERE = DETECTIONS.replace("<QID>99000</QID>", "<QID>99001</QID>")


@pytest.fixture
def files(tmp_path):
    folder = write_files(tmp_path)
    (folder / "e.xml").write_text(ELSEWHERE)
    for zone, detections in (("lab", "d.xml"), ("dmz", "e.xml")):
        done = run(
            folder / "home", "import", folder / "h.xml", folder / detections, folder / "k.xml", "--zone", zone,
            "--complete", "--json",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return folder


def levels(files, zone):
    """Return the verdicts of an attack on each of the two vulnerabilities, on the address that both zones have."""
    return [record["verdict"] for record in verdicts(files, alert(1), alert(2), zone=zone)]


def test_each_alert_is_judged_only_by_its_own_zone(files):
    assert levels(files, "lab") == ["AFFECTED", "NOT_AFFECTED"]
    assert levels(files, "dmz") == ["NOT_AFFECTED", "AFFECTED"]


def test_a_zone_that_knows_no_such_host_clears_nothing(files):
    assert levels(files, "elsewhere") == ["UNKNOWN", "UNKNOWN"]


def test_the_address_is_two_hosts_one_in_each_zone(files):
    shown = json.loads(run(files / "home", "host", "show", "10.1.0.7", "--json").stdout)
    hosts = shown["hosts"] if isinstance(shown, dict) else shown

    found = {host["zone"]: [item["qid"] for item in host["detections"]] for host in hosts}
    assert found == {"lab": [99000], "dmz": [99001]}


def test_what_a_report_of_one_zone_leaves_out_does_not_touch_the_other_zone(files):
    (files / "h2.xml").write_text(
        (files / "h.xml").read_text().replace("10.1.0.7", "10.1.0.8").replace("<ID>7<", "<ID>8<")
    )
    done = run(files / "home", "import", files / "h2.xml", "--zone", "dmz", "--complete")

    assert done.returncode == 0, done.stderr
    assert levels(files, "lab")[0] == "AFFECTED"


def test_a_renamed_zone_judges_by_the_same_hosts_under_its_new_name(files):
    submitted = run(files / "home", "zone", "edit", "lab", "--name", "plant", "--network", "10.1.0.0/16", "--json")
    activated = run(files / "home", "activate")
    listed = json.loads(run(files / "home", "zone", "list", "--json").stdout)["zones"]

    assert json.loads(submitted.stdout) == {"name": "lab", "new_name": "plant", "networks": ["10.1.0.0/16"]}
    assert (activated.stdout, activated.returncode) == ("Activated: plant.\n", 0)
    assert [zone["name"] for zone in listed] == ["dmz", "plant"]
    assert (levels(files, "plant"), levels(files, "lab")) == (["AFFECTED", "NOT_AFFECTED"], ["UNKNOWN", "UNKNOWN"])
    refused = run(files / "home", "zone", "edit", "plant", "--name", "dmz")
    assert (refused.returncode, "named 'dmz' is here already" in refused.stderr) == (2, True)
