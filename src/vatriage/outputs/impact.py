"""Firepower's impact, 0 to 4, for consoles that sort by it.

Source: eStreamer guide 5.3 (the impact byte), read against VERDICT 1: what we cannot decide is never "currently not
vulnerable".
"""

from vatriage.model.verdict import Reason, Verdict, VerdictRecord

_DECIDED = {
    Verdict.COMPROMISE_INDICATED.name: 1,
    Verdict.AFFECTED.name: 1,
    Verdict.POSSIBLY_AFFECTED.name: 2,
    Verdict.NOT_AFFECTED.name: 3,
    Verdict.FALSE_POSITIVE.name: 3,
}


def impact(record: VerdictRecord) -> int:
    """Return 1 vulnerable, 2 potentially vulnerable, 3 currently not vulnerable, 4 unknown host, 0 no host of ours."""
    decided = _DECIDED.get(record.verdict)
    if decided is not None:
        return decided
    if record.target.host is not None or (record.other_target is not None and record.other_target.host is not None):
        return 2
    return 4 if Reason.HOST_UNKNOWN in record.reasons else 0
