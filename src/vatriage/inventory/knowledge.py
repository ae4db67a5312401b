"""The KnowledgeBase and the history of its (QID, claim) pairs.

A *copy* is one answer of the vendor with its own date. Per QID the first and last copy that described it are kept, per
pair the first and last copy that held it: minima and maxima, so order and repetition do not matter. From them follows
what VERDICT 3.5 needs: a pair whose first copy is later than the QID's first copy was added between the two.

What is no dated copy, a report's glossary or an undated KnowledgeBase, has copy 0: it describes a QID only as long as no
copy does, and its pairs are added to those of the copies. Nothing that it leaves out is gone.
"""

from typing import NamedTuple


class QidState(NamedTuple):
    """One QID: its description by the newest copy, and the copies it was seen in. Instants are seconds."""

    qid: int
    description: tuple[int | str, ...]
    """In the order of DESCRIPTION."""
    first_copy: int
    """0 while only something undated describes it."""
    last_copy: int


class PairState(NamedTuple):
    """One (QID, claim) pair."""

    qid: int
    claim: str
    first_with: int
    """The first copy that held it; while none did, the first report that speaks of it. A report of an old scan may have
    been made today: its date must not make the pair older than the copies show it."""
    last_with: int
    """The last document that held it."""
    by_copy: bool
    """A dated copy of the KnowledgeBase held it, and not only a report that speaks of its own findings."""


def merge_qid(stored: QidState | None, qid: int, description: tuple[int | str, ...], copy: int) -> QidState:
    """Return a QID after one copy described it."""
    if stored is None:
        return QidState(qid, description, copy, copy)
    newest = max((stored.last_copy, stored.description), (copy, description), key=_by_copy)
    first_copy = min(filter(None, (stored.first_copy, copy)), default=0)
    return QidState(qid, newest[1], first_copy, max(stored.last_copy, copy))


def merge_pair(stored: PairState | None, qid: int, claim: str, at: int, *, by_copy: bool) -> PairState:
    """Return a pair after one document of that date held it."""
    if stored is None:
        return PairState(qid, claim, at, at, by_copy)
    last_with = max(stored.last_with, at)
    if stored.by_copy == by_copy:
        return PairState(qid, claim, min(stored.first_with, at), last_with, by_copy)
    return PairState(qid, claim, stored.first_with if stored.by_copy else at, last_with, by_copy=True)


def _by_copy(item: tuple[int, tuple[int | str, ...]]) -> tuple[int, str]:
    return item[0], repr(item[1])


NO_COPY_YET = 253_402_300_799
"""Stands for the date of the copy that is to hold a pair: later than any scan."""


def link_times(first_copy: int, last_copy: int, first_with: int, last_with: int, by_copy: int) -> tuple[int, int]:
    """Return when a pair was added and removed as far as our copies show, 0 = not that we know of.

    A pair that only reports speak of confirms: what else the KnowledgeBase ties to the claim, they do not say, so it must
    never be the last word on a claim.

    The later of the two copies between which it happened is taken: a pair may be younger or older than that, and both
    errors fall to the side that refutes less.
    """
    removed = last_copy if last_with < last_copy else 0
    if not by_copy:
        return NO_COPY_YET, removed
    return first_with if first_copy < first_with else 0, removed
