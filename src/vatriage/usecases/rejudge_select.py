"""Which stored alerts' verdicts can be other ones by what is known now: put aside, to be judged again.

A verdict rests on a basis (policy, signatures, snapshot, clock). Of another snapshot, only what it says of the alert's
addresses and claims counts (`inventory/changed`); of a later clock, what was observed since; of another policy, or other
signatures, everything. A basis whose snapshot is not kept any more cannot be compared: all that rests on it is judged again.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from vatriage.inventory.changed import Changed, changed, instants_around, observed_after
from vatriage.model.snapshot import Snapshot, SnapshotColumns
from vatriage.store import due_rows
from vatriage.store.basis_rows import Basis, bases, move_bases, sets_with
from vatriage.store.snapshots import earlier_columns
from vatriage.store.turns import keepers_turn


class Instants(NamedTuple):
    """When something was observed, around the clock at which a snapshot was looked at."""

    last_us: int
    later_us: tuple[int, ...]

    def passed(self, clock_us: int, now_us: int) -> bool:
        """Whether something was observed after a clock and up to now."""
        return clock_us < self.last_us or any(clock_us < at <= now_us for at in self.later_us)

    def any_after(self, clock_us: int) -> bool:
        """Whether anything was observed after a clock, be it in the future: what a clock cuts off moves with it."""
        return clock_us < self.last_us or any(clock_us < at for at in self.later_us)


def instants_of(snapshot: Snapshot, now_us: int) -> Instants:
    """Return when something of a snapshot was observed."""
    return Instants(*instants_around(snapshot.columns, now_us))


def is_outdated(to: Basis, instants: Callable[[], Instants]) -> bool:
    """Whether a stored verdict rests on something else than a basis, or on a clock that what was observed has passed.

    Args:
        to: what is known now.
        instants: of its snapshot; asked for only if the versions are the same.
    """
    known = [basis for _, basis in bases()]
    return any(basis[:3] != to[:3] for basis in known) or any(_is_behind(basis, to, instants()) for basis in known)


def select(to: Basis, snapshot: Snapshot, instants: Instants, folder: Path, *, exact: bool) -> None:
    """Put aside what may be judged otherwise, and note that all the rest holds for the new basis.

    The snapshots are compared before anything is locked; verdicts that are stored meanwhile are looked at next time.

    Args:
        to: what is known now.
        snapshot: the current one, of `to`.
        instants: its.
        folder: of snapshots.
        exact: what is dated in the future counts as well; else only once the clock has passed it, so that nobody judges
            the same alerts over and over while he waits for that.
    """
    numbers: dict[Basis, list[int]] = {}
    for number, basis in bases():
        if _is_behind(basis, to, instants) or (exact and basis[3:] < to[3:] and instants.any_after(basis.clock_us)):
            numbers.setdefault(basis, []).append(number)
    differences = _differences({basis.snapshot for basis in numbers if basis[:2] == to[:2]}, snapshot, folder)
    clocks = {basis.clock_us: min(basis.clock_us, to.clock_us) for basis in numbers}
    late = {clock: observed_after(snapshot.columns, least) for clock, least in clocks.items()}
    with transaction.atomic():
        keepers_turn()
        due_rows.put_unknown()
        for basis in numbers:
            found = differences.get(basis.snapshot) if basis[:2] == to[:2] else None
            if found is None:
                due_rows.put_resting(basis)
            else:
                due_rows.put_addressed(basis, found.addresses | late[basis.clock_us])
                due_rows.put_claiming(basis, sets_with(found.claims))
        for mine in numbers.values():
            move_bases(mine, to)


def _is_behind(basis: Basis, to: Basis, instants: Instants) -> bool:
    """Whether a basis is another one; a clock that stood in the future saw what is not there yet."""
    is_other = basis[:3] != to[:3] or basis.clock_us > to.clock_us
    return is_other or instants.passed(basis.clock_us, to.clock_us)


def _differences(names: set[str], new: Snapshot, folder: Path) -> dict[str, Changed]:
    """Return by name of an earlier snapshot what the new one says otherwise; what is not kept is left out."""
    found = {}
    for name in sorted(names):
        old: SnapshotColumns | None = new.columns if name == new.id else earlier_columns(folder, name)
        if old is not None:
            found[name] = Changed(frozenset(), frozenset()) if name == new.id else changed(old, new.columns)
    return found
