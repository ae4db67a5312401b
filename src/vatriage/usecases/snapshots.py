"""A new snapshot after a committed pull or import."""

from functools import partial
from pathlib import Path

import numpy as np
from django.db import transaction

from vatriage.inventory.knowledge import link_times
from vatriage.inventory.plausible import plausible
from vatriage.inventory.snapshot import build_snapshot
from vatriage.model.snapshot import Snapshot
from vatriage.store import snapshot_rows as rows
from vatriage.store.basis_rows import snapshots_rested_on
from vatriage.store.ledger import knowledge_is_sound
from vatriage.store.snapshots import builders_turn, dead_marks, is_behind, own_mark, save_snapshot
from vatriage.store.turns import one_instant
from vatriage.usecases.identity_rows import read_identity


def mark_behind(folder: Path) -> None:
    """Note, before the inventory changes, that the snapshot may fall behind it: the process may die in between."""
    folder.mkdir(parents=True, exist_ok=True)
    own_mark(folder).touch()


def finish_snapshot(folder: Path) -> Snapshot:
    """Build the snapshot after this thread's changes to the inventory are committed, and take its note away."""
    snapshot = rebuild_snapshot(folder)
    own_mark(folder).unlink(missing_ok=True)
    return snapshot


def follow(folder: Path) -> None:
    """Within a transaction that changes what the snapshot holds: note it, and build the snapshot once that is committed.

    The caller may stand in a transaction of its own (an action that happens once does): nothing is read before its end.
    """
    mark_behind(folder)
    transaction.on_commit(partial(finish_snapshot, folder))


def catch_up(folder: Path) -> None:
    """Build the snapshot again if the inventory may know more than it: who judges by an old one may clear what was found."""
    if is_behind(folder):
        rebuild_snapshot(folder)


def rebuild_snapshot(folder: Path) -> Snapshot:
    """Build the snapshot of the inventory as it is, and make it the current one.

    All of it is read as of one instant: a scan without the findings that were committed with it would clear its host.
    The notes of processes that died are taken away: what they committed is in it.
    """
    with builders_turn(folder):
        settled = dead_marks(folder)
        with one_instant():
            snapshot = _read_inventory()
        save_snapshot(folder, snapshot, snapshots_rested_on())
        for mark in settled:
            mark.unlink(missing_ok=True)
    return snapshot


def _read_inventory() -> Snapshot:
    pairs = rows.read_pairs()
    names = ("first_copy", "last_copy", "first_with", "last_with", "by_copy")
    times = [link_times(*row) for row in zip(*(pairs[name].tolist() for name in names), strict=True)]
    columns = np.array(times, dtype=np.int64).reshape(-1, 2)
    pairs |= {"added": columns[:, 0], "removed": columns[:, 1]}
    hosts, scans = rows.read_hosts(), rows.read_scans()
    if not knowledge_is_sound():
        hosts["whole_listed_at"][:] = 0
        scans["whole"][:] = 0
    return build_snapshot(
        zones=rows.read_zones(),
        hosts=hosts,
        addresses=rows.read_addresses(),
        scans=scans,
        findings=plausible(rows.read_findings()),
        qids=rows.read_qids(),
        pairs=pairs,
        identity=read_identity(),
        assets=rows.read_asset_values(),
    )
