"""What the kernel asks of an inventory, and what one candidate victim's judgement looks like.

Pure: nothing in this wing touches files, sockets, SQL, clocks or logs. The semantics are those of VERDICT.md; section
numbers in docstrings refer to it.
"""

from typing import NamedTuple, Protocol

from vatriage.model.evidence import Check, Holding, HostFacts, Link
from vatriage.model.identity import Lease, Pool
from vatriage.model.signature import Claim
from vatriage.model.verdict import EvidenceRecord, Justification, Reason, Verdict


class Inventory(Protocol):
    """What triage must know; a snapshot's view answers it, tests bring a small one of their own."""

    def holdings(self, zone: str, address: str) -> tuple[Holding, ...]:
        """Return who is known to have held the address in the zone, in order of first sight."""

    def leases(self, zone: str, address: str) -> tuple[Lease, ...]:
        """Return to whom the address was leased in the zone, in order of start."""

    def pools(self, zone: str, address: str) -> tuple[Pool, ...]:
        """Return who stands behind the address, where people say that it is a virtual one; empty if nobody does."""

    def host(self, number: int) -> HostFacts:
        """Return one host's facts."""

    def links(self, claim: str) -> tuple[Link, ...]:
        """Return the QIDs that the KnowledgeBase ties to a claim, in order of QID; empty if it knows none."""

    def check(self, qid: int) -> Check | None:
        """Return what the KnowledgeBase says of a QID; None if the snapshot does not carry it."""


class Moment(NamedTuple):
    """When a judgement is about. All microseconds."""

    alert_us: int
    """The alert's own time *t*."""
    clock_us: int
    """The clock *T*: evidence observed later does not exist."""


class Service(NamedTuple):
    """What was attacked on the host: port NO_PORT means the host as a whole."""

    port: int
    protocol: int


class ClaimSet(NamedTuple):
    """Everything that is claimed of one alert, from all sources (section 4)."""

    claims: tuple[Claim, ...]
    conflict: bool
    """The sources contradict each other."""
    exact: bool
    """The very revision of the signature is loaded, so the claims are known to be complete."""
    clear: bool = True
    """The alert leaves no doubt about its time and its ends (`Alert.doubts`)."""
    observed: bool = False
    """The alert itself tells that a vulnerable version answered."""

    @property
    def may_refute(self) -> bool:
        """Whether the claims are complete and free of contradiction (section 3.8), and about a clear time and address."""
        return self.exact and not self.conflict and self.clear and not self.observed


class Finding(NamedTuple):
    """What one QID, one claim or one host comes to: a level and everything that explains it."""

    level: Verdict
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[EvidenceRecord, ...] = ()
    justifications: tuple[Justification, ...] = ()
    valid_until_us: int | None = None
    """For NOT_AFFECTED: the last alert time at which the same evidence would refute."""
    host: str | None = None
    """The inventory's host, where one is known."""
