"""The KnowledgeBase of a subscription by QID: entries that were told, entries that a maker makes, entries withheld."""

from collections.abc import Iterable, Iterator, MutableMapping
from heapq import merge
from typing import Protocol

from vatriage_simulator.number_set import NumberSet
from vatriage_simulator.vulnerabilities import SimVulnerability

_FEW = 10_000
"""Up to so many QIDs are looked up one by one."""


class EntryMaker(Protocol):
    """Makes entries from their QIDs; the same QID gives the same entry each time."""

    def __len__(self) -> int:
        """Return how many entries it can make."""

    def __contains__(self, qid: int) -> bool:
        """Whether it makes an entry of this QID."""

    def __iter__(self) -> Iterator[int]:
        """Yield its QIDs, ascending."""

    def entry(self, qid: int) -> SimVulnerability:
        """Make an entry; its QID must be one of ours."""


class KnowledgeTable(MutableMapping[int, SimVulnerability]):
    """Entries by QID; an entry that is asked for by its QID is kept, since whoever asks may change it.

    What is withheld is here all the same (detections take their severity from it): only answers go without it.
    """

    def __init__(self, maker: EntryMaker | None = None) -> None:
        self._kept: dict[int, SimVulnerability] = {}
        self._gone: set[int] = set()
        self._maker = maker
        self._withheld: set[int] = set()
        self._withheld_every: set[int] = set()

    def __getitem__(self, qid: int) -> SimVulnerability:
        """Return an entry and keep it. Raises: KeyError: there is none."""
        if qid not in self._kept:
            if self._maker is None or not self._is_made(qid):
                raise KeyError(qid)
            self._kept[qid] = self._maker.entry(qid)
        return self._kept[qid]

    def __setitem__(self, qid: int, entry: SimVulnerability) -> None:
        """Keep an entry."""
        self._kept[qid] = entry

    def __delitem__(self, qid: int) -> None:
        """Forget an entry. Raises: KeyError: there is none."""
        if qid not in self:
            raise KeyError(qid)
        self._kept.pop(qid, None)
        self._gone.add(qid)

    def __contains__(self, qid: object) -> bool:
        """Whether there is an entry of this QID, withheld or not."""
        return qid in self._kept or (isinstance(qid, int) and self._is_made(qid))

    def __iter__(self) -> Iterator[int]:
        """Yield all QIDs, ascending, withheld ones as well."""
        kept = sorted(self._kept)
        if self._maker is None:
            return iter(kept)
        return merge((qid for qid in self._maker if qid not in self._kept and qid not in self._gone), kept)

    def __len__(self) -> int:
        """Return how many entries there are."""
        return sum(1 for _ in self)

    def withhold(self, *, qid: int | None = None, every: int = 10) -> None:
        """Leave a QID, or else each that `every` divides, out of all answers from now on."""
        if qid is None:
            self._withheld_every.add(every)
        else:
            self._withheld.add(qid)

    def known(self, wanted: NumberSet | None = None) -> Iterator[int]:
        """Yield the QIDs that answers hold, all or those that are wanted, ascending."""
        found: Iterable[int] = self
        if wanted is not None and wanted.size <= _FEW:
            found = (qid for qid in wanted.numbers() if qid in self)
        elif wanted is not None:
            found = (qid for qid in self if qid in wanted)
        return (qid for qid in found if not self._is_withheld(qid))

    def read(self, qid: int) -> SimVulnerability | None:
        """Return an entry to be looked at only, None if there is none or it is withheld."""
        if self._is_withheld(qid):
            return None
        return self.peek(qid)

    def severity_of(self, qid: int) -> int:
        """Return the Qualys severity of a QID, withheld or not; 3 where there is no entry."""
        entry = self.peek(qid)
        return 3 if entry is None else entry.severity

    def peek(self, qid: int) -> SimVulnerability | None:
        """Return an entry to be looked at only, withheld or not; None: there is none."""
        if qid in self._kept or self._maker is None or not self._is_made(qid):
            return self._kept.get(qid)
        return self._maker.entry(qid)

    def _is_made(self, qid: int) -> bool:
        """Whether the maker makes an entry of this QID and nobody deleted it."""
        return self._maker is not None and qid in self._maker and qid not in self._gone

    def _is_withheld(self, qid: int) -> bool:
        """Whether answers go without a QID."""
        return qid in self._withheld or any(qid % every == 0 for every in self._withheld_every)
