from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
HOSTS = "/api/5.0/fo/asset/host/"


def scanned_hosts(sim, count):
    for number in range(1, count + 1):
        sim.host(f"10.0.0.{number}").scanned(NOW - timedelta(hours=number))


def test_a_scanned_host_is_listed_with_its_facts(sim, ask):
    host = sim.host("10.0.0.5", os="Debian <11>", dns="www.corp.example", netbios="WWW", network_id=7, agent_id="a-1")
    host.scanned(NOW - timedelta(days=2), authenticated=True, duration_s=600).scanned(NOW - timedelta(days=1))

    reply = ask(HOSTS, action="list")

    names = [child.tag for child in reply.xml.find("RESPONSE/HOST_LIST/HOST")]
    assert names == [
        "ID", "IP", "TRACKING_METHOD", "NETWORK_ID", "DNS", "DNS_DATA", "NETBIOS", "OS", "QG_HOSTID",
        "LAST_VULN_SCAN_DATETIME", "LAST_VM_SCANNED_DATE", "LAST_VM_SCANNED_DURATION", "LAST_VM_AUTH_SCANNED_DATE",
        "LAST_VM_AUTH_SCANNED_DURATION",
    ]  # fmt: skip
    assert reply.one("OS") == "Debian <11>"
    assert reply.one("LAST_VM_SCANNED_DATE") == "2026-05-02T10:00:00Z"
    assert reply.one("LAST_VM_AUTH_SCANNED_DATE") == "2026-05-01T10:00:00Z"
    assert reply.one("LAST_VM_AUTH_SCANNED_DURATION") == "600"
    assert reply.one("FQDN") == "www.corp.example"


def test_a_host_that_was_never_scanned_is_not_listed(sim, ask):
    sim.host("10.0.0.5")

    reply = ask(HOSTS, action="list")

    assert [child.tag for child in reply.xml.find("RESPONSE")] == ["DATETIME"]


def test_an_ipv6_host_has_no_ip(sim, ask):
    sim.host("2001:db8::5").scanned(NOW)

    reply = ask(HOSTS, action="list")

    assert reply.all("IP") == []
    assert reply.one("IPV6") == "2001:db8::5"


def test_details_none_gives_ids_and_ranges(sim, ask):
    scanned_hosts(sim, 3)
    sim.host("10.0.1.1", id=2000).scanned(NOW)

    reply = ask(HOSTS, action="list", details="None")

    assert reply.all("ID_RANGE") == ["1001-1003"]
    assert reply.all("ID") == ["2000"]


def test_a_truncated_list_followed_to_its_end_gives_every_host_once(sim, ask):
    scanned_hosts(sim, 7)
    reply = ask(HOSTS, action="list", truncation_limit=3, vm_scan_since="2026-01-01")
    seen = reply.all("ID")

    while reply.all("URL"):
        url = reply.one("URL")
        reply = ask.follow(url)
        seen += reply.all("ID")

    assert seen == [str(number) for number in range(1001, 1008)]
    assert "vm_scan_since=2026-01-01" in url
    assert "cloud_agent_activationkey=0" in url
    assert "id_min=1007" in url


def test_the_warning_has_its_code_and_no_more_than_the_limit(sim, ask):
    scanned_hosts(sim, 3)

    reply = ask(HOSTS, action="list", truncation_limit=2)

    assert reply.one("CODE") == "1980"
    assert len(reply.all("ID")) == 2


def test_a_limit_of_zero_gives_all(sim, ask):
    scanned_hosts(sim, 5)

    reply = ask(HOSTS, action="list", truncation_limit=0)

    assert len(reply.all("ID")) == 5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"ids": "1002,1004-1005"}, ["1002", "1004", "1005"]),
        ({"id_min": "1004"}, ["1004", "1005"]),
        ({"id_max": "1002"}, ["1001", "1002"]),
        ({"ips": "10.0.0.2-10.0.0.3,10.0.0.5"}, ["1002", "1003", "1005"]),
        ({"vm_scan_since": "2026-05-03T08:00:00Z"}, ["1001", "1002"]),
        ({"vm_processed_after": "2026-05-03T08:00:00Z"}, ["1001"]),
        ({"network_ids": "9"}, []),
        ({"ids": "77"}, []),
    ],
)
def test_filters(sim, ask, query, found):
    scanned_hosts(sim, 5)

    reply = ask(HOSTS, action="list", **query)

    assert reply.status == 200
    assert reply.all("ID") == found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "1903"),
        ({"action": "list", "ids": "abc123"}, "1905"),
        ({"action": "list", "ids": ""}, "1905"),
        ({"action": "list", "ids": "9-3"}, "1905"),
        ({"action": "list", "vm_scan_since": "yesterday"}, "1905"),
        ({"action": "list", "truncation_limit": "-1"}, "1905"),
        ({"action": "list", "details": "none"}, "1905"),
        ({"action": "erase"}, "1905"),
        ({"action": "list", "Ids": "1"}, "1901"),
    ],
)
def test_what_the_service_refuses(ask, query, code):
    reply = ask(HOSTS, **query)

    assert reply.status == 400
    assert reply.xml.tag == "SIMPLE_RETURN"
    assert reply.one("CODE") == code
    assert "X-RateLimit-Remaining" in reply.headers


def test_older_versions_lack_newer_fields(sim, ask):
    sim.host("10.0.0.5", network_id=7, network_name="lab").scanned(NOW)

    old = ask("/api/2.0/fo/asset/host/", action="list", show_asset_id=1)
    new = ask(HOSTS, action="list", show_asset_id=1)

    assert (old.all("NETWORK_NAME"), old.all("ASSET_ID")) == ([], [])
    assert (new.all("NETWORK_NAME"), new.all("ASSET_ID")) == (["lab"], ["7001001"])
