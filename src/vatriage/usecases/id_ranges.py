"""Host ids as inclusive ranges, as a list of nothing but ids comes (pure). Given in any order, they may overlap."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Ranges = list[tuple[int, int]]


def among(ids: Iterable[int], held: Ranges) -> set[int]:
    """Return which of some ids lie in ranges."""
    numbers, merged = np.array(sorted(ids), dtype=np.int64), _merged(held)
    if not len(numbers) or not len(merged):
        return set()
    place = np.searchsorted(merged[:, 0], numbers, side="right") - 1
    found = (place >= 0) & (numbers <= merged[np.maximum(place, 0), 1])
    return set(numbers[found].tolist())


def count_ids(held: Ranges) -> int:
    """Return how many ids ranges hold."""
    return int(sum(last - first + 1 for first, last in _merged(held).tolist()))


def ids_of(held: Ranges) -> Iterator[int]:
    """Yield the ids of ranges, ascending."""
    for first, last in _merged(held).tolist():
        yield from range(first, last + 1)


def _merged(held: Ranges) -> NDArray[np.int64]:
    """Return ranges that do not overlap, ascending: an array of shape [ranges, 2]."""
    merged: list[list[int]] = []
    for first, last in sorted(held):
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return np.array(merged, dtype=np.int64).reshape(-1, 2)
