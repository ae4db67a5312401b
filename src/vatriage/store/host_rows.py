"""Hosts and their addresses: rows <-> model.host."""

from collections.abc import Iterable, Mapping, Sequence

from vatriage.model.host import FACTS, HostKey, HostState
from vatriage.store.bulk import Target, execute, fetch, fetch_in, insert_many, update_all, write_many

_COLUMNS = (
    "zone_id",
    "account_id",
    "vendor_id",
    "key_address",
    *FACTS,
    "fact_stamps",
    "first_seen",
    "last_seen",
    "gone_at",
    "whole_listed_at",
)
_HOSTS = Target(
    "hosts",
    _COLUMNS,
    key=("zone_id", "account_id", "vendor_id", "key_address"),
    update=update_all([*FACTS, "fact_stamps", "first_seen", "last_seen", "gone_at"]),
)
_SELECT = (
    "SELECT id, vendor_id, key_address, "
    + ", ".join(FACTS)
    + ", fact_stamps, first_seen, last_seen FROM hosts WHERE zone_id = %s AND account_id = %s AND "
)
_ADDRESSES = Target(
    "host_addresses",
    ("host_id", "address", "first_seen", "last_seen"),
    key=("host_id", "address"),
    update="first_seen = CASE WHEN excluded.first_seen < host_addresses.first_seen THEN excluded.first_seen "
    "ELSE host_addresses.first_seen END, "
    "last_seen = CASE WHEN excluded.last_seen > host_addresses.last_seen THEN excluded.last_seen "
    "ELSE host_addresses.last_seen END "
    "WHERE excluded.first_seen < host_addresses.first_seen OR excluded.last_seen > host_addresses.last_seen",
)


def find_hosts(zone_id: int, account_id: int, keys: Sequence[HostKey]) -> dict[HostKey, HostState]:
    """Return the stored hosts among the keys."""
    ids = sorted({key.vendor_id for key in keys if key.vendor_id})
    addresses = sorted({key.address for key in keys if not key.vendor_id})
    rows = []
    for column, values in (("vendor_id", ids), ("key_address", addresses)):
        rows += fetch_in(f"{_SELECT} {column} IN ({{keys}})", values, before=(zone_id, account_id))
    found = {}
    for row in rows:
        key = HostKey(row[1], row[2])
        stamps = tuple(int(stamp) for stamp in row[-3].split(","))
        found[key] = HostState(row[0], key, tuple(row[3:-3]), stamps, row[-2], row[-1])
    return found


def known_at(zone_id: int, account_id: int, addresses: Iterable[str]) -> dict[tuple[str, str], HostKey]:
    """Return, for addresses at which one host of a network with a vendor id was ever seen, that host's key.

    Only a host that the vendor tracks by its address counts: whoever answers there is, to the vendor, that host. One
    that a whole host list left out is no candidate: what answers at its address now is somebody else.

    Returns: by (address, network as it is compared).
    """
    network = "CASE WHEN h.network_id = '0' THEN '' ELSE h.network_id END"
    sql = (
        f"SELECT a.address, {network}, MIN(h.vendor_id), MAX(h.vendor_id), MIN(h.tracking_method), MAX(h.tracking_method) "
        "FROM host_addresses a JOIN hosts h ON h.id = a.host_id WHERE a.address IN ({keys}) "
        f"AND h.zone_id = {int(zone_id)} AND h.account_id = {int(account_id)} AND h.vendor_id > 0 AND h.gone_at = 0 "
        f"GROUP BY a.address, {network}"
    )
    rows = fetch_in(sql, sorted(set(addresses)))
    return {
        (address, where): HostKey(int(first), "")
        for address, where, first, last, *methods in rows
        if first == last and methods == ["IP", "IP"]
    }


def adopt(zone_id: int, account_id: int, ids: Mapping[str, int]) -> None:
    """Give hosts that were known by their address alone the vendor id under which a report names them now.

    Args:
        zone_id: the zone.
        account_id: the account.
        ids: vendor id by place (model.host.place_of), of hosts that the vendor tracks by their address.
    """
    sql = (
        "UPDATE hosts SET vendor_id = %s, key_address = '' WHERE zone_id = %s AND account_id = %s AND vendor_id = 0 "
        "AND key_address = %s AND NOT EXISTS (SELECT 1 FROM hosts o WHERE o.zone_id = %s AND o.account_id = %s "
        "AND o.vendor_id = %s)"
    )
    place = (zone_id, account_id)
    plain = "SELECT 1 FROM hosts WHERE zone_id = %s AND account_id = %s AND vendor_id = 0 LIMIT 1"
    if not fetch(plain, place):
        return  # as in every account whose reports name all hosts by id: a statement for each would find nothing
    write_many(sql, [(number, *place, where, *place, number) for where, number in ids.items()])


def save_hosts(zone_id: int, account_id: int, hosts: Iterable[HostState]) -> dict[HostKey, int]:
    """Insert or update hosts; return their numbers by key. A host that is seen again is not gone."""
    saved = list(hosts)
    insert_many(
        _HOSTS,
        [
            (
                zone_id,
                account_id,
                *host.key,
                *host.facts,
                ",".join(map(str, host.stamps)),
                host.first_seen,
                host.last_seen,
                0,
                0,
            )
            for host in saved
        ],
    )
    return {key: state.id for key, state in find_hosts(zone_id, account_id, [host.key for host in saved]).items()}


def see_addresses(rows: Iterable[tuple[int, str, int]]) -> None:
    """Record that hosts were seen at addresses: (host number, address, instant)."""
    insert_many(_ADDRESSES, [(host, address, at, at) for host, address, at in rows])


def addresses_of(hosts: Iterable[int]) -> Mapping[int, set[str]]:
    """Return the addresses at which each host was ever seen."""
    found: dict[int, set[str]] = {}
    for host, address in fetch_in("SELECT host_id, address FROM host_addresses WHERE host_id IN ({keys})", hosts):
        found.setdefault(host, set()).add(address)
    return found


def note_whole_lists(pull_id: int) -> None:
    """Note on every host that a whole pull received how recent the list is that shows all its findings.

    The report of one scan is no such list: what another scan found is not in it, fixed or open.
    """
    newest = (
        "SELECT MAX(p.received_at) FROM pull_hosts p WHERE p.pull_id = %s AND p.host = hosts.id AND p.listed "
        "AND p.received AND NOT EXISTS (SELECT 1 FROM pull_hosts r WHERE r.pull_id = p.pull_id AND r.host = p.host "
        "AND r.rejected)"
    )
    execute(
        f"UPDATE hosts SET whole_listed_at = ({newest}) WHERE whole_listed_at < COALESCE(({newest}), 0)",
        [pull_id, pull_id],
    )
