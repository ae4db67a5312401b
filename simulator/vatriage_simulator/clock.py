"""The simulator's own time: it stands still until a test moves it, or runs on for the command line."""

import time
from datetime import datetime, timedelta
from threading import Lock


class SimulatedClock:
    """An instant that a test sets and moves; every date, limit and session of a subscription asks it."""

    def __init__(self, start: datetime, *, running: bool = False, speed: float = 1.0) -> None:
        """Start at an instant.

        Args:
            start: aware.
            running: True lets it run on with real time (the command line), False keeps it still (tests).
            speed: simulated seconds in a real second, where it runs.

        Raises:
            ValueError: the start is naive.
        """
        if start.tzinfo is None:
            raise ValueError("the simulated clock needs an aware instant")
        self._start = start
        self._running = running
        self._speed = speed
        self._began_s = time.monotonic()
        self._lock = Lock()

    def now(self) -> datetime:
        """Return the present instant, aware."""
        with self._lock:
            if not self._running:
                return self._start
            return self._start + timedelta(seconds=int((time.monotonic() - self._began_s) * self._speed))

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Move forward by the sum of the given spans."""
        with self._lock:
            self._start += timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days)

    def set(self, moment: datetime) -> None:
        """Jump to an aware instant, forward or back.

        Raises: ValueError: the instant is naive.
        """
        if moment.tzinfo is None:
            raise ValueError("the simulated clock needs an aware instant")
        with self._lock:
            self._start = moment
            self._began_s = time.monotonic()
