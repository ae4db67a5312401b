"""Findings made of evidence, and joined: records, justifications, the worst of several."""

from collections.abc import Iterable, Sequence

from vatriage.model.evidence import Finding as Found
from vatriage.model.evidence import HostFacts
from vatriage.model.identity import ANY_PORT, Pool
from vatriage.model.instant import format_instant
from vatriage.model.signature import Claim
from vatriage.model.verdict import EvidenceKind, EvidenceRecord, Justification, Reason, Verdict
from vatriage.triage.check_absence import Refutation
from vatriage.triage.check_positive import is_fixed
from vatriage.triage.interface import Finding, Moment


def join(findings: Iterable[Finding]) -> Finding:
    """Return the worst level with the reasons that give it and the evidence of everything.

    Reasons keep their order and lose duplicates; evidence is sorted, so that the join does not depend on order. The
    justifications of all parts are joined; they hold only while the level is NOT_AFFECTED.
    """
    parts = list(findings)
    worst = max(part.level for part in parts)
    at_worst = [part for part in parts if part.level is worst]
    untils = [part.valid_until_us for part in parts if part.valid_until_us is not None]
    refuted = worst is Verdict.NOT_AFFECTED
    return Finding(
        level=worst,
        reasons=tuple(sorted({reason for part in at_worst for reason in part.reasons})),
        evidence=tuple(sorted({record for part in parts for record in part.evidence}, key=_order)),
        justifications=tuple(sorted({item for part in parts for item in part.justifications}, key=repr))
        if refuted
        else (),
        valid_until_us=min(untils) if refuted and untils else None,
        host=min((part.host for part in at_worst if part.host is not None), default=None),
    )


def _order(record: EvidenceRecord) -> tuple[str, int, str, str, str, int]:
    return (record.claim, record.qid or 0, record.observed_at, record.kind, record.source, record.qds or 0)


def refuted(claim: Claim, qid: int, refutation: Refutation, facts: HostFacts) -> Finding:
    """Return what the refutation of one QID makes of a claim: NOT_AFFECTED, until it is too old."""
    kind = EvidenceKind.FIXED if refutation.fixed else EvidenceKind.ABSENCE
    record = EvidenceRecord(kind, "-", claim.id, qid, format_instant(refutation.observed_at), facts.source)
    reason = Reason.FIXED if refutation.fixed else Reason.TESTED_ABSENT
    until = refutation.valid_until
    return Finding(Verdict.NOT_AFFECTED, (reason,), (record,), valid_until_us=until)


def justified(claim: Claim, parts: Sequence[Finding], identity_until: int) -> Finding:
    """Return the claim's NOT_AFFECTED with its one justification over all its QIDs."""
    level = join(parts)._replace(host=None)
    kind = "fixed" if level.reasons == (Reason.FIXED,) else "vulnerability_tested_absent"
    until = min(identity_until, *(part.valid_until_us for part in parts if part.valid_until_us is not None))
    qids = tuple(sorted({record.qid for record in level.evidence if record.qid is not None}))
    justification = Justification(claim.id, kind, qids, format_instant(until))
    return level._replace(justifications=(justification,), valid_until_us=until)


def fixes(claim: Claim, found: Sequence[Found], facts: HostFacts, moment: Moment) -> tuple[EvidenceRecord, ...]:
    """Return the fixes that were seen but do not count any more, so that an explanation can show them."""
    return tuple(
        EvidenceRecord(EvidenceKind.FIXED, "-", claim.id, item.qid, format_instant(item.fixed), facts.source)
        for item in found
        if is_fixed(item, moment)
    )


def record_of(kind: EvidenceKind, polarity: str, claim: Claim, item: Found, facts: HostFacts) -> EvidenceRecord:
    """Return a detection as evidence for (+), or about (0), a claim."""
    observed_at = item.first_found or item.last_found
    return EvidenceRecord(
        kind, polarity, claim.id, item.qid, format_instant(observed_at), facts.source, item.qds or None
    )


def said_record(kind: EvidenceKind, at_us: int, author: str, text: str) -> EvidenceRecord:
    """Return what a person says as a record that weighs nothing."""
    return EvidenceRecord(kind, "0", "", None, format_instant(at_us), f"person:{author}: {text}")


def beside(finding: Finding, said: Iterable[EvidenceRecord]) -> Finding:
    """Return a finding with records that stand beside its evidence and change nothing else."""
    return finding._replace(evidence=tuple(sorted({*finding.evidence, *said}, key=_order)))


def pool_text(pool: Pool) -> str:
    """Return what a person says of a virtual address, in words."""
    port = "" if pool.port == ANY_PORT else f" for port {pool.port}"
    member = pool.member or "members not known"
    return f"virtual address{port}: {member}{'' if pool.member_port == ANY_PORT else f' port {pool.member_port}'}"
