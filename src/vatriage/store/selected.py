"""The alerts of a filter as one selection: which they are, what was said of them, and one review for each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from vatriage.model.alert_filter import AlertFilter, Order
from vatriage.store.alert_branches import branches_of, is_narrow, read_branches
from vatriage.store.bulk import Target, execute, fetch, fetch_in, insert_many, key_lists
from vatriage.store.review_rows import ReviewRow


class Selected(NamedTuple):
    """One alert of a selection."""

    id: str
    group_id: str
    zone: str
    verdict: int
    review: int
    """Number of the newest review of the alert itself, 0 = none."""


class SelectedGroup(NamedTuple):
    """One group that holds alerts of a selection."""

    id: str
    zone: str
    alerts: int
    """All of its alerts."""
    worst: int
    review: int
    """Number of its newest review, 0 = none."""


def select(
    wanted: AlertFilter, signatures: Sequence[tuple[int, int]] | None, now: int, limit: int
) -> list[Selected]:  # fmt: skip
    """Return the alerts of a filter in order of their ids, at most `limit`; see `alert_pages.alerts_after`."""
    branches = branches_of(wanted, Order.TIME, signatures, now)
    found = sorted(read_branches(branches, ("at_us", "id"), limit, narrow=is_narrow(wanted)), reverse=True)[:limit]
    names = [name for _, name in found]
    rows = fetch_in("SELECT id, group_id, zone, verdict FROM alerts WHERE id IN ({keys})", names)
    said = dict(
        fetch_in("SELECT alert_id, id FROM reviews WHERE superseded_by = 0 AND alert_id IN ({keys})", names)
    )  # fmt: skip
    return sorted(Selected(name, group, zone, verdict, said.get(name, 0)) for name, group, zone, verdict in rows)


def groups_of(names: Sequence[str]) -> list[SelectedGroup]:
    """Return groups in order of their ids."""
    rows = fetch_in("SELECT id, zone, alerts, worst FROM alert_groups WHERE id IN ({keys})", names)
    said = dict(
        fetch_in("SELECT group_id, id FROM reviews WHERE superseded_by = 0 AND group_id IN ({keys})", names)
    )  # fmt: skip
    return sorted(SelectedGroup(name, zone, alerts, worst, said.get(name, 0)) for name, zone, alerts, worst in rows)


_REVIEWS = Target("reviews", (*ReviewRow._fields, "superseded_by"))


def save_alert_reviews(rows: Sequence[ReviewRow]) -> None:
    """Add reviews of single alerts; each supersedes the one before. Must run in a transaction, in the reviewers' turn."""
    names = sorted(row.alert_id for row in rows)
    for marks, values in key_lists(names):
        execute(
            f"UPDATE reviews SET superseded_by = -1 WHERE superseded_by = 0 AND alert_id IN ({marks})", values
        )  # fmt: skip
    insert_many(_REVIEWS, [(*row, 0) for row in rows])
    execute(
        "UPDATE reviews SET superseded_by = (SELECT MAX(n.id) FROM reviews n WHERE n.alert_id = reviews.alert_id) "
        "WHERE superseded_by = -1 AND alert_id <> ''"
    )


def newest_number() -> int:
    """Return the number of the newest review of all, 0 if there is none."""
    found: Any = fetch("SELECT COALESCE(MAX(id), 0) FROM reviews")[0][0]
    return int(found)
