"""How far a pull is, told to whoever looks: in the database, at most once a second while bytes come.

The row is a courtesy: where the database is busy it is left out, and no page waits for it.
"""

from collections.abc import Callable

from vatriage.clock import Clock, now_us
from vatriage.store.progress import Standing, forget_standing, save_standing

STAGES = {
    "host_list": "Host list",
    "scan_report_list": "List of saved reports",
    "scan_running_list": "List of running scans",
    "scan": "Scan and its report",
    "scan_report": "Saved report",
    "detections": "Detections",
    "knowledge_base": "KnowledgeBase",
    "vouching": "Vouching",
    "snapshot": "Snapshot",
}
"""Every stage of any pull, by the resource it asks for; the last two ask for nothing."""
EVERY_S = 1
"""How often the row is written while bytes come."""
_SHORT_WAIT_S = 1
"""A wait below it is for a free place: another call of the account runs."""


class WaitBell:
    """Tells of a wait, in seconds, to everybody who listens; asks while it lasts whether it is to end."""

    def __init__(self, *listeners: Callable[[float], None]) -> None:
        self._listeners = list(listeners)
        self._watchers: list[Callable[[], None]] = []

    def watch(self, watcher: Callable[[], None]) -> None:
        """Ask this one as well; it raises if the wait is to end."""
        self._watchers.append(watcher)

    def look(self) -> None:
        """Ask everybody. Raises: what they raise."""
        for watcher in self._watchers:
            watcher()

    def listen(self, listener: Callable[[float], None]) -> None:
        """Tell this one as well from now on."""
        self._listeners.append(listener)

    def __call__(self, seconds: float) -> None:
        """Tell everybody."""
        for listener in self._listeners:
            listener(seconds)


class Progress:
    """The standing of one pull, kept up to date.

    Args:
        pull: its number.
        clock: tells when.
        resumed: the pull was begun by an earlier process.
    """

    def __init__(self, pull: int, clock: Clock, *, resumed: bool) -> None:
        self._pull = pull
        self._clock = clock
        self._standing = Standing(stage="", resumed=resumed)
        self._written_us = 0

    @property
    def stage(self) -> str:
        """The stage under way, "" before the first."""
        return self._standing.stage

    def begins(self, stage: str, page: int = 0, doing: str = "") -> None:
        """A stage, or the next page of it, begins."""
        standing = self._standing
        standing.stage, standing.page, standing.doing, standing.bytes = stage, page, doing[:200], 0
        self._goes_on()
        self._write()

    def heard(self, piece: bytes) -> None:
        """Some more bytes of the page came."""
        self._standing.bytes += len(piece)
        self._goes_on()
        if now_us(self._clock) - self._written_us >= EVERY_S * 1_000_000:
            self._write()

    def waits(self, seconds: float, reason: str) -> None:
        """The pull waits."""
        standing = self._standing
        standing.waiting_until, standing.reason = int(now_us(self._clock) / 1_000_000 + seconds + 0.5), reason[:200]
        self._write()

    def waits_for_permit(self, seconds: float) -> None:
        """The pull waits for the leave to call the account."""
        reason = "another call of the account is under way" if seconds < _SHORT_WAIT_S else "the account's rate limit"
        if seconds >= _SHORT_WAIT_S or self._standing.reason != reason:
            self.waits(seconds, reason)

    def end(self) -> None:
        """The pull has ended."""
        forget_standing(self._pull)

    def _goes_on(self) -> None:
        self._standing.waiting_until, self._standing.reason = 0, ""

    def _write(self) -> None:
        self._written_us = now_us(self._clock)
        self._standing.noted_at = self._written_us // 1_000_000
        save_standing(self._pull, self._standing)
