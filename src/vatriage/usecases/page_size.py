"""How many records are asked for at a time: halved where so many do not come, and grown back slowly (pure)."""

GROW_AFTER = 4
"""Pages in a row that must come before the size is doubled."""


class PageSize:
    """The size of the next page, from 1 to `most`.

    Args:
        most: what is asked for while nothing fails.
    """

    def __init__(self, most: int) -> None:
        self.now = max(most, 1)
        self._most = self.now
        self._before = self.now
        """The size when the trouble began; the same as `now` where there is none."""
        self._came = 0

    def failed(self, tried: int) -> None:
        """A page of so many records did not come: ask for half of them."""
        self.now, self._came = max(tried // 2, 1), 0

    def came(self, *, large: bool = False) -> None:
        """A page came; one that was `large` is no reason to ask for more."""
        self._came += 1
        if self._came >= GROW_AFTER and not large:
            self.now, self._came = min(self.now * 2, self._most), 0
        self._before = max(self._before, self.now)

    def culprit_found(self) -> None:
        """The one record that did not come is known: the size was not to blame."""
        self.now, self._came = self._before, 0
