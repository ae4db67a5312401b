"""How much of an index a vulnerability report can decide about at all."""

from vatriage.model.signature import ClaimSource, Signature, SignatureIndex, latest

_STATED = frozenset({ClaimSource.REFERENCE, ClaimSource.METADATA, ClaimSource.SID_MSG_MAP})


def coverage(index: SignatureIndex) -> dict[str, int]:
    """Return counts of distinct (gid, sid), by the last loaded revision of each (docs/explanation/signature-coverage.md).

    Returns:
        `signatures`: all; `enabled`: not commented out. Each signature is in one of these four, and they sum up to
        `signatures`: `with_cve`: a readable CVE in a reference (sid-msg.map's among them) or in metadata;
        `cve_in_message_only`: else one in the message; `bugtraq_only`: else a Bugtraq id; `no_claim`: nothing of these, a
        URL at most. `conflicting`: those of all classes whose sources contradict each other.
    """
    counts = dict.fromkeys(
        ("signatures", "enabled", "with_cve", "cve_in_message_only", "bugtraq_only", "conflicting", "no_claim"), 0
    )
    for revisions in index.signatures.values():
        signature = latest(revisions)
        counts["signatures"] += 1
        counts["enabled"] += signature.enabled
        counts["conflicting"] += signature.conflict
        counts[_claim_class(signature)] += 1
    return counts


def count_map_only(index: SignatureIndex) -> int:
    """Return how many (gid, sid) are known from sid-msg.map without a rule: nothing of them is ever refuted."""
    return sum(not latest(revisions).from_rule for revisions in index.signatures.values())


def _claim_class(signature: Signature) -> str:
    by_url = {ClaimSource.REFERENCE_URL}
    readable = [claim for claim in signature.claims if not claim.malformed and not by_url.issuperset(claim.sources)]
    sources = {source for claim in readable if claim.id.startswith("CVE-") for source in claim.sources}
    if not sources:
        return "bugtraq_only" if readable else "no_claim"
    return "cve_in_message_only" if ClaimSource.MESSAGE in sources and _STATED.isdisjoint(sources) else "with_cve"
