"""OCSF out: a Detection Finding (class 2004) an alert, with the profiles Incident and Security Control.

Source: OCSF schema 1.5.0, class detection_finding; the mapping of verdicts is that of triage.md 1.5.
"""

from typing import Any

import msgspec

from vatriage.model.alert import Alert
from vatriage.model.instant import parse_instant
from vatriage.model.verdict import Verdict, VerdictRecord
from vatriage.outputs.cve_ids import cves
from vatriage.outputs.impact import impact
from vatriage.outputs.program import NAME, VERSION

SCHEMA = "1.5.0"
_FINDINGS, _CLASS, _CREATE = 2, 2004, 1
_VERDICTS = {
    Verdict.COMPROMISE_INDICATED.name: (2, "True Positive", 5),
    Verdict.AFFECTED.name: (8, "Security Risk", 4),
    Verdict.POSSIBLY_AFFECTED.name: (4, "Suspicious", 3),
    Verdict.UNKNOWN.name: (7, "Insufficient Data", 0),
    Verdict.UNVERIFIABLE.name: (0, "Unknown", 0),
    Verdict.NOT_AFFECTED.name: (3, "Disregard", 1),
    Verdict.FALSE_POSITIVE.name: (1, "False Positive", 1),
}
"""verdict_id, verdict, and severity_id (0 = as the sensor says)."""
_BY_PRIORITY = {1: 4, 2: 3, 3: 2, 4: 1}
_SEVERITIES = ("Unknown", "Informational", "Low", "Medium", "High", "Critical")
_DISPOSITIONS = {"allowed": (1, "Allowed"), "blocked": (2, "Blocked"), "partly": (99, "Partly blocked")}
_ACTIONS = {"allowed": (1, "Allowed"), "blocked": (2, "Denied"), "partly": (99, "Partly denied")}
_encoder = msgspec.json.Encoder()


def encode_ocsf(alert: Alert, record: VerdictRecord) -> bytes:
    """Return the finding as one line of JSON. See `finding`."""
    return _encoder.encode(finding(alert, record))


def finding(alert: Alert, record: VerdictRecord) -> dict[str, Any]:
    """Return the finding of an alert.

    Args:
        alert: the alert.
        record: its verdict; it is whole in `unmapped.vatriage`.
    """
    number, word, severity = _VERDICTS[record.verdict]
    severity = severity or _BY_PRIORITY.get(alert.alert_priority or 0, 0)
    disposition, action = _DISPOSITIONS[record.disposition], _ACTIONS[record.disposition]
    at = parse_instant(record.timestamp) // 1_000
    title = alert.message or f"signature {record.signature}"
    return {
        "activity_id": _CREATE, "activity_name": "Create", "category_uid": _FINDINGS, "category_name": "Findings",
        "class_uid": _CLASS, "class_name": "Detection Finding", "type_uid": _CLASS * 100 + _CREATE,
        "type_name": "Detection Finding: Create", "time": at, "severity_id": severity, "severity": _SEVERITIES[severity],
        "status_id": 1, "status": "New", "verdict_id": number, "verdict": word, "disposition_id": disposition[0],
        "disposition": disposition[1], "action_id": action[0], "action": action[1],
        "message": f"{record.verdict}: {title}", "status_detail": ", ".join(record.reasons),
        "metadata": _metadata(record),
        "finding_info": {
            "uid": record.id, "title": title, "created_time": at,
            "types": [alert.category] if alert.category else [],
            "analytic": _analytic(alert, record),
        },
        "evidences": [_evidence(alert, number, word)], "resources": _resources(record),
        "vulnerabilities": [{"cve": {"uid": item}} for item in cves(record)],
        "unmapped": {"vatriage": record.to_dict(), "impact": impact(record)},
    }  # fmt: skip


def _metadata(record: VerdictRecord) -> dict[str, Any]:
    product = {"name": NAME, "vendor_name": NAME, "version": VERSION}
    profiles = ["incident", "security_control"]
    return {
        "version": SCHEMA,
        "product": product,
        "profiles": profiles,
        "uid": record.id,
        "original_time": record.timestamp,
    }


def _analytic(alert: Alert, record: VerdictRecord) -> dict[str, Any]:
    name = alert.message or record.signature
    return {"type_id": 1, "type": "Rule", "name": name, "uid": f"{alert.gid}:{alert.sid}", "version": str(alert.rev)}


def _evidence(alert: Alert, number: int, word: str) -> dict[str, Any]:
    ends = {
        "src_endpoint": {"ip": alert.source_address, "port": alert.source_port},
        "dst_endpoint": {"ip": alert.destination_address, "port": alert.destination_port},
    }
    known = {name: {key: item for key, item in end.items() if item is not None} for name, end in ends.items()}
    return {"verdict_id": number, "verdict": word, **{name: end for name, end in known.items() if end}}


def _resources(record: VerdictRecord) -> list[dict[str, Any]]:
    targets = [record.target] + ([record.other_target] if record.other_target is not None else [])
    return [
        {"type": "host", "uid": target.host or f"{record.zone}:{target.address}", "name": target.address, "namespace": record.zone}
        for target in targets
        if target.address is not None
    ]  # fmt: skip
