"""IP addresses as sixteen bytes: one form for every spelling.

IPv4 is kept as its IPv4-mapped IPv6 form, so that `10.0.0.5`, `::ffff:10.0.0.5` and `::FFFF:0a00:0005` are the same
key. Zones are not part of an address: identity is (zone, address), see VERDICT 8.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

_MAPPED = b"\x00" * 10 + b"\xff\xff"


@lru_cache(maxsize=65_536)
def pack_address(text: str) -> bytes:
    """Return an address's sixteen bytes.

    Brackets, surrounding blanks and an IPv6 scope (`fe80::1%eth0`) are accepted; the scope is dropped.

    Raises: ValueError: the text is no IP address.
    """
    address = ip_address(text.strip().strip("[]").partition("%")[0])
    return _MAPPED + address.packed if isinstance(address, IPv4Address) else address.packed


def unpack_address(packed: bytes) -> IPv4Address | IPv6Address:
    """Return the address object of sixteen bytes; an IPv4-mapped one comes back as IPv4."""
    if packed[:12] == _MAPPED:
        return IPv4Address(packed[12:])
    return IPv6Address(packed)


@lru_cache(maxsize=65_536)
def format_address(packed: bytes) -> str:
    """Return the one canonical text of sixteen bytes (RFC 5952 for IPv6)."""
    return str(unpack_address(packed))


@lru_cache(maxsize=65_536)
def names_no_single_host(packed: bytes) -> bool:
    """Whether the address can never name one host: multicast, broadcast, unspecified, loopback, link-local, reserved.

    Link-local and loopback addresses are the same on every segment or host, so no inventory can tell who was meant.
    """
    address = unpack_address(packed)
    if isinstance(address, IPv4Address) and (address.is_reserved or packed[12] == 0):
        return True
    return address.is_multicast or address.is_unspecified or address.is_loopback or address.is_link_local


@lru_cache(maxsize=65_536)
def is_public(packed: bytes) -> bool:
    """Whether the address is reachable on the Internet (IANA registries: not private, not documentation, not shared)."""
    return unpack_address(packed).is_global
