"""All evidence about one alert -> one level with its reasons: the table of rules (VERDICT 2 to 5).

======================================================  =====================  ==========================
what is known of one claim on one host                  level                  reason codes
======================================================  =====================  ==========================
a confirmed finding of the port or the host             AFFECTED               confirmed
a potential, stale, later or other-port finding         POSSIBLY_AFFECTED      potential, stale_positive,
                                                                               found_later, port_mismatch
any of these, but another host may hold the address     POSSIBLY_AFFECTED      identity
a lease, a pool or a person leaves the host open        not NOT_AFFECTED       identity
nothing of these, and the claim is transitive           UNVERIFIABLE           transitive
an information gathered finding of a QID of the claim   UNKNOWN                information_gathered
the host has a finding whose QID nobody describes       UNKNOWN                qid_not_in_snapshot
every QID refuted by a capable, fresh, whole scan       NOT_AFFECTED           tested_absent, fixed
anything else                                           UNKNOWN                the conditions that fail
======================================================  =====================  ==========================

A claim's NOT_AFFECTED survives only if the claims are complete and free of contradiction. Claims join by the maximum,
candidate hosts join by the maximum, and so do the members of a virtual address. What people say of a host stands beside
the evidence and lowers nothing (ADR 18).
"""

from collections.abc import Sequence

from vatriage.model.evidence import Check, HostFacts, Kind, Link
from vatriage.model.evidence import Finding as Found
from vatriage.model.identity import ANY_PORT, Pool
from vatriage.model.policy import Policy
from vatriage.model.signature import Claim
from vatriage.model.verdict import EvidenceKind, Reason, Verdict
from vatriage.triage.check_absence import is_tested_absent, refute
from vatriage.triage.check_positive import is_fixed, is_known, judge_found, matches_port, speaks
from vatriage.triage.findings import beside, fixes, join, justified, pool_text, record_of, refuted, said_record
from vatriage.triage.identity import Candidate, candidates
from vatriage.triage.interface import ClaimSet, Finding, Inventory, Moment, Service

_UNKNOWN_HOST = Finding(Verdict.UNKNOWN, (Reason.HOST_UNKNOWN,))
_UNKNOWN_MEMBER = Finding(Verdict.UNKNOWN, (Reason.HOST_UNKNOWN, Reason.IDENTITY))
"""Not the same as an unknown host, which may be one outside: who names the members calls the address an own one."""


class Judge:
    """Judges claims against an inventory under one policy; holds no state of its own.

    Args:
        inventory: what is known of hosts and of the KnowledgeBase.
        policy: times to live and age limits.
        transitive: claims for which the addressed host can be confirmed but never refuted.
    """

    def __init__(self, inventory: Inventory, policy: Policy, transitive: frozenset[str]) -> None:
        self._inventory = inventory
        self._policy = policy
        self._transitive = transitive

    def judge_address(self, claims: ClaimSet, zone: str, address: str, moment: Moment, service: Service) -> Finding:
        """Return what the claims come to on whoever held the address at the alert's time.

        Args:
            claims: at least one claim.
            zone: the alert's zone; hosts of other zones do not exist for it (section 8).
            address: canonical text.
            moment: the alert's time and the clock.
            service: what was attacked.
        """
        pools = [pool for pool in self._inventory.pools(zone, address) if pool.holds(moment.alert_us)]
        if pools:
            return self._judge_pools(claims, zone, address, moment, service, pools)
        found = self._judge_holders(claims, zone, address, moment, service, may_refute=True)
        return found or join(self._without_host(claim) for claim in claims.claims)

    def _judge_pools(
        self, claims: ClaimSet, zone: str, address: str, moment: Moment, service: Service, pools: Sequence[Pool]
    ) -> Finding:
        """Return the worst over all that may stand behind a virtual address, itself among them if it is a host too."""
        serving = [pool for pool in pools if pool.serves(service.port)]
        may_refute = any(pool.port in (ANY_PORT, service.port) for pool in serving) and all(
            pool.member and pool.entered <= moment.alert_us for pool in serving
        )
        parts = [self._judge_holders(claims, zone, address, moment, service, may_refute=may_refute)]
        for pool in serving:
            port = service.port if pool.member_port == ANY_PORT else pool.member_port
            nested = self._is_virtual(zone, pool.member, moment)
            found = self._judge_holders(
                claims, zone, pool.member, moment, service._replace(port=port), may_refute=may_refute and not nested
            )
            parts.append(found or join(self._without_host(claim, _UNKNOWN_MEMBER) for claim in claims.claims))
        known = [part for part in parts if part]
        judged = join(known or [self._without_host(claim, _UNKNOWN_MEMBER) for claim in claims.claims])
        said = [said_record(EvidenceKind.POOL, pool.entered, pool.author, pool_text(pool)) for pool in pools]
        return beside(judged, said)

    def _is_virtual(self, zone: str, address: str, moment: Moment) -> bool:
        """Whether somebody else stands behind a member in turn."""
        return bool(address) and any(pool.holds(moment.alert_us) for pool in self._inventory.pools(zone, address))

    def _judge_holders(
        self, claims: ClaimSet, zone: str, address: str, moment: Moment, service: Service, *, may_refute: bool
    ) -> Finding | None:
        """Return the worst over all hosts that may have held the address; None if none is known."""
        judged = []
        if not address:
            return None
        for candidate in candidates(
            self._inventory.holdings(zone, address), moment, self._inventory.leases(zone, address)
        ):
            facts = self._inventory.host(candidate.host)
            refutes = may_refute and candidate.negatives_count and not facts.is_split(moment.alert_us)
            doubt = candidate._replace(negatives_count=refutes)
            levels = [self._judge_claim(claim, facts, moment, service, doubt) for claim in claims.claims]
            finding = join(_withhold(level, claims) for level in levels)._replace(host=facts.id)
            said = [
                said_record(EvidenceKind.STATEMENT, item.start, item.author, f"{item.kind}: {item.text}")
                for item in facts.stated
                if item.holds(moment.alert_us)
            ]
            judged.append(beside(finding, said))
        return join(judged) if judged else None

    def _without_host(self, claim: Claim, unknown: Finding = _UNKNOWN_HOST) -> Finding:
        if claim.id in self._transitive:
            return Finding(Verdict.UNVERIFIABLE, (Reason.TRANSITIVE,))
        return unknown

    def _judge_claim(
        self, claim: Claim, facts: HostFacts, moment: Moment, service: Service, identity: Candidate
    ) -> Finding:
        """Return what one claim comes to on one host.

        Guards many-qids-many-cves (any QID confirms, all must refute) and exploitation-elsewhere (a transitive claim is
        never refuted).
        """
        links = self._inventory.links(claim.id)
        held = [link for link in links if not 0 < link.removed <= moment.alert_us]
        parts = [self._judge_qid(claim, link, facts, moment, service) for link in held]
        level = join(parts) if parts else _no_qid(claim)
        if level.level < Verdict.POSSIBLY_AFFECTED and len(held) < len(links):
            former = [self._judge_qid(claim, link, facts, moment, service) for link in links if link not in held]
            level = _vetoed(level, [item for item in former if item.level >= Verdict.POSSIBLY_AFFECTED])
        if level.level >= Verdict.POSSIBLY_AFFECTED:
            return level if identity.positives_sure else _doubted(level)
        if claim.id in self._transitive:
            return Finding(Verdict.UNVERIFIABLE, (Reason.TRANSITIVE,), level.evidence)
        if level.level is not Verdict.NOT_AFFECTED:
            return level
        objections = [] if identity.negatives_count else [Reason.IDENTITY]
        if any(
            is_known(item, moment) and speaks(item, moment) and not is_fixed(item, moment) for item in facts.undescribed
        ):
            objections.append(Reason.QID_NOT_IN_SNAPSHOT)
        if objections:
            return level._replace(level=Verdict.UNKNOWN, reasons=tuple(objections), valid_until_us=None)
        return justified(claim, parts, identity.negatives_until)

    def _judge_qid(self, claim: Claim, link: Link, facts: HostFacts, moment: Moment, service: Service) -> Finding:
        """Return what one QID of a claim comes to on one host."""
        found = tuple(item for item in facts.findings.get(link.qid, ()) if is_known(item, moment))
        check = self._inventory.check(link.qid)
        positive = self._positives(claim, link, check, found, facts, moment, service)
        if positive.level >= Verdict.POSSIBLY_AFFECTED:
            return positive
        if check is None:
            return Finding(Verdict.UNKNOWN, (Reason.QID_NOT_IN_SNAPSHOT,))
        if positive.reasons:
            return positive
        refutation, missing = refute(check, link, found, facts, moment, service, self._policy)
        if refutation is None:
            return Finding(Verdict.UNKNOWN, missing, fixes(claim, found, facts, moment))
        return refuted(claim, link.qid, refutation, facts)

    def _positives(
        self,
        claim: Claim,
        link: Link,
        check: Check | None,
        found: Sequence[Found],
        facts: HostFacts,
        moment: Moment,
        service: Service,
    ) -> Finding:
        """Return the join of what speaks for the attack; UNKNOWN without reasons if nothing does."""

        def absent_between(item: Found, after: int, before: int) -> bool:
            where = service if matches_port(item, service) else Service(item.port, item.protocol)
            return check is not None and any(
                is_tested_absent(check, link, found, scan, where)
                for scan in facts.scans
                if after < scan.at < before and scan.at <= moment.clock_us
            )

        parts = [Finding(Verdict.UNKNOWN)]
        for item in found:
            if not speaks(item, moment) or is_fixed(item, moment):
                continue
            if item.kind is Kind.INFORMATION:
                record = record_of(EvidenceKind.INFORMATION, "0", claim, item, facts)
                parts.append(Finding(Verdict.UNKNOWN, (Reason.INFORMATION_GATHERED,), (record,)))
                continue
            level, reasons = judge_found(item, moment, service, self._policy, absent_between)
            if level is not None:
                kind = EvidenceKind.DETECTION if item.kind is Kind.CONFIRMED else EvidenceKind.POTENTIAL
                parts.append(Finding(level, reasons, (record_of(kind, "+", claim, item, facts),)))
        return join(parts)


def _withhold(finding: Finding, claims: ClaimSet) -> Finding:
    """Return a claim's NOT_AFFECTED only if the claims may refute (section 3.8); else UNKNOWN with the reason.

    Claim by claim, before they are joined: otherwise a further claim that nobody can verify would lower an UNKNOWN.
    Guards missing-reference and wrong-reference.
    """
    if finding.level is not Verdict.NOT_AFFECTED or claims.may_refute:
        return finding
    if claims.conflict:
        reason = Reason.CLAIM_CONFLICT
    elif not claims.exact:
        reason = Reason.SIGNATURE_NOT_LOADED
    else:
        reason = Reason.OBSERVED_VULNERABLE if claims.observed else Reason.ALERT_UNCLEAR
    return finding._replace(level=Verdict.UNKNOWN, reasons=(reason,), justifications=(), valid_until_us=None)


def _vetoed(level: Finding, former: Sequence[Finding]) -> Finding:
    """Return a level that a QID forbids to be NOT_AFFECTED which the KnowledgeBase once tied to the claim.

    A newer copy without the pair may be a correction, or a copy that is damaged: the finding confirms no more, but as
    long as it stands nothing clears the host.
    """
    if not former:
        return level
    evidence = tuple(record for item in former for record in item.evidence)
    doubt = Finding(Verdict.UNKNOWN, (Reason.CLAIM_CONFLICT,), evidence)
    return join([level, doubt])


def _no_qid(claim: Claim) -> Finding:
    reasons = (Reason.MALFORMED_CLAIM,) if claim.malformed else (Reason.NO_QID_FOR_CLAIM,)
    return Finding(Verdict.UNKNOWN, reasons)


def _doubted(finding: Finding) -> Finding:
    """Return a positive of a host that may not have been there: a possibility."""
    reasons = {reason for reason in finding.reasons if reason is not Reason.CONFIRMED} | {Reason.IDENTITY}
    return finding._replace(level=Verdict.POSSIBLY_AFFECTED, reasons=tuple(sorted(reasons)))
