"""What a merge changed: the rows to write and the events that are history."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vatriage.inventory.versions import is_fixed, key_codes
from vatriage.model.versions import Versions, concatenate


class ChangeKind(StrEnum):
    """The events of a host's history."""

    APPEARED = "appeared"
    FIXED = "fixed"
    REOPENED = "reopened"
    GONE = "gone"
    ADDRESS_MOVED = "address_moved"


class DetectionEvent(NamedTuple):
    """One event of one detection."""

    host: int
    kind: ChangeKind
    at: int
    qid: int
    port: int
    protocol: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The difference between two states of the same keys."""

    written: NDArray[np.intp]
    """Rows of the new state that are new or changed."""
    missing: NDArray[np.intp]
    """Rows of the old state that the incoming rows do not mention."""
    events: list[DetectionEvent]


def difference(old: Versions, new: Versions, incoming: Versions) -> Difference:
    """Return what must be written, what was not mentioned, and what happened.

    Args:
        old: the stored current versions.
        new: the current versions after the merge; holds every key of `old`.
        incoming: the page's rows.
    """
    codes = key_codes(concatenate(old, new, incoming))
    old_codes, new_codes, in_codes = np.split(codes, [len(old), len(old) + len(new)])
    order = np.argsort(old_codes)
    place = np.searchsorted(old_codes[order], new_codes)
    known = np.zeros(len(new), dtype=bool)
    inside = place < len(old)
    known[inside] = old_codes[order][place[inside]] == new_codes[inside]
    before = old.take(order[place[known]])
    after = new.take(known)
    changed = np.ones(len(new), dtype=bool)
    changed[known] = _differs(before, after)
    return Difference(
        written=np.flatnonzero(changed),
        missing=np.flatnonzero(~np.isin(old_codes, in_codes)),
        events=[*_appeared(new.take(~known)), *_turned(before, after)],
    )


def _differs(before: Versions, after: Versions) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = (
        (before.numbers != after.numbers).any(axis=1)
        | (before.service != after.service)
        | (before.results != after.results)
    )
    return mask


def _appeared(fresh: Versions) -> list[DetectionEvent]:
    at = np.where(fresh.column("first_found") > 0, fresh.column("first_found"), fresh.column("stamp"))
    return _events(fresh, ChangeKind.APPEARED, at)


def _turned(before: Versions, after: Versions) -> list[DetectionEvent]:
    fixed = ~is_fixed(before) & is_fixed(after)
    reopened = is_fixed(before) & ~is_fixed(after)
    fixed_at = np.where(after.column("last_fixed") > 0, after.column("last_fixed"), after.column("stamp"))
    return [
        *_events(after.take(fixed), ChangeKind.FIXED, fixed_at[fixed]),
        *_events(after.take(reopened), ChangeKind.REOPENED, after.column("stamp")[reopened]),
    ]


def _events(rows: Versions, kind: ChangeKind, at: NDArray[np.int64]) -> list[DetectionEvent]:
    columns = [rows.column(name).tolist() for name in ("host", "qid", "port", "protocol")]
    return [
        DetectionEvent(host, kind, when, qid, port, protocol)
        for host, qid, port, protocol, when in zip(*columns, at.tolist(), strict=True)
    ]
