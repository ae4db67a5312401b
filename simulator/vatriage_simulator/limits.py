"""Rate and concurrency limits, as the X-RateLimit and X-Concurrency headers tell them.

Each resource has its own window and its own count of running calls, for the subscription as a whole. Concurrency is
looked at first. Source: API guide, API limits and HTTP response headers.
"""

import math
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a subscription may ask of one resource; the defaults are those of the standard tier."""

    rate: int = 300
    """Calls in a window."""
    window_s: int = 3600
    """The window's length, seconds."""
    concurrency: int = 2
    """Calls at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a call stands: what its headers say, and whether it may run."""

    limits: Limits
    running: int
    """Calls of the resource that ran when this one came."""
    remaining: int | None
    """Calls left in the window after this one; None where the header is left out (concurrency refused)."""
    to_wait_s: int | None
    """Seconds until a call may come again; None where the header is left out (concurrency refused)."""
    refused: str = ""
    """"", "concurrency" or "rate"."""

    def headers(self) -> list[tuple[str, str]]:
        """Return the limit headers, in the order that was recorded."""
        found = [
            ("X-RateLimit-Limit", str(self.limits.rate)),
            ("X-RateLimit-Window-Sec", str(self.limits.window_s)),
            ("X-Concurrency-Limit-Limit", str(self.limits.concurrency)),
            ("X-Concurrency-Limit-Running", str(self.running)),
        ]
        if self.to_wait_s is not None:
            found.append(("X-RateLimit-ToWait-Sec", str(self.to_wait_s)))
        if self.remaining is not None:
            found.append(("X-RateLimit-Remaining", str(self.remaining)))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the calls of one resource so far; a refusal that a fault ordered is a call that was let in."""

    calls: int = 0
    """Calls that were let in."""
    most_running: int = 0
    """The most calls at the same time, those of `occupied` included."""
    refused_rate: int = 0
    """Calls refused because the window was full."""
    refused_concurrency: int = 0
    """Calls refused because too many ran."""

    @property
    def refused(self) -> int:
        """All refused calls: each was a 409, in v1 an error."""
        return self.refused_rate + self.refused_concurrency


class LimitLedger:
    """Which calls ran when, by resource. Safe between threads."""

    def __init__(self) -> None:
        self._limits: dict[str, Limits] = {}
        self._any = Limits()
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._running: defaultdict[str, int] = defaultdict(int)
        self._tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self._lock = Lock()

    def set(self, limits: Limits, resource: str | None = None) -> None:
        """Set the limits of one resource, or of all that have none of their own (None)."""
        with self._lock:
            if resource is None:
                self._any = limits
            else:
                self._limits[resource] = limits

    def admit(self, resource: str, now: datetime) -> Standing:
        """Let a call in or refuse it; a call that is let in must be released.

        A refused call does not count against the window.
        """
        with self._lock:
            limits = self._limits.get(resource, self._any)
            running = self._running[resource]
            tally = self._tallies[resource]
            if running >= limits.concurrency:
                self._tallies[resource] = replace(tally, refused_concurrency=tally.refused_concurrency + 1)
                return Standing(limits=limits, running=running, remaining=None, to_wait_s=None, refused="concurrency")
            calls = self._calls[resource]
            window = timedelta(seconds=limits.window_s)
            while calls and calls[0] + window <= now:
                calls.popleft()
            if len(calls) >= limits.rate:
                self._tallies[resource] = replace(tally, refused_rate=tally.refused_rate + 1)
                wait_s = math.ceil((calls[0] + window - now).total_seconds()) if calls else limits.window_s
                return Standing(limits=limits, running=running, remaining=0, to_wait_s=wait_s, refused="rate")
            calls.append(now)
            self._running[resource] += 1
            most = max(tally.most_running, running + 1)
            self._tallies[resource] = replace(tally, calls=tally.calls + 1, most_running=most)
            return Standing(limits=limits, running=running, remaining=limits.rate - len(calls), to_wait_s=0)

    def tallies(self) -> dict[str, Tally]:
        """Return what became of the calls so far, by resource; a copy."""
        with self._lock:
            return dict(self._tallies)

    def tally(self, resource: str) -> Tally:
        """Return what became of the calls of a resource so far."""
        with self._lock:
            return self._tallies.get(resource, Tally())

    def release(self, resource: str) -> None:
        """Count a running call as finished."""
        with self._lock:
            self._running[resource] -= 1

    @contextmanager
    def occupied(self, resource: str, calls: int = 1) -> Iterator[None]:
        """Pretend that another client of the subscription has so many calls running, for the time of a with block."""
        with self._lock:
            self._running[resource] += calls
        try:
            yield
        finally:
            with self._lock:
                self._running[resource] -= calls
