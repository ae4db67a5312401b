"""A source of any format: looked at, then given to that format's reader. What no format claims is read as EVE."""

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import BinaryIO

from vatriage.sensors.dating import Dating
from vatriage.sensors.detect import detect
from vatriage.sensors.formats import EVE, FORMATS, format_named
from vatriage.sensors.interface import EventBatch, LineReject
from vatriage.sensors.peek import peek

NOT_A_FILE = "-"
"""Name of a source whose age says nothing: standard input, a request."""


class AnyFormat:
    """See AlertReader.

    Args:
        format_name: the format of every source, None = told by its first bytes.
        dating: what a person stated of the sensor's clock.

    Raises: UsageError: there is no such format.
    """

    def __init__(self, format_name: str | None = None, dating: Dating | None = None) -> None:
        self._name = format_name
        self._dating = dating or Dating()
        if format_name is not None:
            format_named(format_name)

    def read(self, source: BinaryIO, name: str, zone: str, *, keep_events: bool = False) -> Iterator[EventBatch]:
        """See AlertReader.read. A line of another format than the source's is refused, and the reject names both."""
        head, whole = peek(source, name)
        chosen = self._name or detect(head) or EVE
        reader = FORMATS[chosen].reader(replace(self._dating, written_at=_written_at(source, name)))
        for batch in reader.read(whole, name, zone, keep_events=keep_events):
            batch.format = chosen
            if batch.rejects:
                batch.rejects = [_told(reject, chosen) for reject in batch.rejects]
            yield batch


def _told(reject: LineReject, chosen: str) -> LineReject:
    """Return a reject that says so if its line is of another format than the source."""
    other = detect(reject.raw)
    if other in (None, chosen):
        return reject
    mixed = f"the source began as {chosen}, and this is {other}: give each format a source of its own, or --format"
    return replace(reject, problem=f"{reject.problem}; {mixed}")


def _written_at(source: BinaryIO, name: str) -> datetime | None:
    """Return when a file was last written; None for what is no file."""
    if name == NOT_A_FILE:
        return None
    try:
        found = os.fstat(source.fileno())
    except (OSError, AttributeError, ValueError):
        return None
    return datetime.fromtimestamp(found.st_mtime, UTC) if stat.S_ISREG(found.st_mode) else None
