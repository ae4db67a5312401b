"""What is known of identity beside sights: leases, pools of virtual addresses, and what people say of a host.

None of it clears an alert by itself (ADR 18). Instants are microseconds since the epoch, 0 = not stated.
"""

from enum import StrEnum
from typing import NamedTuple

NOBODY = -1
"""Host number of a lease whose client is no known host."""
ANY_PORT = -1
"""A pool of every port of its address; of a member: the port that was attacked."""


class Lease(NamedTuple):
    """That a client of DHCP held an address, as a lease file says."""

    host: int
    """Host number in the snapshot, NOBODY if the client is joined to none."""
    client: int
    """Number of the client in the snapshot: equal numbers are the same client."""
    start: int
    kept_until: int
    """Until then it surely had it: the earliest end that any file states."""
    until: int
    """Until then it may have had it: the latest end that any file states."""


class Pool(NamedTuple):
    """That a person says which host stands behind a port of a virtual address; one row a member."""

    port: int
    """0 to 65535, or ANY_PORT."""
    member: str
    """Canonical address in the same zone; "" = the members are not known."""
    member_port: int
    """0 to 65535, or ANY_PORT: the port that was attacked."""
    start: int
    until: int
    """0 = it has no end."""
    entered: int
    """When the person said so: for earlier alerts it may raise, never clear."""
    author: str

    def holds(self, at_us: int) -> bool:
        """Whether it is in force at an instant."""
        return self.start <= at_us and (self.until == 0 or at_us < self.until)

    def serves(self, port: int) -> bool:
        """Whether it is about a port; an alert without port (below 0) is about all."""
        return self.port == ANY_PORT or port < 0 or self.port == port


class Said(StrEnum):
    """What a person can say of a host."""

    NOT_ONE_HOST = "not_one_host"
    """Several machines stand under this one name: its silence clears nothing."""
    OS = "os"
    SERVICE = "service"
    MITIGATION = "mitigation"
    MAC = "mac"
    """Joins leases to the host."""


class Statement(NamedTuple):
    """What a person says of a host: shown beside the evidence, never against it."""

    kind: str
    """One of Said."""
    text: str
    author: str
    start: int
    until: int
    """0 = until it is withdrawn."""

    def holds(self, at_us: int) -> bool:
        """Whether it is in force at an instant."""
        return self.start <= at_us and (self.until == 0 or at_us < self.until)
