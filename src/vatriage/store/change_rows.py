"""The history of hosts: what changed, at which instant, noticed by which pull."""

from collections.abc import Iterable
from typing import Any

from vatriage.store.bulk import Target, fetch, insert_many

_CHANGES = Target("host_changes", ("host_id", "kind", "at", "recorded_at", "pull", "qid", "port", "protocol", "detail"))


def save_changes(rows: Iterable[tuple[Any, ...]]) -> None:
    """Add events: (host, kind, at, recorded at, pull, qid or 0, port or -1, protocol, detail)."""
    insert_many(_CHANGES, rows)


def changes_of(host: int) -> list[tuple[Any, ...]]:
    """Return a host's events in order of time: (kind, at, recorded at, pull, qid, port, protocol, detail)."""
    sql = (
        "SELECT kind, at, recorded_at, pull, qid, port, protocol, detail FROM host_changes "
        "WHERE host_id = %s ORDER BY at, id"
    )
    return fetch(sql, [host])
