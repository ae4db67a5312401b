"""Pages of hosts and of the KnowledgeBase, by key; and the ports that scans reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vatriage.store.bulk import fetch, fetch_in
from vatriage.store.searched_text import anywhere, at_the_beginning, holds

HostKey = tuple[str, int, str, int]
"""Zone, length of the address, address, number: the order of the list."""
HOST_COLUMNS = ("number", "zone", "account", "id", "address", "dns", "netbios", "os", "last_seen", "gone_at")
QID_COLUMNS = (
    "qid", "kind", "qualys_severity", "title", "category", "published", "remote", "auth_types", "patchable", "disabled",
)  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFilter:
    """Which hosts a list shows; empty fields ask for nothing."""

    zones: frozenset[str] | None = None
    text: str = ""
    """The beginning of the address, or a part of a name or of the OS, in any case."""
    scanned: str = ""
    """How the host was looked at: agent, authenticated, remote (that way at least once), or never (no scan at all)."""
    stale_before: tuple[int, int, int] | None = None
    """Only hosts without a scan at or after these instants (seconds), by ScanKind."""
    gone: bool | None = False
    """Whether the host is gone; None = either."""


def hosts_after(wanted: HostFilter, after: HostKey | None, limit: int) -> list[Row]:
    """Return the next hosts: columns, `detections` (not gone, not fixed), `scans` (the last instant by kind)."""
    parts, values = _host_conditions(wanted)
    columns = "h.id, z.name, a.name, h.vendor_id, h.address, h.dns, h.netbios, h.os, h.last_seen, h.gone_at"
    order = "LENGTH(h.address), h.address, h.id"
    found: list[Row] = []
    for number, zone in _zones(wanted.zones, after[0] if after else ""):
        here, more = list(parts), [number, *values]
        if after is not None and after[0] == zone:
            here.append(f"({order}) > (%s, %s, %s)")
            more += after[1:]
        sql = (
            f"SELECT {columns} FROM hosts h JOIN zones z ON z.id = h.zone_id JOIN accounts a ON a.id = h.account_id "
            f"WHERE h.zone_id = %s AND {' AND '.join(['1 = 1', *here])} ORDER BY {order} LIMIT {limit - len(found):d}"
        )
        found += [dict(zip(HOST_COLUMNS, row, strict=True)) for row in fetch(sql, more)]
        if len(found) >= limit:
            break
    return _with_findings(found)


def _zones(zones: frozenset[str] | None, first: str) -> list[tuple[int, str]]:
    rows = sorted(fetch("SELECT id, name FROM zones"), key=lambda row: str(row[1]))
    return [(number, name) for number, name in rows if name >= first and (zones is None or name in zones)]


def _host_conditions(wanted: HostFilter) -> tuple[list[str], list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    if wanted.gone is not None:
        parts.append("h.gone_at > 0" if wanted.gone else "h.gone_at = 0")
    if wanted.text:
        searched = ("h.address", "h.dns", "h.netbios", "h.os")
        parts.append(f"({' OR '.join(map(holds, searched))})")
        values += [at_the_beginning(wanted.text), *[anywhere(wanted.text)] * 3]
    if wanted.scanned:
        kinds = {"remote": 0, "authenticated": 1, "agent": 2}
        some = "SELECT 1 FROM host_scans s WHERE s.host_id = h.id"
        if wanted.scanned in kinds:
            parts.append(f"EXISTS ({some} AND s.kind = {kinds[wanted.scanned]:d})")
        else:
            parts.append(f"NOT EXISTS ({some})")
    if wanted.stale_before is not None:
        late = " OR ".join("(s.kind = %s AND s.at >= %s)" for _ in wanted.stale_before)
        parts.append(f"NOT EXISTS (SELECT 1 FROM host_scans s WHERE s.host_id = h.id AND ({late}))")
        values += [value for kind, at in enumerate(wanted.stale_before) for value in (kind, at)]
    return parts, values


def _with_findings(hosts: list[Row]) -> list[Row]:
    numbers = [row["number"] for row in hosts]
    sql = "SELECT host_id, COUNT(*) FROM detections WHERE gone_at = 0 AND status <> 4 AND host_id IN ({keys}) GROUP BY host_id"
    counts = dict(fetch_in(sql, numbers))
    scans: dict[int, dict[int, int]] = {}
    last = "SELECT host_id, kind, MAX(at) FROM host_scans WHERE host_id IN ({keys}) GROUP BY host_id, kind"
    for number, kind, at in fetch_in(last, numbers):
        scans.setdefault(number, {})[kind] = at
    return [row | {"detections": counts.get(row["number"], 0), "scans": scans.get(row["number"], {})} for row in hosts]


def ports_reached(host: int, limit: int) -> list[tuple[int, int, int]]:
    """Return protocol (IANA number, 0 = not stated), port and the last scan (seconds, up to `limit`) that reached it."""
    seen: dict[int, int] = {}
    for at, ports in fetch(
        "SELECT at, ports FROM host_scans WHERE host_id = %s AND at <= %s ORDER BY at", [host, limit]
    ):
        for packed in np.frombuffer(bytes(ports), dtype="<u4").tolist():
            seen[packed] = at
    return [(packed >> 16, packed & 0xFFFF, seen[packed]) for packed in sorted(seen)]


def services_named(host: int) -> dict[tuple[int, int], str]:
    """Return by protocol and port what detections call the service there."""
    sql = (
        "SELECT protocol, port, service FROM detections WHERE host_id = %s AND service <> '' AND port >= 0 ORDER BY id"
    )
    return {(protocol, port): service for protocol, port, service in fetch(sql, [host])}


def qids_after(text: str, kind: int | None, severities: Sequence[int], after: int | None, limit: int) -> list[Row]:
    """Return the next entries of the KnowledgeBase in order of QID, with `claims`.

    Args:
        text: a QID, a claim as a whole (`CVE-2021-44228`), or a part of the title in any case; "" = all.
        kind: of model.evidence.Kind, None = any.
        severities: of Qualys, 1 to 5 (5 worst); empty = any.
        after: the last QID of the page before.
        limit: at most so many.
    """
    parts, values = ["1 = 1"], list[Any]()
    if text.strip():
        searched, more = _text_condition(text.strip())
        parts.append(searched)
        values += more
    if kind is not None:
        parts.append("v.kind = %s")
        values.append(kind)
    if severities:
        parts.append(f"v.qualys_severity IN ({', '.join(['%s'] * len(severities))})")
        values += severities
    if after is not None:
        parts.append("v.qid > %s")
        values.append(after)
    columns = ", ".join(f"v.{name}" for name in QID_COLUMNS)
    sql = f"SELECT {columns} FROM vulnerabilities v WHERE {' AND '.join(parts)} ORDER BY v.qid LIMIT {limit:d}"
    rows = [dict(zip(QID_COLUMNS, row, strict=True)) for row in fetch(sql, values)]
    claims: dict[int, list[str]] = {}
    pairs = "SELECT qid, claim FROM knowledge_pairs WHERE qid IN ({keys}) ORDER BY claim"
    for qid, claim in fetch_in(pairs, [row["qid"] for row in rows]):
        claims.setdefault(qid, []).append(claim)
    return [row | {"claims": claims.get(row["qid"], [])} for row in rows]


def _text_condition(text: str) -> tuple[str, list[Any]]:
    pattern = anywhere(text)
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return f"(v.qid = %s OR {holds('v.title')})", [int(text), pattern]
    claimed = "v.qid IN (SELECT p.qid FROM knowledge_pairs p WHERE p.claim = %s)"
    return f"({claimed} OR {holds('v.title')})", [text.upper(), pattern]
