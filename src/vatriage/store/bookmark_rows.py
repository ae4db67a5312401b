"""Bookmarks read and moved, and what a live source must know of the alerts that are stored already."""

from collections.abc import Iterable
from typing import NamedTuple

from vatriage.errors import VatriageError
from vatriage.model.verdict import Verdict
from vatriage.store.bulk import execute, fetch, fetch_in, plain

_COLUMNS = "place, events, alerts, rejects, redelivered, lost, read_at_us"


class Progress(NamedTuple):
    """How far a source was read, and what came of it since it is followed."""

    place: bytes = b""
    events: int = 0
    """Events read, alerts among them."""
    alerts: int = 0
    """Alerts judged and kept."""
    rejects: int = 0
    """Lines that are no usable event."""
    redelivered: int = 0
    """Alerts that were stored before: a copy, or what was read twice after a sudden end."""
    lost: int = 0
    """Gaps where events may be missing, and events that are known to be."""
    read_at_us: int = 0


class Followed(NamedTuple):
    """A bookmark as a list shows it."""

    zone: str
    source: str
    progress: Progress


def progress_of(zone: str, source: str) -> Progress:
    """Return how far a source was read; of an unknown one, nothing."""
    sql = f"SELECT {_COLUMNS} FROM bookmarks WHERE zone = %s AND source = %s"
    rows = fetch(sql, [zone, plain(source)])
    return _progress(rows[0]) if rows else Progress()


def followed() -> list[Followed]:
    """Return every bookmark, by zone and source."""
    rows = fetch(f"SELECT zone, source, {_COLUMNS} FROM bookmarks ORDER BY zone, source")
    return [Followed(row[0], row[1], _progress(row[2:])) for row in rows]


def move(zone: str, source: str, before: Progress, after: Progress) -> None:
    """Move a bookmark, in the transaction that keeps what was read. Raises: BookmarkMovedError: somebody else has."""
    names = [name.strip() for name in _COLUMNS.split(",")]
    key = [zone, plain(source)]
    if before == Progress():
        marks = ", ".join(["%s"] * (len(names) + 2))
        sql = f"INSERT INTO bookmarks (zone, source, {_COLUMNS}) VALUES ({marks}) ON CONFLICT (zone, source) DO NOTHING"
        moved = execute(sql, [*key, *after])
    else:
        settings = ", ".join(f"{name} = %s" for name in names)
        sql = f"UPDATE bookmarks SET {settings} WHERE zone = %s AND source = %s AND events = %s AND read_at_us = %s"
        moved = execute(sql, [*after, *key, before.events, before.read_at_us])
    if moved != 1:
        raise BookmarkMovedError(
            f"{source} is being read by another `vatriage watch` of zone {zone!r}.", "End one of the two."
        )


def known_alerts(ids: Iterable[str]) -> set[str]:
    """Return which alerts are stored."""
    return {row[0] for row in fetch_in("SELECT id FROM alerts WHERE id IN ({keys})", sorted(set(ids)))}


class Recent(NamedTuple):
    """A stored alert of the last minutes."""

    id: str
    raw: bytes
    compromised: bool


def recent_alerts(zone: str, window_us: int, most: int) -> list[Recent]:
    """Return the zone's newest alerts, as their sensors wrote them, back to a window before the newest of all."""
    newest = fetch("SELECT MAX(at_us) FROM alerts WHERE zone = %s", [zone])[0][0]
    if newest is None:
        return []
    sql = (
        "SELECT a.id, e.raw, a.verdict FROM alerts a JOIN alert_events e ON e.alert_id = a.id "
        "WHERE a.zone = %s AND a.at_us >= %s ORDER BY a.at_us DESC LIMIT %s"
    )
    rows = fetch(sql, [zone, newest - window_us, most])
    return [Recent(row[0], bytes(row[1]), row[2] == Verdict.COMPROMISE_INDICATED) for row in rows]


class BookmarkMovedError(VatriageError):
    """Two follow the same source."""

    exit_code = 10


def _progress(row: tuple[object, ...]) -> Progress:
    place, *rest = row
    return Progress(bytes(place), *rest)  # type: ignore[call-overload, arg-type]  # the columns' types are the tuple's
