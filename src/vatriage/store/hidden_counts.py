"""How many alerts of a filter are hidden, counted up to a bound: no page counts a million rows."""

from collections.abc import Sequence
from dataclasses import replace

from vatriage.model.alert_filter import AlertFilter, Order
from vatriage.model.verdict import Verdict
from vatriage.store.alert_branches import branches_of
from vatriage.store.bulk import fetch
from vatriage.store.hidden import Policies, left_out

COUNTED = 10_000
"""Up to so many are counted."""


def count_left_out(
    wanted: AlertFilter, policies: Policies, signatures: Sequence[tuple[int, int]] | None, now: int
) -> int:
    """Return how many alerts of a filter are left out by some policies, at most COUNTED + 1.

    Args:
        wanted: the filter, within what the viewer sees, without a verdict.
        policies: zones where hiding is on.
        signatures: (gid, sid) of the filter's signature, None = it asks for none.
        now: seconds.
    """
    zones = frozenset(zone for zone, _ in policies)
    narrowed = replace(wanted.within(zones), verdicts=frozenset({Verdict.NOT_AFFECTED}), leave_out=frozenset())
    hidden, values = left_out(policies, now)
    number = 0
    for branch in branches_of(narrowed, Order.RANK, signatures, now):
        if number > COUNTED:
            break
        sql = (
            f"SELECT COUNT(*) FROM (SELECT a.id FROM alerts a WHERE {branch.sql} AND {hidden} "
            f"LIMIT {COUNTED + 1 - number:d}) AS counted"
        )
        number += int(fetch(sql, [*branch.values, *values])[0][0])
    return number
