"""EVE out: every event passes through unchanged, alerts gain a `vatriage` object.

The object is the record with what consoles want flat: `impact`, `cves`, `qids` and `scan_age_s`.
"""

import msgspec

from vatriage.model.instant import US, parse_instant
from vatriage.model.verdict import EvidenceKind, VerdictRecord
from vatriage.outputs.cve_ids import cves, qids
from vatriage.outputs.impact import impact

_encoder = msgspec.json.Encoder()
_TESTS = (EvidenceKind.ABSENCE, EvidenceKind.FIXED)


def enrich(line: bytes, record: VerdictRecord) -> bytes:
    """Return an alert's line with the verdict's record as its last member.

    Args:
        line: one JSON object, as the sensor wrote it; an old `vatriage` member of its own stays, and the new one, which
            comes later, counts.
        record: the verdict.
    """
    head = line.rstrip()
    body = head[:-1].rstrip()
    comma = b"" if body.endswith(b"{") else b","
    flat = {"impact": impact(record), "cves": cves(record), "qids": qids(record), "scan_age_s": scan_age_s(record)}
    return body + comma + b'"vatriage":' + _encoder.encode(record)[:-1] + b"," + _encoder.encode(flat)[1:] + b"}"


def scan_age_s(record: VerdictRecord) -> int | None:
    """Return how old the oldest test that refutes was at the alert, seconds; None where nothing refutes."""
    tests = [parse_instant(item.observed_at) for item in record.evidence if item.kind in _TESTS]
    return (parse_instant(record.timestamp) - min(tests)) // US if tests else None
