"""A verdict as an argument: what was claimed, who the target is, what was tested, what is missing, what would change it.

Works on records alone, so that a stored verdict is explained from what it was computed from, not from what is known now.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from vatriage.model.instant import parse_instant
from vatriage.model.verdict import EvidenceKind, Reason, VerdictRecord

_REASONS = {
    Reason.CONFIRMED: "a confirmed finding on the attacked port or on the host as a whole",
    Reason.STALE_POSITIVE: "the finding was not seen again for more than 90 days before the alert",
    Reason.FOUND_LATER: "the finding was first seen only after the alert",
    Reason.POTENTIAL: "the finding is a potential vulnerability, not a confirmed one",
    Reason.PORT_MISMATCH: "the finding is on another port of the host",
    Reason.IDENTITY: "it is not sure which one host held the address at the time of the alert",
    Reason.INFORMATION_GATHERED: "an information-gathered finding of the QID proves nothing but forbids refutation",
    Reason.LIST_NOT_WHOLE: "the report is not vouched whole, so a missing finding means nothing",
    Reason.CHECK_SET_UNVOUCHED: "nobody vouches that the scan ran the complete set of checks",
    Reason.NEVER_SCANNED: "the host was not scanned before the alert",
    Reason.STALE: "the scan was too old at the time of the alert",
    Reason.NOT_TESTABLE_UNAUTHENTICATED: "only an authenticated scan can test the QID, and the scan did not log in",
    Reason.PORT_NOT_COVERED: "the scan reported nothing on the attacked port, so it may not have reached it",
    Reason.QID_NEWER_THAN_SCAN: "the QID, its code or its tie to the CVE may be newer than the scan",
    Reason.QID_DISABLED: "the QID is disabled, so its silence means nothing",
    Reason.NO_QID_FOR_CLAIM: "the KnowledgeBase has no QID for a claimed vulnerability",
    Reason.QID_NOT_IN_SNAPSHOT: "the KnowledgeBase here does not describe a QID that was found on the host",
    Reason.CLAIM_CONFLICT: "the sources of the signature contradict each other",
    Reason.MALFORMED_CLAIM: "a claimed id cannot be read",
    Reason.NO_CLAIM: "the signature names no vulnerability: VA data cannot decide this alert",
    Reason.ALERT_UNCLEAR: "the sensor's format leaves the alert's time or address open, so clean scans do not clear it",
    Reason.SIGNATURE_NOT_LOADED: "this revision of the signature is not loaded, so its claims may be incomplete",
    Reason.HOST_UNKNOWN: "no host of the inventory held the address at the time of the alert",
    Reason.NO_TARGET: "the alert names no address to judge",
    Reason.NO_SINGLE_VICTIM: "the address names no single host (multicast, broadcast, loopback, link-local)",
    Reason.OUTBOUND: "an own host attacks outward: it is a suspect, and VA data cannot clear it",
    Reason.TRANSITIVE: "the vulnerability may strike another host than the one addressed (logs, queues)",
    Reason.OUTCOME_SEEN: "the stream shows what came of the attack",
    Reason.OUTCOME_UNCONFIRMED: "the alert itself reports a success, so clean scans do not clear it",
    Reason.OBSERVED_VULNERABLE: "the sensor itself saw something vulnerable on the wire, so clean scans do not clear it",
    Reason.TESTED_ABSENT: "every QID of every claim was tested and absent",
    Reason.FIXED: "the finding was fixed before the alert",
}

_REMEDIES = {
    Reason.LIST_NOT_WHOLE: "a complete pull of the device (or `import --complete` of unfiltered reports)",
    Reason.CHECK_SET_UNVOUCHED: "`device add ... --complete-checks yes`, if the option profile runs all checks",
    Reason.NEVER_SCANNED: "a scan of the host",
    Reason.STALE: "a scan not older than 7 days (authenticated), 3 days (remote) or 2 days (agent) at the alert",
    Reason.NOT_TESTABLE_UNAUTHENTICATED: "an authenticated scan or an agent on the host",
    Reason.PORT_NOT_COVERED: "an authenticated scan, or a scan whose port list holds the attacked port",
    Reason.QID_NEWER_THAN_SCAN: "a scan after the QID's last change",
    Reason.NO_QID_FOR_CLAIM: "a newer KnowledgeBase, if it has a QID for the claim",
    Reason.QID_NOT_IN_SNAPSHOT: "a KnowledgeBase that describes every QID found on the host",
    Reason.ALERT_UNCLEAR: "`--year` and `--time-zone` of the sensor, or a format that writes both (EVE JSON)",
    Reason.SIGNATURE_NOT_LOADED: "`vatriage signatures load` of the sensor's rule files",
    Reason.HOST_UNKNOWN: "a scan of the address",
    Reason.IDENTITY: "an identity that survives a change of address (agent, authenticated scan) for both hosts",
    Reason.INFORMATION_GATHERED: "a look at the finding's RESULTS by a person",
    Reason.POTENTIAL: "an authenticated scan that confirms or refutes the potential vulnerability",
    Reason.STALE_POSITIVE: "a new scan of the host",
    Reason.PORT_MISMATCH: "a scan that covers the attacked port",
}


class Explanation(NamedTuple):
    """The chain of evidence in words; every part is a list of sentences."""

    verdict: str
    claimed: list[str]
    target: list[str]
    tested: list[str]
    because: list[str]
    missing: list[str]
    would_change: list[str]
    priority: list[str]
    """What the priority is made of, which ranks inside the verdict only."""


def explain(record: VerdictRecord) -> Explanation:
    """Return a record's argument."""
    reasons = [Reason(code) for code in record.reasons]
    return Explanation(
        verdict=record.verdict,
        claimed=[f"{claim.id} (said by {', '.join(claim.sources)})" for claim in record.claims]
        or ["nothing: the signature names no vulnerability"],
        target=_target(record),
        tested=_tested(record),
        because=[_REASONS[reason] for reason in reasons],
        missing=[_REASONS[reason] for reason in reasons if record.verdict == "UNKNOWN"],
        would_change=_would_change(record, reasons),
        priority=priority_words(record),
    )


def priority_words(record: VerdictRecord) -> list[str]:
    """Return each factor of the priority as a line: points, name, what is so, who says so."""
    return [
        f"{factor.points:+d} {factor.name.replace('_', ' ')}: {factor.value}{f' ({factor.source})' if factor.source else ''}"
        for factor in record.priority_factors
    ]


def argued(record: VerdictRecord) -> dict[str, Any]:
    """Return a record with its argument, as JSON has both."""
    return {"record": record.to_dict(), "explanation": explain(record)._asdict()}


def known_then(records: Sequence[VerdictRecord]) -> VerdictRecord:
    """Return the verdict of what was known at the alert's time: the one judged nearest to it, the earlier of two as near.

    Args:
        records: all verdicts of one stored alert, at least one.
    """
    at = parse_instant(records[0].timestamp)
    return min(records, key=lambda one: (abs(parse_instant(one.judged_at) - at), one.judged_at))


def argued_all(records: Sequence[VerdictRecord]) -> dict[str, Any]:
    """Return all verdicts of one alert as JSON has them.

    Args:
        records: oldest judgement first.
    """
    *earlier, newest = map(argued, records)
    both = {"known_then": known_then(records), "known_now": records[-1]}
    return newest | {"earlier": earlier} | {name: _brief(one) for name, one in both.items()}


def _brief(record: VerdictRecord) -> dict[str, Any]:
    return {
        "verdict": record.verdict, "judged_at": record.judged_at, "reasons": list(record.reasons),
        "snapshot": record.inputs.snapshot,
    }  # fmt: skip


def reason_text(code: str) -> str:
    """Return what a reason's code means; a code of another release is its own text."""
    try:
        return _REASONS[Reason(code)]
    except ValueError:
        return code.replace("_", " ")


def _target(record: VerdictRecord) -> list[str]:
    said = []
    for target in (record.target, record.other_target):
        if target is None:
            continue
        port = "" if target.port is None else f" port {target.port}"
        host = f"inventory host {target.host}" if target.host else "no host of the inventory"
        said.append(f"{target.address}{port}/{target.protocol or '?'}, the {target.side} of the packet: {host}")
    said.append(f"chosen by: {record.target.chosen_by.replace('_', ' ')}")
    return said


def _tested(record: VerdictRecord) -> list[str]:
    said = []
    for item in record.evidence:
        subject = f"QID {item.qid} for {item.claim}" if item.qid is not None else item.source
        what = {
            EvidenceKind.DETECTION: "confirmed on the host, first found",
            EvidenceKind.POTENTIAL: "potential on the host, first found",
            EvidenceKind.INFORMATION: "information gathered on the host, first found",
            EvidenceKind.FIXED: "found fixed, last shown at",
            EvidenceKind.ABSENCE: "tested and absent in the scan of",
            EvidenceKind.OUTCOME: "outcome of the attack seen at",
            EvidenceKind.STATEMENT: "said by a person, as of",
            EvidenceKind.POOL: "virtual address, named by a person at",
        }[EvidenceKind(item.kind)]
        said.append(f"{subject}: {what} {item.observed_at} ({item.source})")
    return said or ["no finding and no scan that could count for this alert"]


def _would_change(record: VerdictRecord, reasons: list[Reason]) -> list[str]:
    if record.verdict == "NOT_AFFECTED":
        return [
            f"an alert after {record.expires}: the same evidence does not count any longer",
            "a finding of any QID above, a sign of success in the stream, or a contradicting reference",
        ]
    if record.verdict in ("AFFECTED", "COMPROMISE_INDICATED"):
        return ["nothing that is learnt after the alert: what held at its time stays"]
    return [_REMEDIES[reason] for reason in reasons if reason in _REMEDIES] or ["nothing that VA data can show"]
