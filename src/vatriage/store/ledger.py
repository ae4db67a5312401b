"""The ledger of pulls and imports: what was asked, what came, page by page; what was rejected."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from vatriage.model.report import Reject
from vatriage.store.bulk import execute, fetch, insert, write_many
from vatriage.store.places import Account, Zone

RUNNING, COMPLETE, INCOMPLETE, FAILED = "running", "complete", "incomplete", "failed"
DETAILS = ("pull_scans", "pull_missing")
"""What a pull must remember until it is whole or given up."""


class OpenPull(NamedTuple):
    """A pull or import under way."""

    id: int
    zone_id: int
    zone: str
    account_id: int
    account: str


def zone_number(name: str) -> int:
    """Return a zone's number; a new name makes a new zone."""
    return int(Zone.objects.get_or_create(name=name)[0].pk)


def open_pull(
    *, zone: str, account: str, origin: str, started_at: int, device_id: int | None = None, request: Mapping[str, Any]
) -> OpenPull:
    """Start the ledger of a pull (`origin="pull"`) or an import (`origin="import"`)."""
    zone_id, account_id = zone_number(zone), int(Account.objects.get_or_create(name=account)[0].pk)
    columns = (
        "zone_id", "account_id", "device_id", "origin", "state", "started_at", "finished_at", "whole",
        "vouched_checks", "request", "counts", "error", "resumable", "scan_ref",
    )  # fmt: skip
    values = (
        zone_id, account_id, device_id, origin, RUNNING, started_at, 0, False, False, json.dumps(request), "{}", "",
        False, "",
    )  # fmt: skip
    sql = insert("pulls", columns) + " RETURNING id"
    return OpenPull(int(fetch(sql, values)[0][0]), zone_id, zone, account_id, account)


def close_pull(
    pull: OpenPull,
    *,
    state: str,
    finished_at: int,
    whole: bool,
    vouched_checks: bool,
    counts: Mapping[str, Any],
    error: str,
    resumable: bool = False,
) -> None:
    """End the ledger of a pull, for good or (`resumable`) until another process goes on with it."""
    execute(
        "UPDATE pulls SET state = %s, finished_at = %s, whole = %s, vouched_checks = %s, counts = %s, error = %s, "
        "resumable = %s WHERE id = %s",
        [state, finished_at, whole, vouched_checks, json.dumps(counts), error, resumable, pull.id],
    )


def note_hosts(pull: OpenPull, rows: Iterable[tuple[int, int, bool, bool, bool]]) -> None:
    """Add to what the pull knows of hosts: (host number, vendor id, listed, received, rejected); flags only rise."""
    sql = insert(
        "pull_hosts",
        ("pull_id", "host", "vendor_id", "listed", "received", "rejected"),
        "(pull_id, host, vendor_id) DO UPDATE SET listed = excluded.listed OR pull_hosts.listed, "
        "received = excluded.received OR pull_hosts.received, rejected = excluded.rejected OR pull_hosts.rejected",
    )
    write_many(sql, [(pull.id, *row) for row in rows])


def note_scans(pull: OpenPull, rows: Iterable[tuple[int, int, int]]) -> None:
    """Remember the scans the pull reported: (host number, instant, kind)."""
    sql = insert("pull_scans", ("pull_id", "host", "at", "kind"), "(pull_id, host, at, kind) DO NOTHING")
    write_many(sql, [(pull.id, *row) for row in rows])


def receive_all(pull: OpenPull) -> None:
    """Note that every listed host was received: hosts without a finding are left out of a list of findings."""
    execute("UPDATE pull_hosts SET received = %s WHERE pull_id = %s AND listed", [True, pull.id])


def keep_rejects(pull: OpenPull, rejects: Iterable[Reject]) -> None:
    """Keep rejected records."""
    sql = insert("rejected", ("pull_id", "place", "subject", "problem", "raw"))
    write_many(sql, [(pull.id, item.where[:500], item.subject[:500], item.problem, item.raw) for item in rejects])


def forget_details(pull: OpenPull) -> None:
    """Drop the per-host rows of a finished pull; its counts and pages stay."""
    for table in DETAILS:
        execute(f"DELETE FROM {table} WHERE pull_id = %s", [pull.id])
    execute("DELETE FROM pull_hosts WHERE pull_id = %s AND received AND NOT rejected", [pull.id])
