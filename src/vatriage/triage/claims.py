"""Everything that is claimed of one alert: its signature's claims and what the alert itself carries (VERDICT 4)."""

from vatriage.model.alert import Alert
from vatriage.model.claims import merge_claims, unite_claims
from vatriage.model.signature import ClaimSource, Signature
from vatriage.triage.interface import ClaimSet


def claims_of(alert: Alert, signature: Signature | None, *, exact: bool, observed: bool = False) -> ClaimSet:
    """Return the union of all sources. Guards missing-reference and wrong-reference.

    Args:
        alert: its metadata, references, raw rule and message are sources of their own.
        signature: the loaded signature, or None.
        exact: it is the very revision that fired. Otherwise its claims help to confirm, but neither they nor EVE's
            metadata (which names one CVE of several in most multi-CVE rules) are known to be complete.
        observed: its message tells of a vulnerable host that the sensor saw: a scan that says otherwise clears nothing.
    """
    said, _ = merge_claims(
        {
            ClaimSource.EVE_METADATA: alert.cves,
            ClaimSource.EVE_REFERENCE: alert.references,
            ClaimSource.EVE_RULE: alert.rule_references,
            ClaimSource.MESSAGE: (alert.message,),
        }
    )
    known = signature.claims if signature is not None else ()
    claims, conflict = unite_claims([*known, *said])
    rule_conflict = signature is not None and signature.conflict
    return ClaimSet(
        claims, conflict or rule_conflict, exact and signature is not None, clear=not alert.doubts, observed=observed
    )
