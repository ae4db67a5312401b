"""Why is this one host? The rules by which reports, addresses and leases are taken for one host, and which applied.

The rules are few, fixed and bounded (ADR 11, ADR 18): nothing is joined by likeness, and nothing across accounts, networks
or zones. A person who knows better says so (`host_statements`), and can take it back.
"""

from typing import Any

from vatriage.inventory.leases import LeaseRow
from vatriage.model.instant import US, format_instant
from vatriage.store.bulk import fetch
from vatriage.store.lease_rows import leases_stated
from vatriage.store.said_rows import zone_number_of
from vatriage.usecases.identity_rows import joined

LEASES_SHOWN = 20
ADDRESSES_SHOWN = 50
_TRACKED = (
    "The account tracks it by its address: reports without a host id are taken for it there, if no other host of its "
    "account and network was ever seen at that address (rule: tracked by address)."
)


def why_one_host(number: int, limit: int) -> list[str]:
    """Return the rules that made a host of the inventory, each as a sentence.

    Args:
        number: the store's number of the host.
        limit: the last second whose sights are shown.
    """
    sql = (
        "SELECT h.vendor_id, h.key_address, h.tracking_method, h.network_id, h.dns, h.netbios, h.agent_id, a.name, z.name "
        "FROM hosts h JOIN accounts a ON a.id = h.account_id JOIN zones z ON z.id = h.zone_id WHERE h.id = %s"
    )
    found = fetch(sql, [number])
    if not found:
        return []
    vendor_id, place, method, network, dns, netbios, agent, account, zone = found[0]
    told = [_key(vendor_id, place, account, zone), *_joined_by_address(vendor_id, method)]
    if network not in {"", "0"}:
        told.append(f"Only reports of network {network} are taken for it: networks may use the same addresses.")
    names = [f"{what} {value}" for what, value in (("agent", agent), ("DNS", dns), ("NetBIOS", netbios)) if value]
    if names:
        told.append(f"{', '.join(names)}: kept as facts; no two hosts are made one by them.")
    return [*told, *_addresses(number, limit)]


def _key(vendor_id: int, place: str, account: str, zone: str) -> str:
    if vendor_id:
        return f"Every report of {account} in zone {zone} that names host id {vendor_id} is about it."
    return f"No report of {account} in zone {zone} gives a host id for {place}: whatever answered there is taken for one host."


def _joined_by_address(vendor_id: int, method: str) -> list[str]:
    if not vendor_id:
        return ["A report that gives a host id there, tracked by address, takes it over (rule: tracked by address)."]
    if method == "IP":
        return [_TRACKED]
    return [f"It is tracked by {method or 'nothing that a report states'}: no report is taken for it by its address."]


def _addresses(number: int, limit: int) -> list[str]:
    sql = (
        "SELECT address, first_seen, last_seen FROM host_addresses WHERE host_id = %s AND first_seen <= %s "
        "ORDER BY last_seen DESC, address LIMIT %s"
    )
    return [
        f"Seen at {address} from {format_instant(first * US)} to {format_instant(min(last, limit) * US)}."
        for address, first, last in fetch(sql, [number, limit, ADDRESSES_SHOWN])
    ]


def leases_of(number: int, address: str, limit: int) -> list[dict[str, Any]]:
    """Return the newest leases of an address in a host's zone that had begun by a second.

    Each comes with whether it is joined to the host, and how.
    """
    rows = [LeaseRow(*row) for row in leases_stated(zone_number_of(number), address) if row[4] <= limit]
    named = {(row.start, row.end): row for row in rows}
    shown = []
    for one in sorted(joined(rows), key=lambda lease: lease.start, reverse=True)[:LEASES_SHOWN]:
        row = named.get((one.start, one.until))
        if row is None:
            continue  # a client that got another address: it names nobody
        shown.append(
            {
                "start": format_instant(one.start * US), "end": _end(one.until), "surely_until": _end(one.kept_until),
                "mac": row.mac or None, "hostname": row.hostname or None,
                "client": "this host" if one.host == number else "another host" if one.host > 0 else "not known",
                "joined_by": one.joined_by or None,
            }
        )  # fmt: skip
    return shown


def _end(seconds: int) -> str | None:
    return format_instant(seconds * US) if seconds < 1 << 38 else None
