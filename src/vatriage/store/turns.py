"""Who may write the inventory, and how several queries see one instant of it.

Merging reads what is stored, compares and writes: two processes at it at once would each undo what the other wrote. On
SQLite the transaction itself is the lock (BEGIN IMMEDIATE); on PostgreSQL an advisory lock that ends with it, and with
its process, is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from vatriage.store.bulk import execute, fetch, on_postgresql

_INVENTORY = 0x7661_7472_6961_6765
"""The lock's number: any will do that nobody else uses in this database."""
_ALERTS = 0x7661_7472_6961_6767
_REVIEWS = 0x7661_7472_6961_6768


@contextmanager
def writers_turn() -> Iterator[None]:
    """A transaction that writes the inventory, after those of other processes and before the next."""
    with transaction.atomic():
        if on_postgresql():
            fetch("SELECT pg_advisory_xact_lock(%s)", [_INVENTORY])
        yield


@contextmanager
def one_instant() -> Iterator[None]:
    """Let all queries inside see the store as of one instant; who writes is not held up. Nothing may be written."""
    if on_postgresql():
        with transaction.atomic():
            execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    execute("BEGIN")  # not atomic(), which would take SQLite's only write lock
    try:
        yield
    finally:
        execute("ROLLBACK")


@contextmanager
def reviewers_turn() -> Iterator[None]:
    """A transaction that adds a review, after those of other processes and before the next."""
    with transaction.atomic():
        if on_postgresql():
            fetch("SELECT pg_advisory_xact_lock(%s)", [_REVIEWS])
        yield


def keepers_turn() -> None:
    """Wait until no other process stores alerts; it is our turn until the transaction ends, which must be under way."""
    if on_postgresql():
        fetch("SELECT pg_advisory_xact_lock(%s)", [_ALERTS])
