"""What a target is worth: a person's number for a network of its zone, or for its address alone."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import NamedTuple

from vatriage.model.address import pack_address
from vatriage.model.snapshot import Snapshot

MOST_KEPT = 50_000
"""Answers kept; beyond it all are forgotten."""
_BITS = 128


class AssetValue(NamedTuple):
    """What a person said."""

    value: int
    """1 to 5."""
    network: str
    """Of what, as `address/bits`."""


class AssetValues:
    """Finds the narrowest valued network that holds an address."""

    def __init__(self, snapshot: Snapshot) -> None:
        columns = snapshot.columns
        self._networks: dict[tuple[str, int, int], AssetValue] = {}
        rows = zip(
            columns.asset_zone.tolist(), columns.asset_network.tolist(), columns.asset_value.tolist(), strict=True
        )
        for zone, text, value in rows:
            length, prefix = _prefix(ip_network(text))
            self._networks[str(columns.zones[zone]), length, prefix] = AssetValue(value, text)
        self._lengths = sorted({length for _, length, _ in self._networks}, reverse=True)
        self._found: dict[tuple[str, str], AssetValue | None] = {}

    def of(self, zone: str, address: str | None) -> AssetValue | None:
        """Return the value of an address (canonical text) in a zone; None if nobody stated one."""
        if not self._networks or address is None:
            return None
        key = (zone, address)
        if key not in self._found:
            if len(self._found) > MOST_KEPT:
                self._found.clear()
            self._found[key] = self._find(zone, address)
        return self._found[key]

    def _find(self, zone: str, address: str) -> AssetValue | None:
        number = int.from_bytes(pack_address(address), "big")
        for length in self._lengths:
            found = self._networks.get((zone, length, number >> (_BITS - length)))
            if found is not None:
                return found
        return None


def _prefix(network: IPv4Network | IPv6Network) -> tuple[int, int]:
    """Return a network's length in 128 bits, and its first so many bits."""
    length = network.prefixlen + (_BITS - network.max_prefixlen)
    number = int.from_bytes(pack_address(str(network.network_address)), "big")
    return length, number >> (_BITS - length)
