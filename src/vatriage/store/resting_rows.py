"""What the newest verdicts of stored alerts rest on, noted with them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vatriage.store.basis_rows import Basis, Claimed, basis_ids, claim_set_ids
from vatriage.store.bulk import write_many
from vatriage.store.outcome_rows import Outcome


class Rests(NamedTuple):
    """What a verdict rests on beside the alert: what another snapshot or a success that is seen later may change."""

    basis: Basis
    claims: tuple[str, ...]
    """Ids, sorted."""
    both_ends: bool
    outcome: Outcome | None = None
    """The alert itself, if it tells of a success."""
    window_us: int = 0
    """How long after an attempt a success counts."""


class Resting(NamedTuple):
    """A stored alert and what its newest verdict rests on; None = not known."""

    alert_id: str
    gid: int
    sid: int
    rests: Rests | None


def rest_upon(alerts: Sequence[Resting]) -> None:
    """Note what newest verdicts rest on that are what would be said now as well."""
    resting = resting_columns(alerts)
    write_many(
        "UPDATE alerts SET basis = %s, claim_set = %s, both_ends = %s WHERE id = %s",
        [(*resting[one.alert_id], one.alert_id) for one in alerts],
    )


def resting_columns(alerts: Iterable[Resting]) -> dict[str, tuple[int, int, bool]]:
    """Return by alert the columns of what its verdict rests on."""
    given = list(alerts)
    known = {one.alert_id: (one.rests, Claimed(one.gid, one.sid, one.rests.claims)) for one in given if one.rests}
    bases = basis_ids(rests.basis for rests, _ in known.values())
    sets = claim_set_ids(claimed for _, claimed in known.values())
    columns = {name: (bases[rests.basis], sets[claimed], rests.both_ends) for name, (rests, claimed) in known.items()}
    return {one.alert_id: columns.get(one.alert_id, (0, 0, True)) for one in given}
