"""Leases: rows <-> records. What is stated once is kept once, whatever the order of the files."""

from collections.abc import Iterable
from typing import Any

from vatriage.store.bulk import Target, execute, fetch, insert, insert_many

_COLUMNS = ("zone_id", "address", "mac", "hostname", "start", "end")
_LEASES = Target("leases_stated", _COLUMNS, key=_COLUMNS, update="")
_REJECTS = Target("lease_rejects", ("file_id", "line", "problem", "raw"))
Lease = tuple[str, str, str, int, int]
"""Address, MAC, host name, start, end."""


def open_import(zone_id: int, file: str, kind: str, at: int) -> int:
    """Note that a file is taken in; return its number."""
    sql = insert("lease_imports", ("zone_id", "file", "format", "at", "leases", "rejects")) + " RETURNING id"
    return int(fetch(sql, [zone_id, file, kind, at, 0, 0])[0][0])


def close_import(number: int, leases: int, rejects: int) -> None:
    """Note what came of a file."""
    execute("UPDATE lease_imports SET leases = %s, rejects = %s WHERE id = %s", [leases, rejects, number])


def save_leases(zone_id: int, leases: Iterable[Lease]) -> None:
    """Add what is not stated yet."""
    insert_many(_LEASES, [(zone_id, *lease) for lease in leases])


def keep_rejects(number: int, rejects: Iterable[tuple[int, str, bytes]]) -> None:
    """Keep records of a file that could not be read: line, problem, raw."""
    insert_many(_REJECTS, [(number, *reject) for reject in rejects])


def lease_imports(zones: Iterable[str] | None, limit: int) -> list[tuple[Any, ...]]:
    """Return the newest files: number, zone, file, format, at, leases, rejects."""
    names = None if zones is None else sorted(zones)
    where = "" if names is None else f"WHERE z.name IN ({', '.join(['%s'] * len(names)) or 'NULL'})"
    sql = (
        "SELECT i.id, z.name, i.file, i.format, i.at, i.leases, i.rejects FROM lease_imports i "
        f"JOIN zones z ON z.id = i.zone_id {where} ORDER BY i.id DESC LIMIT %s"
    )
    return fetch(sql, [*(names or []), limit])


def lease_rejects(number: int, limit: int) -> list[tuple[Any, ...]]:
    """Return what could not be read in a file: line, problem, raw."""
    sql = "SELECT line, problem, raw FROM lease_rejects WHERE file_id = %s ORDER BY id LIMIT %s"
    return fetch(sql, [number, limit])


def leases_stated(zone_id: int | None = None, address: str = "") -> list[tuple[Any, ...]]:
    """Return leases, of all zones or of one address: zone number, address, MAC, host name, start, end."""
    where, values = ("", []) if zone_id is None else ("WHERE zone_id = %s AND address = %s", [zone_id, address])
    return fetch(f'SELECT zone_id, address, mac, hostname, start, "end" FROM leases_stated {where}', values)


def named_hosts() -> list[tuple[Any, ...]]:
    """Return every host that has a name: number, zone number, DNS name, NetBIOS name."""
    return fetch("SELECT id, zone_id, dns, netbios FROM hosts WHERE dns <> '' OR netbios <> ''")
