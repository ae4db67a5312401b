"""What a sensor format can do for us: bytes in, alerts out, nothing lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from vatriage.errors import VatriageError
from vatriage.model.alert import Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReject:
    """One line that is no usable event; it is kept and counted."""

    file: str
    line: int
    """From 1."""
    problem: str
    """What is wrong with it, and which field."""
    raw: bytes
    """The line, at most 64 KiB of it."""


@dataclass(slots=True, kw_only=True)
class EventBatch:
    """A bounded number of lines, in input order."""

    alerts: list[Alert] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    """Every event's raw line without its end of line (JSON only: a syslog prefix is cut), if events were asked for."""
    line_alert: list[int] = field(default_factory=list)
    """For each of `lines`: index into `alerts`, or -1."""
    rejects: list[LineReject] = field(default_factory=list)
    events: int = 0
    """Events read, alerts among them; rejects are not events."""


class AlertReader(Protocol):
    """Reads one sensor's format."""

    def read(self, source: BinaryIO, name: str, zone: str, *, keep_events: bool = False) -> Iterator[EventBatch]:
        """Yield batches until the source ends. Never raises for what the source holds.

        Args:
            source: bytes as the sensor wrote them: plain, gzip or bzip2.
            name: what to call the source in alerts and rejects.
            zone: the zone that the alerts belong to.
            keep_events: also hand out every event's raw line, for passing through.
        """


class SensorError(VatriageError):
    """A source of alerts cannot be read at all."""

    exit_code = 3
