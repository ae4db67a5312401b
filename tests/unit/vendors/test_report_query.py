"""The seed's URLs as it writes them, and what is wrong with others."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.vendors.interface import QueryKind, RequestRefusedError
from vatriage.vendors.qualys.report_query import parse_query
from vatriage.vendors.qualys.scan_targets import parse_targets

SERVER = "qualysapi.qualys.com"


@pytest.mark.parametrize(
    ("addresses", "count"),
    [
        ("123.123.123.1,123.123.123.4,123.123.123.5", 3),
        ("123.123.123.1-123.123.123.8", 8),
        ("123.123.123.1-123.123.123.5,194.90.90.3,194.90.90.9", 7),
        ("194.90.90.3,194.90.90.1-194.90.90.5", 5),
    ],
)
def test_the_seeds_real_time_addresses_are_read_as_written(addresses, count):
    query = parse_query(f"{SERVER}/mssp/scan.php?ip={addresses}")

    assert (query.kind, query.server, query.scan_addresses) == (QueryKind.REAL_TIME, SERVER, count)
    assert query.parameters == {"ip": addresses}
    assert "misprint" in query.warnings[0]


def test_the_seeds_last_saved_url_is_read_as_written():
    query = parse_query(f"{SERVER}/msp/scan_report_list.php?last=yes")

    assert (query.kind, query.parameters, query.warnings) == (QueryKind.LAST_SAVED, {"last": "yes"}, ())


@pytest.mark.parametrize(
    "url", [SERVER, f"https://{SERVER}", f"{SERVER}:8443", "192.0.2.1", "[2001:db8::1]:443", f"{SERVER}/"]
)
def test_a_server_alone_asks_for_everything_of_today(url):
    assert parse_query(url).kind is QueryKind.CURRENT


@pytest.mark.parametrize(
    ("addresses", "place", "words"),
    [
        ("123.123.123.8-123.123.123.1", 1, "ends before it starts"),
        ("1.2.3.256", 7, "256 is no number from 0 to 255"),
        ("1.2.3.4,host.example.com", 9, "host names are not taken"),
        ("1.2.3.4, 1.2.3.5", 9, "a blank"),
        ("1.2.3.4,,1.2.3.5", 9, "a number is missing"),
        ("1.2.3", 1, "fewer than four"),
        ("1.2.3.4.5", 8, "more than four"),
        ("1.2.3.4-1.2.3.5-1.2.3.6", 16, "one '-'"),
        ("1.2.3.0/24", 8, "'/'"),
        ("", 1, "no address"),
        ("[addresses]", 1, "'['"),
        ("1.2.3.4-", 8, "a number is missing"),
        ("1.2.3.4,10.0.0.01", 16, "01 begins with '0'"),
        ("192.0.02.1-192.0.2.9", 7, "write 2"),
        ("1.2.3.00", 7, "00 begins with '0'"),
    ],
)
def test_bad_addresses_are_refused_by_character(addresses, place, words):
    with pytest.raises(RequestRefusedError) as caught:
        parse_targets(addresses)

    assert f"character {place}:" in caught.value.message
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"http://{SERVER}", "plain http"),
        ("ftp://x", "schemes"),
        ("", "no server"),
        ("a b", "no server"),
        (f"{SERVER}:0", "no server"),
        (f"{SERVER}:99999", "no server"),
        (f"{SERVER}/msp/about.php", "no report query"),
        (f"{SERVER}/api/2.0/fo/scan/", "no report query"),
        (f"{SERVER}/msp/scan.php", "nothing to scan"),
        (f"{SERVER}/msp/scan.php?ip=1.2.3.4&asset_groups=All", "ip and asset_groups together"),
        (f"{SERVER}/msp/scan.php?asset_groups=&ip=1.2.3.4", "ip and asset_groups together"),
        (f"{SERVER}/msp/scan.php?asset_groups=", "nothing to scan"),
        (f"{SERVER}/msp/scan.php?ip=1.2.3.4&ips=1", "no parameter 'ips'"),
        (f"{SERVER}/msp/scan.php?ip=1.2.3.4&ip=1.2.3.5", "twice"),
        (f"{SERVER}/msp/scan_report.php?ref=map/1.2", "names no scan"),
        (f"{SERVER}/msp/scan_report_list.php?last=perhaps", "neither yes nor no"),
        (f"{SERVER}/msp/scan_report_list.php?since_datetime=soon", "no time"),
        (f"{SERVER}/msp/scan.php?ip=1.2.3.4&specific_vulns=x", "no list of QIDs"),
    ],
)
def test_other_urls_are_refused_by_what_is_wrong(url, words):
    with pytest.raises(RequestRefusedError, match=words):
        parse_query(url)


def test_a_private_address_without_a_scanner_appliance_is_warned_of():
    warned = parse_query(f"{SERVER}/msp/scan.php?ip=9.255.255.250-10.0.0.3")
    named = parse_query(f"{SERVER}/msp/scan.php?ip=10.0.0.1&iscanner_name=inside")

    assert "10.0.0.0 is a private address" in warned.warnings[0]
    assert named.warnings == ()


def test_a_list_of_qids_is_warned_of():
    assert "never refute" in parse_query(f"{SERVER}/msp/scan.php?ip=1.2.3.4&specific_vulns=1001,1005-1010").warnings[0]


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 300)), min_size=1, max_size=6))
def test_what_is_written_is_what_is_scanned(pairs):
    spans = [(first, min(first + more, 2**32 - 1)) for first, more in pairs]
    text = ",".join(f"{ipaddress.IPv4Address(first)}-{ipaddress.IPv4Address(last)}" for first, last in spans)
    targets = parse_targets(text)

    meant = {number for first, last in spans for number in range(first, last + 1)}
    assert targets.count == len(meant)
    assert all(targets.holds(str(ipaddress.IPv4Address(number))) for number in meant)


@given(st.text(alphabet="0123456789.,-/ ax%é", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        targets = parse_targets(text)
    except RequestRefusedError as error:
        said = error.message
    else:
        said = f"at character 0: {targets.count} addresses"

    assert "at character" in said
