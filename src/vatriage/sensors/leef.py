"""Alerts of an IDS in QRadar's Log Event Extended Format: `LEEF:1.0|vendor|product|version|id|key=value<tab>...`.

Source: IBM's "LEEF overview". Version 2.0 has one more cell, the delimiter, as a character or in hex (`x5E`, `0x5E`).
"""

import re

from vatriage.model.alert import Alert
from vatriage.sensors.dating import Calendar, Dated, Dating
from vatriage.sensors.eve_lenient import FieldError, LineError
from vatriage.sensors.key_values import HeaderTime, date, disposition_of, labelled, port_of, signature_of
from vatriage.sensors.loose import number_of
from vatriage.sensors.report import Report, make_alert
from vatriage.sensors.text_reading import text_of

_HEX = re.compile(r"0?x([0-9A-Fa-f]{2,4})", re.ASCII)
_TAB = "\t"


class Leef:
    """See LineFormat."""

    json = False

    def __init__(self, zone: str, name: str, dating: Dating) -> None:
        self._zone, self._name = zone, name
        self._calendar = Calendar(dating)

    def alert_of(
        self, line: bytes, number: int, header_time: HeaderTime | None = None, sensor: str = ""
    ) -> tuple[Alert | None, bytes]:
        """See Cef.alert_of; the line begins with `LEEF:`."""
        event, fields = read_leef(text_of(line))
        fields = labelled(fields)
        signature = signature_of(event, fields)
        report = Report(
            dated=self._dated(fields, header_time),
            gid=signature.gid,
            sid=signature.sid,
            rev=signature.rev,
            message=fields.get("msg") or fields.get("name", ""),
            category=fields.get("cat", ""),
            alert_priority=number_of(fields.get("priority", "")),
            source_address=fields.get("src") or None,
            source_port=port_of(fields, "srcPort"),
            destination_address=fields.get("dst") or None,
            destination_port=port_of(fields, "dstPort"),
            protocol=fields.get("proto", ""),
            disposition=disposition_of(fields.get("action", "")),
            sensor=fields.get("identHostName") or sensor,
        )
        return make_alert(report, self._zone, self._name, number), line

    def _dated(self, fields: dict[str, str], header_time: HeaderTime | None) -> Dated:
        if fields.get("devTime"):
            return date(fields["devTime"], self._calendar)
        if header_time is None:
            raise FieldError("devTime", None)
        return header_time()


def read_leef(text: str) -> tuple[str, dict[str, str]]:
    """Return the event's id and its fields. Raises: LineError: it is no LEEF."""
    version, *cells = text.removeprefix("LEEF:").split("|", 5)
    if not text.startswith("LEEF:") or len(cells) != 5:
        raise LineError("the line is no LEEF: its header has fewer parts than five")
    delimiter, event, rest = _TAB, cells[3], cells[4]
    if version.strip().startswith("2"):
        stated, bar, behind = rest.partition("|")
        if bar and (len(stated) <= 1 or _HEX.fullmatch(stated)):
            delimiter, rest = _delimiter(stated), behind
    pairs = (part.partition("=") for part in rest.split(delimiter))
    return event, {key.strip(): value.strip() for key, equals, value in pairs if equals}


def _delimiter(stated: str) -> str:
    found = _HEX.fullmatch(stated)
    return chr(int(found[1], 16)) if found else stated or _TAB
