"""Lines of text formats: what the format makes of each line, and what a line that may be cut short is worth."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import msgspec

from vatriage.model.alert import Alert, Doubt
from vatriage.sensors.dating import Dating
from vatriage.sensors.interface import EventBatch
from vatriage.sensors.reading import Reading

MOST_TEXT = 1 << 20
"""Bytes of the longest line of a text format that is read; the longest real ones carry a payload of 64 KiB."""


class LineFormat(Protocol):
    """Reads the lines of one source, in their order."""

    json: bool
    """Its lines are JSON: one that ends in a brace is whole."""

    def alert_of(self, line: bytes, number: int) -> tuple[Alert | None, bytes]:
        """Return the line's alert, None for an event of another kind; and the event without what transport put around.

        Raises:
            ValueError: the line is no usable event; the message says what is wrong.
            msgspec.DecodeError, RecursionError: it should be JSON and is none.
        """


@dataclass(slots=True, kw_only=True)
class TextReading(Reading):
    """Lines of a text format."""

    format: LineFormat

    def take(self, number: int, line: bytes) -> None:
        """See Reading.take."""
        self._take(number, line, whole=True)

    def take_last(self, number: int, line: bytes) -> None:
        """Take a line without its end. Who cuts `10.0.0.12:443` short may leave `10.0.0.1`: such an alert is in doubt."""
        if stripped := line.strip():
            self._take(number, stripped, whole=self.format.json and stripped.endswith(b"}"))

    def take_damaged(self, number: int, line: bytes, cause: str) -> None:
        """See Reading.take_damaged; what is there of the line stands in the reject only."""
        self.reject(number, f"the source breaks off here: {cause}", line)

    def _take(self, number: int, line: bytes, *, whole: bool) -> None:
        try:
            alert, event = self._alert(line, number)
        except (msgspec.DecodeError, RecursionError) as error:
            self.reject(number, f"bad JSON: {error}", line)
            return
        except ValueError as error:
            self.reject(number, str(error), line)
            return
        if alert is not None and not whole:
            doubts = tuple(sorted({*alert.doubts, Doubt.ADDRESS}))
            alert = msgspec.structs.replace(alert, doubts=doubts)
        self.add(alert, event)

    def add(self, alert: Alert | None, event: bytes) -> None:
        """Count an event, with its alert if it has one."""
        batch = self.batch
        batch.events += 1
        self.taken += 1
        if self.keep_events:
            batch.lines.append(event)
            batch.line_alert.append(-1 if alert is None else len(batch.alerts))
        if alert is not None:
            batch.alerts.append(alert)

    def _alert(self, line: bytes, number: int) -> tuple[Alert | None, bytes]:
        if b"\0" in line:
            raise ValueError("the line holds NUL bytes")
        if len(line) > MOST_TEXT and not self.format.json:
            raise ValueError(f"the line is longer than {MOST_TEXT} bytes, which no line of this format is")
        return self.format.alert_of(line, number)


def text_of(line: bytes) -> str:
    """Return a line as text; bytes that are no UTF-8 are written as escapes."""
    return line.decode("utf-8", "backslashreplace")


MakeLineFormat = Callable[[str, str, Dating], LineFormat]
"""Makes a format for one source: its zone, its name, what is known of its times."""


class TextReader:
    """See AlertReader; for any format of lines."""

    def __init__(self, make: MakeLineFormat, dating: Dating) -> None:
        self._make, self._dating = make, dating

    def read(self, source: BinaryIO, name: str, zone: str, *, keep_events: bool = False) -> Iterator[EventBatch]:
        """See AlertReader.read."""
        lines = self._make(zone, name, self._dating)
        yield from TextReading(name=name, zone=zone, keep_events=keep_events, format=lines).read(source)
