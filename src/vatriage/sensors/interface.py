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
    format: str = ""
    """The format's name, where the reader knows it."""


class AlertReader(Protocol):
    """Reads one sensor's format."""

    def read(self, source: BinaryIO, name: str, zone: str, *, keep_events: bool = False) -> Iterator[EventBatch]:
        """Yield batches until the source ends. Never raises for what the source holds.

        Args:
            source: bytes as the sensor wrote them: plain, gzip, bzip2 or Zstandard.
            name: what to call the source in alerts and rejects.
            zone: the zone that the alerts belong to.
            keep_events: also hand out every event's raw line, for passing through.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a live source hands over at a time: whole events, and how to tell that they are safe."""

    name: str
    """What records name as their file."""
    data: bytes
    """Events as the sensor wrote them; may be empty where only the bookmark or a loss is to be told."""
    first_line: int = 1
    """Number of the first line (or record) in its file."""
    format_name: str | None = None
    """The format, where the source knows it."""
    bookmark: bytes = b""
    """Where reading goes on once these events are safe; empty for a source that keeps its place itself."""
    lost: int = 0
    """Gaps that were found: places where events may have been lost, or events that are known to be."""
    notes: tuple[str, ...] = ()
    """What a person should know of it."""


class AlertSource(Protocol):
    """A live source of alerts: a file that grows, a queue. Used by one reader at a time."""

    name: str
    """Under which its bookmark is kept."""

    def begin(self, bookmark: bytes) -> None:
        """Start where a bookmark says; an empty one is the beginning of what there is."""

    def take(self) -> Delivery | None:
        """Return what has come, None if there is nothing at the moment.

        Raises: SensorError: the source cannot be read now; a later call may work.
        """

    def settle(self) -> None:
        """Tell the source that the delivery taken last is safe: it will not be handed over again.

        Never raises: a source that cannot be told now is told before the next delivery.
        """

    @property
    def ended(self) -> bool:
        """Whether nothing can come any more, ever: the writer of a pipe has left."""

    def close(self) -> None:
        """Let go of files and connections; what is not settled stays to be taken."""


class SensorError(VatriageError):
    """A source of alerts cannot be read at all."""

    exit_code = 3


class SourceAwayError(SensorError):
    """The server that holds a live source cannot be reached, or refuses."""

    exit_code = 4
