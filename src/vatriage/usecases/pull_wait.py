"""Waits inside a pull: cut in pieces, so that who asks for its end is heard, however long the wait."""

from collections.abc import Callable

PIECE_S = 2.0
"""So long nobody looks up."""


class WatchedSleep:
    """Sleeps; before every piece of it, looks whether it is still wanted.

    Args:
        pause: waits so many seconds.
        look: raises if the wait is to end.
    """

    def __init__(self, pause: Callable[[float], None], look: Callable[[], None]) -> None:
        self._pause = pause
        self._look = look

    def __call__(self, seconds: float) -> None:
        """Wait so many seconds. Raises whatever `look` raises, PIECE_S after it was asked for at the latest."""
        left = seconds
        while left > 0:
            self._look()
            piece = min(left, PIECE_S)
            self._pause(piece)
            left -= piece
        self._look()
