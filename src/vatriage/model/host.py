"""A host as a report shows it, and as the inventory keeps it. Instants are whole seconds, 0 = not stated."""

from hashlib import blake2b
from typing import NamedTuple

FACTS = (
    "address",
    "address6",
    "tracking_method",
    "network_id",
    "os",
    "os_cpe",
    "dns",
    "netbios",
    "agent_id",
    "cloud_id",
)
"""What is kept of a host, each with the instant of the report that said it."""


class HostKey(NamedTuple):
    """Who a host is within one zone and account: its vendor id, else its address in its network (VERDICT 8)."""

    vendor_id: int
    address: str
    """See `place_of`; empty where the vendor id is known."""


LONGEST_PLACE = 45
"""Characters; what a column of the store holds, and an IPv6 address with an IPv4 one in it."""


def same_network(network: str) -> str:
    """Return a network's name as it is compared: to state none is to state the vendor's default network, 0."""
    return "" if network == "0" else network


def place_of(address: str, network: str) -> str:
    """Return an address within a network: networks of one account may use the same addresses for different hosts."""
    if not same_network(network):
        return address
    place = f"{address}%{network}"
    if len(place) <= LONGEST_PLACE:
        return place
    digest = blake2b(network.encode()).hexdigest()
    return f"{address}%{digest}"[:LONGEST_PLACE]


class HostSight(NamedTuple):
    """One report's view of one host."""

    key: HostKey
    row: int
    """Its row in the page's hosts."""
    seen_at: int
    """When the scan saw it; the report's own date where no scan is stated."""
    facts: tuple[str, ...]
    """In the order of FACTS, empty = not stated."""
    scans: tuple[tuple[int, int], ...]
    """(instant, model.evidence.ScanKind)."""
    rejected: bool
    """A record of the host could not be read."""


class HostState(NamedTuple):
    """What the inventory keeps of one host."""

    id: int
    """The store's number, 0 for a new host."""
    key: HostKey
    facts: tuple[str, ...]
    stamps: tuple[int, ...]
    """Per fact: when the report that said it saw the host."""
    first_seen: int
    last_seen: int
