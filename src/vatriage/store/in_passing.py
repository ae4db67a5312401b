"""Notes in passing: written if the database is free at once, left out if it is not.

For what is nice to know and soon out of date (when somebody was last seen, how far a pull is): nothing may wait for it,
and no transaction may hold it or be held by it.
"""

from collections.abc import Sequence
from typing import Any

from django.db import OperationalError, connection

from vatriage.store.bulk import execute, fetch, on_postgresql

_PATIENCE_MS = 50


def note_in_passing(sql: str, values: Sequence[Any]) -> bool:
    """Run one statement in a transaction of its own; return whether it ran: not inside another, not behind a lock."""
    if connection.in_atomic_block:
        return False
    if on_postgresql():
        execute(sql, values)
        return True
    ((patience,),) = fetch("PRAGMA busy_timeout")
    fetch(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
    try:
        execute(sql, values)
    except OperationalError as error:
        if "locked" not in str(error):
            raise
        return False
    finally:
        fetch(f"PRAGMA busy_timeout = {int(patience)}")
    return True
