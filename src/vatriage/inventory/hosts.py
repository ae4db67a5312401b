"""Hosts: from a page's rows to sights, and the merge of a sight into what is kept.

Every fact is kept as the greatest of (instant, value) over all reports that state it: a join, so that order and
repetition do not matter, an older report never overwrites, and a report that leaves a field out does not erase it.
"""

from collections.abc import Iterable

import pyarrow as pa

from vatriage.model.evidence import ScanKind
from vatriage.model.host import FACTS, HostKey, HostSight, HostState, place_of, same_network


def sights(hosts: pa.Table, generated_at: int) -> list[HostSight]:
    """Return a page's hosts as sights, in order; hosts without id and address cannot be named and are left out.

    Args:
        hosts: a table of model.report.HOSTS.
        generated_at: the report's own date, seconds, for hosts without a scan date.
    """
    found = []
    for row, record in enumerate(hosts.to_pylist()):
        address = record["address"] or record["address6"]
        place = place_of(address, record["network_id"] or "") if address and not record["host_id"] else ""
        key = HostKey(record["host_id"], place)
        if key == HostKey(0, ""):
            continue
        seen_at = max(record["scanned_at"], record["auth_scanned_at"], record["last_scan"]) or generated_at
        found.append(
            HostSight(
                key=key,
                row=row,
                seen_at=seen_at,
                facts=tuple(record[name] or "" for name in FACTS),
                scans=_scans(record["scanned_at"], record["auth_scanned_at"], agent=record["agent"]),
                rejected=record["rejected"],
            )
        )
    return found


def merge_host(stored: HostState | None, sight: HostSight) -> HostState:
    """Return the host after one sight; equal to `stored` if the sight says nothing new."""
    if stored is None:
        stamps = tuple(sight.seen_at if fact else 0 for fact in sight.facts)
        return HostState(0, sight.key, sight.facts, stamps, sight.seen_at, sight.seen_at)
    pairs = [
        max((stamp, fact), (sight.seen_at, said)) if said else (stamp, fact)
        for stamp, fact, said in zip(stored.stamps, stored.facts, sight.facts, strict=True)
    ]
    return HostState(
        id=stored.id,
        key=stored.key,
        facts=tuple(fact for _, fact in pairs),
        stamps=tuple(stamp for stamp, _ in pairs),
        first_seen=min(stored.first_seen, sight.seen_at),
        last_seen=max(stored.last_seen, sight.seen_at),
    )


def addresses(sight: HostSight) -> tuple[str, ...]:
    """Return the addresses at which the sight saw the host, without duplicates."""
    return tuple(dict.fromkeys(address for address in sight.facts[:2] if address))


def network_of(sight: HostSight) -> str:
    """Return the network that the sight states, as it is compared."""
    return same_network(sight.facts[FACTS.index("network_id")])


def tracked_by_address(seen: Iterable[HostSight]) -> dict[str, int]:
    """Return the vendor ids, by address in its network, of the hosts that the vendor tracks by it (tracking method IP)."""
    method = FACTS.index("tracking_method")
    return {
        place_of(sight.facts[0], network_of(sight)): sight.key.vendor_id
        for sight in seen
        if sight.key.vendor_id and sight.facts[0] and sight.facts[method] == "IP"
    }


def _scans(scanned_at: int, auth_scanned_at: int, *, agent: bool) -> tuple[tuple[int, int], ...]:
    """Return the scans a host's dates stand for.

    The date of the last vulnerability scan is a scan from outside; that of the last authenticated one is a scan that
    logged in (VERDICT 3.3). On a host with a cloud agent that one is the agent's, whose silence counts for a shorter
    time than a scanner's login; the other date may be the agent's too, which looks at nothing from outside.
    """
    if agent:
        return ((auth_scanned_at, int(ScanKind.AGENT)),) if auth_scanned_at else ()
    dated = ((scanned_at, ScanKind.REMOTE), (auth_scanned_at, ScanKind.AUTHENTICATED))
    return tuple(sorted({(at, int(kind)) for at, kind in dated if at}))
