"""Alerts that another program wrapped: Elastic's shippers put EVE under `suricata.eve`, or its line into `message`.

Such a line is no event of Suricata, and some of its fields have moved to other names. It is refused with the way out, so
that it is neither taken for an event without alert nor judged by half of its fields.
"""

from typing import Any

import msgspec

_DEPTH = 6
_LONGEST_TEXT = 1 << 20


class WrappedAlertError(ValueError):
    """The line holds an alert inside something else. Never leaves the wing: it becomes a reject."""


def is_alert(event_type: str) -> bool:
    """Whether an `event_type` says alert, in any case."""
    return event_type.strip().lower() == "alert"


def refuse_wrapped_alert(event: dict[str, Any]) -> None:
    """Raise WrappedAlertError if an object without an event type of its own holds an alert further down."""
    if place := _place_of_alert(event, "", _DEPTH):
        raise WrappedAlertError(
            f"the alert is wrapped at {place}, as log shippers do: give Suricata's own eve.json, or only what stands there"
        )


def _place_of_alert(value: Any, place: str, depth: int) -> str:
    """Return where an alert stands below a value, as `suricata.eve`; empty if nowhere."""
    if isinstance(value, str):
        return f"{place} (as text)" if _holds_alert(value) else ""
    if not isinstance(value, dict | list) or not depth:
        return ""
    if isinstance(value, dict) and _looks_like_alert(value):
        return place or "its own keys"
    inner = value.items() if isinstance(value, dict) else ((str(number), one) for number, one in enumerate(value))
    below = (_place_of_alert(one, f"{place}.{key}" if place else key, depth - 1) for key, one in inner)
    return next(filter(None, below), "")


def _looks_like_alert(value: dict[str, Any]) -> bool:
    """Whether an object says that it is an alert, under `event_type` or a key that ends so, or holds Suricata's `alert`."""
    rule = value.get("alert")
    if isinstance(rule, dict) and "signature_id" in rule:
        return True
    kinds = (one for key, one in value.items() if key == "event_type" or key.endswith(".event_type"))
    return any(isinstance(kind, str) and is_alert(kind) for kind in kinds)


def _holds_alert(text: str) -> bool:
    """Whether a text holds the JSON of an alert, behind a prefix of syslog or not."""
    start = text.find("{")
    if start < 0 or len(text) > _LONGEST_TEXT:
        return False
    try:
        event = msgspec.json.decode(text[start:])
    except (msgspec.DecodeError, RecursionError):
        return False
    return isinstance(event, dict) and _looks_like_alert(event)
