"""The store's rows as columns, for building a snapshot."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]

_ROWS = 4_096
"""Rows that are Python objects at the same time."""
_NARROW = {
    "port": np.int32, "protocol": np.uint8, "kind": np.uint8, "status": np.uint8, "disabled": np.uint8, "qds": np.uint8,
}  # fmt: skip
"""Columns that need no int64; an inventory has millions of findings."""
_MOST_SHORT = np.iinfo(np.uint32).max

_FINDING = (
    "d.host_id, d.qid, d.port, d.protocol, d.kind, d.status, d.disabled, d.first_found, d.last_found, d.last_test, "
    "d.last_fixed, d.stamp, d.qds"
)
_FINDING_NAMES = (
    "host", "qid", "port", "protocol", "kind", "status", "disabled", "first_found", "last_found", "last_test",
    "last_fixed", "stamp", "qds", "superseded", "since",
)  # fmt: skip
_SAME_KEY = " AND ".join(f"p.{name} = d.{name}" for name in ("host_id", "qid", "port", "protocol", "ssl", "instance"))
_IN_UNIVERSE = "EXISTS (SELECT 1 FROM knowledge_pairs k WHERE k.qid = d.qid)"
_BY_A_COPY = "first_copy > 0"
"""A dated copy of the KnowledgeBase describes the QID; what a report's glossary says of one may be shortened."""
_DESCRIBED = f"EXISTS (SELECT 1 FROM vulnerabilities v WHERE v.qid = d.qid AND v.{_BY_A_COPY})"
_JUDGED = f"({_IN_UNIVERSE} OR (d.kind > 0 AND NOT {_DESCRIBED}))"


def read_zones() -> Columns:
    """Return id, name."""
    return _columns("SELECT id, name FROM zones", ("id", "name"), texts=("name",))


def read_hosts() -> Columns:
    """Return id, zone, account, vendor_id, key_address, gone_at, whole_listed_at, network_id."""
    sql = (
        "SELECT h.id, h.zone_id, a.name, h.vendor_id, h.key_address, h.gone_at, h.whole_listed_at, h.network_id FROM hosts h "
        "JOIN accounts a ON a.id = h.account_id"
    )
    names = ("id", "zone", "account", "vendor_id", "key_address", "gone_at", "whole_listed_at", "network_id")
    return _columns(sql, names, texts=("account", "key_address", "network_id"))


def read_addresses() -> Columns:
    """Return host, address, first_seen, last_seen."""
    sql = "SELECT host_id, address, first_seen, last_seen FROM host_addresses"
    return _columns(sql, ("host", "address", "first_seen", "last_seen"), texts=("address",))


def read_scans() -> Columns:
    """Return host, at, kind, whole, check_set, ports."""
    sql = "SELECT host_id, at, kind, whole, check_set, ports FROM host_scans"
    return _columns(sql, ("host", "at", "kind", "whole", "check_set", "ports"), texts=("ports",))


def read_findings() -> Columns:
    """Return the versions of all detections whose QID is tied to a claim, or not described at all.

    A version's `since` is stated only where an earlier version is known: before that, its own first sight counts.
    """
    followed = _columns(f"SELECT DISTINCT d.id FROM detections d JOIN detections_past p ON {_SAME_KEY}", ("key",))
    current = _columns(
        f"SELECT {_FINDING}, 0, d.since, d.id FROM detections d WHERE {_JUDGED}",
        (*_FINDING_NAMES, "key"),
    )
    has_earlier = np.isin(current.pop("key"), followed["key"])
    current["since"] = np.where(has_earlier, current["since"], 0)
    earlier = f"EXISTS (SELECT 1 FROM detections_past p WHERE {_SAME_KEY} AND p.superseded < d.superseded)"
    past = _columns(
        f"SELECT {_FINDING}, d.superseded, CASE WHEN {earlier} THEN d.since ELSE 0 END "
        f"FROM detections_past d WHERE {_JUDGED}",
        _FINDING_NAMES,
    )
    if not len(past["qid"]):
        return current
    return {name: np.concatenate([current.pop(name), past.pop(name)]) for name in _FINDING_NAMES}


def read_qids() -> Columns:
    """Return the QID universe, as copies of the KnowledgeBase describe it: qid, kind, published, modified, remote, authenticated, disabled.

    Where the KnowledgeBase does not say when a QID's code was modified, the last modification of any part of it bounds
    that instant from above: any change of code is a modification by the service. Where it says neither, the date of the
    newest copy does: what it describes was made before.
    """
    sql = (
        "SELECT d.qid, d.kind, d.published, CASE WHEN d.code_modified > 0 THEN d.code_modified WHEN d.service_modified > 0 "
        "THEN d.service_modified ELSE d.last_copy END, d.remote, CASE WHEN d.auth_types <> '' THEN 1 ELSE 0 END, d.disabled FROM vulnerabilities d "
        f"WHERE {_IN_UNIVERSE} AND {_BY_A_COPY}"
    )
    return _columns(sql, ("qid", "kind", "published", "modified", "remote", "authenticated", "disabled"))


def read_pairs() -> Columns:
    """Return qid, claim, first_copy, last_copy, first_with, last_with, by_copy."""
    sql = (
        "SELECT p.qid, p.claim, COALESCE(v.first_copy, 0), COALESCE(v.last_copy, 0), p.first_with, p.last_with, p.by_copy "
        "FROM knowledge_pairs p LEFT JOIN vulnerabilities v ON v.qid = p.qid"
    )
    names = ("qid", "claim", "first_copy", "last_copy", "first_with", "last_with", "by_copy")
    return _columns(sql, names, texts=("claim",))


def read_asset_values() -> Columns:
    """Return zone, network, value."""
    return _columns(
        "SELECT zone_id, network, value FROM asset_values", ("zone", "network", "value"), texts=("network",)
    )


def _columns(sql: str, names: Sequence[str], texts: Sequence[str] = ()) -> Columns:
    """Return a query's result as one array a column: integers, or objects for `texts`.

    What grows with the number of rows is these arrays; rows are Python objects only a few at a time. Integers take half
    the room where all of a column are uint32 (seconds until 2106, ids); equal texts are one object.
    """
    types = {name: object if name in texts else _NARROW.get(name, np.int64) for name in names}
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in names}
    known: dict[Any, Any] = {}
    with connection.chunked_cursor() as cursor:  # else PostgreSQL's driver fetches all rows at once
        cursor.execute(sql)
        while rows := cursor.fetchmany(_ROWS):
            for name, values in zip(names, zip(*rows, strict=True), strict=True):
                once = [known.setdefault(value, value) for value in values] if name in texts else values
                parts[name].append(_short(np.array(once, dtype=types[name])))
    return {name: _joined(parts.pop(name), types[name]) for name in names}


def _short(part: NDArray[Any]) -> NDArray[Any]:
    """Return an int64 part as uint32 if nothing is lost; joined to one that is not, it becomes int64 again."""
    if part.dtype != np.int64 or part.min() < 0 or part.max() > _MOST_SHORT:
        return part
    return part.astype(np.uint32)


def _joined(parts: list[NDArray[Any]], kind: Any) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)
