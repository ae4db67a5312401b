"""Networks of one account may use the same address for different hosts: a scan of one never speaks of the other's."""

import pytest

from integration_stage import KNOWN, SEEN, findings, host, hosts, listed, verdict
from integration_store import inventory
from unit.vendors.qualys_v1_documents import category, finding, saved_scan, scanned, section
from vatriage.model.host import LONGEST_PLACE, place_of

SEEN_BY_SCAN = section("INFOS", category(finding("INFO", 86000), port="80"))
OPEN = section("VULNS", category(finding(qid=1000), port="80"))


def in_network(name, **changes):
    return host(**changes).replace("</IP>", f"</IP><NETWORK_ID>{name}</NETWORK_ID>")


def scan(*parts, at="2026-05-01T11:00:00Z", header="", **fields):
    """Return the saved report of a scan of the host; fields are of its IP."""
    keys = {"NETWORK_ID": header, "NETWORK_TITLE": f"Network {header}"} if header else {}
    report = saved_scan(scanned("10.0.0.5", SEEN_BY_SCAN, *parts, **fields), DATE=at, DURATION="01:00:00", **keys)
    return report.decode()


def held():
    return [row[:2] for row in inventory()["hosts"]]


@pytest.mark.parametrize(
    "stated",
    [{"header": "2"}, {"NETWORK": "2"}, {"NETWORK_ID": "2"}, {}, {"header": "1", "NETWORK": "other"}],
    ids=["HEADER", "NETWORK", "NETWORK_ID", "none", "IP over HEADER"],
)
@pytest.mark.parametrize("scan_first", [True, False])
def test_a_scan_of_another_network_is_of_another_host(store, stated, scan_first):
    reports = [scan(**stated), hosts(in_network("1", login=""))]
    for report in reports if scan_first else reversed(reports):
        store.take(report, KNOWN)

    assert len(held()) == 2
    assert verdict(store) == "UNKNOWN"


@pytest.mark.parametrize(
    ("listed_in", "stated"),
    [("1", {"header": "1"}), ("1", {"header": "1", "NETWORK": "Network 1"}), ("0", {}), ("1", {"NETWORK": "1"})],
)
@pytest.mark.parametrize("scan_first", [True, False])
def test_a_scan_of_the_same_network_is_of_the_same_host(store, listed_in, stated, scan_first):
    reports = [scan(**stated), hosts(in_network(listed_in, login=""))]
    for report in reports if scan_first else reversed(reports):
        store.take(report, KNOWN)

    assert held() == [(1, "")]
    assert verdict(store) == "NOT_AFFECTED"


def test_the_host_of_the_scans_network_is_found_beside_one_of_another(store):
    other = in_network("2", number=2, login="")
    store.take(hosts(in_network("1", login=""), other), complete=False)
    store.take(scan(OPEN, header="1"), KNOWN, complete=False)

    assert held() == [(1, ""), (2, "")]
    assert [row[:3] for row in inventory()["current"] if row[2] == 1000] == [(1, "", 1000)]
    assert verdict(store) == "POSSIBLY_AFFECTED"


def test_hosts_that_only_scans_of_two_networks_know_are_two(store):
    store.take(scan(NETWORK="1"), KNOWN)
    store.take(scan(OPEN, NETWORK="2", at="2026-05-02T10:00:00Z"), KNOWN)

    assert held() == [(0, "10.0.0.5%1"), (0, "10.0.0.5%2")]
    assert verdict(store) != "NOT_AFFECTED"


def test_a_list_of_all_findings_of_one_network_clears_no_host_of_another(store):
    store.take(
        hosts(in_network("1")), findings(listed(SEEN).replace("</IP>", "</IP><NETWORK_ID>1</NETWORK_ID>")), KNOWN
    )
    before = verdict(store)
    store.take(scan(header="2"), complete=False)

    assert (before, verdict(store)) == ("NOT_AFFECTED", "UNKNOWN")


@pytest.mark.parametrize("network", ["2458227", "a network of a long name", "é" * 50])
def test_a_place_fits_its_column_and_tells_networks_apart(network):
    places = {place_of("2001:db8:1111:2222:3333:4444:5555:6666", name) for name in (network, network + "x", "0", "")}

    assert len(places) == 3
    assert max(map(len, places)) <= LONGEST_PLACE
