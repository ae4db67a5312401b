"""Snort's unified2: binary records in, alerts out. Packets and extra data are events without an alert.

Extra data behind an event may tell that its client came through a proxy (X-Forwarded-For). An event behind which nothing
was read yet may still get them: it counts as such a one, so that it is not cleared by what stands for the proxy.

A record's number takes the place of a line's. Where a record cannot be what it says (unknown type, senseless length),
nothing behind it can be found any more: the rest of the source is one reject, with the byte where it begins.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from vatriage.sensors.byte_lines import MAX_RAW
from vatriage.sensors.byte_pieces import DamagedError, read_pieces
from vatriage.sensors.interface import EventBatch, LineReject
from vatriage.sensors.reading import BATCH_LINES
from vatriage.sensors.report import make_alert
from vatriage.sensors.unified2_record import (
    EVENTS,
    EXTRA_DATA,
    KNOWN,
    MOST_BYTES,
    EventKey,
    forwarded_event,
    key_of,
    read_event,
)

HEADER = struct.Struct("!II")
_MOST_RECORDS = 4 * BATCH_LINES
"""Of a batch; one with fewer is given before an event, so that the extra data of the one before are in it."""


class Unified2:
    """See AlertReader."""

    def read(self, source: BinaryIO, name: str, zone: str, *, keep_events: bool = False) -> Iterator[EventBatch]:
        """See AlertReader.read; with `keep_events`, an event's bytes are its record's."""
        reading = _Records(name, zone, keep_events=keep_events)
        cause = ""
        try:
            for piece in read_pieces(source, name):
                yield from reading.take(piece.data)
                if reading.batch.events and piece.paused:
                    yield reading.give()
        except DamagedError as error:
            cause = str(error)
        reading.finish(cause)
        if reading.batch.events or reading.batch.rejects:
            yield reading.batch


def whole_records(data: bytes) -> int:
    """Return how many of the first bytes are whole records; all of them, where a record is none."""
    place = 0
    while len(data) - place >= HEADER.size:
        kind, length = HEADER.unpack_from(data, place)
        if kind not in KNOWN or length > MOST_BYTES:
            return len(data)
        if place + HEADER.size + length > len(data):
            break
        place += HEADER.size + length
    return place


def count_records(data: bytes) -> int:
    """Return how many records some whole records are."""
    place = count = 0
    while len(data) - place >= HEADER.size:
        place += HEADER.size + HEADER.unpack_from(data, place)[1]
        count += 1
    return count


class _Records:
    """Cuts pieces into records; holds the one that is not whole yet."""

    def __init__(self, name: str, zone: str, *, keep_events: bool) -> None:
        self._name, self._zone, self._keep = name, zone, keep_events
        self._rest = b""
        self._number = 0
        self._position = 0
        self._lost = False
        self._open = False
        self._places: dict[EventKey, int] = {}
        self.batch = EventBatch()

    def take(self, data: bytes) -> Iterator[EventBatch]:
        """Yield the batches that a piece fills."""
        if self._lost:
            return
        data = self._rest + data
        place = 0
        while len(data) - place >= HEADER.size and not self._lost:
            kind, length = HEADER.unpack_from(data, place)
            if kind not in KNOWN or length > MOST_BYTES:
                self._lose(data[place:], f"no record of unified2: type {kind}, {length} bytes")
                break
            end = place + HEADER.size + length
            if end > len(data):
                break
            if self._is_full(BATCH_LINES if kind in EVENTS else _MOST_RECORDS):
                yield self.give()
            self._record(kind, data[place:end])
            self._position += end - place
            place = end
        self._rest = b"" if self._lost else data[place:]

    def finish(self, cause: str) -> None:
        """Tell what is left when the source ends; `cause` says how a compressed source broke."""
        if cause:
            self._lose(self._rest, f"the source breaks off here: {cause}")
        elif self._rest:
            self._lose(self._rest, f"the last record is incomplete ({len(self._rest)} bytes)")
        if self._open and self.batch.alerts:
            self._forward(len(self.batch.alerts) - 1)

    def give(self) -> EventBatch:
        """Return the batch in hand and begin a new one."""
        if self._open and self.batch.alerts:
            self._forward(len(self.batch.alerts) - 1)
        full, self.batch = self.batch, EventBatch()
        self._places.clear()
        return full

    def _is_full(self, records: int) -> bool:
        return self.batch.events + len(self.batch.rejects) >= records

    def _forward(self, place: int) -> None:
        alerts = self.batch.alerts
        alerts[place] = msgspec.structs.replace(alerts[place], proxied=True)

    def _record(self, kind: int, record: bytes) -> None:
        self._number += 1
        batch = self.batch
        alert = None
        if kind == EXTRA_DATA:
            if not self._take_extra(record):
                return
        else:
            self._open = kind in EVENTS
        if kind in EVENTS:
            try:
                report = read_event(kind, record[HEADER.size :])
                alert = make_alert(report, self._zone, self._name, self._number)
            except ValueError as error:
                self._open = False
                self._reject(record, str(error))
                return
            self._places[key_of(record[HEADER.size :])] = len(batch.alerts)
        batch.events += 1
        if self._keep:
            batch.lines.append(record)
            batch.line_alert.append(-1 if alert is None else len(batch.alerts))
        if alert is not None:
            batch.alerts.append(alert)

    def _take_extra(self, record: bytes) -> bool:
        """Apply extra data; return whether they could be: their event may have been handed out already."""
        event = forwarded_event(record[HEADER.size :])
        if event is None:
            return True
        if event not in self._places:
            self._reject(
                record,
                f"the client of event {event[1]} came through a proxy; that event is not here, or was handed out before",
            )
            return False
        self._forward(self._places[event])
        return True

    def _lose(self, raw: bytes, problem: str) -> None:
        if not self._lost:
            self._number += 1
            self._reject(raw, f"{problem}; what follows byte {self._position} cannot be read")
        self._lost = True

    def _reject(self, raw: bytes, problem: str) -> None:
        text = f"record {self._number}: {problem}"
        self.batch.rejects.append(LineReject(file=self._name, line=self._number, problem=text, raw=raw[:MAX_RAW]))
