"""Suricata's EVE JSON: lines in, alerts out, nothing lost.

Events of other types are counted without being decoded: they must only look like one JSON object. Lines that are no
usable event become rejects. Anything before a line's first `{` is a syslog prefix (`@cee: `) and cut.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from vatriage.model.alert import Alert
from vatriage.sensors.eve_alert import make_alert
from vatriage.sensors.eve_lenient import LineError, decode_leniently
from vatriage.sensors.eve_shape import EveAlert
from vatriage.sensors.eve_wrapped import is_alert
from vatriage.sensors.interface import EventBatch
from vatriage.sensors.reading import Reading

_ESCAPED_LETTER = re.compile(rb"\\u00[4-7]")
_STRICT = msgspec.json.Decoder(EveAlert)


class SuricataEve:
    """See AlertReader."""

    def read(self, source: BinaryIO, name: str, zone: str, *, keep_events: bool = False) -> Iterator[EventBatch]:
        """See AlertReader.read."""
        yield from _Reading(name=name, zone=zone, keep_events=keep_events).read(source)


@dataclass(slots=True, kw_only=True)
class _Reading(Reading):
    """Lines of EVE."""

    def take_last(self, number: int, line: bytes) -> None:
        """Take a line without its end: it counts if it is complete JSON."""
        if not (stripped := line.strip()):
            return
        if problem := incomplete_json(stripped):
            self.reject(
                number, f"the last line is incomplete ({len(line)} bytes without an end of line): {problem}", line
            )
        else:
            self.take(number, stripped)

    def take_damaged(self, number: int, line: bytes, cause: str) -> None:
        """Take the line at which a compressed source broke, if it is complete, and tell where it broke."""
        stripped = line.strip()
        if stripped and not incomplete_json(stripped):
            self.take(number, stripped)
            number += 1
            line = b""
        self.reject(number, f"the source breaks off here: {cause}", line)

    def take(self, number: int, line: bytes) -> None:
        """See Reading.take."""
        try:
            event = json_of(line)
            alert = alert_of(event, self.zone, self.name, number) if may_hold_alert(event) else None
        except (msgspec.DecodeError, RecursionError) as error:
            self.reject(number, f"bad JSON: {error}", line)
            return
        except ValueError as error:
            self.reject(number, str(error), line)
            return
        batch = self.batch
        batch.events += 1
        self.taken += 1
        if self.keep_events:
            batch.lines.append(event)
            batch.line_alert.append(-1 if alert is None else len(batch.alerts))
        if alert is not None:
            batch.alerts.append(alert)


def alert_of(line: bytes, zone: str, name: str, number: int) -> Alert | None:
    """Return the alert of one JSON object that `may_hold_alert`; None for an event of another type.

    Raises:
        ValueError: the object is no usable event; the message says what is wrong.
        msgspec.DecodeError, RecursionError: it is no JSON.
    """
    if not line.isascii():
        _check_text(line)
    try:
        event: EveAlert | None = _STRICT.decode(line)
    except msgspec.ValidationError:
        event = decode_leniently(line)
    if event is None or not is_alert(event.event_type):
        return None
    return make_alert(event, zone, name, number)


def json_of(line: bytes) -> bytes:
    """Return a line's JSON object; only its first and last byte are looked at. Raises: LineError: it has none."""
    if b"\0" in line:
        raise LineError("the line holds NUL bytes")
    start = line.find(b"{")
    if start < 0 or line[-1] != 0x7D:
        raise LineError("the line is no JSON object: it lacks its '{' or its '}'")
    return line[start:] if start else line


def may_hold_alert(line: bytes) -> bool:
    """Whether a line must be decoded: it holds the word alert in any case and wrapping, or letters as escapes."""
    if b'"alert"' in line or _ESCAPED_LETTER.search(line):
        return True
    small = line.lower()
    return b'"alert"' in small or b'"alert\\"' in small


def _check_text(line: bytes) -> None:
    """Raise LineError if the line is no UTF-8: fields that are not decoded are not checked by the decoder."""
    try:
        line.decode()
    except UnicodeDecodeError as error:
        raise LineError(f"invalid UTF-8 at byte {error.start}") from error


def incomplete_json(line: bytes) -> str:
    """Return why a line is no complete JSON object, or an empty text."""
    try:
        msgspec.json.decode(json_of(line), type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        return str(error)
    return ""
