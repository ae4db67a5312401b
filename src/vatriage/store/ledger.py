"""The ledger of pulls and imports: what was asked, what came, page by page; what was rejected."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from vatriage.model.name import checked_name
from vatriage.model.report import Reject
from vatriage.store.bulk import Target, execute, fetch, insert, insert_many, json_text, plain
from vatriage.store.places import Account, Zone

RUNNING, COMPLETE, INCOMPLETE, FAILED = "running", "complete", "incomplete", "failed"
DETAILS = ("pull_scans", "pull_missing", "pull_ids")
"""What a pull must remember until it is whole or given up."""


_HOSTS = Target(
    "pull_hosts",
    ("pull_id", "host", "vendor_id", "listed", "received", "received_at", "seen_again", "rejected"),
    key=("pull_id", "host", "vendor_id"),
    update="listed = excluded.listed OR pull_hosts.listed, received = excluded.received OR pull_hosts.received, "
    "received_at = CASE WHEN excluded.received_at > pull_hosts.received_at THEN excluded.received_at "
    "ELSE pull_hosts.received_at END, seen_again = excluded.seen_again OR pull_hosts.seen_again, "
    "rejected = excluded.rejected OR pull_hosts.rejected",
)
_SCANS = Target(
    "pull_scans",
    ("pull_id", "host", "at", "kind", "by_findings"),
    key=("pull_id", "host", "at", "kind"),
    update="by_findings = excluded.by_findings OR pull_scans.by_findings",
)
_REJECTED = Target("rejected", ("pull_id", "place", "subject", "problem", "raw"))


class OpenPull(NamedTuple):
    """A pull or import under way."""

    id: int
    zone_id: int
    zone: str
    account_id: int
    account: str


def zone_number(name: str) -> int:
    """Return a zone's number; a new name makes a new zone. Raises: UsageError: it is no name for a zone."""
    return int(Zone.objects.get_or_create(name=checked_name("zone", name))[0].pk)


def open_pull(
    *, zone: str, account: str, origin: str, started_at: int, device_id: int | None = None, request: Mapping[str, Any]
) -> OpenPull:
    """Start the ledger of a pull (`origin="pull"`), an import ("import") or the replay of a pull ("replay")."""
    zone_id, account_id = zone_number(zone), int(Account.objects.get_or_create(name=account)[0].pk)
    columns = (
        "zone_id", "account_id", "device_id", "origin", "state", "started_at", "finished_at", "whole",
        "vouched_checks", "request", "counts", "error", "resumable", "scan_ref", "knowledge", "knowledge_damaged",
        "cancel_requested",
    )  # fmt: skip
    values = (
        zone_id, account_id, device_id, origin, RUNNING, started_at, 0, False, False, json_text(request), "{}", "",
        False, "", 0, False, "",
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
        [state, finished_at, whole, vouched_checks, json_text(counts), plain(error), resumable, pull.id],
    )


class HostNote(NamedTuple):
    """What a page tells the ledger of a host; flags only rise."""

    host: int
    vendor_id: int
    listed: bool
    received: bool
    """A list of findings, or a scan's report, holds it."""
    received_at: int
    """The date of the list of all its findings, seconds; 0 = not stated, or only a scan's report holds it."""
    seen_again: bool
    """It was still there after its findings had been asked for."""
    rejected: bool


def note_hosts(pull: OpenPull, rows: Iterable[HostNote]) -> None:
    """Add to what the pull knows of hosts."""
    insert_many(_HOSTS, [(pull.id, *row) for row in rows])


def note_scans(pull: OpenPull, rows: Iterable[tuple[int, int, int, bool]]) -> None:
    """Remember the scans the pull reported: (host number, instant, kind, stated by a list of findings itself)."""
    insert_many(_SCANS, [(pull.id, *row) for row in rows])


def newest_scan(pull: OpenPull) -> int:
    """Return when the newest scan that the pull reported was, seconds; 0 = it reported none, or its details are gone."""
    return int(fetch("SELECT COALESCE(MAX(at), 0) FROM pull_scans WHERE pull_id = %s", [pull.id])[0][0])


def receive_all(pull: OpenPull, at: int) -> None:
    """Note that every listed host was received: hosts without a finding are left out of a list of all findings.

    Args:
        pull: the ledger.
        at: the date of the list of findings, seconds; 0 = not stated.
    """
    sql = "UPDATE pull_hosts SET received = %s, received_at = %s WHERE pull_id = %s AND listed AND received_at = 0"
    execute(sql, [True, at, pull.id])


def note_knowledge(pull: OpenPull, entries: int, *, damaged: bool) -> None:
    """Add entries of the KnowledgeBase, and that others were lost; must run in the transaction that merged them.

    Args:
        pull: the ledger.
        entries: of a copy that makes good for damaged ones (see `damaged_copies.qids_to_make_good`); else 0.
        damaged: the copy lost entries or claims.
    """
    sql = "UPDATE pulls SET knowledge = knowledge + %s, knowledge_damaged = (knowledge_damaged OR %s) WHERE id = %s"
    execute(sql, [entries, damaged, pull.id])


def knowledge_is_sound() -> bool:
    """Whether no copy of the KnowledgeBase lost entries, or a later one, which lost none, makes good for it.

    An entry that was lost may be the one QID that objects: until a sound copy is there, silence proves nothing.
    """
    sql = (
        "SELECT COUNT(*) FROM pulls d WHERE d.knowledge_damaged AND NOT EXISTS (SELECT 1 FROM pulls c "
        "WHERE c.id > d.id AND NOT c.knowledge_damaged AND c.knowledge > 0)"
    )
    return int(fetch(sql)[0][0]) == 0


def keep_rejects(pull: OpenPull, rejects: Iterable[Reject]) -> None:
    """Keep rejected records."""
    insert_many(
        _REJECTED,
        [
            (pull.id, plain(item.where[:500]), plain(item.subject[:500]), plain(item.problem), item.raw)
            for item in rejects
        ],
    )


def forget_details(pull: OpenPull) -> None:
    """Drop the per-host rows of a finished pull; its counts and pages stay."""
    for table in DETAILS:
        execute(f"DELETE FROM {table} WHERE pull_id = %s", [pull.id])
    execute("DELETE FROM pull_hosts WHERE pull_id = %s AND received AND NOT rejected AND trouble = ''", [pull.id])


def forget_hosts(pull: OpenPull) -> None:
    """Drop what a replay noted of hosts, but for those of which something could not be read: it lists nothing."""
    execute("DELETE FROM pull_hosts WHERE pull_id = %s AND NOT rejected", [pull.id])
