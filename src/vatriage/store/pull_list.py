"""Reading the ledger for people: pulls by key, newest first, as far as the viewer sees their zones; their pages, rejects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from vatriage.store.bulk import fetch, fetch_in
from vatriage.store.json_column import json_object

FINDINGS = ("detections", "scan", "scan_report")
"""The resources whose hosts count as received."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSearch:
    """Which pulls are wanted; "" and 0 do not narrow."""

    device: str = ""
    zone: str = ""
    state: str = ""
    origin: str = ""
    """pull or import."""
    begin: int = 0
    """Started not before, seconds."""
    end: int = 0
    """Started before, seconds."""


class PullRow(NamedTuple):
    """A pull or import, as it stands in the ledger."""

    id: int
    device_id: int | None
    device: str | None
    """None: an import, or a device that was deleted."""
    zone: str
    account: str
    origin: str
    state: str
    started_at: int
    finished_at: int
    whole: bool
    request: dict[str, Any]
    counts: dict[str, Any]
    error: str
    resumable: bool
    scan_ref: str


class PageTotals(NamedTuple):
    """What came in a pull's committed pages."""

    pages: int = 0
    bytes: int = 0
    received: int = 0
    """Hosts in lists of findings."""
    rejects: int = 0
    detections: int = 0
    vulnerabilities: int = 0


_FROM = (
    "FROM pulls p JOIN zones z ON z.id = p.zone_id JOIN accounts a ON a.id = p.account_id "
    "LEFT JOIN devices d ON d.id = p.device_id"
)
_COLUMNS = (
    "p.id, p.device_id, d.name, z.name, a.name, p.origin, p.state, p.started_at, p.finished_at, p.whole, p.request, "
    "p.counts, p.error, p.resumable, p.scan_ref"
)
Condition = tuple[str, Sequence[Any]]
"""A condition on `z.name` with its values (usecases/sight)."""


def newest_pulls(search: PullSearch, seen: Condition, *, below: int, limit: int) -> list[PullRow]:
    """Return pulls and imports, newest first; `below` is a number that all must be below, 0 = from the newest."""
    condition, values = seen
    parts, given = [condition], list(values)
    for column, sign, wanted in (
        ("d.name", "=", search.device), ("z.name", "=", search.zone), ("p.state", "=", search.state),
        ("p.origin", "=", search.origin), ("p.started_at", ">=", search.begin), ("p.started_at", "<", search.end),
        ("p.id", "<", below),
    ):  # fmt: skip
        if wanted:
            parts.append(f"{column} {sign} %s")
            given.append(wanted)
    sql = f"SELECT {_COLUMNS} {_FROM} WHERE {' AND '.join(parts)} ORDER BY p.id DESC LIMIT %s"
    return [_row(row) for row in fetch(sql, [*given, limit])]


def pull_row(number: int, seen: Condition) -> PullRow | None:
    """Return one pull, None if there is none of that number that the viewer sees."""
    condition, values = seen
    rows = fetch(f"SELECT {_COLUMNS} {_FROM} WHERE {condition} AND p.id = %s", [*values, number])
    return _row(rows[0]) if rows else None


def devices_seen(seen: Condition) -> list[str]:
    """Return the names of the devices of the zones that are seen, in order."""
    condition, values = seen
    sql = f"SELECT d.name FROM devices d JOIN zones z ON z.id = d.zone_id WHERE {condition}"
    return sorted(str(row[0]) for row in fetch(sql, values))


def page_totals(pulls: Iterable[int]) -> dict[int, PageTotals]:
    """Return what came in the committed pages of some pulls, by their numbers; those without a page are left out."""
    findings = ", ".join(f"'{name}'" for name in FINDINGS)
    sql = (
        f"SELECT pull_id, COUNT(*), SUM(size), SUM(CASE WHEN resource IN ({findings}) THEN hosts ELSE 0 END), "
        "SUM(rejects), SUM(detections), SUM(vulnerabilities) FROM pull_pages WHERE pull_id IN ({keys}) GROUP BY pull_id"
    )
    return {int(row[0]): PageTotals(*map(int, row[1:])) for row in fetch_in(sql, pulls)}


def hosts_listed(pull: int) -> int:
    """Return how many hosts the host list of a pull under way named."""
    return int(fetch("SELECT COUNT(*) FROM pull_hosts WHERE pull_id = %s AND listed", [pull])[0][0])


def hosts_rejected(pulls: Iterable[int]) -> dict[int, int]:
    """Return how many hosts of some pulls cannot be told of fully, by the pulls' numbers; none = left out."""
    sql = "SELECT pull_id, COUNT(*) FROM pull_hosts WHERE rejected AND pull_id IN ({keys}) GROUP BY pull_id"
    return {int(number): int(count) for number, count in fetch_in(sql, pulls)}


class LedgerLine(NamedTuple):
    """A committed page."""

    number: int
    resource: str
    request: str
    raw_file: str
    sha256: str
    size: int
    hosts: int
    detections: int
    vulnerabilities: int
    rejects: int
    committed_at: int


_LEDGER = ", ".join(LedgerLine._fields)


def ledger_lines(pull: int, *, above: int, limit: int) -> list[LedgerLine]:
    """Return the committed pages of a pull with numbers above one, in order."""
    sql = f"SELECT {_LEDGER} FROM pull_pages WHERE pull_id = %s AND number > %s ORDER BY number LIMIT %s"
    return [LedgerLine._make(row) for row in fetch(sql, [pull, above, limit])]


def resources_taken(pull: int) -> set[str]:
    """Return the resources of which a pull has pages."""
    return {str(row[0]) for row in fetch("SELECT DISTINCT resource FROM pull_pages WHERE pull_id = %s", [pull])}


class RejectLine(NamedTuple):
    """A record, or a field of one, that was left out and kept."""

    id: int
    place: str
    subject: str
    problem: str
    raw: bytes


def reject_lines(pull: int, *, above: int, limit: int) -> list[RejectLine]:
    """Return the rejects of a pull with numbers above one, in order."""
    sql = "SELECT id, place, subject, problem, raw FROM rejected WHERE pull_id = %s AND id > %s ORDER BY id LIMIT %s"
    rows = fetch(sql, [pull, above, limit])
    return [RejectLine(int(row[0]), row[1], row[2], row[3], bytes(row[4])) for row in rows]


def _row(row: tuple[Any, ...]) -> PullRow:
    values = dict(zip(PullRow._fields, row, strict=True))
    return PullRow(
        **values | {"request": json_object(values["request"]) or {}, "counts": json_object(values["counts"]) or {}}
    )
