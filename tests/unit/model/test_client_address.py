"""Who sent a request: X-Forwarded-For counts as far as our own proxies wrote it."""

from ipaddress import ip_network

import pytest

from vatriage.config import read_config
from vatriage.errors import UsageError
from vatriage.model.client_address import client_address

PROXIES = (ip_network("127.0.0.1"), ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "10.9.9.9, 203.0.113.9, 192.0.2.7", "203.0.113.9"),
        ("127.0.0.1", "192.0.2.8, 192.0.2.7", "192.0.2.8"),
        ("203.0.113.5", "10.9.9.9", "203.0.113.5"),
        ("127.0.0.1", "10.9.9.9, nonsense", "127.0.0.1"),
        ("127.0.0.1", "10.9.9.9, , 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("127.0.0.1", "[2001:db9::1]:4711", "2001:db9::1"),
        ("::ffff:127.0.0.1", "2001:db9::1, 2001:db8::7", "2001:db9::1"),
        ("127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_the_last_hop_that_is_no_proxy_of_ours_is_the_client(peer, forwarded, client):
    assert client_address(peer, forwarded, PROXIES) == client


def test_nobody_is_believed_where_no_proxy_is_named():
    assert client_address("127.0.0.1", "203.0.113.9", ()) == "127.0.0.1"


def test_proxies_are_read_as_addresses_and_networks(tmp_path):
    read = read_config(tmp_path, {"VATRIAGE_TRUSTED_PROXIES": "127.0.0.1, 192.0.2.0/24"})

    assert [str(network) for network in read.proxies] == ["127.0.0.1/32", "192.0.2.0/24"]
    with pytest.raises(UsageError, match="VATRIAGE_TRUSTED_PROXIES"):
        read_config(tmp_path, {"VATRIAGE_TRUSTED_PROXIES": "proxy.example"})
