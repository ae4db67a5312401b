"""Failed attempts by address: who guesses tokens is not listened to for a while."""

from collections import OrderedDict
from threading import Lock

LIMIT = 20
"""Failures of an address within the window, before it is shut out."""
WINDOW_S = 300
_ADDRESSES = 10_000
"""Remembered at most; the one that failed longest ago is forgotten first."""


class Failures:
    """Counts failed attempts, in this process; nothing is stored, because no secret of 160 bits is ever guessed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._instants: OrderedDict[str, list[int]] = OrderedDict()

    def note(self, address: str, now: int) -> None:
        """Take note of a failure."""
        with self._lock:
            recent = [at for at in self._instants.pop(address, []) if at > now - WINDOW_S]
            self._instants[address] = [*recent[-LIMIT:], now]
            while len(self._instants) > _ADDRESSES:
                self._instants.popitem(last=False)

    def wait_s(self, address: str, now: int) -> int:
        """Return for how many seconds an address is shut out, 0 = it is not."""
        with self._lock:
            recent = [at for at in self._instants.get(address, []) if at > now - WINDOW_S]
        return recent[-LIMIT] + WINDOW_S - now if len(recent) >= LIMIT else 0

    def forget(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._instants.clear()


FAILURES = Failures()
"""Of this process."""
