"""One record of unified2: the events of types 7, 72, 104 and 105 (and 111, 112), as Snort and Suricata 4 write them.

Source: Snort 2's `src/output-plugins/spo_unified2.c` and `src/sfutil/Unified2_common.h`; all numbers are big-endian.
"""

import struct
from ipaddress import ip_address
from typing import NamedTuple

from vatriage.model.alert import Disposition
from vatriage.model.instant import US
from vatriage.sensors.dating import Dated
from vatriage.sensors.eve_alert import MAX_US
from vatriage.sensors.eve_lenient import FieldError
from vatriage.sensors.report import Report, has_ports, protocol_name

PACKET, EXTRA_DATA = 2, 110
EVENTS = {7: 4, 72: 16, 104: 4, 105: 16, 111: 4, 112: 16}
"""Types of events, with the bytes of their addresses."""
KNOWN = frozenset({PACKET, EXTRA_DATA, *EVENTS})
MOST_BYTES = 1 << 20
"""Of a record; a packet has at most 64 KiB."""

_HEAD = struct.Struct("!9I")
_TAIL = struct.Struct("!HHBBBB")
_BLOCKED = 1
_EXTRA = struct.Struct("!8I")
"""Of extra data: event type and length, then sensor, event, second, type, kind of data, length of data (spo_unified2.c)."""
_FORWARDED = (1, 2)
"""EVENT_INFO_XFF_IPV4, EVENT_INFO_XFF_IPV6: whom a request was forwarded for."""
EventKey = tuple[int, int, int]
"""Sensor, event and second: by which extra data name their event."""


class Head(NamedTuple):
    """The words that every event begins with."""

    sensor_id: int
    event_id: int
    second: int
    microsecond: int
    sid: int
    gid: int
    rev: int
    classification: int
    alert_priority: int


def key_of(data: bytes) -> EventKey:
    """Return by what extra data name an event, which must have been read by `read_event`."""
    head = Head._make(_HEAD.unpack_from(data))
    return head.sensor_id, head.event_id, head.second


def forwarded_event(data: bytes) -> EventKey | None:
    """Return the event whose client spoke through a proxy, if that is what extra data (record 110) tell."""
    if len(data) < _EXTRA.size:
        return None
    _, _, sensor_id, event_id, second, kind, _, _ = _EXTRA.unpack_from(data)
    return (sensor_id, event_id, second) if kind in _FORWARDED else None


def read_event(kind: int, data: bytes) -> Report:
    """Return what an event says. Raises: FieldError: it is shorter than its type, or its time is none."""
    width = EVENTS[kind]
    if len(data) < _HEAD.size + 2 * width + _TAIL.size:
        raise FieldError(f"record of type {kind}", f"{len(data)} bytes")
    head = Head._make(_HEAD.unpack_from(data))
    place = _HEAD.size
    source, destination = data[place : place + width], data[place + width : place + 2 * width]
    source_port, destination_port, number, _, _, blocked = _TAIL.unpack_from(data, place + 2 * width)
    at_us = head.second * US + head.microsecond
    if head.microsecond >= US or at_us >= MAX_US:
        raise FieldError("event_microsecond", head.microsecond)
    protocol = protocol_name(str(number))
    ports = has_ports(protocol)
    return Report(
        dated=Dated(at_us),
        gid=head.gid,
        sid=head.sid,
        rev=head.rev,
        alert_priority=head.alert_priority or None,
        source_address=str(ip_address(source)),
        source_port=source_port if ports else None,
        destination_address=str(ip_address(destination)),
        destination_port=destination_port if ports else None,
        protocol=protocol,
        disposition=Disposition.BLOCKED if blocked == _BLOCKED else Disposition.ALLOWED,
        sensor=f"sensor {head.sensor_id}" if head.sensor_id else "",
        identity=(head.sensor_id, head.event_id),
    )
