"""The merge of detection versions: a join that keeps what differs.

A *version* is what one report said of one detection (natural key: host, QID, port, protocol, ssl, instance) at its
stamp. The merge is a join: all versions of a key are put in order of their stamps, neighbours that say the same are one
version, the last one is current and the others are history. It is therefore the same whatever the order of reports,
repeating a report changes nothing, and an older report never regresses a row.

Set-based: numpy over a page's rows together with what is stored of the page's hosts; no row is a Python object.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vatriage.model.versions import COLUMN, KEY_NUMBERS, Numbers, Versions, concatenate

_NEVER = np.int64(1) << np.int64(62)


def is_fixed(versions: Versions) -> NDArray[np.bool_]:
    """Return a mask of the rows whose status is Fixed."""
    mask: NDArray[np.bool_] = versions.column("status") == 4
    return mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What is true after the merge of the keys that took part."""

    current: Versions
    """One row a key, in order of key."""
    past: Versions
    """Earlier versions, in order of key and stamp."""
    superseded: Numbers
    """For each past row: the stamp at which the next version was first reported."""


def merge_versions(current: Versions, past: Versions, incoming: Versions) -> Merged:
    """Return the join of what is stored and what a page says.

    Args:
        current: the stored current versions of the page's hosts.
        past: the stored earlier versions of the same hosts.
        incoming: the page's rows.
    """
    rows = _with_both_ends(concatenate(current, past, incoming))
    if not len(rows):
        return Merged(current=rows, past=rows, superseded=np.zeros(0, dtype=np.int64))
    keys = key_codes(rows)
    order = np.lexsort((*_content_codes(rows), rows.column("stamp"), keys))
    rows, keys = rows.take(order), keys[order]
    new_key = np.r_[True, keys[1:] != keys[:-1]]
    starts = np.flatnonzero(new_key | np.r_[True, _says_otherwise(rows)])
    ends = np.r_[starts[1:], len(rows)] - 1
    runs = _runs(rows, starts, ends)
    _spread_first_found(runs, keys[ends])
    last_of_key = np.r_[keys[ends][1:] != keys[ends][:-1], True]
    superseded = np.r_[runs.column("since")[1:], 0]
    return Merged(current=runs.take(last_of_key), past=runs.take(~last_of_key), superseded=superseded[~last_of_key])


def _with_both_ends(rows: Versions) -> Versions:
    """Return the rows and, where a version was said over a span of time, its first report as a row of its own."""
    spans = rows.take(rows.column("since") < rows.column("stamp"))
    if len(spans):
        spans.numbers[:, COLUMN["stamp"]] = spans.column("since")
        rows = concatenate(rows, spans)
    rows.numbers[:, COLUMN["since"]] = rows.column("stamp")
    return rows


def key_codes(rows: Versions) -> Numbers:
    """Return one number a row that orders and groups by natural key."""
    names, instance = np.unique(rows.instance.astype(str), return_inverse=True)
    wide = np.column_stack([rows.numbers[:, KEY_NUMBERS], instance.astype(np.int64)]) if len(names) else rows.numbers
    order = np.lexsort(wide.T[::-1])
    ordered = wide[order]
    fresh = np.r_[False, (ordered[1:] != ordered[:-1]).any(axis=1)]
    codes = np.empty(len(rows), dtype=np.int64)
    codes[order] = np.cumsum(fresh)
    return codes


def _content_codes(rows: Versions) -> list[Any]:
    """Return sort keys that break a tie of stamps the same way in whatever order reports came (the worse one wins)."""
    return [
        rows.service.astype(str),
        rows.results.astype(str),
        rows.column("times_found"),
        rows.column("qds"),
        rows.column("last_test"),
        rows.column("last_found"),
        rows.column("qualys_severity"),
        -rows.column("ignored"),
        -rows.column("disabled"),
        rows.column("kind"),
        -rows.column("last_fixed"),
        -is_fixed(rows).astype(np.int64),
        -rows.column("status"),
    ]


def _says_otherwise(rows: Versions) -> NDArray[np.bool_]:
    """Return for each row but the first whether it differs from its predecessor in what a verdict depends on."""
    telling = np.column_stack([rows.column("kind"), rows.column("disabled"), is_fixed(rows).astype(np.int64)])
    mask: NDArray[np.bool_] = (telling[1:] != telling[:-1]).any(axis=1)
    return mask


def _runs(rows: Versions, starts: Numbers, ends: Numbers) -> Versions:
    """Return one row a run: the last report's values, the first report's stamp as `since`, the last RESULTS seen."""
    runs = rows.take(ends)
    runs.numbers[:, COLUMN["since"]] = rows.column("stamp")[starts]
    runs.numbers[:, COLUMN["first_found"]] = _earliest(rows.column("first_found"), starts)
    has_results = np.where(rows.results != "", np.arange(len(rows)), -1)
    latest = np.maximum.reduceat(has_results, starts)
    runs.results[latest >= 0] = rows.results[latest[latest >= 0]]
    return runs


def _spread_first_found(runs: Versions, keys: Numbers) -> None:
    """Give every version of a key the earliest first sight of all: a positive that held once is not forgotten."""
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    lengths = np.diff(np.r_[starts, len(keys)])
    runs.numbers[:, COLUMN["first_found"]] = np.repeat(_earliest(runs.column("first_found"), starts), lengths)


def _earliest(instants: Numbers, starts: Numbers) -> Numbers:
    """Return the earliest stated instant of each group, 0 where none is stated."""
    earliest = np.minimum.reduceat(np.where(instants > 0, instants, _NEVER), starts)
    return np.where(earliest == _NEVER, 0, earliest)
