"""How many alerts a review beyond one group covers, from the counters of groups."""

from typing import NamedTuple

from vatriage.store.bulk import fetch
from vatriage.store.review_rows import ReviewRow, newest_review


class Reach(NamedTuple):
    """What a review of a signature would cover."""

    alerts: int
    groups: int
    worst: int
    """Number of the worst verdict, 0 if there is no alert."""
    newest: int
    """Number of the newest review of the same subject, 0 = none."""


def reach(row: ReviewRow) -> Reach:
    """Return what a review of a row's subject covers now."""
    ends = (row.target_address, row.target_address, row.attacker_address, row.attacker_address)
    sql = (
        "SELECT COALESCE(SUM(alerts), 0), COUNT(*), COALESCE(MAX(worst), 0) FROM alert_groups WHERE alerts > 0 AND "
        "zone = %s AND sid = %s AND gid = %s AND (%s = '' OR target_address = %s) AND (%s = '' OR attacker_address = %s)"
    )
    alerts, groups, worst = fetch(sql, [row.zone, row.sid, row.gid, *ends])[0]
    return Reach(int(alerts), int(groups), int(worst), newest_review(row))
