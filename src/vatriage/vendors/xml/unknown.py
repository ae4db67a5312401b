"""Elements of records that nobody has heard of: counted, so that a change of the vendor's form does not pass unseen."""

import re
from collections import Counter

from vatriage.vendors.xml.tags import outside_cdata

MOST_NAMES = 50
"""Different names that are counted; a document of nothing but new names is another kind of document."""
_NAME = re.compile(rb"<([A-Za-z_][\w.:-]*)")


class UnknownElements:
    """Counts them, by name.

    Args:
        known: the names that are expected.
        any_case: names may be written in small letters.
    """

    def __init__(self, known: frozenset[str], *, any_case: bool = False) -> None:
        self._known = frozenset(name.encode() for name in known)
        self._any_case = any_case
        self.counts: Counter[str] = Counter()

    def look(self, block: bytes) -> None:
        """Count those of a block of whole records; what stands in CDATA sections is text.

        Most blocks hold none: the names are looked through as a set, and counted only where one of them is new.
        """
        outside = outside_cdata(block)
        names = _NAME.findall(outside.upper() if self._any_case else outside)
        for name in set(names) - self._known:
            text = name.decode("ascii", "replace")[:64]
            if text in self.counts or len(self.counts) < MOST_NAMES:
                self.counts[text] += names.count(name)
