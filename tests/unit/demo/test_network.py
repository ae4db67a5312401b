import re
from collections import Counter
from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest

from vatriage_simulator.demo.network import build, demo_login, demo_now
from vatriage_simulator.demo.record import RULES
from vatriage_simulator.demo.scenes import expected_verdicts
from vatriage_simulator.demo.story import read_story
from vatriage_simulator.subscription import Subscription

LEGACY, STALE = ip_network("10.20.2.0/24"), ip_network("10.20.30.0/24")


@pytest.fixture
def network():
    """Return the subscription of the demo."""
    subscription = Subscription(demo_now())
    build(subscription)
    return subscription


def in_net(subscription, net):
    """Return the hosts whose address lies in a network."""
    return [host for host in subscription.hosts.values() if ip_address(host.ip) in net]


def story_qids(subscription):
    """The QIDs of every CVE that a rule names."""
    claims = {f"CVE-{number}" for number in re.findall(r"reference:cve,([\d-]+);", RULES.read_text())}
    return {qid for qid, entry in subscription.vulnerabilities.items() if claims & set(entry.cves)}


def test_the_network_is_the_same_at_every_building(network):
    again = Subscription(demo_now())
    build(again)

    assert [str(host) for host in again.hosts.values()] == [str(host) for host in network.hosts.values()]
    assert again.vulnerabilities == network.vulnerabilities


def test_the_network_has_about_three_hundred_hosts_and_sixty_qids(network):
    assert 300 <= len(network.hosts) <= 340
    assert 55 <= len(network.vulnerabilities) <= 70


def test_the_demos_login_is_an_account(network):
    login, password = demo_login()

    assert network.accounts[login].password == password


def test_every_finding_is_of_a_qid_of_the_knowledge_base(network):
    found = {detection.qid for host in network.hosts.values() for detection in host.detections}

    assert found <= set(network.vulnerabilities)


def test_one_address_has_two_holders_and_all_others_one(network):
    counts = Counter(host.ip for host in network.hosts.values())

    assert {ip for ip, count in counts.items() if count > 1} == {"10.20.1.77"}
    assert counts["10.20.1.77"] == 2


def test_the_legacy_hosts_never_let_a_scan_log_in(network):
    assert not any(scan.authenticated for host in in_net(network, LEGACY) for scan in host.scans)


def test_the_stale_hosts_were_last_scanned_forty_days_ago_or_more(network):
    assert all(demo_now() - host.last_scan.at > timedelta(days=40) for host in in_net(network, STALE))


def test_every_scan_from_outside_lists_its_open_ports(network):
    for host in network.hosts.values():
        if not host.scans or host.tracking_method == "AGENT":
            continue
        listed = next(detection.results for detection in host.detections if detection.qid == 82023)

        assert listed.startswith(
            "Port\tIANA Assigned Ports/Services\tDescription\tService Detected\tOS On Redirected Port\n"
        )


def test_no_finding_is_younger_than_the_scan_that_tested_it(network):
    for host in network.hosts.values():
        for detection in host.detections:
            assert detection.first_found <= detection.last_found <= detection.last_test <= host.last_scan.at


def test_background_findings_are_never_of_a_qid_that_the_story_asks_for(network):
    """What the story needs stands in network.json by name: nothing that is drawn may change a verdict."""
    touched = {scene.client for scene in read_story()} | {scene.server for scene in read_story()}
    with_story_findings = {
        host.ip
        for host in network.hosts.values()
        if any(detection.qid in story_qids(network) for detection in host.detections)
    }

    assert with_story_findings <= touched


def test_checks_that_refute_are_older_than_every_scan_but_the_one_that_is_newer_on_purpose(network):
    first_scan = min(scan.at for host in network.hosts.values() for scan in host.scans)
    newer = {qid for qid, entry in network.vulnerabilities.items() if entry.code_modified >= first_scan}

    assert newer == {375397}


def test_the_story_tells_every_verdict_and_reason_it_promises():
    told = {(item["verdict"], item["reason"]) for item in expected_verdicts()}
    promised = {
        "AFFECTED": {"confirmed"},
        "POSSIBLY_AFFECTED": {"potential", "port_mismatch", "stale_positive", "found_later"},
        "NOT_AFFECTED": {"tested_absent", "fixed"},
        "UNKNOWN": {
            "stale",
            "not_testable_unauthenticated",
            "port_not_covered",
            "host_unknown",
            "identity",
            "qid_newer_than_scan",
            "no_qid_for_claim",
        },
        "UNVERIFIABLE": {"no_claim", "no_single_victim", "outbound", "transitive"},
        "COMPROMISE_INDICATED": {"outcome_seen"},
    }

    assert told == {(verdict, reason) for verdict, reasons in promised.items() for reason in reasons}
