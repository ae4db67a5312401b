"""What a pull knows of its hosts while it goes on: which are listed, which came, which do not come; and the account's ids."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vatriage.store.bulk import Target, execute, fetch, insert_many, key_lists
from vatriage.store.ledger import OpenPull

_IDS = Target("pull_ids", ("pull_id", "first", "last"))
_MISSING = "listed AND (rejected OR trouble <> '' OR (NOT received AND NOT seen_again))"
UNREAD = "its record, or a part of it, could not be read: see the rejected records"
NOT_ASKED = "the pull ended before it came"


class MissingHost(NamedTuple):
    """A host whose findings a pull does not know whole."""

    vendor_id: int
    """0 = it has none."""
    address: str
    """"" = not known."""
    reason: str


class StoredHost(NamedTuple):
    """A host of the inventory, by its numbers."""

    number: int
    vendor_id: int
    gone: bool


def listed_ids(pull: OpenPull) -> list[int]:
    """Return the vendor's ids of the hosts that the host list named, ascending."""
    sql = "SELECT DISTINCT vendor_id FROM pull_hosts WHERE pull_id = %s AND listed AND vendor_id > 0 ORDER BY vendor_id"
    return [int(row[0]) for row in fetch(sql, [pull.id])]


def unreceived_ids(pull: OpenPull) -> list[int]:
    """Return the vendor's ids of hosts that were listed, came without findings, and were not seen again, ascending."""
    sql = (
        "SELECT DISTINCT vendor_id FROM pull_hosts WHERE pull_id = %s AND listed AND NOT received AND NOT rejected "
        "AND NOT seen_again AND trouble = '' AND vendor_id > 0 ORDER BY vendor_id"
    )
    return [int(row[0]) for row in fetch(sql, [pull.id])]


def silent_hosts(pull: OpenPull) -> int:
    """Return how many hosts are in the account and came without any finding."""
    sql = (
        "SELECT COUNT(*) FROM pull_hosts WHERE pull_id = %s AND listed AND NOT received AND NOT rejected AND seen_again "
        "AND trouble = ''"
    )
    return int(fetch(sql, [pull.id])[0][0])


def unlist_unseen(pull: OpenPull, ids: Iterable[int]) -> None:
    """Note that those of some hosts which were asked for again and did not come are not in the account any more."""
    for marks, values in key_lists(ids):
        sql = f"UPDATE pull_hosts SET listed = %s WHERE pull_id = %s AND NOT seen_again AND vendor_id IN ({marks})"
        execute(sql, [False, pull.id, *values])


def purged_hosts(pull: OpenPull) -> int:
    """Return how many hosts the account lost while it was pulled."""
    return int(fetch("SELECT COUNT(*) FROM pull_hosts WHERE pull_id = %s AND NOT listed", [pull.id])[0][0])


def list_unread(pull: OpenPull, vendor_id: int) -> None:
    """Note that a host is in the account, though its entry in the host list does not come."""
    known = "SELECT id FROM hosts WHERE zone_id = %s AND account_id = %s AND vendor_id = %s"
    rows = fetch(known, [pull.zone_id, pull.account_id, vendor_id])
    columns = "pull_id, host, vendor_id, listed, received, received_at, seen_again, rejected, trouble"
    sql = f"INSERT INTO pull_hosts ({columns}) VALUES (%s, %s, %s, %s, %s, 0, %s, %s, '') ON CONFLICT DO NOTHING"
    execute(sql, [pull.id, rows[0][0] if rows else 0, vendor_id, True, False, False, False])


def name_unread(pull: OpenPull) -> None:
    """Forget what stands for hosts whose entry did not come, where the host itself has come since."""
    execute(
        "DELETE FROM pull_hosts WHERE pull_id = %s AND host = 0 AND vendor_id > 0 AND EXISTS (SELECT 1 FROM pull_hosts o "
        "WHERE o.pull_id = pull_hosts.pull_id AND o.host > 0 AND o.vendor_id = pull_hosts.vendor_id)",
        [pull.id],
    )


def set_aside(pull: OpenPull, vendor_id: int, reason: str) -> None:
    """Note that a host does not come, however it is asked for, and why."""
    sql = "UPDATE pull_hosts SET trouble = %s WHERE pull_id = %s AND vendor_id = %s"
    execute(sql, [reason, pull.id, vendor_id])


def ask_again(pull: OpenPull) -> None:
    """Forget that hosts do not come: an earlier process found that out, and it may have been the server's bad hour."""
    execute("UPDATE pull_hosts SET trouble = '' WHERE pull_id = %s AND trouble <> ''", [pull.id])


def ids_set_aside(pull: OpenPull) -> set[int]:
    """Return the vendor's ids of the hosts that were set aside."""
    return {int(row[0]) for row in fetch(_ASIDE, [pull.id])}


def ids_set_aside_before(pull: OpenPull, device_id: int) -> set[int]:
    """Return the same of the device's pull before this one."""
    rows = fetch("SELECT MAX(id) FROM pulls WHERE device_id = %s AND id < %s", [device_id, pull.id])
    return {int(row[0]) for row in fetch(_ASIDE, [rows[0][0]])} if rows[0][0] else set()


_ASIDE = "SELECT vendor_id FROM pull_hosts WHERE pull_id = %s AND trouble <> '' AND vendor_id > 0"


def left_over_ids(pull_id: int) -> set[int]:
    """Return the vendor's ids of hosts that a pull which has ended listed and does not know whole."""
    sql = "SELECT vendor_id FROM pull_hosts WHERE pull_id = %s AND listed AND vendor_id > 0 AND (rejected OR NOT received)"
    return {int(row[0]) for row in fetch(sql, [pull_id])}


def count_missing(pull_id: int) -> int:
    """Return how many hosts a pull does not know whole."""
    return int(fetch(f"SELECT COUNT(*) FROM pull_hosts WHERE pull_id = %s AND {_MISSING}", [pull_id])[0][0])


def missing_hosts(pull_id: int, limit: int) -> list[MissingHost]:
    """Return the first of these hosts, by the vendor's id."""
    sql = (
        "SELECT p.vendor_id, COALESCE(h.address, ''), p.rejected, p.trouble FROM pull_hosts p LEFT JOIN hosts h "
        f"ON h.id = p.host WHERE p.pull_id = %s AND {_MISSING} ORDER BY p.vendor_id, p.host LIMIT %s"
    )
    rows = fetch(sql, [pull_id, limit])
    return [MissingHost(int(row[0]), row[1], row[3] or (UNREAD if row[2] else NOT_ASKED)) for row in rows]


def trouble_of(pull_id: int, host: int) -> str:
    """Return why a pull does not know a host of the store whole, "" if it does or was not about it."""
    sql = f"SELECT rejected, trouble FROM pull_hosts WHERE pull_id = %s AND host = %s AND {_MISSING}"
    rows = fetch(sql, [pull_id, host])
    return str(rows[0][1] or (UNREAD if rows[0][0] else NOT_ASKED)) if rows else ""


def save_ids(pull: OpenPull, ranges: Sequence[tuple[int, int]]) -> None:
    """Keep ids that the account holds, as inclusive ranges."""
    insert_many(_IDS, [(pull.id, first, last) for first, last in ranges])


def held_ids(pull: OpenPull) -> list[tuple[int, int]]:
    """Return the ids that the account holds, as inclusive ranges, ascending; they may overlap."""
    rows = fetch("SELECT first, last FROM pull_ids WHERE pull_id = %s ORDER BY first, last", [pull.id])
    return [(int(first), int(last)) for first, last in rows]


def stored_hosts(pull: OpenPull) -> list[StoredHost]:
    """Return the inventory's hosts of the pull's account."""
    sql = "SELECT id, vendor_id, gone_at FROM hosts WHERE zone_id = %s AND account_id = %s"
    rows = fetch(sql, [pull.zone_id, pull.account_id])
    return [StoredHost(int(number), int(vendor), bool(gone)) for number, vendor, gone in rows]
