"""Which servers are reached without the proxy, and which way a device takes."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.model.route import (
    OwnRoute,
    ProxyChoice,
    ProxyMode,
    ProxySettings,
    Route,
    TlsMode,
    TlsPolicy,
    bypasses,
    is_bypass_entry,
    joined,
    joined_route,
    split,
)

LABELS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
NAMES = st.lists(LABELS, min_size=2, max_size=4).map(lambda labels: "x" + ".".join(labels) + ".example")
NETWORKS = st.builds(
    lambda address, bits: ip_network((address, bits), strict=False), st.ip_addresses(v=4), st.integers(0, 32)
) | st.builds(
    lambda address, bits: ip_network((address, bits), strict=False), st.ip_addresses(v=6), st.integers(0, 128)
)


@given(NAMES)
def test_a_name_is_matched_in_any_case_and_with_a_last_dot(name):
    assert bypasses((name,), name.upper())
    assert bypasses((name.upper(),), name + ".")


@given(NAMES, LABELS)
def test_a_name_does_not_match_what_lies_below_it_or_ends_alike(name, label):
    assert not bypasses((name,), f"{label}.{name}")
    assert not bypasses((name,), f"{label}{name}")


@given(NAMES, LABELS, st.sampled_from(["", "*"]))
def test_a_suffix_matches_what_lies_below_it_and_not_itself(name, label, star):
    entry = f"{star}.{name}"

    assert is_bypass_entry(entry)
    assert bypasses((entry,), f"{label}.{name}")
    assert not bypasses((entry,), name)
    assert not bypasses((entry,), f"{label}{name}")


@given(NETWORKS, st.ip_addresses())
def test_a_block_matches_exactly_the_addresses_in_it(network, address):
    assert is_bypass_entry(str(network))
    assert bypasses((str(network),), str(address)) == (address in network)
    assert bypasses((str(network),), f"[{address}]") == (address in network)


@given(NETWORKS, NAMES)
def test_no_block_matches_a_name_because_names_are_not_resolved_for_it(network, name):
    assert not bypasses((str(network),), name)


@given(st.lists(NAMES, max_size=4), NAMES)
def test_the_order_of_the_list_does_not_matter(entries, host):
    assert (
        bypasses(tuple(entries), host)
        == bypasses(tuple(reversed(entries)), host)
        == any(bypasses((entry,), host) for entry in entries)
    )


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_breaks_the_matching(entry, host):
    assert bypasses((entry,), host) in (True, False)
    assert is_bypass_entry(entry) in (True, False)


@pytest.mark.parametrize(
    "text", ["", ".", "*", "*.", "a b", "10.0.0.0/33", "-a.example", "a..b", "*.*.example", "http://x"]
)
def test_what_cannot_be_meant_is_no_entry(text):
    assert not is_bypass_entry(text)


@given(st.one_of(NAMES, st.ip_addresses().map(str)), st.integers(1, 65_535))
def test_server_and_port_are_split_as_they_are_joined(host, port):
    assert split(joined(host, port)) == (host, port)


def test_a_device_takes_its_own_proxy_or_none_or_the_appliances():
    ours = ProxySettings(mode=ProxyMode.HTTP, address="ours", port=1)
    own = ProxySettings(mode=ProxyMode.SOCKS5, address="own", port=2)
    ways = {choice: joined_route(Route(proxy=ours), OwnRoute(choice=choice, proxy=own)).proxy for choice in ProxyChoice}

    assert ways == {ProxyChoice.INHERIT: ours, ProxyChoice.NONE: ProxySettings(), ProxyChoice.OWN: own}


@pytest.mark.parametrize("mode", [TlsMode.PIN, TlsMode.ALWAYS])
def test_a_devices_ca_file_is_not_made_lenient_by_the_appliance(mode):
    way = joined_route(Route(tls=TlsPolicy(mode=mode, until_us=10)), OwnRoute(ca_file="/ca.pem"))

    assert (way.tls.mode, way.ca_file) == (TlsMode.AUTHORITIES, "/ca.pem")


def test_accepting_anything_ends_by_itself():
    way = Route(tls=TlsPolicy(mode=TlsMode.ALWAYS, until_us=10))

    assert [way.tls_mode(now) for now in (9, 10)] == [TlsMode.ALWAYS, TlsMode.AUTHORITIES]
