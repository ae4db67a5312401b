"""Reviews: rows <-> records. Nothing is ever deleted or overwritten; a later one supersedes an earlier one."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from vatriage.model.alert_filter import Decision
from vatriage.store.bulk import execute, fetch, fetch_in, insert

_COLUMNS = (
    "id", "zone", "alert_id", "group_id", "decision", "reason", "seen_verdict", "expires_at", "reviewer", "at",
    "superseded_by",
)  # fmt: skip
Row = dict[str, Any]


class ReviewRow(NamedTuple):
    """A new review. Exactly one of `alert_id` and `group_id` is not empty; instants are seconds, 0 = never."""

    zone: str
    alert_id: str
    group_id: str
    decision: str
    reason: str
    seen_verdict: int
    expires_at: int
    reviewer: str
    at: int


def newest_review(alert_id: str, group_id: str) -> int:
    """Return the number of the newest review of a subject, 0 if it has none."""
    sql = "SELECT COALESCE(MAX(id), 0) FROM reviews WHERE alert_id = %s AND group_id = %s"
    return int(fetch(sql, [alert_id, group_id])[0][0])


def save_review(row: ReviewRow) -> int:
    """Add a review, and let it supersede the one before; return its number. Must run in a transaction."""
    before = newest_review(row.alert_id, row.group_id)
    if before:  # another number than its own until the new one is known: the database allows one review in force
        execute("UPDATE reviews SET superseded_by = -1 WHERE id = %s", [before])
    sql = insert("reviews", (*ReviewRow._fields, "superseded_by")) + " RETURNING id"
    number = int(fetch(sql, [*row, 0])[0][0])
    execute("UPDATE reviews SET superseded_by = %s WHERE id = %s", [number, before])
    return number


def reviews_of(alert_id: str, group_id: str) -> list[Row]:
    """Return every review of an alert and of its group, the newest first; "" for either asks for the other only."""
    sql = (
        f"SELECT {', '.join(_COLUMNS)} FROM reviews WHERE (alert_id = %s AND alert_id <> '') OR "
        "(group_id = %s AND group_id <> '') ORDER BY id DESC"
    )
    return [_dict(row) for row in fetch(sql, [alert_id, group_id])]


def reviews_in_force(subjects: Iterable[tuple[str, str, int]], now: int) -> dict[str, Row]:
    """Return the reviews in force; the same rule as `reviews.IN_FORCE`, for a page of rows.

    Args:
        subjects: of an alert its id, its group's and its verdict; of a group "", its id and its worst verdict.
        now: seconds.

    Returns: by the alert's id, or the group's.
    """
    asked = list(subjects)
    found: dict[str, Row] = {}
    for column in ("alert_id", "group_id"):
        names = {one[column == "group_id"] for one in asked} - {""}
        sql = f"SELECT {', '.join(_COLUMNS)} FROM reviews WHERE superseded_by = 0 AND {column} IN ({{keys}})"
        found |= {row[column]: row for row in map(_dict, fetch_in(sql, sorted(names)))}
    chosen = {}
    for alert_id, group_id, verdict in asked:
        said = [found[name] for name in (alert_id, group_id) if name in found]
        holding = [row for row in said if is_in_force(row, verdict, now)]
        newest = max(holding, key=lambda row: int(row["id"]), default=None)
        if newest is not None and newest["decision"] != Decision.WITHDRAWN:
            chosen[alert_id or group_id] = newest
    return chosen


def newest_of_groups(group_ids: Iterable[str]) -> dict[str, int]:
    """Return by the group's id the number of its newest review; groups without one are left out."""
    sql = "SELECT group_id, id FROM reviews WHERE superseded_by = 0 AND group_id IN ({keys})"
    return {group: int(number) for group, number in fetch_in(sql, sorted(group_ids))}


def is_in_force(row: Row, verdict: int, now: int) -> bool:
    """Whether a review, not superseded, still speaks for an alert of a verdict."""
    if row["superseded_by"] or 0 < row["expires_at"] <= now:
        return False
    return row["decision"] == Decision.CONFIRMED_POSITIVE or verdict <= int(row["seen_verdict"])


def _dict(row: tuple[Any, ...]) -> Row:
    return dict(zip(_COLUMNS, row, strict=True))
