"""Replays in the ledger: which pull's pages may be read again, and what processes that died left."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from vatriage.store import ledger
from vatriage.store.bulk import execute, fetch
from vatriage.store.leases import is_dead
from vatriage.store.ledger import OpenPull

ORIGIN = "replay"


class Replayable(NamedTuple):
    """A pull whose pages are to be read again."""

    pull: OpenPull
    origin: str
    open: bool
    """It is under way, or may be gone on with."""


def find_replayable(number: int) -> Replayable | None:
    """Return a pull, None if there is none of that number."""
    rows = fetch(
        "SELECT p.id, p.zone_id, z.name, p.account_id, a.name, p.origin, p.state, p.resumable, p.device_id FROM pulls p "
        "JOIN zones z ON z.id = p.zone_id JOIN accounts a ON a.id = p.account_id WHERE p.id = %s",
        [number],
    )
    for *place, origin, state, resumable, device in rows:
        is_open = device is not None and (state == ledger.RUNNING or bool(resumable))
        return Replayable(OpenPull(*place), str(origin), is_open)
    return None


def committed_at(pull: int) -> dict[int, int]:
    """Return when each page of a pull was committed, seconds, by its number."""
    rows = fetch("SELECT number, committed_at FROM pull_pages WHERE pull_id = %s", [pull])
    return {int(number): int(at) for number, at in rows}


def end_dead_replays(number: int, now: int) -> str:
    """End the replays of a pull whose processes died; return who is at one and lives, "" if nobody is."""
    sql = (
        "SELECT p.id, p.zone_id, z.name, p.account_id, a.name, p.request FROM pulls p JOIN zones z ON z.id = p.zone_id "
        "JOIN accounts a ON a.id = p.account_id WHERE p.origin = %s AND p.state = %s"
    )
    for *place, request in fetch(sql, [ORIGIN, ledger.RUNNING]):
        asked: Mapping[str, Any] = json.loads(request) if isinstance(request, str) else request
        if asked.get("pull") != number:
            continue
        if not is_dead(str(asked.get("by", ""))):
            return str(asked["by"])
        died = OpenPull(*place)
        ledger.forget_details(died)
        ledger.forget_hosts(died)
        execute(
            "UPDATE pulls SET state = %s, finished_at = %s, error = %s WHERE id = %s",
            [ledger.INCOMPLETE, now, "the process ended before the replay did", died.id],
        )
    return ""
