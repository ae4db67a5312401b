"""Stored events, read again as the alerts they are.

EVE says everything itself, so its raw line is read again by the same reader. Of other formats the line alone may not tell the
year, the time zone or the packet it belongs to: there the alert is kept as it was read.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

import msgspec

from vatriage.model.alert import Alert
from vatriage.sensors.interface import AlertReader
from vatriage.store.due_rows import DueEvent

ReaderOf = Callable[[str | None], AlertReader]
"""Returns the reader of a format, None = told by the first bytes."""
WHOLE = frozenset({"eve"})
"""Formats whose raw event gives the alert back."""
_DEFAULTS = {one.encode_name: one.default for one in msgspec.structs.fields(Alert)}
_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(Alert)


def kept_as_read(alert: Alert, format_name: str) -> bytes:
    """Return what is to be kept of an alert beside its raw event; b"" = nothing."""
    if format_name in WHOLE:
        return b""
    return _encode({name: value for name, unset in _DEFAULTS.items() if (value := getattr(alert, name)) != unset})


def read_again(events: Iterable[DueEvent], readers: ReaderOf) -> dict[str, Alert]:
    """Return by id the alerts of stored events; what cannot be read any more, or reads as another alert, is left out."""
    found: dict[str, Alert] = {}
    given = sorted(events, key=lambda one: (one.zone, one.alert_id))
    for zone, some in groupby(given, key=lambda one: one.zone):
        rows = list(some)
        found |= {row.alert_id: alert for row in rows if (alert := _as_read(row)) is not None}
        lines = [row for row in rows if row.raw and row.format in WHOLE and row.alert_id not in found]
        found |= _lines(lines, zone, readers)
        for row in rows:
            if row.raw and row.alert_id not in found:
                found |= _wanted(row.raw + b"\n", {row.alert_id}, zone, readers(None))
    return found


def _as_read(row: DueEvent) -> Alert | None:
    try:
        alert = _decoder.decode(row.alert_read) if row.alert_read else None
    except msgspec.DecodeError:  # another release's shape
        return None
    return alert if alert is not None and (alert.id, alert.zone) == (row.alert_id, row.zone) else None


def _lines(rows: Sequence[DueEvent], zone: str, readers: ReaderOf) -> dict[str, Alert]:
    """Return the alerts of lines of one format, read as one source."""
    found: dict[str, Alert] = {}
    for name, some in groupby(sorted(rows, key=lambda one: one.format), key=lambda one: one.format):
        same = list(some)
        data = b"".join((row.raw or b"") + b"\n" for row in same)
        found |= _wanted(data, {row.alert_id for row in same}, zone, readers(name))
    return found


def _wanted(data: bytes, ids: set[str], zone: str, reader: AlertReader) -> dict[str, Alert]:
    batches = reader.read(io.BytesIO(data), "-", zone)
    return {alert.id: alert for batch in batches for alert in batch.alerts if alert.id in ids}
