"""Scans of hosts: rows with the ports they reached, and the vouching once a pull is known to be whole."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vatriage.store.bulk import Target, execute, fetch_in, insert_many

Ports = NDArray[np.uint32]
_NO_PORTS = np.zeros(0, dtype=np.uint32)
_SCANS = Target(
    "host_scans",
    ("host_id", "at", "kind", "whole", "check_set", "ports"),
    key=("host_id", "at", "kind"),
    update="ports = excluded.ports",
)


def save_scans(scans: Iterable[tuple[int, int, int, Ports | None]]) -> None:
    """Add scans, or the ports they reached: (host number, instant, kind, ports or None); ports are a union."""
    rows = {(host, at, kind): _NO_PORTS if ports is None else ports for host, at, kind, ports in scans}
    stored = _stored(sorted({host for host, _, _ in rows}))
    written = []
    for key, ports in rows.items():
        before = stored.get(key)
        after = ports if before is None else np.union1d(before, ports)
        if before is None or len(after) != len(before):
            written.append((*key, False, False, after.astype("<u4").tobytes()))
    insert_many(_SCANS, written)


def vouch_scans(pull_id: int, *, check_set: bool) -> int:
    """Mark the scans of a whole pull as whole, for every host that was received without rejects; return how many.

    The report of one scan speaks for that scan alone (`by_findings`). A scan that only the host list knows counts if it
    is no newer than a list of all findings: findings that were fetched before it are silent about it.

    Args:
        pull_id: the pull; its ledger of hosts and scans says which.
        check_set: the device (or the person who imports) vouches that the scans' check set is complete. If not, what
            was vouched of these hosts before is taken back: the person has changed their mind.
    """
    proven = (
        "EXISTS (SELECT 1 FROM pull_scans s JOIN pull_hosts h ON h.pull_id = s.pull_id AND h.host = s.host "
        "WHERE s.pull_id = %s AND s.host = host_scans.host_id AND s.at = host_scans.at AND s.kind = host_scans.kind "
        "AND h.listed AND h.received AND (s.by_findings OR s.at <= h.received_at) AND NOT EXISTS (SELECT 1 FROM "
        "pull_hosts r WHERE r.pull_id = s.pull_id AND r.host = s.host AND r.rejected))"
    )
    if check_set:
        execute(f"UPDATE host_scans SET check_set = %s WHERE NOT check_set AND {proven}", [True, pull_id])
    else:
        received = "SELECT h.host FROM pull_hosts h WHERE h.pull_id = %s AND h.listed"
        execute(f"UPDATE host_scans SET check_set = %s WHERE check_set AND host_id IN ({received})", [False, pull_id])
    return execute(f"UPDATE host_scans SET whole = %s WHERE NOT whole AND {proven}", [True, pull_id])


def take_back(device_id: int, *, checks: bool, lists: bool) -> int:
    """Take back what was vouched of the hosts that a device's pulls told of; return of how many scans and hosts.

    Args:
        device_id: the device; its zone is still the one it pulled into.
        checks: nobody vouches any more that its scans ran all checks.
        lists: its hosts are of another zone, so what lists of them leave out says nothing of this one.
    """
    mine = (
        "SELECT h.id FROM hosts h WHERE EXISTS (SELECT 1 FROM pulls p WHERE p.device_id = %s AND p.zone_id = h.zone_id "
        "AND p.account_id = h.account_id)"
    )
    taken = 0
    if checks:
        taken += execute(
            f"UPDATE host_scans SET check_set = %s WHERE check_set AND host_id IN ({mine})", [False, device_id]
        )
    if lists:
        taken += execute(f"UPDATE host_scans SET whole = %s WHERE whole AND host_id IN ({mine})", [False, device_id])
        taken += execute(
            f"UPDATE hosts SET whole_listed_at = 0 WHERE whole_listed_at > 0 AND id IN ({mine})", [device_id]
        )
    return taken


def _stored(hosts: list[int]) -> dict[tuple[int, int, int], Ports]:
    rows = fetch_in("SELECT host_id, at, kind, ports FROM host_scans WHERE host_id IN ({keys})", hosts)
    return {(host, at, kind): np.frombuffer(bytes(ports), dtype="<u4") for host, at, kind, ports in rows}
