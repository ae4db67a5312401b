"""What any format but EVE tells of an alert, made into the model's `Alert`.

A format fills in what it has. What it lacks stays unsaid: without a generator or a revision the signature counts as
another revision, which is never refuted (ADR 0002); ports of protocols without ports are types and codes of ICMP.
"""

from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from vatriage.model.alert import Alert, Direction, Disposition, Doubt
from vatriage.sensors.dating import Dated
from vatriage.sensors.eve_alert import canonical_address
from vatriage.sensors.eve_lenient import FieldError

_MOST = 0xFFFF_FFFF
_HIGHEST_PORT = 65_535
_WITH_PORTS = frozenset({"", "tcp", "udp", "sctp", "dccp", "udplite"})
_PROTOCOLS = {
    "1": "icmp", "6": "tcp", "17": "udp", "58": "ipv6-icmp", "132": "sctp", "icmp6": "ipv6-icmp", "icmpv6": "ipv6-icmp",
    "ipv6_icmp": "ipv6-icmp",
}  # fmt: skip
_pack = msgspec.msgpack.Encoder().encode


@dataclass(slots=True, kw_only=True)
class Report:
    """One alert as a format tells it; None and empty texts are what it does not say."""

    dated: Dated
    sid: int | None
    gid: int | None = None
    rev: int | None = None
    message: str = ""
    category: str = ""
    alert_priority: int | None = None
    source_address: str | None = None
    source_port: int | None = None
    destination_address: str | None = None
    destination_port: int | None = None
    protocol: str = ""
    direction: Direction | None = None
    target_address: str | None = None
    disposition: Disposition = Disposition.ALLOWED
    references: tuple[str, ...] = ()
    sensor: str = ""
    identity: tuple[int | str | None, ...] = ()
    """What else tells this alert from another one of the same instant, ends and signature."""
    doubts: tuple[Doubt, ...] = ()
    """Beside those of the time."""


def make_alert(report: Report, zone: str, file: str, line: int) -> Alert:
    """Return the alert. Raises: FieldError: it names no signature, or an address or port is not usable."""
    if report.sid is None or not 0 <= report.sid <= _MOST:
        raise FieldError("sid", report.sid)
    gid, rev = _generator(report)
    protocol = protocol_name(report.protocol)
    source = canonical_address("source address", report.source_address)
    destination = canonical_address("destination address", report.destination_address)
    source_port = _port("source port", report.source_port, protocol)
    destination_port = _port("destination port", report.destination_port, protocol)
    at_us = report.dated.at_us
    key = (
        *("report", zone, at_us, source, source_port, destination, destination_port, protocol),
        *(gid, report.sid, rev, str(report.disposition), *report.identity),
    )
    return Alert(
        id=blake2b(_pack(key), digest_size=16).hexdigest(),
        zone=zone,
        at_us=at_us,
        gid=gid,
        sid=report.sid,
        rev=rev,
        message=report.message,
        category=report.category,
        alert_priority=report.alert_priority or None,  # 0 is Snort's word for none
        source_address=source,
        source_port=source_port,
        destination_address=destination,
        destination_port=destination_port,
        protocol=protocol,
        direction=report.direction,
        target_address=_usable(report.target_address),
        references=report.references,
        disposition=report.disposition,
        sensor=report.sensor,
        source_file=file,
        source_line=line,
        doubts=tuple(sorted({*report.dated.doubts, *report.doubts})),
    )


def protocol_name(text: str) -> str:
    """Return a protocol as EVE names it, in lower case."""
    name = text.strip().lower()
    return _PROTOCOLS.get(name, name)


def has_ports(protocol: str) -> bool:
    """Whether a protocol, as `protocol_name` returns it, has ports; one that is not stated may have."""
    return protocol in _WITH_PORTS


def _generator(report: Report) -> tuple[int, int]:
    """Return gid and rev; a revision of a generator that is not stated is nobody's. Raises: FieldError."""
    if report.gid is None:
        return 1, 0
    if not 0 <= report.gid <= _MOST:
        raise FieldError("gid", report.gid)
    rev = report.rev or 0
    return report.gid, rev if 0 <= rev <= _MOST else 0


def _port(field: str, port: int | None, protocol: str) -> int | None:
    if port is None or not has_ports(protocol):
        return None
    if not 0 <= port <= _HIGHEST_PORT:
        raise FieldError(field, port)
    return port


def _usable(text: str | None) -> str | None:
    try:
        return canonical_address("", text)
    except FieldError:
        return None
