"""Detections: rows <-> model.versions."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vatriage.model.versions import NUMBERS, Versions, no_versions
from vatriage.store.bulk import Target, execute, fetch, fetch_in, insert_many, update_all, write_many

_COLUMNS = ("host_id", *NUMBERS[1:], "instance", "service", "results")
_KEY = ("host_id", "qid", "port", "protocol", "ssl", "instance")
_VALUES = [name for name in _COLUMNS if name not in _KEY]
_CURRENT = Target("detections", (*_COLUMNS, "gone_at"), key=_KEY, update=update_all([*_VALUES, "gone_at"]))
_PAST = Target("detections_past", (*_COLUMNS, "superseded"))
_MISSING = Target("pull_missing", ("pull_id", "detection", "at"), key=("pull_id", "detection"))
_LIST = ", ".join(_COLUMNS)


LONGEST_INSTANCE = 500
"""Characters; an index of PostgreSQL holds keys of 2,704 bytes."""


def key_text(instance: str) -> str:
    """Return an instance's text as it stands in a detection's key: one too long for that ends in its own hash."""
    if len(instance) <= LONGEST_INSTANCE:
        return instance
    return f"{instance[:LONGEST_INSTANCE]}... {blake2b(instance.encode(), digest_size=16).hexdigest()}"


def load_current(hosts: Iterable[int]) -> tuple[Versions, NDArray[np.int64]]:
    """Return the current versions of hosts, and for each row (id, gone_at): an array of shape [rows, 2]."""
    sql = f"SELECT {_LIST}, id, gone_at FROM detections WHERE host_id IN ({{keys}})"
    rows = fetch_in(sql, hosts)
    return _versions(rows), np.array([row[-2:] for row in rows], dtype=np.int64).reshape(-1, 2)


def load_past(hosts: Iterable[int]) -> tuple[Versions, NDArray[np.int64]]:
    """Return the earlier versions of hosts, and when each was superseded."""
    sql = f"SELECT {_LIST}, superseded FROM detections_past WHERE host_id IN ({{keys}})"
    rows = fetch_in(sql, hosts)
    return _versions(rows), np.array([row[-1] for row in rows], dtype=np.int64)


def save_current(versions: Versions) -> None:
    """Insert or update current versions; what is reported is not gone."""
    insert_many(_CURRENT, _rows(versions, np.zeros(len(versions), dtype=np.int64)))


def replace_past(hosts: Sequence[int], versions: Versions, superseded: NDArray[np.int64]) -> None:
    """Replace the earlier versions of hosts."""
    write_many("DELETE FROM detections_past WHERE host_id = %s", [(host,) for host in hosts])
    insert_many(_PAST, _rows(versions, superseded))


def note_missing(pull_id: int, rows: Iterable[tuple[int, int]]) -> None:
    """Remember which stored detections a host's report does not hold: (detection id, instant)."""
    insert_many(_MISSING, [(pull_id, detection, at) for detection, at in rows])


def mark_again(rows: Sequence[tuple[int, int]]) -> None:
    """Put marks back that writing took off: (gone at, detection id)."""
    if rows:
        write_many("UPDATE detections SET gone_at = %s WHERE id = %s AND gone_at = 0", rows)


def mark_gone(pull_id: int) -> list[tuple[int, int, int, int, int]]:
    """Mark the pull's missing detections as gone; return (host, instant, qid, port, protocol) of each.

    Gone is history and a mark on the page; it is not *fixed*, and refutes nothing.
    """
    rows = fetch(
        "SELECT DISTINCT d.host_id, m.at, d.qid, d.port, d.protocol, d.id FROM pull_missing m JOIN detections d "
        "ON d.id = m.detection JOIN pull_hosts h ON h.pull_id = m.pull_id AND h.host = d.host_id "
        "WHERE m.pull_id = %s AND d.gone_at = 0 AND d.stamp < m.at AND h.received AND NOT EXISTS (SELECT 1 FROM "
        "pull_hosts r WHERE r.pull_id = h.pull_id AND r.host = h.host AND r.rejected)",
        [pull_id],
    )
    write_many("UPDATE detections SET gone_at = %s WHERE id = %s", [(row[1], row[5]) for row in rows])
    execute("DELETE FROM pull_missing WHERE pull_id = %s", [pull_id])
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def _versions(rows: list[tuple[Any, ...]]) -> Versions:
    if not rows:
        return no_versions()
    width = len(NUMBERS)
    columns = list(zip(*rows, strict=True))
    return Versions(
        numbers=np.array([[int(value) for value in column] for column in columns[:width]], dtype=np.int64).T.copy(),
        instance=np.array(columns[width], dtype=object),
        service=np.array(columns[width + 1], dtype=object),
        results=np.array(columns[width + 2], dtype=object),
    )


def _rows(versions: Versions, last: NDArray[np.int64]) -> Iterable[tuple[Any, ...]]:
    columns = [column.tolist() for column in versions.numbers.T]
    texts = (versions.instance.tolist(), versions.service.tolist(), versions.results.tolist())
    return zip(*columns, *texts, last.tolist(), strict=True)
