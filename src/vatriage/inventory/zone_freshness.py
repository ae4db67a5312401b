"""How old what a snapshot knows of each zone is, and how its hosts were looked at: what decides whether silence counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vatriage.model.evidence import ScanKind
from vatriage.model.snapshot import SnapshotColumns

_KIND_BITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneFreshness:
    """The hosts of a zone that are still there. Instants are seconds, 0 = there is none."""

    zone: str
    hosts: int
    fresh: int
    """Hosts with a scan whose silence counts for an alert of now: not older than the policy's limit for its kind."""
    newest_scan: int
    """Of all hosts."""
    oldest_scan: int
    """The last scan of the host that was looked at longest ago."""
    agent: int
    """Hosts whose best scan is an agent's."""
    authenticated: int
    remote: int
    never: int
    """Hosts without any scan."""

    @property
    def not_fresh(self) -> int:
        """Hosts without a scan that counts now."""
        return self.hosts - self.fresh


def zone_freshness(columns: SnapshotColumns, now: int, limits: Sequence[int]) -> list[ZoneFreshness]:
    """Return one line a zone, in order of name.

    Args:
        columns: of the snapshot.
        now: seconds; scans after it do not count.
        limits: by ScanKind, for how many seconds the silence of such a scan counts.
    """
    count = len(columns.host_zone)
    owner = np.repeat(np.arange(count), np.diff(columns.scan_offsets))
    at, kind = np.asarray(columns.scan_at), np.asarray(columns.scan_flags) & _KIND_BITS
    seen = at <= now
    owner, at, kind = owner[seen], at[seen], kind[seen]
    last = np.zeros(count, dtype=np.int64)
    np.maximum.at(last, owner, at)
    best = np.full(count, -1, dtype=np.int64)
    np.maximum.at(best, owner, kind.astype(np.int64))
    counts_now = at >= now - np.asarray(limits, dtype=np.int64)[kind]
    fresh = np.bincount(owner[counts_now], minlength=count) > 0
    here = still_there(columns)
    zone = np.asarray(columns.host_zone)
    return [
        _of_zone(str(name), here & (zone == number), last, best, fresh) for number, name in enumerate(columns.zones)
    ]


def still_there(columns: SnapshotColumns) -> NDArray[np.bool_]:
    """Return for each host whether it did not leave all its addresses."""
    count = len(columns.host_zone)
    holds = np.bincount(columns.holding_host, minlength=count)
    left = np.bincount(columns.holding_host[columns.holding_times[:, 3] > 0], minlength=count)
    there: NDArray[np.bool_] = (holds == 0) | (left < holds)
    return there


def _of_zone(
    name: str, mine: NDArray[np.bool_], last: NDArray[np.int64], best: NDArray[np.int64], fresh: NDArray[np.bool_]
) -> ZoneFreshness:
    scanned = last[mine & (last > 0)]
    return ZoneFreshness(
        zone=name,
        hosts=int(mine.sum()),
        fresh=int((mine & fresh).sum()),
        newest_scan=int(scanned.max(initial=0)),
        oldest_scan=int(scanned.min()) if len(scanned) else 0,
        agent=int((mine & (best == ScanKind.AGENT)).sum()),
        authenticated=int((mine & (best == ScanKind.AUTHENTICATED)).sum()),
        remote=int((mine & (best == ScanKind.REMOTE)).sum()),
        never=int((mine & (best < 0)).sum()),
    )
