"""Alerts that came over syslog (RFC 5424, RFC 3164, or as rsyslog writes them to a file): EVE, Snort's text, CEF, LEEF.

A log of syslog holds the lines of other programs too: they are events without an alert. What looks like an alert and
cannot be read is refused, never passed over. EVE has its own time; Snort's text has none, so the header's is taken.
"""

import re
from typing import NamedTuple

import msgspec

from vatriage.model.alert import Alert
from vatriage.model.instant import parse_instant
from vatriage.sensors.cef import Cef
from vatriage.sensors.dating import Calendar, Dated, Dating, Wall
from vatriage.sensors.eve_lenient import FieldError, LineError
from vatriage.sensors.leef import Leef
from vatriage.sensors.report import Report, make_alert
from vatriage.sensors.snort_json import SnortJson
from vatriage.sensors.snort_text import SIGNATURE, disposition_of, read_text
from vatriage.sensors.suricata_eve import alert_of, json_of, may_hold_alert
from vatriage.sensors.text_reading import text_of

_PRIORITY = rb"(?:<\d{1,3}>)"
_ISO = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
_BSD = rb"[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d"
HEADER = re.compile(
    rb"(?:"
    rb"<\d{1,3}>1 (?P<at>-|" + _ISO + rb") (?P<host>\S+) (?P<program>\S+) \S+ \S+ (?P<data>-|\[)"
    rb"|" + _PRIORITY + rb"?(?P<at2>" + _ISO + rb"|" + _BSD + rb")\s+(?P<host2>\S+)\s+"
    rb"(?:(?P<program2>[^\s:\[\]{}]+)(?:\[[^\]\s]*\])?:\s*)?"
    rb")"
)
"""RFC 5424 with its version, or any of the older forms; the content comes behind."""
_MARK = re.compile(r"((?:\[\w{1,12}\]\s*)*)(?:\[\*\*\]\s*)?(?=\[\d+:\d+:\d+\])", re.ASCII)
_SENSORS = ("snort", "suricata")
_MONTHS = {name: place for place, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}  # noqa: SIM905 - shorter to read
_BSD_PARTS = re.compile(r"(\w{3}) ([ \d]\d) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)", re.ASCII)


class Envelope(NamedTuple):
    """What syslog says of a message."""

    at: str
    """ISO 8601, BSD's form, or empty."""
    host: str
    program: str
    content: bytes


class Syslog:
    """See LineFormat."""

    json = False

    def __init__(self, zone: str, name: str, dating: Dating) -> None:
        self._zone, self._name = zone, name
        self._calendar = Calendar(dating)
        self._inner: dict[bytes, Cef | Leef] = {
            b"CEF:": Cef(zone, name, dating),
            b"LEEF:": Leef(zone, name, dating),
        }
        self._snort_json = SnortJson(zone, name, dating)

    def alert_of(self, line: bytes, number: int) -> tuple[Alert | None, bytes]:
        """See LineFormat.alert_of."""
        envelope = open_envelope(line)
        content = envelope.content
        if content.startswith((b"{", b"@cee:")):
            return self._json(json_of(content), number)
        for mark, inner in self._inner.items():
            if content.startswith(mark):
                return inner.alert_of(content, number, lambda: self._dated(envelope), envelope.host)
        text = text_of(content)
        mark_before = _MARK.match(text)
        if mark_before is None:
            if b"{" in content and may_hold_alert(content):
                return self._json(json_of(content), number)
            if text.startswith("[") and envelope.program.lower().startswith(_SENSORS):
                raise LineError("the sensor's line names no signature as [gid:sid:rev]")
            if SIGNATURE.search(text) and "->" in text:
                raise LineError("the line holds an alert behind something that is not known")
            return None, line
        return self._snort(envelope, text[mark_before.end() :], mark_before[1], number), line

    def _json(self, event: bytes, number: int) -> tuple[Alert | None, bytes]:
        if b'"event_type"' not in event and (b'"src_ap"' in event or b'"pkt_num"' in event or b'"rule"' in event):
            return self._snort_json.alert_of(event, number)
        if may_hold_alert(event):
            return alert_of(event, self._zone, self._name, number), event
        if not isinstance(msgspec.json.decode(event), dict):
            raise LineError("the line is no JSON object")
        return None, event

    def _snort(self, envelope: Envelope, text: str, mark: str, number: int) -> Alert:
        parts = read_text(text)
        report = Report(
            dated=self._dated(envelope),
            gid=parts.gid,
            sid=parts.sid,
            rev=parts.rev,
            message=parts.message,
            category=parts.category,
            alert_priority=parts.alert_priority,
            source_address=parts.source.address,
            source_port=parts.source.port,
            destination_address=parts.destination.address,
            destination_port=parts.destination.port,
            protocol=parts.protocol,
            disposition=disposition_of(mark),
            sensor=envelope.host,
            doubts=(*parts.source.doubts, *parts.destination.doubts),
        )
        return make_alert(report, self._zone, self._name, number)

    def _dated(self, envelope: Envelope) -> Dated:
        """Return the header's time. Raises: FieldError: it has none, or its year cannot be known."""
        if not envelope.at:
            raise FieldError("timestamp", None)
        if found := _BSD_PARTS.fullmatch(envelope.at):
            month, day, year, *clock = found.groups()
            if month not in _MONTHS:
                raise FieldError("timestamp", envelope.at)
            hour, minute, second = map(int, clock)
            return self._calendar.date(
                Wall(int(year) if year else None, _MONTHS[month], int(day), hour, minute, second)
            )
        try:
            at_us = parse_instant(envelope.at)
        except ValueError as error:
            raise FieldError("timestamp", envelope.at) from error
        if at_us < 0:
            raise FieldError("timestamp", envelope.at)
        return Dated(at_us)


def open_envelope(line: bytes) -> Envelope:
    """Return a line's header and content. Raises: LineError: it has no header of syslog."""
    found = HEADER.match(line)
    if found is None:
        raise LineError("the line has no header of syslog (time, host, program)")
    if found["at"] is None:
        parts = (found["at2"], found["host2"], found["program2"] or b"")
        content = line[found.end() :]
    else:
        parts = (b"" if found["at"] == b"-" else found["at"], found["host"], found["program"])
        content = _after_data(line, found.end()) if found["data"] == b"[" else line[found.end() :]
    at, host, program = (text_of(part) for part in parts)
    return Envelope(at, "" if host == "-" else host, program, content.strip().removeprefix(b"\xef\xbb\xbf").strip())


def _after_data(line: bytes, start: int) -> bytes:
    """Return what follows the structured data, whose first bracket is open. Raises: LineError: it does not end."""
    quoted = False
    place = start
    while place < len(line):
        byte = line[place]
        if byte == 0x5C and quoted:
            place += 1
        elif byte == 0x22:
            quoted = not quoted
        elif byte == 0x5D and not quoted and line[place + 1 : place + 2] != b"[":
            return line[place + 1 :]
        place += 1
    raise LineError("the structured data of syslog does not end")
