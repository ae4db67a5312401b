"""EVE as other programs rewrite it: ports as strings, null anywhere, one value where Suricata writes a list.

Only what identifies the alert must be usable; anything else that cannot be understood counts as not stated. What should
name a vulnerability or its target is kept as text in any shape, because what nobody can read must not be refuted.
"""

from hashlib import blake2b
from typing import Any

import msgspec

from vatriage.sensors.eve_shape import EveAlert, EveDecision, EveEnd, EveFlow, EveMetadata, EveRule
from vatriage.sensors.eve_wrapped import is_alert, refuse_wrapped_alert
from vatriage.sensors.loose import number_of, text_value

_MAX_32 = 0xFFFF_FFFF
_MAX_63 = 0x7FFF_FFFF_FFFF_FFFF


class FieldError(ValueError):
    """A field without which the alert cannot be judged is not usable; the message names it.

    Never leaves the wing: it becomes a reject.
    """

    def __init__(self, field: str, value: object) -> None:
        shown = repr(value)
        super().__init__(
            f"{field} is missing"
            if value is None
            else f"{field} is not usable: {shown[:80]}{'...' * (len(shown) > 80)}"
        )


class LineError(ValueError):
    """The line as a whole is no event. Never leaves the wing: it becomes a reject."""


def decode_leniently(line: bytes) -> EveAlert | None:
    """Return the alert a line holds, field by field; None for an event of another type.

    An event without `event_type` is an alert if it has an `alert` object; without either it may be one in a wrapping.

    Raises:
        LineError: the line is JSON but no object.
        WrappedAlertError: the line holds an alert that another program wrapped.
        FieldError: an unusable event_type, timestamp, alert, signature_id, gid, address or port; the message names the field.
        msgspec.DecodeError, RecursionError: the line is no JSON.
    """
    event = msgspec.json.decode(line)
    if not isinstance(event, dict):
        raise LineError("the line is no JSON object")
    kind = event.get("event_type")
    if kind is None and not isinstance(event.get("alert"), dict):
        refuse_wrapped_alert(event)
        return None
    if kind is not None and not isinstance(kind, str):
        raise FieldError("event_type", kind)
    if kind is not None and not is_alert(kind):
        return None
    timestamp = event.get("timestamp")
    if not isinstance(timestamp, str):
        raise FieldError("timestamp", timestamp)
    flow = _object(event.get("flow"))
    return EveAlert(
        timestamp=timestamp,
        event_type="alert",
        alert=_rule(event.get("alert")),
        src_ip=_address("src_ip", event.get("src_ip")),
        src_port=_port("src_port", event.get("src_port")),
        dest_ip=_address("dest_ip", event.get("dest_ip")),
        dest_port=_port("dest_port", event.get("dest_port")),
        proto=text_value(event.get("proto")),
        direction=text_value(event.get("direction")),
        flow_id=_identity(event.get("flow_id")),
        pcap_cnt=_identity(event.get("pcap_cnt")),
        tx_id=_identity(event.get("tx_id")),
        host=event.get("host"),
        in_iface=text_value(event.get("in_iface")),
        xff=event.get("xff"),
        flow=EveFlow(text_value(flow.get("src_ip")), _usable_port(flow.get("src_port")), text_value(flow.get("start"))),
        verdict=EveDecision(text_value(_object(event.get("verdict")).get("action"))),
    )


def _rule(value: Any) -> EveRule:
    if not isinstance(value, dict):
        raise FieldError("alert", value)
    sid = number_of(value.get("signature_id"))
    if sid is None or not 0 <= sid <= _MAX_32:
        raise FieldError("alert.signature_id", value.get("signature_id"))
    given_gid = value.get("gid")
    gid = 1 if given_gid is None else number_of(given_gid)
    if gid is None or not 0 <= gid <= _MAX_32:
        # Another generator's signature must not be judged as this one.
        raise FieldError("alert.gid", given_gid)
    rev = number_of(value.get("rev")) or 0
    target = _object(value.get("target"))
    return EveRule(
        signature_id=sid,
        gid=gid,
        rev=rev if 0 <= rev <= _MAX_32 else 0,
        signature=text_value(value.get("signature")),
        category=text_value(value.get("category")),
        severity=number_of(value.get("severity")),
        action=text_value(value.get("action")),
        metadata=_metadata(value.get("metadata")),
        references=_kept_texts(value.get("references")),
        rule=text_value(value.get("rule")),
        xff=value.get("xff"),
        target=EveEnd(text_value(target.get("ip")), _usable_port(target.get("port"))),
    )


def _metadata(value: Any) -> EveMetadata:
    """Return the metadata; keys in any case. What is no object is one text that should name a CVE, and does not."""
    if not isinstance(value, dict):
        return EveMetadata(cve=_kept_texts([value] if isinstance(value, list) and value else value))
    found: dict[str, list[Any]] = {}
    for key, items in value.items():
        found.setdefault(key.lower(), []).extend(items if isinstance(items, list) else [items])
    return EveMetadata(
        cve=tuple(text for key, items in found.items() if "cve" in key for text in _kept_texts(items)),
        attack_target=_kept_texts(found.get("attack_target")),
        tag=_texts(found.get("tag")),
        confidence=_texts(found.get("confidence")),
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(text for text in map(text_value, values) if text)


def _kept_texts(value: Any) -> tuple[str, ...]:
    """Return a list's texts, and the JSON of what is no text; only what is empty or false says nothing."""
    values = value if isinstance(value, list) else [value]
    return tuple(text_value(one) or msgspec.json.encode(one).decode() for one in values if one)


def _identity(value: Any) -> int | None:
    """Return a number that tells alerts apart; what is no number below 2**63 gets one that stands for it."""
    if value is None:
        return None
    number = number_of(value)
    if number is not None and 0 <= number <= _MAX_63:
        return number
    return int.from_bytes(blake2b(repr(value).encode(), digest_size=8).digest()) >> 1


def _usable_port(value: Any) -> int | None:
    port = number_of(value)
    return port if port is not None and 0 <= port <= 65535 else None


def _port(field: str, value: Any) -> int | None:
    if value is None or value == "":
        return None
    port = number_of(value)
    if port is None or not 0 <= port <= 65535:
        raise FieldError(field, value)
    return port


def _address(field: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise FieldError(field, value)
