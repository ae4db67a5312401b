"""The end of a pull or import: what a whole report may say, and nothing else may (VERDICT 3.1, 3.2).

An incomplete report fixes nothing, makes nothing gone and refutes nothing; what it found still counts.
"""

from vatriage.inventory.changes import ChangeKind
from vatriage.store.bulk import execute, fetch
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
    all_hosts_listed: bool,
) -> None:
    """Vouch for a whole report: must run inside a transaction.

    Args:
        pull: its ledger says that every page arrived.
        check_set: the scans' check set is vouched complete.
        recorded_at: now, seconds.
        counts: gone detections are added.
        silent_hosts_at: listed hosts of which no finding came are clean as of this date of the list of findings (a
            person vouches for it; 0 = the list bears no date). None: nothing is known of them.
        all_hosts_listed: the host list was the account's whole one, so that hosts not in it are gone.
    """
    if silent_hosts_at is not None:
        receive_all(pull, silent_hosts_at)
    note_whole_lists(pull.id)
    vouch_scans(pull.id, check_set=check_set)
    gone = mark_gone(pull.id)
    counts.gone += len(gone)
    save_changes(
        (host, ChangeKind.GONE, at, recorded_at, pull.id, qid, port, protocol, "")
        for host, at, qid, port, protocol in gone
    )
    if all_hosts_listed:
        _mark_hosts(pull, recorded_at)


def _mark_hosts(pull: OpenPull, recorded_at: int) -> None:
    """Mark the account's hosts that a whole host list leaves out (purges are silent), and unmark those it holds."""
    listed = "EXISTS (SELECT 1 FROM pull_hosts p WHERE p.pull_id = %s AND p.host = hosts.id AND p.listed)"
    mine = "zone_id = %s AND account_id = %s"
    missing = fetch(
        f"SELECT id FROM hosts WHERE {mine} AND gone_at = 0 AND NOT {listed}",
        [pull.zone_id, pull.account_id, pull.id],
    )
    execute(f"UPDATE hosts SET gone_at = 0 WHERE gone_at > 0 AND {listed}", [pull.id])
    execute(
        f"UPDATE hosts SET gone_at = %s WHERE {mine} AND gone_at = 0 AND NOT {listed}",
        [recorded_at, pull.zone_id, pull.account_id, pull.id],
    )
    save_changes((host, ChangeKind.GONE, recorded_at, recorded_at, pull.id, 0, -1, 0, "") for (host,) in missing)


def settle(pull: OpenPull) -> None:
    """Drop the ledger's working rows."""
    forget_details(pull)
