"""Evidence that nobody knew when a person called an alert harmless, at whatever verdict."""

from collections.abc import Mapping, Sequence
from typing import Any

from vatriage.model.alert_filter import DENYING
from vatriage.model.instant import US, parse_instant
from vatriage.model.verdict import EvidenceRecord, VerdictRecord


def found_since(records: Sequence[VerdictRecord], review: Mapping[str, Any] | None) -> tuple[EvidenceRecord, ...]:
    """Return the evidence for an attack that the newest judgement has and that nobody knew when a review was made.

    A verdict need not get worse for it: a second finding may confirm what the reviewer took for an error of the first.

    Args:
        records: of one alert, oldest judgement first.
        review: in force; None, or one that does not call the alert harmless, is contradicted by nothing.
    """
    if review is None or review["decision"] not in DENYING:
        return ()
    known = [one for one in records if parse_instant(one.judged_at) <= (review["at"] + 1) * US] or records[:1]
    before = {(one.kind, one.claim, one.qid) for record in known for one in record.evidence if one.polarity == "+"}
    new = (one for one in records[-1].evidence if one.polarity == "+")
    return tuple(one for one in new if (one.kind, one.claim, one.qid) not in before)
