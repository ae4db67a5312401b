"""A host that one report names by its id and another by its address is one host, in either order."""

import json

import pytest

from end_to_end_program import alert, run, take, verdicts, write_files

SCAN = """<?xml version="1.0" encoding="UTF-8"?>
<SCAN value="scan/1795000000.00001"><HEADER><KEY value="DATE">2026-11-20T00:30:00Z</KEY><KEY value="DURATION">00:10:00</KEY>
<KEY value="STATUS">FINISHED</KEY><KEY value="NBHOST_ALIVE">1</KEY></HEADER>
<IP value="10.1.0.7" name="seven" status="Finish"><VULNS><CAT value="Web server" port="443" protocol="tcp">
<VULN number="99001" severity="5"><TITLE>t</TITLE></VULN></CAT></VULNS></IP></SCAN>"""


def hosts(files):
    return json.loads(run(files / "home", "host", "list", "--json").stdout)["hosts"]


@pytest.mark.parametrize("order", [("s.xml", "h.xml d.xml"), ("h.xml d.xml", "s.xml")])
def test_both_reports_speak_of_one_host(tmp_path, order):
    write_files(tmp_path)
    (tmp_path / "s.xml").write_text(SCAN)
    take(tmp_path, "k.xml", complete=False)
    for names in order:
        take(tmp_path, *names.split(), complete=False)

    assert [host["address"] for host in hosts(tmp_path)] == ["10.1.0.7"]
    assert [item["verdict"] for item in verdicts(tmp_path, alert(1), alert(2))] == ["AFFECTED", "AFFECTED"]


def test_a_host_that_is_tracked_by_its_agent_is_never_joined_by_address(tmp_path):
    write_files(tmp_path)
    (tmp_path / "s.xml").write_text(SCAN)
    for name in ("h.xml", "d.xml"):
        path = tmp_path / name
        path.write_text(path.read_text().replace("<TRACKING_METHOD>IP<", "<TRACKING_METHOD>AGENT<"))
    take(tmp_path, "k.xml", "h.xml", "d.xml", complete=False)
    take(tmp_path, "s.xml", complete=False)

    assert [host["address"] for host in hosts(tmp_path)] == ["10.1.0.7", "10.1.0.7"]
