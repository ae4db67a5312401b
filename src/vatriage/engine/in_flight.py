"""Which workflows this process works on: one that DBOS calls under way and that no thread works on is lost.

That happens where neither a step nor its failure could be written, as on a full disk: the thread ends, the row stays, and
nothing but a restart of the process would go on with it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOST_S = 60
"""For how long nobody must be seen working on a workflow before it is lost: between its row and its thread lie moments."""


class InFlight:
    """See the module. Safe to use from several threads.

    Args:
        now: the present instant, seconds.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._names: set[str] = set()
        self._idle_since: dict[str, int] = {}

    @contextmanager
    def working_on(self, name: str) -> Iterator[None]:
        """Say that this thread works on a workflow."""
        with self._lock:
            self._names.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._names.discard(name)

    def is_lost(self, name: str, *, pending: bool) -> bool:
        """Whether a workflow was `pending` and nobody worked on it at each look since LOST_S ago.

        A clock that is set back begins the wait anew. Once told, it waits again: what was resumed needs its moments too.
        """
        with self._lock:
            now, idle = self._now(), pending and name not in self._names
            since = self._idle_since.setdefault(name, now) if idle else now
            lost = now - since >= LOST_S
            if lost or not idle:
                self._idle_since.pop(name, None)
            elif since > now:
                self._idle_since[name] = now
            return lost
