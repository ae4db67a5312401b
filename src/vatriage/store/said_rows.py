"""What people say of hosts and of virtual addresses: rows <-> records. Withdrawn rows stay, and count no more."""

from typing import Any, NamedTuple

from vatriage.store.bulk import execute, fetch, insert, json_text
from vatriage.store.json_column import json_list

_ENDS = ("withdrawn_at", "withdrawn_by", "withdrawn_why")
_STATEMENT = ("id", "host_id", "kind", "text", "author", "reason", "valid_from", "valid_until", "at", *_ENDS)
_POOL = ("id", "zone_id", "address", "port", "members", "author", "reason", "valid_from", "valid_until", "at", *_ENDS)
Row = dict[str, Any]


class StatementRow(NamedTuple):
    """A new statement. Instants are seconds, 0 = always."""

    host_id: int
    kind: str
    text: str
    author: str
    reason: str
    valid_from: int
    valid_until: int
    at: int


class PoolRow(NamedTuple):
    """A new pool. `members` holds {address, port}, port -1 = the port that was attacked."""

    zone_id: int
    address: str
    port: int
    members: list[dict[str, Any]]
    author: str
    reason: str
    valid_from: int
    valid_until: int
    at: int


def save_statement(row: StatementRow) -> int:
    """Add a statement; return its number."""
    sql = insert("host_statements", (*StatementRow._fields, *_ENDS)) + " RETURNING id"
    return int(fetch(sql, [*row, 0, "", ""])[0][0])


def save_pool(row: PoolRow) -> int:
    """Add a pool; return its number."""
    sql = insert("pools", (*PoolRow._fields, *_ENDS)) + " RETURNING id"
    return int(fetch(sql, [*row._replace(members=json_text(row.members)), 0, "", ""])[0][0])  # type: ignore[arg-type] # its text


def withdraw_statement(number: int, at: int, who: str, why: str) -> bool:
    """Note that a statement counts no more; whether it did."""
    return _withdraw("host_statements", number, at, who, why)


def withdraw_pool(number: int, at: int, who: str, why: str) -> bool:
    """Note that a pool counts no more; whether it did."""
    return _withdraw("pools", number, at, who, why)


def statements(host: int | None = None, *, number: int | None = None) -> list[Row]:
    """Return statements with their zone's name, the newest first: of a host, of a number, or all that count."""
    where, values = _one_of("s.host_id", host, "s.id", number, "s.withdrawn_at = 0")
    sql = (
        f"SELECT {', '.join(f's.{name}' for name in _STATEMENT)}, z.name FROM host_statements s "
        f"JOIN hosts h ON h.id = s.host_id JOIN zones z ON z.id = h.zone_id WHERE {where} ORDER BY s.id DESC"
    )
    return [dict(zip((*_STATEMENT, "zone"), row, strict=True)) for row in fetch(sql, values)]


def pools(*, number: int | None = None, withdrawn: bool = False) -> list[Row]:
    """Return pools with their zone's name, in order of address: one, or all that count (and the withdrawn ones)."""
    where, values = _one_of("", None, "p.id", number, "1 = 1" if withdrawn else "p.withdrawn_at = 0")
    sql = (
        f"SELECT {', '.join(f'p.{name}' for name in _POOL)}, z.name FROM pools p JOIN zones z ON z.id = p.zone_id "
        f"WHERE {where} ORDER BY z.name, LENGTH(p.address), p.address, p.port, p.id"
    )
    rows = [dict(zip((*_POOL, "zone"), row, strict=True)) for row in fetch(sql, values)]
    return [row | {"members": json_list(row["members"])} for row in rows]


def zone_of_host(host: int) -> str | None:
    """Return the name of a host's zone, None if there is no such host."""
    found = fetch("SELECT z.name FROM hosts h JOIN zones z ON z.id = h.zone_id WHERE h.id = %s", [host])
    return str(found[0][0]) if found else None


def zone_number_of(host: int) -> int:
    """Return the number of a host's zone."""
    return int(fetch("SELECT zone_id FROM hosts WHERE id = %s", [host])[0][0])


def zone_id_of(name: str) -> int | None:
    """Return a zone's number, None if there is none of that name."""
    found = fetch("SELECT id FROM zones WHERE name = %s", [name])
    return int(found[0][0]) if found else None


def _one_of(first: str, one: int | None, second: str, other: int | None, else_: str) -> tuple[str, list[int]]:
    if one is not None:
        return f"{first} = %s", [one]
    return (f"{second} = %s", [other]) if other is not None else (else_, [])


def _withdraw(table: str, number: int, at: int, who: str, why: str) -> bool:
    ends = "withdrawn_at = %s, withdrawn_by = %s, withdrawn_why = %s"
    return execute(f'UPDATE "{table}" SET {ends} WHERE id = %s AND withdrawn_at = 0', [at, who, why, number]) == 1
