"""What the alert archive holds, and which alerts' events are still in the database."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from vatriage.model.instant import DAY_US
from vatriage.store.alert_pages import COLUMNS
from vatriage.store.bulk import execute, fetch, fetch_in, key_lists

_ALERT = ", ".join(f"a.{name}" for name in COLUMNS)


class ArchivedFile(NamedTuple):
    """A file that is listed."""

    zone: str
    day: int
    path: str
    alerts: int
    sha256: str
    written_at: int


def archived_files(zone: str | None = None, day: int | None = None) -> list[ArchivedFile]:
    """Return the listed files, of a zone and of a day, or of all; the one written last is the last of its day."""
    parts, values = ["1 = 1"], []
    for name, value in (("zone", zone), ("day", day)):
        if value is not None:
            parts.append(f"{name} = %s")
            values.append(value)
    sql = f"SELECT zone, day, path, alerts, sha256, written_at FROM archive_files WHERE {' AND '.join(parts)}"
    return [ArchivedFile(*row) for row in fetch(f"{sql} ORDER BY zone, day, id", values)]


def days_to_archive(before_us: int) -> list[tuple[str, int]]:
    """Return zone and day (since 1970-01-01) of alerts before an instant whose events are in the database."""
    rows = fetch(
        "SELECT DISTINCT a.zone, a.at_us / %s FROM alerts a JOIN alert_events e ON e.alert_id = a.id WHERE a.at_us < %s",
        [DAY_US, before_us],
    )
    return sorted((str(zone), int(day)) for zone, day in rows)


def rows_to_archive(zone: str, day: int, most: int) -> list[dict[str, Any]]:
    """Return alerts of a day whose events are in the database, in order of their ids, with their events and records."""
    names = [*COLUMNS, "raw", "format", "alert_read"]
    rows = fetch(
        f"SELECT {_ALERT}, e.raw, e.format, e.alert_read FROM alerts a JOIN alert_events e ON e.alert_id = a.id "
        "WHERE a.zone = %s AND a.at_us >= %s AND a.at_us < %s ORDER BY a.id LIMIT %s",
        [zone, day * DAY_US, (day + 1) * DAY_US, most],
    )
    found = {row[0]: dict(zip(names, row, strict=True)) | {"records": []} for row in rows}
    sql = (
        "SELECT v.alert_id, v.record FROM verdicts v JOIN alerts a ON a.id = v.alert_id WHERE v.alert_id IN ({keys}) "
        "ORDER BY CASE WHEN v.judged_at_us > a.last_judged_us THEN 0 ELSE 1 END, v.judged_at_us, v.id"
    )
    for alert_id, record in fetch_in(sql, found):
        found[alert_id]["records"].append(bytes(record))
    return list(found.values())


def list_and_forget(file: ArchivedFile, ids: Sequence[str]) -> None:
    """List a file and take its alerts' events out of the database, in the caller's transaction."""
    execute(
        "INSERT INTO archive_files (zone, day, path, alerts, sha256, written_at) VALUES (%s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (path) DO UPDATE SET alerts = excluded.alerts, sha256 = excluded.sha256, "
        "written_at = excluded.written_at",
        file,
    )
    for marks, keys in key_lists(ids):
        execute(f"DELETE FROM alert_events WHERE alert_id IN ({marks})", keys)


def unarchived(ids: Iterable[str]) -> set[str]:
    """Return which alerts' events are in the database."""
    return {row[0] for row in fetch_in("SELECT alert_id FROM alert_events WHERE alert_id IN ({keys})", sorted(ids))}
