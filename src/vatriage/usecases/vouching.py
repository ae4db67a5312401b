"""The end of a pull or import: what a whole report may say, and nothing else may (VERDICT 3.1, 3.2).

An incomplete report fixes nothing, makes nothing gone and refutes nothing; what it found still counts.
"""

from collections.abc import Callable

from vatriage.inventory.changes import ChangeKind
from vatriage.store.bulk import execute, key_lists
from vatriage.store.change_rows import save_changes
from vatriage.store.detection_rows import mark_gone
from vatriage.store.host_rows import note_whole_lists
from vatriage.store.ledger import OpenPull, forget_details, receive_all
from vatriage.store.scan_rows import vouch_scans
from vatriage.usecases.merge_page import MergeCounts


def vouch(
    pull: OpenPull,
    *,
    check_set: bool,
    recorded_at: int,
    counts: MergeCounts,
    silent_hosts_at: int | None,
    gone: Callable[[], list[int]] | None = None,
) -> None:
    """Vouch for a whole report: must run inside a transaction.

    Args:
        pull: its ledger says that every page arrived.
        check_set: the scans' check set is vouched complete.
        recorded_at: now, seconds.
        counts: gone detections are added.
        silent_hosts_at: listed hosts of which no finding came are clean as of this date of the list of findings (a
            person vouches for it; 0 = the list bears no date). None: nothing is known of them.
        gone: returns the numbers of the hosts that the account does not hold any more; None: nobody knows.
    """
    if silent_hosts_at is not None:
        receive_all(pull, silent_hosts_at)
    note_whole_lists(pull.id)
    vouch_scans(pull.id, check_set=check_set)
    missing = mark_gone(pull.id)
    counts.gone += len(missing)
    save_changes(
        (host, ChangeKind.GONE, at, recorded_at, pull.id, qid, port, protocol, "")
        for host, at, qid, port, protocol in missing
    )
    if gone is not None:
        counts.hosts_gone += _mark_hosts(pull, gone(), recorded_at)


def _mark_hosts(pull: OpenPull, numbers: list[int], recorded_at: int) -> int:
    """Mark the hosts that the account lost (purges are silent), and unmark those it lists; return how many are gone now."""
    listed = "EXISTS (SELECT 1 FROM pull_hosts p WHERE p.pull_id = %s AND p.host = hosts.id AND p.listed)"
    execute(f"UPDATE hosts SET gone_at = 0 WHERE gone_at > 0 AND {listed}", [pull.id])
    for marks, values in key_lists(numbers):
        execute(f"UPDATE hosts SET gone_at = %s WHERE gone_at = 0 AND id IN ({marks})", [recorded_at, *values])
    save_changes((host, ChangeKind.GONE, recorded_at, recorded_at, pull.id, 0, -1, 0, "") for host in numbers)
    return len(numbers)


def settle(pull: OpenPull) -> None:
    """Drop the ledger's working rows."""
    forget_details(pull)
