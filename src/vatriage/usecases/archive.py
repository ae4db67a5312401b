"""The alert archive: events of old alerts move from the database into Parquet files; alerts, groups and verdicts stay.

An event leaves the database in the transaction that lists its file, after the file was synced, read back and compared: who
dies at any instant leaves it in the database, in a listed file, or in both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.model.instant import DAY_US, US
from vatriage.model.verdict import Verdict
from vatriage.store.archive_files import ArchiveError, digest, part_path, read_part, write_part, writers_turn
from vatriage.store.archive_rows import (
    ArchivedFile,
    archived_files,
    days_to_archive,
    list_and_forget,
    rows_to_archive,
    unarchived,
)
from vatriage.store.due_rows import DueEvent
from vatriage.store.turns import keepers_turn

PART = 20_000
"""Alerts of one file at most."""
_SAME = (
    "id", "zone", "gid", "sid", "rev", "source_address", "source_port", "destination_address", "destination_port",
    "protocol", "sensor", "disposition", "target_address", "target_port", "attacker_address", "host", "verdict", "rank",
    "reasons", "group_id", "format",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What was moved."""

    files: int = 0
    alerts: int = 0


def archive_alerts(
    folder: Path, older_than_days: int, clock: Clock, told: Callable[[Archived], None] = lambda _done: None
) -> Archived:
    """Move the events of alerts that are older than so many days; what is moved already stays as it is.

    Args:
        folder: the archive's.
        older_than_days: by the alerts' own time, whole days of UTC.
        clock: tells what day it is.
        told: told after every file.

    Raises: ArchiveError: a file cannot be written; its alerts stay in the database.
    """
    done, today = Archived(), now_us(clock) // DAY_US
    with writers_turn(folder):
        for zone, day in days_to_archive((today - older_than_days) * DAY_US):
            while rows := rows_to_archive(zone, day, PART):
                _move(folder, zone, day, rows, now_us(clock) // US)
                done = Archived(files=done.files + 1, alerts=done.alerts + len(rows))
                told(done)
    return done


def _move(folder: Path, zone: str, day: int, rows: list[dict[str, Any]], now: int) -> None:
    """Move the events of some alerts of a day into one file."""
    ids = [row["id"] for row in rows]
    path = part_path(zone, day, ids)
    seen = write_part(folder, path, [_archived(row) for row in rows])
    with transaction.atomic():
        keepers_turn()
        list_and_forget(ArchivedFile(zone, day, path, len(ids), seen, now), ids)


def _archived(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the database as a row of a file."""
    *earlier, newest = (record.decode() for record in row["records"])
    return {name: row[name] for name in _SAME} | {
        "at": row["at_us"], "first_judged_at": row["first_judged_us"], "last_judged_at": row["last_judged_us"],
        "conflict": bool(row["conflict"]), "verdict_name": Verdict(row["verdict"]).name, "record": newest,
        "earlier_records": earlier, "raw": bytes(row["raw"]), "alert_read": bytes(row["alert_read"]),
    }  # fmt: skip


def with_events(folder: Path, events: list[DueEvent]) -> list[DueEvent]:
    """Return alerts with their events, where these are archived; one that is nowhere, or cannot be read, stays None."""
    missing: dict[tuple[str, int], set[str]] = {}
    for event in events:
        if event.raw is None:
            missing.setdefault((event.zone, event.at_us // DAY_US), set()).add(event.alert_id)
    found: dict[str, dict[str, Any]] = {}
    for (zone, day), ids in missing.items():
        for file in archived_files(zone, day):
            if ids <= found.keys():
                break
            found |= {row["id"]: row for row in _rows_of(folder, file, ids)}
    return [
        event._replace(**{name: value for name, value in found[event.alert_id].items() if name != "id"})
        if event.alert_id in found
        else event
        for event in events
    ]


def _rows_of(folder: Path, file: ArchivedFile, ids: set[str]) -> list[dict[str, Any]]:
    """Return the events of some alerts that a file holds; of a damaged file none: `archive verify` tells of it."""
    try:
        rows: list[dict[str, Any]] = read_part(
            folder, file.path, ["id", "raw", "format", "alert_read"], ids
        ).to_pylist()
    except ArchiveError:
        return []
    return rows


def archived_event(folder: Path, alert: dict[str, Any]) -> bytes:
    """Return an archived alert as the sensor wrote it; b"" where that is not kept, or cannot be read."""
    event = DueEvent(alert["id"], alert["zone"], alert["at_us"], None, "", b"", b"")
    return with_events(folder, [event])[0].raw or b""


def verify_archive(folder: Path) -> list[str]:
    """Return a sentence for everything that is wrong with the listed files, and for files that are not listed."""
    wrong, listed = [], archived_files()
    for file in listed:
        try:
            if digest(folder, file.path) != file.sha256:
                wrong.append(f"{file.path} was changed after it was written.")
            elif len(read_part(folder, file.path, ["id"])) != file.alerts:
                wrong.append(f"{file.path} does not hold its {file.alerts:,} alerts.")
        except ArchiveError as error:
            wrong.append(error.message)
    known = {file.path for file in listed}
    found = sorted(str(path.relative_to(folder)) for path in folder.glob("zone=*/day=*/*.parquet"))
    wrong += [
        f"{path} is not listed: {_where(folder, path)}" for path in found if path not in known
    ]  # fmt: skip
    return wrong


def _where(folder: Path, path: str) -> str:
    """Return whether the database still holds what a file holds that is not listed."""
    try:
        ids = set(read_part(folder, path, ["id"]).column("id").to_pylist())
    except ArchiveError as error:
        return error.message
    if ids <= unarchived(ids):
        return "its alerts' events are in the database too (a run that was broken off), so it may be removed."
    return "it is no run of this database that was broken off; look at it before you remove it."
