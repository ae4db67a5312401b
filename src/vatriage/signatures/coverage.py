"""How much of an index a vulnerability report can decide about at all."""

from vatriage.model.claims import well_formed_cves
from vatriage.model.signature import ClaimSource, Signature, SignatureIndex, latest

_WRITTEN = frozenset({ClaimSource.REFERENCE, ClaimSource.METADATA, ClaimSource.SID_MSG_MAP})


def coverage(index: SignatureIndex) -> dict[str, int]:
    """Return counts of distinct (gid, sid), by the last loaded revision of each (docs/explanation/signature-coverage.md).

    Returns:
        `signatures`: all; `enabled`: not commented out; `with_cve`: a well-formed CVE in a reference (sid-msg.map's
        among them) or in metadata; `cve_in_message_only`: a well-formed CVE nowhere but in the message; `bugtraq_only`:
        Bugtraq ids and no well-formed CVE; `conflicting`: sources that contradict each other; `no_claim`: nothing;
        `map_only`: known from sid-msg.map without a rule, so nothing of it is ever refuted.
    """
    counts = dict.fromkeys(
        (
            *("signatures", "enabled", "with_cve", "cve_in_message_only", "bugtraq_only"),
            *("conflicting", "no_claim", "map_only"),
        ),
        0,
    )
    for revisions in index.signatures.values():
        signature = latest(revisions)
        counts["signatures"] += 1
        counts["enabled"] += signature.enabled
        counts["conflicting"] += signature.conflict
        counts["map_only"] += not signature.from_rule
        if key := _claim_class(signature):
            counts[key] += 1
    return counts


def _claim_class(signature: Signature) -> str | None:
    """Return the one class of claims a signature belongs to; None if it names malformed ids only."""
    if not signature.claims:
        return "no_claim"
    if any(not _WRITTEN.isdisjoint(claim.sources) and well_formed_cves((claim,)) for claim in signature.claims):
        return "with_cve"
    if well_formed_cves(signature.claims):
        return "cve_in_message_only"
    return "bugtraq_only" if any(not claim.malformed for claim in signature.claims) else None
