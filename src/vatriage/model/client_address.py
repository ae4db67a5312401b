"""Who sent a request that came through reverse proxies: X-Forwarded-For, as far as it was written by whom we trust (pure)."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


def is_trusted(peer: str, proxies: Sequence[Network]) -> bool:
    """Whether the other end of a connection is one of our reverse proxies."""
    address = _address(peer)
    return address is not None and any(address in network for network in proxies)


def client_address(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """Return the address that a request came from.

    Each proxy adds behind what it was told the address that it was called from. What stands left of an address that is
    not one of our proxies was written by whoever sits there, and says nothing.

    Args:
        peer: the other end of the connection.
        forwarded: X-Forwarded-For, its lines joined by commas.
        proxies: whom we believe.

    Returns: the last hop that is none of our proxies; where all are (a check by a proxy itself), the first of them.
    """
    client = peer
    hops = [hop.strip() for hop in forwarded.split(",")] if forwarded.strip() else []
    while hops and is_trusted(client, proxies):
        address = _address(hops.pop())
        if address is None:
            return client
        client = str(address)
    return client


def _address(text: str) -> Address | None:
    """Return an address as proxies write it: plain, `v4:port`, `[v6]` or `[v6]:port`; one of IPv4 inside IPv6 is that one."""
    plain = text.strip()
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        found = ip_address(plain)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
