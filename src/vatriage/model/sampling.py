"""A random sample that anybody can draw again: every candidate is ranked by a hash of the seed and its id.

Which alerts a person happens to look at says little about the others; which ones a hash picks depends on nothing they are.
"""

from collections.abc import Iterable
from hashlib import blake2b
from heapq import nsmallest

_SEED_BYTES = 8


def drawn(seed: int, candidates: Iterable[tuple[str, int]], size: int) -> list[tuple[str, int]]:
    """Return at most `size` of (id, instant), each equally likely, in order of their hash; the candidates' order is nothing to it.

    Args:
        seed: 0 to 2**63 - 1.
        candidates: each id once.
        size: at least 0.
    """
    key = seed.to_bytes(_SEED_BYTES, "big")
    return nsmallest(size, candidates, key=lambda one: blake2b(one[0].encode(), digest_size=16, key=key).digest())
