"""The CVEs and QIDs a record speaks of, for formats that have fields of their own for them."""

from vatriage.model.verdict import VerdictRecord


def cves(record: VerdictRecord) -> list[str]:
    """Return the claims that are CVE ids, in their order."""
    return [claim.id for claim in record.claims if claim.id.startswith("CVE-")]


def qids(record: VerdictRecord) -> list[int]:
    """Return the QIDs of evidence and justifications, ascending."""
    shown = {item.qid for item in record.evidence if item.qid is not None}
    return sorted(shown.union(*(item.qids for item in record.justifications)))
