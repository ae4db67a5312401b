from datetime import UTC, datetime, timedelta

import pytest

from vatriage_simulator.clock import SimulatedClock
from vatriage_simulator.subscription import Subscription

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)


def test_a_host_is_made_once_and_changed_after_that(sim):
    host = sim.host("10.0.0.5", os="Debian 11")

    again = sim.host("10.0.0.5", dns="www.example")

    assert again is host
    assert (host.id, host.os, host.dns, host.tracking_method) == (1001, "Debian 11", "www.example", "IP")


def test_ids_increase_and_are_never_used_again(sim):
    sim.host("10.0.0.1")
    sim.host("10.0.0.2")
    sim.purge("10.0.0.2")
    sim.host("10.0.0.3", id=5000)

    assert sim.host("10.0.0.2").id == 5001
    assert sorted(sim.hosts) == [1001, 5000, 5001]


def test_the_same_address_in_two_networks_is_two_hosts(sim):
    sim.host("10.0.0.1")
    sim.host("10.0.0.1", network_id=7)

    sim.purge("10.0.0.1", network_id=7)

    assert [host.network_id for host in sim.hosts.values()] == [None]


def test_a_detection_takes_its_dates_from_the_last_scan_and_its_severity_from_the_base(sim):
    sim.vulnerability(900, severity=5)
    host = sim.host("10.0.0.5").scanned(NOW).scanned(NOW - timedelta(days=9))

    found = host.detect(900, port=80)

    assert (found.first_found, found.last_found, found.last_test) == (NOW, NOW, NOW)
    assert (found.severity, found.protocol, found.unique_id) == (5, "tcp", 500001)


def test_a_fixed_detection_was_fixed_at_the_last_scan(sim):
    found = sim.host("10.0.0.5").scanned(NOW).detect(1, status="Fixed")

    assert found.last_fixed == NOW


def test_a_scan_can_find_again_what_is_open(sim):
    host = sim.host("10.0.0.5").scanned(NOW)
    new, fixed = host.detect(1, status="New"), host.detect(2, status="Fixed")

    host.scanned(NOW + timedelta(days=1), finds_again=True)

    assert (new.status, new.last_found, new.times_found) == ("Active", NOW + timedelta(days=1), 2)
    assert fixed.last_found == NOW


def test_mistakes_of_a_test_are_told_at_once(sim):
    host = sim.host("10.0.0.5")
    with pytest.raises(ValueError, match="scanned"):
        host.detect(1)
    host.scanned(NOW)
    with pytest.raises(ValueError, match="Confirmed"):
        host.detect(1, type="confirmed")
    with pytest.raises(ValueError, match="Re-Opened"):
        host.detect(1, status="Reopened")
    with pytest.raises(LookupError, match="QID 7"):
        host.fix(7)
    with pytest.raises(LookupError, match="no host"):
        sim.purge("10.0.0.77")
    with pytest.raises(ValueError, match="already"):
        sim.host("10.0.0.5", id=2)
    with pytest.raises(ValueError, match="already"):
        sim.host("10.0.0.6", id=1001)
    with pytest.raises(ValueError, match="10\\.0\\.0"):
        sim.host("10.0.0")
    with pytest.raises(ValueError, match="Vulnerability"):
        sim.vulnerability(1, type="vuln")


def test_fix_touches_the_named_port_only(sim):
    host = sim.host("10.0.0.5").scanned(NOW)
    http, https = host.detect(1, port=80), host.detect(1, port=443)

    host.fix(1, 80, at=NOW)

    assert (http.status, https.status) == ("Fixed", "Active")


def test_the_clock_stands_still_until_it_is_moved(sim):
    sim.clock.advance(hours=1)
    assert sim.clock.now() == NOW + timedelta(hours=1)

    sim.clock.set(NOW - timedelta(days=1))
    assert sim.clock.now() == NOW - timedelta(days=1)


def test_a_naive_clock_is_refused():
    with pytest.raises(ValueError, match="aware"):
        Subscription(NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="aware"):
        SimulatedClock(NOW).set(NOW.replace(tzinfo=None))


def test_a_password_is_not_in_the_text_of_an_account(sim):
    assert "bait" not in repr(sim.accounts["acme_ab1"])
