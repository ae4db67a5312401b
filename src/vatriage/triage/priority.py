"""In which order alerts of one level are looked at: a number from 0 to 100 that never changes a verdict."""

from vatriage.model.alert import Alert
from vatriage.model.signature import Signature

_BY_ALERT_PRIORITY = {1: 60, 2: 40, 3: 20, 4: 10}
_UNSTATED = 30
_KNOWN_EXPLOITED = 25
_BY_CONFIDENCE = {"high": 15, "medium": 8}


def priority(alert: Alert, signature: Signature | None, rule_priority: int | None) -> int:
    """Return the rank inside a verdict, guard generic-signature: a rule of low worth is looked at later, and lowers nothing.

    Alert priority (1 worst: 60, 40, 20, 10) + tag CISA_KEV (25) + the rule's confidence (High 15, Medium 8).

    Args:
        alert: what it states goes before what its rule states.
        signature: the loaded signature, or None.
        rule_priority: the rule's own priority or its classtype's, for sensors that write none; None if not known.
    """
    stated = rule_priority if alert.alert_priority is None else alert.alert_priority
    tags = {*alert.tags, *(signature.tags if signature is not None else ())}
    confidence = alert.confidence or (signature.confidence if signature is not None else "")
    score = _UNSTATED if stated is None else _BY_ALERT_PRIORITY.get(stated, 0)
    score += _KNOWN_EXPLOITED if "CISA_KEV" in tags else 0
    return score + _BY_CONFIDENCE.get(confidence.lower(), 0)
