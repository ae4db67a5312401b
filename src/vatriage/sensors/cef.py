"""Alerts of an IDS in ArcSight's Common Event Format: `CEF:0|vendor|product|version|id|name|severity|key=value ...`.

Source: "Implementing ArcSight Common Event Format" (version 0 and 1). The header escapes its bars, the extension
its equals signs and line ends, both with a backslash.
"""

import re
from typing import Any

from vatriage.model.alert import Alert
from vatriage.sensors.dating import Calendar, Dated, Dating
from vatriage.sensors.eve_lenient import FieldError, LineError
from vatriage.sensors.key_values import HeaderTime, date, disposition_of, labelled, port_of, signature_of
from vatriage.sensors.loose import number_of
from vatriage.sensors.report import Report, make_alert
from vatriage.sensors.text_reading import text_of

_CELL = re.compile(r"((?:[^\\|]|\\.)*)\|", re.DOTALL)
_KEY = re.compile(r"(?:^|(?<=\s))([A-Za-z0-9_.\[\]-]{1,100})=")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LINE_ENDS = {"n": "\n", "r": "\r"}
_TIMES = ("rt", "start", "deviceReceiptTime", "startTime", "end")


class Cef:
    """See LineFormat."""

    json = False

    def __init__(self, zone: str, name: str, dating: Dating) -> None:
        self._zone, self._name = zone, name
        self._calendar = Calendar(dating)

    def alert_of(
        self, line: bytes, number: int, header_time: HeaderTime | None = None, sensor: str = ""
    ) -> tuple[Alert | None, bytes]:
        """See LineFormat.alert_of.

        Args:
            line: begins with `CEF:`.
            number: the line's.
            header_time: gives the time of syslog's header, if the line came in one.
            sensor: the host in that header.
        """
        header, fields = read_cef(text_of(line))
        fields = labelled(fields)
        signature = signature_of(header[4], fields)
        report = Report(
            dated=self._dated(fields, header_time),
            gid=signature.gid,
            sid=signature.sid,
            rev=signature.rev,
            message=header[5],
            category=fields.get("cat", ""),
            alert_priority=number_of(fields.get("priority", "")),
            source_address=fields.get("src") or fields.get("c6a2") or None,
            source_port=port_of(fields, "spt"),
            destination_address=fields.get("dst") or fields.get("c6a3") or None,
            destination_port=port_of(fields, "dpt"),
            protocol=fields.get("proto", ""),
            disposition=disposition_of(fields.get("act", "")),
            sensor=fields.get("dvchost") or fields.get("dvc") or sensor,
            identity=(fields.get("externalId", ""),),
        )
        return make_alert(report, self._zone, self._name, number), line

    def _dated(self, fields: dict[str, Any], header_time: HeaderTime | None) -> Dated:
        for key in _TIMES:
            if fields.get(key):
                return date(fields[key], self._calendar)
        if header_time is None:
            raise FieldError("rt", None)
        return header_time()


def read_cef(text: str) -> tuple[list[str], dict[str, str]]:
    """Return the header's seven cells and the extension's fields, escapes undone. Raises: LineError: it is no CEF."""
    if not text.startswith("CEF:"):
        raise LineError("the line does not begin with CEF:")
    cells: list[str] = []
    place = len("CEF:")
    while len(cells) < 7:
        cell = _CELL.match(text, place)
        if cell is None:
            raise LineError(f"the header of CEF has {len(cells)} of 7 parts")
        cells.append(_unescaped(cell[1]).strip())
        place = cell.end()
    return cells, _extension(text[place:].strip())


def _extension(text: str) -> dict[str, str]:
    keys = list(_KEY.finditer(text))
    ends = [*(key.start() for key in keys[1:]), len(text)]
    return {key[1]: _unescaped(text[key.end() : end].strip()) for key, end in zip(keys, ends, strict=True)}


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _LINE_ENDS.get(found[1], found[1]), text) if "\\" in text else text
