"""What the inventory can say about one host, in the shape the verdict is computed from.

Instants are microseconds since the epoch; 0 means "not stated".
"""

from enum import IntEnum
from typing import NamedTuple

from vatriage.model.identity import Said, Statement


class Kind(IntEnum):
    """Qualys's three categories of finding, ordered by how much they prove."""

    INFORMATION = 0
    POTENTIAL = 1
    CONFIRMED = 2


class Status(IntEnum):
    """Status of a detection."""

    NEW = 1
    ACTIVE = 2
    REOPENED = 3
    FIXED = 4


class ScanKind(IntEnum):
    """How a scan looked at the host."""

    REMOTE = 0
    AUTHENTICATED = 1
    AGENT = 2


PROTOCOL_NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58, "icmpv6": 58, "sctp": 132}
"""Protocol names of reports and sensors -> IANA numbers; anything else is 0, "not stated"."""

NO_PORT = -1
"""A finding or alert at host level."""


class Finding(NamedTuple):
    """One version of one detection: what was true of (host, QID, port) from `first_found` until `superseded`."""

    qid: int
    port: int
    """0 to 65535, or NO_PORT for a host-level finding."""
    protocol: int
    """IANA number, 0 = not stated."""
    kind: Kind
    status: Status
    disabled: bool
    first_found: int
    last_found: int
    last_test: int
    fixed: int
    """When it was found fixed; 0 while it is not."""
    superseded: int
    """When a later report said something else of the same detection; 0 for the current version."""
    since: int = 0
    """When this version was first reported, where an earlier version is known; else 0."""
    qds: int = 0
    """Qualys Detection Score, 1 to 100, 0 = not stated. It ranks, and proves nothing."""


class Scan(NamedTuple):
    """One scan of one host: what it could have seen decides what its silence means (VERDICT 3)."""

    at: int
    kind: ScanKind
    whole: bool
    """The list of its findings is vouched whole (VERDICT 3.1)."""
    check_set: bool
    """Its check set is vouched complete (VERDICT 3.2)."""
    ports: frozenset[tuple[int, int]]
    """(protocol, port) on which it reported something."""


class Holding(NamedTuple):
    """That a host held an address: observed from `first_seen` to `last_seen`."""

    host: int
    """Host number in the snapshot."""
    first_seen: int
    last_seen: int
    arrived_after: int
    """The host was last seen at another address then (0 = never seen elsewhere before)."""
    left_by: int
    """The host was first seen at another address, or missing from a whole host list, then (0 = not)."""


class Check(NamedTuple):
    """What the KnowledgeBase says about one QID."""

    qid: int
    kind: Kind
    published: int
    modified: int
    """When its code was last modified, or the latest instant at which it may have been; 0 = not stated."""
    remote: bool
    """A remote scan can find it."""
    authenticated: bool
    """It has an authentication type: an authenticated scan or an agent tests it, whatever the port."""
    disabled: bool


class Link(NamedTuple):
    """That the KnowledgeBase ties a QID to a claim."""

    qid: int
    added: int
    """First copy of the KnowledgeBase that holds the pair, where an earlier copy knew the QID without it; else 0."""
    removed: int
    """First later copy without the pair; 0 while it holds."""


class HostFacts(NamedTuple):
    """One host of the snapshot."""

    number: int
    id: str
    """Stable name for records: `account:qualys host id` or `zone:address`."""
    zone: str
    source: str
    """Whose report it is: the account, `offline:ZONE` for imports."""
    findings: dict[int, tuple[Finding, ...]]
    """By QID."""
    scans: tuple[Scan, ...]
    """Sorted by instant, then kind."""
    whole_listed_at: int = 0
    """The date of the newest list of findings that is vouched whole and holds the host; 0 = there is none."""
    undescribed: tuple[Finding, ...] = ()
    """Findings, no information, of QIDs that the KnowledgeBase does not describe: each may be any vulnerability."""
    stated: tuple[Statement, ...] = ()
    """What people say of the host."""

    def is_split(self, at_us: int) -> bool:
        """Whether a person says that several machines stand under its name at an instant."""
        return any(item.kind == Said.NOT_ONE_HOST and item.holds(at_us) for item in self.stated)
