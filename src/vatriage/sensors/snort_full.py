"""Snort 2's and 3's `alert_full`: an alert is a block of lines, blocks are parted by an empty line.

    [**] [1:2009187:4] message [**]
    [Classification: Web Application Attack] [Priority: 1]
    08/28-12:14:15.123456 10.0.0.1:80 -> 192.168.2.7:1041
    TCP TTL:64 TOS:0x0 ID:1234 IpLen:20 DgmLen:52 DF
    [Xref => http://cve.mitre.org/cgi-bin/cvename.cgi?name=2001-0540]

Source: Snort 2's `spo_alert_full.c` and `log_text.c`. With ethernet headers, the ends stand on the line behind them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from vatriage.model.alert import Alert, Doubt
from vatriage.sensors.byte_lines import MAX_RAW
from vatriage.sensors.dating import Calendar
from vatriage.sensors.ends import End, read_end
from vatriage.sensors.eve_lenient import LineError
from vatriage.sensors.interface import EventBatch
from vatriage.sensors.reading import BATCH_LINES, Reading
from vatriage.sensors.report import Report, make_alert, protocol_name
from vatriage.sensors.snort_text import STARS, classification, disposition_of, priority, read_text
from vatriage.sensors.snort_time import TIME, wall_of
from vatriage.sensors.text_reading import text_of

HEAD = re.compile(rb"(?:\[\w{1,12}\]\s*)*\[\*\*\]\s*\[\d+:\d+:\d+\]")
_ENDS = re.compile(r"(\S{1,100})\s+->\s+(\S{1,100})")
_PROTOCOL = re.compile(r"\b([A-Za-z0-9:-]{1,16}) TTL:\d")
_XREF = re.compile(r"\[Xref => ([^\]\s]{1,500})\]")
_MOST_LINES = 64
"""Of a block; Snort writes about ten."""
_NOWHERE = End(None, None)


@dataclass(slots=True, kw_only=True)
class FullReading(Reading):
    """Blocks of one source; an event is a block, which ends at an empty line, at the next head, or with the source."""

    calendar: Calendar
    block: list[bytes] = field(default_factory=list)
    begun: int = 0
    """Line of the block's head."""

    def take_lines(self, first: int, lines: list[bytes], *, paused: bool) -> Iterator[EventBatch]:
        """See Reading.take_lines; blank lines count here."""
        for number, line in enumerate(lines, first):
            self.take(number, line.strip())
            if self.taken >= BATCH_LINES:
                yield self.give()
        if paused and self.taken:
            yield self.give()

    def take(self, number: int, line: bytes) -> None:
        """See Reading.take."""
        if not line or HEAD.match(line) or len(self.block) >= _MOST_LINES:
            self._end_block()
        if line and not self.block:
            self.begun = number
        if line:
            self.block.append(line[:MAX_RAW])

    def take_last(self, number: int, line: bytes) -> None:
        """Take a line without its end; whatever is cut short, the block is in doubt."""
        self.take(number, line.strip())
        self._end_block(doubts=(Doubt.ADDRESS,))

    def take_damaged(self, number: int, line: bytes, cause: str) -> None:
        """See Reading.take_damaged; what is there of the block stands in the reject only."""
        raw = b"\n".join([*self.block, line])
        self.block.clear()
        self.reject(number, f"the source breaks off here: {cause}", raw)

    def finish(self) -> None:
        """Take the block that the source ends in."""
        self._end_block()

    def _end_block(self, doubts: tuple[Doubt, ...] = ()) -> None:
        if not self.block:
            return
        raw = b"\n".join(self.block)
        self.block.clear()
        try:
            alert = self._alert(text_of(raw), doubts)
        except ValueError as error:
            self.reject(self.begun, str(error), raw)
            return
        batch = self.batch
        batch.events += 1
        self.taken += 1
        if self.keep_events:
            batch.lines.append(raw)
            batch.line_alert.append(len(batch.alerts))
        batch.alerts.append(alert)

    def _alert(self, text: str, doubts: tuple[Doubt, ...]) -> Alert:
        if "\0" in text:
            raise LineError("the alert holds NUL bytes")
        head, _, body = text.partition("\n")
        mark, stars, told = head.partition(STARS)
        if not stars:
            raise LineError(f"the block does not begin with {STARS}")
        parts = read_text(told.strip())
        time = TIME.search(body)
        if time is None:
            raise LineError("the alert has no time")
        protocol = _protocol(body)
        source, destination = _ends(body[time.end() :], protocol)
        report = Report(
            dated=self.calendar.date(wall_of(time[0], year_first=parts.quoted)),
            gid=parts.gid,
            sid=parts.sid,
            rev=parts.rev,
            message=parts.message,
            category=classification(body[: time.start()]),
            alert_priority=priority(body[: time.start()]),
            source_address=source.address,
            source_port=source.port,
            destination_address=destination.address,
            destination_port=destination.port,
            protocol=protocol,
            references=tuple(_XREF.findall(body)),
            disposition=disposition_of(mark),
            doubts=(*doubts, *source.doubts, *destination.doubts),
        )
        return make_alert(report, self.zone, self.name, self.begun)


def _protocol(body: str) -> str:
    found = _PROTOCOL.search(body)
    return protocol_name(found[1]) if found else ""


def _ends(text: str, protocol: str) -> tuple[End, End]:
    """Return the ends, which stand behind the time or, where that line has ethernet addresses, on the next line.

    Raises: FieldError: one is no address.
    """
    for line in text.split("\n")[:2]:
        if " type:" in line and " len:" in line:
            continue
        if found := _ENDS.search(line):
            return read_end(found[1], protocol, "source address"), read_end(found[2], protocol, "destination address")
    return _NOWHERE, _NOWHERE


class FullReader:
    """See AlertReader."""

    def __init__(self, calendar: Callable[[], Calendar]) -> None:
        self._calendar = calendar

    def read(self, source: BinaryIO, name: str, zone: str, *, keep_events: bool = False) -> Iterator[EventBatch]:
        """See AlertReader.read; an event's bytes are its block's."""
        yield from FullReading(name=name, zone=zone, keep_events=keep_events, calendar=self._calendar()).read(source)
