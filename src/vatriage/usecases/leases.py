"""Files of DHCP leases into the inventory, in one transaction each; and the leases of an address (ADR 18)."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError
from vatriage.leases.interface import LeaseReader, LeaseReject
from vatriage.model.instant import US, format_instant
from vatriage.model.name import checked_name
from vatriage.model.viewer import Who
from vatriage.store import lease_rows
from vatriage.store.audit import note
from vatriage.store.bulk import chunks, plain
from vatriage.store.ledger import zone_number
from vatriage.store.turns import writers_turn
from vatriage.usecases.snapshots import finish_snapshot, mark_behind

REJECTS_SHOWN = 20
"""Rejects that an import itself hands out; the store has all of the first MOST_REJECTS."""
MOST_REJECTS = 10_000
"""Rejects of one file that are kept; all are counted."""


@dataclass(slots=True, kw_only=True)
class LeaseImportResult:
    """What a file of leases came to."""

    file: str
    format: str
    number: int = 0
    """The import's number."""
    leases: int = 0
    rejects: int = 0
    first_rejects: list[LeaseReject] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape, which is a contract."""
        shown = {name: value for name, value in asdict(self).items() if name != "first_rejects"}
        return shown | {"first_rejects": [{"line": one.line, "problem": one.problem} for one in self.first_rejects]}


def import_leases(
    source: BinaryIO, *, file: str, kind: str, reader: LeaseReader, zone: str, who: Who, clock: Clock, snapshots: Path
) -> LeaseImportResult:
    """Take a file of leases in; what is stated already is not stated twice.

    Args:
        source: the file.
        file: its name, as it is noted.
        kind: the format's name.
        reader: reads it.
        zone: whose address space it describes.
        who: for the audit log.
        clock: for its date.
        snapshots: folder of the snapshot that is built afterwards.

    Raises:
        UsageError: that cannot be a zone's name.
        LeaseFileError: the file is of another format; nothing of it is kept.
    """
    checked_name("zone", zone)
    now = now_us(clock) // US
    result = LeaseImportResult(file=file, format=kind)
    mark_behind(snapshots)
    try:
        with writers_turn():
            zone_id = zone_number(zone)
            result.number = lease_rows.open_import(zone_id, plain(file), kind, now)
            for part in chunks(reader(source)):
                lease_rows.save_leases(zone_id, _leases(part, result))
            lease_rows.close_import(result.number, result.leases, result.rejects)
            after = {"zone": zone, "format": kind, "leases": result.leases, "rejects": result.rejects}
            note(who, now, "leases imported", plain(file), None, after)
    finally:
        finish_snapshot(snapshots)
    return result


def _leases(part: Iterable[Any], result: LeaseImportResult) -> Iterator[lease_rows.Lease]:
    """Yield the leases of a part of a file; count and keep its rejects."""
    kept = []
    for one in part:
        if not isinstance(one, LeaseReject):
            result.leases += 1
            yield one.address, one.mac, plain(one.hostname), one.start, one.end
            continue
        result.rejects += 1
        if result.rejects <= MOST_REJECTS:
            kept.append((one.line, plain(one.problem), one.raw))
        if len(result.first_rejects) < REJECTS_SHOWN:
            result.first_rejects.append(one)
    lease_rows.keep_rejects(result.number, kept)


def list_lease_imports(zones: frozenset[str] | None, limit: int) -> list[dict[str, Any]]:
    """Return the newest files that were taken in, of the zones that may be seen."""
    names = ("number", "zone", "file", "format", "at", "leases", "rejects")
    rows = [dict(zip(names, row, strict=True)) for row in lease_rows.lease_imports(zones, limit)]
    return [row | {"at": format_instant(row["at"] * US)} for row in rows]


def list_lease_rejects(number: int, zones: frozenset[str] | None, limit: int) -> list[dict[str, Any]]:
    """Return what could not be read in a file. Raises: NotFoundError: no such file was taken in."""
    if not any(row[0] == number for row in lease_rows.lease_imports(zones, 1 << 30)):
        raise NotFoundError(f"There is no import of leases {number}.", "`vatriage leases imports` lists them.")
    rows = lease_rows.lease_rejects(number, limit)
    return [{"line": line, "problem": problem, "raw": bytes(raw)} for line, problem, raw in rows]
