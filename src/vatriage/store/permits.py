"""Permits as rows: whatever process works for an account finds there what runs and how long to wait."""

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.net.limits import LONGEST_WAIT_S, Standing
from vatriage.store.bulk import execute, fetch, insert
from vatriage.store.leases import LEASE_S, holder, is_dead

ASK_AGAIN_S = 0.5
"""After how long to look again for a free place."""


class StoredPermits:
    """See Permits. One call of this process at a time for each resource.

    Args:
        account: whose limits they are.
        clock: tells when a lease expires and a wait ends.
    """

    def __init__(self, account: str, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._held: dict[str, int] = {}

    def take(self, resource: str) -> float:
        """See Permits.take."""
        now = self._now()
        key = [self._account, resource]
        with transaction.atomic():
            sql = insert(
                "permit_limits",
                ("account", "resource", "concurrency", "not_before", "noted_at", "calls", "window_s"),
                # The update changes nothing: it holds the row, so that two processes count one after the other.
                "(account, resource) DO UPDATE SET concurrency = permit_limits.concurrency",
            )
            execute(sql, [*key, 1, 0, 0, 0, 0])
            ((concurrency, not_before, noted_at),) = fetch(
                "SELECT concurrency, not_before, noted_at FROM permit_limits WHERE account = %s AND resource = %s", key
            )
            # A note from the future was made by a clock that has been put right since.
            if now < not_before and noted_at <= now:
                return float(min(not_before - now, LONGEST_WAIT_S))
            if self._running(resource, now) >= concurrency:
                return ASK_AGAIN_S
            sql = insert("permits", ("account", "resource", "holder", "expires_at")) + " RETURNING id"
            self._held[resource] = int(fetch(sql, [*key, holder(), now + LEASE_S])[0][0])
        return 0.0

    def give_back(self, resource: str, said: Standing | None) -> None:
        """See Permits.give_back."""
        now = self._now()
        with transaction.atomic():
            execute("DELETE FROM permits WHERE id = %s", [self._held.pop(resource, 0)])
            if said is None:
                return
            execute(
                "UPDATE permit_limits SET concurrency = %s, not_before = %s, noted_at = %s "
                "WHERE account = %s AND resource = %s AND (not_before < %s OR noted_at > %s)",
                [said.concurrency or 1, now + said.wait_s, now, self._account, resource, now + said.wait_s, now],
            )
            if said.calls and said.window_s:
                execute(
                    "UPDATE permit_limits SET calls = %s, window_s = %s WHERE account = %s AND resource = %s",
                    [said.calls, said.window_s, self._account, resource],
                )

    def _running(self, resource: str, now: int) -> int:
        """Return how many calls are under way; those of dead processes, and expired ones, are cleared away."""
        rows = fetch(
            "SELECT id, holder, expires_at FROM permits WHERE account = %s AND resource = %s", [self._account, resource]
        )
        over = [number for number, name, until in rows if until < now or until > now + LEASE_S or is_dead(str(name))]
        for number in over:
            execute("DELETE FROM permits WHERE id = %s", [number])
        return len(rows) - len(over)

    def _now(self) -> int:
        return now_us(self._clock) // 1_000_000
