"""What the store knows of identity beside sights, joined as the snapshot takes it (ADR 18)."""

from vatriage.inventory.leases import JoinedLease, LeaseRow, NamedHost, join_leases
from vatriage.inventory.snapshot import IdentityRows
from vatriage.model.identity import Pool, Said, Statement
from vatriage.model.instant import US
from vatriage.store import lease_rows, said_rows


def read_identity() -> IdentityRows:
    """Return leases, pools and statements that count."""
    stated = [(int(row["host_id"]), _statement(row)) for row in said_rows.statements()]
    pools = [(int(row["zone_id"]), str(row["address"]), pool) for row in said_rows.pools() for pool in pools_of(row)]
    leases = joined([LeaseRow(*row) for row in lease_rows.leases_stated()], stated)
    return IdentityRows(leases=leases, pools=pools, stated=stated)


def joined(rows: list[LeaseRow], stated: list[tuple[int, Statement]] | None = None) -> list[JoinedLease]:
    """Return leases joined to hosts.

    Args:
        rows: the leases.
        stated: what people say of hosts; None = look it up.
    """
    if not rows:
        return []
    if stated is None:
        stated = [(int(row["host_id"]), _statement(row)) for row in said_rows.statements()]
    macs: dict[int, list[Statement]] = {}
    for host, said in stated:
        if said.kind == Said.MAC:
            macs.setdefault(host, []).append(said)
    hosts = [NamedHost(*row) for row in lease_rows.named_hosts()]
    nameless = [
        NamedHost(host, said_rows.zone_number_of(host), "", "") for host in macs.keys() - {one.id for one in hosts}
    ]
    return join_leases(rows, [*hosts, *nameless], macs)


def pools_of(row: said_rows.Row) -> list[Pool]:
    """Return a stored pool as one row a member; one without members as a row that names none."""
    members = [(str(one["address"]), int(one["port"])) for one in row["members"]] or [("", -1)]
    times = (row["valid_from"] * US, row["valid_until"] * US, row["at"] * US)
    return [Pool(row["port"], address, port, *times, row["author"]) for address, port in members]


def _statement(row: said_rows.Row) -> Statement:
    return Statement(row["kind"], row["text"], row["author"], row["valid_from"] * US, row["valid_until"] * US)
