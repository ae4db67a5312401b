"""Snort 3's `alert_json`: one object a line, with the fields that its configuration names.

Source: Snort's `src/loggers/alert_json.cc`. By default it writes no message, no class and a local time without a year;
`seconds` is the epoch and, where it is configured, the one time that needs no guess. `dir` is the way of the packet in
its flow; a signature stands in `rule` (`1:2009187:4`) or in `gid`, `sid` and `rev`; an end in `src_ap` or in `src_addr`
and `src_port`.
"""

from typing import Any

import msgspec

from vatriage.model.alert import Alert, Direction, Disposition
from vatriage.model.instant import US
from vatriage.sensors.dating import Calendar, Dated, Dating
from vatriage.sensors.ends import End, read_end
from vatriage.sensors.eve_alert import MAX_US
from vatriage.sensors.eve_lenient import FieldError, LineError
from vatriage.sensors.loose import number_of, text_value
from vatriage.sensors.report import Report, make_alert, protocol_name
from vatriage.sensors.snort_time import TIME, wall_of

_DIRECTIONS = {"c2s": Direction.TO_SERVER, "s2c": Direction.TO_CLIENT}
_BLOCKED = frozenset({"block", "drop", "reset", "reject", "force_block", "force_drop", "force_reset"})
_PARTLY = frozenset({"rewrite", "force_rewrite"})


class SnortJson:
    """See LineFormat."""

    json = True

    def __init__(self, zone: str, name: str, dating: Dating) -> None:
        self._zone, self._name = zone, name
        self._calendar = Calendar(dating)

    def alert_of(self, line: bytes, number: int) -> tuple[Alert | None, bytes]:
        """See LineFormat.alert_of."""
        event = msgspec.json.decode(line)
        if not isinstance(event, dict):
            raise LineError("the line is no JSON object")
        if "event_type" in event:
            raise LineError("this is an event of Suricata's EVE")
        return make_alert(self._report(event), self._zone, self._name, number), line

    def _report(self, event: dict[str, Any]) -> Report:
        gid, sid, rev = _signature(event)
        protocol = protocol_name(text_value(event.get("proto")))
        source, destination = _end(event, "src", protocol), _end(event, "dst", protocol)
        category = text_value(event.get("class"))
        return Report(
            dated=self._dated(event),
            gid=gid,
            sid=sid,
            rev=rev,
            message=text_value(event.get("msg")).strip('"'),
            category="" if category == "none" else category,
            alert_priority=number_of(event.get("priority")),
            source_address=source.address,
            source_port=source.port,
            destination_address=destination.address,
            destination_port=destination.port,
            protocol=protocol,
            direction=_DIRECTIONS.get(text_value(event.get("dir")).lower()),
            target_address=text_value(event.get("target")) or None,
            disposition=_disposition(text_value(event.get("action")).lower()),
            sensor=text_value(event.get("iface")),
            identity=(number_of(event.get("pkt_num")),),
            doubts=(*source.doubts, *destination.doubts),
        )

    def _dated(self, event: dict[str, Any]) -> Dated:
        """Return the epoch if there is one, with the fraction of the other time if both show the same second."""
        text = text_value(event.get("timestamp"))
        if "seconds" not in event:
            return self._calendar.date(wall_of(text, year_first=True))
        seconds = number_of(event["seconds"])
        if seconds is None or not 0 <= seconds < MAX_US // US:
            raise FieldError("seconds", event["seconds"])
        wall = wall_of(text, year_first=True) if TIME.fullmatch(text) else None
        return Dated(seconds * US + (wall.microsecond if wall and wall.second == seconds % 60 else 0))


def _signature(event: dict[str, Any]) -> tuple[int | None, int | None, int | None]:
    """Return gid, sid and rev; what stands in two places must be the same. Raises: FieldError."""
    rule = event.get("rule")
    parts: list[int | None] = [None, None, None]
    if rule is not None:
        texts = text_value(rule).split(":")
        parts = [number_of(text) for text in texts]
        if len(parts) != 3 or None in parts:
            raise FieldError("rule", rule)
    for place, key in enumerate(("gid", "sid", "rev")):
        value = event.get(key)
        if value is None:
            continue
        number = number_of(value)
        if number is None or parts[place] not in (None, number):
            raise FieldError(key, value)
        parts[place] = number
    return parts[0], parts[1], parts[2]


def _end(event: dict[str, Any], side: str, protocol: str) -> End:
    """Return one end: `src_addr` and `src_port` before `src_ap`. Raises: FieldError."""
    address, port = text_value(event.get(f"{side}_addr")), event.get(f"{side}_port")
    joined = read_end(text_value(event.get(f"{side}_ap")), protocol, f"{side}_ap", always_port=True)
    number = number_of(port)
    if port is not None and number is None:
        raise FieldError(f"{side}_port", port)
    return End(address or joined.address, joined.port if number is None else number, () if address else joined.doubts)


def _disposition(action: str) -> Disposition:
    if action in _BLOCKED:
        return Disposition.BLOCKED
    return Disposition.PARTLY if action in _PARTLY else Disposition.ALLOWED
