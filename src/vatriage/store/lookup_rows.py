"""Rows for reading: what the pages of hosts and of the KnowledgeBase show.

Texts are put in order here, by code point: each PostgreSQL database has an order of its own.
"""

from collections.abc import Collection
from typing import Any

from vatriage.model.report import DESCRIPTION
from vatriage.store.bulk import fetch

_LISTED = (
    "z.name, a.name, h.vendor_id, h.address, h.dns, h.os, h.last_seen, "
    "(SELECT COUNT(*) FROM detections d WHERE d.host_id = h.id), h.gone_at FROM hosts h "
    "JOIN zones z ON z.id = h.zone_id JOIN accounts a ON a.id = h.account_id"
)


def host_list(zone: str | None) -> list[tuple[Any, ...]]:
    """Return zone, account, vendor id, address, dns, os, last seen, number of detections, gone at."""
    where = "WHERE z.name = %s" if zone is not None else ""
    rows = fetch(f"SELECT {_LISTED} {where} ORDER BY h.id", [zone] if zone is not None else [])
    return sorted(rows, key=lambda row: (row[0], len(row[3]), row[3]))


def hosts_above(zones: Collection[str] | None, number: int, limit: int) -> list[tuple[Any, ...]]:
    """Return the number and then what `host_list` returns of hosts with greater numbers, in their order."""
    names = sorted(zones or ())
    mine = "" if zones is None else f"AND z.name IN ({', '.join(['%s'] * len(names)) or 'NULL'})"
    sql = f"SELECT h.id, {_LISTED} WHERE h.id > %s {mine} ORDER BY h.id LIMIT %s"
    return fetch(sql, [number, *names, limit])


def hosts_at(address: str) -> list[tuple[Any, ...]]:
    """Return the hosts that held an address: id, zone, account, vendor id, address, tracking method, os, dns, netbios,
    first seen there, last seen there."""  # noqa: D209 - one sentence
    sql = (
        "SELECT h.id, z.name, a.name, h.vendor_id, h.address, h.tracking_method, h.os, h.dns, h.netbios, s.first_seen, "
        "s.last_seen FROM host_addresses s JOIN hosts h ON h.id = s.host_id JOIN zones z ON z.id = h.zone_id "
        "JOIN accounts a ON a.id = h.account_id WHERE s.address = %s ORDER BY s.first_seen, h.id"
    )
    return sorted(fetch(sql, [address]), key=lambda row: str(row[1]))


def scans_of(host: int) -> list[tuple[Any, ...]]:
    """Return a host's scans: at, kind, whole, check set."""
    return fetch("SELECT at, kind, whole, check_set FROM host_scans WHERE host_id = %s ORDER BY at, kind", [host])


def detections_of(host: int) -> list[tuple[Any, ...]]:
    """Return all versions of a host's detections in order of QID: qid, title, port, protocol, kind, severity, status,
    first found, last found, last test, fixed, ignored, since, superseded, whether an earlier version exists, name of its
    RESULTS."""  # noqa: D209 - one sentence
    columns = (
        "d.qid, v.title, d.port, d.protocol, d.kind, d.qualys_severity, d.status, d.first_found, d.last_found, "
        "d.last_test, CASE WHEN d.last_fixed > 0 THEN d.last_fixed ELSE d.last_test END, d.ignored, d.since"
    )
    earlier = (
        "EXISTS (SELECT 1 FROM detections_past p WHERE p.host_id = d.host_id AND p.qid = d.qid AND p.port = d.port AND "
        "p.protocol = d.protocol AND p.ssl = d.ssl AND p.instance = d.instance {}) "
    )
    joined = "LEFT JOIN vulnerabilities v ON v.qid = d.qid WHERE d.host_id = %s"
    past_earlier = earlier.format("AND p.superseded < d.superseded")
    sql = (
        f"SELECT {columns}, 0 AS superseded, {earlier.format('')}, d.results FROM detections d {joined} UNION ALL "
        f"SELECT {columns}, d.superseded, {past_earlier}, d.results FROM detections_past d {joined}"
    )
    rows = fetch(sql, [host, host])
    return sorted(rows, key=lambda row: (row[0], row[2], row[13], row[3], *row[5:13]))


def knowledge_entry(qid: int) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]] | None:
    """Return a QID's row (qid, DESCRIPTION, first copy, last copy) and its pairs (claim, by a copy)."""
    rows = fetch(
        f"SELECT qid, {', '.join(DESCRIPTION)}, first_copy, last_copy FROM vulnerabilities WHERE qid = %s", [qid]
    )
    if not rows:
        return None
    sql = "SELECT claim, by_copy FROM knowledge_pairs WHERE qid = %s"
    return rows[0], sorted(fetch(sql, [qid]))


def has_pull(number: int) -> bool:
    """Whether a pull or import has that number."""
    return bool(fetch("SELECT 1 FROM pulls WHERE id = %s", [number]))


def count_rejects(pull: int | None) -> int:
    """Return how many rejects are kept, of one pull or (None) of all."""
    where, values = _of(pull)
    return int(fetch(f"SELECT COUNT(*) FROM rejected r {where}", values)[0][0])


def rejects_of(pull: int | None, limit: int) -> list[tuple[Any, ...]]:
    """Return kept rejects of one pull or (None) of all, the newest pull's first, at most `limit`.

    Returns: pull, origin, device or None, started at (seconds), place, subject, problem, raw.
    """
    where, values = _of(pull)
    sql = (
        "SELECT p.id, p.origin, d.name, p.started_at, r.place, r.subject, r.problem, r.raw FROM rejected r "
        f"JOIN pulls p ON p.id = r.pull_id LEFT JOIN devices d ON d.id = p.device_id {where} "
        "ORDER BY r.pull_id DESC, r.id LIMIT %s"
    )
    return fetch(sql, [*values, limit])


def _of(pull: int | None) -> tuple[str, list[int]]:
    return ("", []) if pull is None else ("WHERE r.pull_id = %s", [pull])
