"""An inventory in memory, built from plain lists: what triage asks for, without a snapshot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from vatriage.model.evidence import Check, Finding, Holding, HostFacts, Link, Scan
from vatriage.model.identity import Lease, Pool, Statement

ZONE = "default"
"""The zone of everything, unless a test says otherwise."""


@dataclass(frozen=True, kw_only=True)
class SmallInventory:
    """Implements `triage.interface.Inventory`. Frozen: tests derive changed copies with the `with_` methods."""

    hosts: tuple[HostFacts, ...] = ()
    """Host number n stands at place n."""
    addresses: Mapping[tuple[str, str], tuple[Holding, ...]] = field(default_factory=dict)
    """By (zone, canonical address)."""
    pairs: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    """By claim."""
    checks: Mapping[int, Check] = field(default_factory=dict)
    """By QID."""
    leased: Mapping[tuple[str, str], tuple[Lease, ...]] = field(default_factory=dict)
    """By (zone, canonical address)."""
    pooled: Mapping[tuple[str, str], tuple[Pool, ...]] = field(default_factory=dict)
    """By (zone, canonical address)."""

    def holdings(self, zone: str, address: str) -> tuple[Holding, ...]:
        """See Inventory.holdings."""
        return tuple(sorted(self.addresses.get((zone, address), ()), key=lambda one: (one.first_seen, one.host)))

    def leases(self, zone: str, address: str) -> tuple[Lease, ...]:
        """See Inventory.leases."""
        return tuple(sorted(self.leased.get((zone, address), ()), key=lambda one: (one.start, one.client)))

    def pools(self, zone: str, address: str) -> tuple[Pool, ...]:
        """See Inventory.pools."""
        return tuple(sorted(self.pooled.get((zone, address), ())))

    def host(self, number: int) -> HostFacts:
        """See Inventory.host."""
        return self.hosts[number]

    def links(self, claim: str) -> tuple[Link, ...]:
        """See Inventory.links."""
        return tuple(sorted(self.pairs.get(claim, ())))

    def check(self, qid: int) -> Check | None:
        """See Inventory.check."""
        return self.checks.get(qid)

    def with_host(self, number: int, findings: Iterable[Finding], scans: Iterable[Scan]) -> "SmallInventory":
        """Return a copy in which one host has other findings and scans."""
        facts = self.hosts[number]
        changed = host(number, findings=findings, scans=scans, zone=facts.zone, whole_listed_at=facts.whole_listed_at)
        changed = changed._replace(stated=facts.stated)
        return replace(self, hosts=(*self.hosts[:number], changed, *self.hosts[number + 1 :]))

    def with_links(self, claim: str, links: Iterable[Link]) -> "SmallInventory":
        """Return a copy in which a claim is tied to other QIDs."""
        return replace(self, pairs={**self.pairs, claim: tuple(links)})

    def with_check(self, check: Check) -> "SmallInventory":
        """Return a copy in which the KnowledgeBase says something else of one QID."""
        return replace(self, checks={**self.checks, check.qid: check})

    def with_holdings(self, zone: str, address: str, holdings: Iterable[Holding]) -> "SmallInventory":
        """Return a copy in which others held an address."""
        return replace(self, addresses={**self.addresses, (zone, address): tuple(holdings)})

    def with_leases(self, zone: str, address: str, leases: Iterable[Lease]) -> "SmallInventory":
        """Return a copy in which an address was leased to others."""
        return replace(self, leased={**self.leased, (zone, address): tuple(leases)})

    def with_pools(self, zone: str, address: str, pools: Iterable[Pool]) -> "SmallInventory":
        """Return a copy in which others stand behind an address."""
        return replace(self, pooled={**self.pooled, (zone, address): tuple(pools)})

    def with_statements(self, number: int, stated: Iterable[Statement]) -> "SmallInventory":
        """Return a copy in which people say something of a host."""
        changed = self.hosts[number]._replace(stated=tuple(stated))
        return replace(self, hosts=(*self.hosts[:number], changed, *self.hosts[number + 1 :]))


LISTED = 1 << 60
"""A whole list of findings that is newer than every one of them."""


def host(
    number: int,
    *,
    findings: Iterable[Finding] = (),
    scans: Iterable[Scan] = (),
    zone: str = ZONE,
    whole_listed_at: int = LISTED,
) -> HostFacts:
    """Return one host's facts from plain lists."""
    by_qid: dict[int, tuple[Finding, ...]] = {}
    for finding in sorted(set(findings)):
        by_qid[finding.qid] = (*by_qid.get(finding.qid, ()), finding)
    in_order = tuple(sorted(set(scans), key=lambda scan: (scan.at, scan.kind, scan.whole, scan.check_set)))
    return HostFacts(
        number=number, id=f"{zone}/account:{number}", zone=zone, source="account", findings=by_qid, scans=in_order,
        whole_listed_at=whole_listed_at,
    )  # fmt: skip


def all_findings(facts: HostFacts) -> list[Finding]:
    """Return a host's findings as one list."""
    return [finding for versions in facts.findings.values() for finding in versions]
