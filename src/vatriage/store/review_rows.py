"""Reviews: rows <-> records. Nothing is ever deleted or overwritten; a later one supersedes an earlier one."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from vatriage.model.alert_filter import DENYING, Decision
from vatriage.model.verdict import Verdict
from vatriage.store.bulk import execute, fetch, fetch_in, insert
from vatriage.store.reviews import wide_of

_COLUMNS = (
    "id", "zone", "alert_id", "group_id", "decision", "reason", "seen_verdict", "expires_at", "reviewer", "at",
    "superseded_by", "scope", "gid", "sid", "target_address", "attacker_address",
)  # fmt: skip
Row = dict[str, Any]


class ReviewRow(NamedTuple):
    """A new review. Exactly one of `alert_id`, `group_id` and `scope` is not empty; instants are seconds, 0 = never."""

    zone: str
    alert_id: str
    group_id: str
    decision: str
    reason: str
    seen_verdict: int
    expires_at: int
    reviewer: str
    at: int
    scope: str = ""
    gid: int = 0
    sid: int = 0
    target_address: str = ""
    attacker_address: str = ""

    @property
    def subject(self) -> tuple[Any, ...]:
        """What it is a review of."""
        return (self.alert_id, self.group_id, *self[9:], *((self.zone,) if self.scope else ()))


def newest_review(row: ReviewRow) -> int:
    """Return the number of the newest review of a row's subject, 0 if it has none."""
    same = ("alert_id", "group_id", *ReviewRow._fields[9:], *(("zone",) if row.scope else ()))
    sql = f"SELECT COALESCE(MAX(id), 0) FROM reviews WHERE {' AND '.join(f'{name} = %s' for name in same)}"
    return int(fetch(sql, row.subject)[0][0])


def save_review(row: ReviewRow) -> int:
    """Add a review, and let it supersede the one before; return its number. Must run in a transaction."""
    before = newest_review(row)
    if before:  # another number than its own until the new one is known: the database allows one review in force
        execute("UPDATE reviews SET superseded_by = -1 WHERE id = %s", [before])
    sql = insert("reviews", (*ReviewRow._fields, "superseded_by")) + " RETURNING id"
    number = int(fetch(sql, [*row, 0])[0][0])
    execute("UPDATE reviews SET superseded_by = %s WHERE id = %s", [number, before])
    return number


def reviews_of(alert_id: str, group_id: str) -> list[Row]:
    """Return every review of an alert and of its group, the newest first; "" for either asks for the other only.

    Reviews of the group's signature that cover it are among them.
    """
    sql = (
        f"SELECT {_named('r')} FROM reviews r WHERE (alert_id = %s AND alert_id <> '') OR "
        f"(group_id = %s AND group_id <> '') OR EXISTS (SELECT 1 FROM alert_groups g WHERE g.id = %s AND {wide_of('g')}) "
        "ORDER BY id DESC"
    )
    return [_dict(row) for row in fetch(sql, [alert_id, group_id, group_id])]


def review_row(number: int) -> Row | None:
    """Return one review, None if there is none of that number."""
    rows = fetch(f"SELECT {', '.join(_COLUMNS)} FROM reviews WHERE id = %s", [number])
    return _dict(rows[0]) if rows else None


class Said(NamedTuple):
    """What people said of the rows of a page, by the alert's id or the group's."""

    in_force: dict[str, Row]
    contradicted: dict[str, Row]
    """The newest review that the evidence speaks against, where none is in force; of a group also one of its alerts'."""


def said_of(subjects: Iterable[tuple[str, str, int]], now: int) -> Said:
    """Return what reviews say of a page of rows; the same rules as `reviews.IN_FORCE` and `reviews.CONTRADICTED`.

    Args:
        subjects: of an alert its id, its group's and its verdict; of a group "", its id and its worst verdict.
        now: seconds.
    """
    asked = list(subjects)
    direct, wide = _direct(asked), _wide({group for _, group, _ in asked})
    inside = _inside({group for alert, group, _ in asked if not alert})
    found = Said({}, {})
    for alert_id, group_id, verdict in asked:
        near = [direct[name] for name in (alert_id, group_id) if name in direct]
        far = wide.get(group_id, [])
        speaking = _newest(near, verdict, now) or _newest(far, verdict, now)
        if speaking is not None and speaking["decision"] != Decision.WITHDRAWN:
            found.in_force[alert_id or group_id] = speaking
            continue
        own = [row for row, found_of in inside.get(group_id, []) if is_contradicted(row, found_of, now)]
        against = [row for row in near + far if is_contradicted(row, verdict, now)] + ([] if alert_id else own)
        if against:
            found.contradicted[alert_id or group_id] = max(against, key=lambda row: int(row["id"]))
    return found


def reviews_in_force(subjects: Iterable[tuple[str, str, int]], now: int) -> dict[str, Row]:
    """Return the reviews in force, by the alert's id or the group's; see `said_of`."""
    return said_of(subjects, now).in_force


def contradicted_since(row: Row, alert_id: str, group_id: str) -> int:
    """Return when the evidence against a review was first judged, in microseconds; 0 if it cannot be told.

    Args:
        row: the review.
        alert_id: of the alert that it is about, "" for all of a group.
        group_id: of the group.
    """
    sql = (
        "SELECT COALESCE(MIN(CASE WHEN v.judged_at_us > %s THEN v.judged_at_us END), MIN(v.judged_at_us)) FROM alerts a "
        "JOIN verdicts v ON v.alert_id = a.id WHERE a.zone = %s AND a.verdict > %s AND a.verdict >= %s AND v.verdict > %s "
        "AND v.verdict >= %s AND "
    )  # judged after the review, if the clocks agree; alerts that got better again do not count
    bounds = [row["seen_verdict"], int(Verdict.POSSIBLY_AFFECTED)]
    one, name = ("a.id = %s", alert_id) if alert_id else ("a.group_id = %s", group_id)
    return int(fetch(sql + one, [row["at"] * 1_000_000, row["zone"], *bounds, *bounds, name])[0][0] or 0)


def newest_of_groups(group_ids: Iterable[str]) -> dict[str, int]:
    """Return by the group's id the number of its newest review; groups without one are left out."""
    sql = "SELECT group_id, id FROM reviews WHERE superseded_by = 0 AND group_id IN ({keys})"
    return {group: int(number) for group, number in fetch_in(sql, sorted(group_ids))}


def is_in_force(row: Row, verdict: int, now: int) -> bool:
    """Whether a review, not superseded, still speaks for an alert of a verdict."""
    if row["superseded_by"] or 0 < row["expires_at"] <= now:
        return False
    return row["decision"] == Decision.CONFIRMED_POSITIVE or verdict <= int(row["seen_verdict"])


def is_contradicted(row: Row, verdict: int, now: int) -> bool:
    """Whether a review, not superseded and not expired, calls harmless what evidence speaks against now."""
    if row["superseded_by"] or 0 < row["expires_at"] <= now or row["decision"] not in DENYING:
        return False
    return verdict > int(row["seen_verdict"]) and verdict >= Verdict.POSSIBLY_AFFECTED


def _newest(rows: Iterable[Row], verdict: int, now: int) -> Row | None:
    holding = [row for row in rows if is_in_force(row, verdict, now)]
    return max(holding, key=lambda row: int(row["id"]), default=None)


def _direct(asked: Iterable[tuple[str, str, int]]) -> dict[str, Row]:
    """Return the reviews that are not superseded, by the id of their alert or group."""
    given = list(asked)
    found: dict[str, Row] = {}
    for column in ("alert_id", "group_id"):
        names = {one[column == "group_id"] for one in given} - {""}
        sql = f"SELECT {', '.join(_COLUMNS)} FROM reviews WHERE superseded_by = 0 AND {column} IN ({{keys}})"
        found |= {row[column]: row for row in map(_dict, fetch_in(sql, sorted(names)))}
    return found


def _wide(groups: Iterable[str]) -> dict[str, list[Row]]:
    """Return by a group's id the reviews of its signature that cover it and are not superseded."""
    sql = (
        f"SELECT g.id, {_named('r')} FROM alert_groups g JOIN reviews r ON {wide_of('g')} "
        "WHERE r.superseded_by = 0 AND g.id IN ({keys})"
    )
    found: dict[str, list[Row]] = {}
    for group, *row in fetch_in(sql, sorted(groups)):
        found.setdefault(group, []).append(_dict(tuple(row)))
    return found


def _inside(groups: Iterable[str]) -> dict[str, list[tuple[Row, int]]]:
    """Return by a group's id the reviews of single alerts of it that are not superseded, with the alert's verdict."""
    sql = (
        f"SELECT a.group_id, a.verdict, {_named('r')} FROM reviews r JOIN alerts a ON a.id = r.alert_id "
        "WHERE r.superseded_by = 0 AND r.alert_id <> '' AND a.group_id || '' IN ({keys})"
    )  # from the reviews to the alerts: a busy group has more of these
    found: dict[str, list[tuple[Row, int]]] = {}
    for group, verdict, *row in fetch_in(sql, sorted(groups)):
        found.setdefault(group, []).append((_dict(tuple(row)), int(verdict)))
    return found


def _named(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in _COLUMNS)


def _dict(row: tuple[Any, ...]) -> Row:
    return dict(zip(_COLUMNS, row, strict=True))
