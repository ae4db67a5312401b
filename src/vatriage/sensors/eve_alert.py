"""An EVE alert to the model's `Alert`: instants, canonical addresses, disposition, id."""

from functools import lru_cache
from hashlib import blake2b

import msgspec

from vatriage.model.address import format_address, pack_address
from vatriage.model.alert import Alert, Direction, Disposition
from vatriage.model.instant import parse_instant
from vatriage.sensors.eve_lenient import FieldError
from vatriage.sensors.eve_rule import references_of
from vatriage.sensors.eve_shape import EveAlert, EveEnd, EveFlow, EveMetadata

MAX_US = 253_402_300_800_000_000
"""The first instant of the year 10000: records cannot show it."""

_LONGEST_ADDRESS = 100
_MINUTE_US = 60_000_000
_NO_METADATA = EveMetadata()
_NO_FLOW = EveFlow()
_NO_END = EveEnd()
_DIRECTIONS = {"to_server": Direction.TO_SERVER, "to_client": Direction.TO_CLIENT}
_pack = msgspec.msgpack.Encoder().encode


def make_alert(event: EveAlert, zone: str, file: str, line: int) -> Alert:
    """Return the alert of an event.

    The id is a hash of the zone and of what identifies the alert, in canonical form: the order of keys, blanks and the
    spelling of addresses do not matter; what a program adds (names, countries) does not either.

    Raises: FieldError: a timestamp or address is not usable; the message names the field.
    """
    rule = event.alert
    if rule is None:
        raise FieldError("alert", None)
    flow = event.flow or _NO_FLOW
    target = rule.target or _NO_END
    metadata = rule.metadata or _NO_METADATA
    at_us = read_timestamp(event.timestamp)
    source = canonical_address("src_ip", event.src_ip)
    destination = canonical_address("dest_ip", event.dest_ip)
    protocol = event.proto.lower()
    key = (
        *(
            zone,
            at_us,
            event.flow_id,
            event.pcap_cnt,
            event.tx_id,
            source,
            event.src_port,
            destination,
            event.dest_port,
        ),
        *(protocol, rule.gid, rule.signature_id, rule.rev, rule.action),
    )
    return Alert(
        id=blake2b(_pack(key), digest_size=16).hexdigest(),
        zone=zone,
        at_us=at_us,
        gid=rule.gid,
        sid=rule.signature_id,
        rev=rule.rev,
        message=rule.signature,
        category=rule.category,
        alert_priority=rule.severity,
        source_address=source,
        source_port=event.src_port,
        destination_address=destination,
        destination_port=event.dest_port,
        protocol=protocol,
        client_address=_usable_address(flow.src_ip),
        client_port=flow.src_port,
        flow_started=flow.start or "",
        direction=_DIRECTIONS.get(event.direction),
        proxied=bool(event.xff or rule.xff),
        target_address=_usable_address(target.ip),
        target_port=target.port,
        cves=(*metadata.cve, *metadata.cve_in_capitals),
        references=tuple(rule.references),
        rule_references=references_of(rule.rule) if rule.rule else (),
        attack_targets=tuple(metadata.attack_target),
        tags=tuple(metadata.tag),
        confidence=metadata.confidence[0] if metadata.confidence else "",
        disposition=disposition_of(rule.action, event.verdict.action if event.verdict is not None else ""),
        sensor=event.host if isinstance(event.host, str) and event.host else event.in_iface,
        source_file=file,
        source_line=line,
    )


def disposition_of(action: str, decision: str) -> Disposition:
    """Return what the sensor did. Guard ips-dropped.

    Args:
        action: `alert.action`, what the rule asked for: `allowed` or `blocked`.
        decision: `verdict.action`, what was done in the end: `alert`, `pass`, `drop`, `reject` or empty. An alert that
            is "allowed" may still be dropped by another rule, and a "blocked" one let through.
    """
    if action == "blocked":
        return Disposition.PARTLY if decision in ("pass", "alert") else Disposition.BLOCKED
    return Disposition.BLOCKED if decision in ("drop", "reject") else Disposition.ALLOWED


def read_timestamp(text: str) -> int:
    """Return an EVE timestamp as microseconds since the epoch; without a zone it is UTC.

    Raises: FieldError: it is no time, or lies outside the years 1970 to 9999.
    """
    try:
        if len(text) == 31 and text[16] == ":" and text[19] == "." and text.isascii():
            # 2014-12-19T22:45:27.871825+0000: the digits of seconds and fraction together are microseconds.
            digits = text[17:19] + text[20:26]
            if digits.isdigit() and (us := int(digits)) < _MINUTE_US:
                return _checked(_minute(text[:17], text[26:]) + us)
        return _checked(parse_instant(text))
    except ValueError as error:
        raise FieldError("timestamp", text) from error


@lru_cache(maxsize=4096)
def _minute(text: str, zone: str) -> int:
    """Return the instant of a minute (`2014-12-19T22:45:` and `+0000`): the alerts of one minute share it."""
    return parse_instant(f"{text}00{zone}")


def _checked(at_us: int) -> int:
    if not 0 <= at_us < MAX_US:
        raise ValueError("outside the years 1970 to 9999")
    return at_us


def canonical_address(field: str, text: str | None) -> str | None:
    """Return an address in its one spelling, IPv4-mapped ones as IPv4; None where there is none.

    Raises: FieldError: the text is no address; the message names `field`.
    """
    if not text:
        return None
    if len(text) > _LONGEST_ADDRESS:  # a scope may be of any length; nothing long should stay in the cache
        raise FieldError(field, text)
    try:
        return _canonical(text)
    except ValueError as error:
        raise FieldError(field, text) from error


def _usable_address(text: str | None) -> str | None:
    """Return an address that does not identify the alert: one that cannot be used counts as not stated."""
    try:
        return canonical_address("", text)
    except FieldError:
        return None


@lru_cache(maxsize=65_536)
def _canonical(text: str) -> str:
    return format_address(pack_address(text))
