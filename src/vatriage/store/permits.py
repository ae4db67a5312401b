"""Permits as rows: whatever process works for an account finds there what runs, what ran, and how long to wait.

A call is let in if fewer run than the account allows at a time, no answer has asked to wait, and the window has room. What
has gone into the window is our own calls (each counts from its answer on, which is never too early) and those of
others, of whom only the headers tell: they are taken to be spread over the window, so that they leave it one by one.
"""

from threading import get_ident
from typing import NamedTuple

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.net.limits import LONGEST_WAIT_S, Standing
from vatriage.store.bulk import execute, fetch, insert
from vatriage.store.in_passing import note_in_passing
from vatriage.store.leases import LEASE_S, holder, is_dead

ASK_AGAIN_S = 0.5
"""After how long to look again for a free place."""
KEEP_EVERY_S = 60
"""How often the permit of a long call is renewed."""
_CLOCKS_S = 60
"""How far the clocks of machines that share a store may differ; what is noted later than that is a mistake."""
_LIMIT = ("concurrency", "not_before", "noted_at", "calls", "window_s", "others", "others_at", "noted_call")
_THEIRS = "account = %s AND resource = %s"


class _Limit(NamedTuple):
    """A row of permit_limits."""

    concurrency: int
    not_before: int
    noted_at: int
    calls: int
    window_s: int
    others: int
    """Calls of others in the window."""
    others_at: int
    """When that was told, seconds."""
    noted_call: int
    """Number of the call whose answer told it."""

    def asked_wait(self, now: int) -> int:
        """Return how long an answer asks to wait; a note from the future was made by a clock that was put right since."""
        waits = now < self.not_before and self.noted_at <= now + _CLOCKS_S
        return min(self.not_before - now, LONGEST_WAIT_S) if waits else 0

    def others_left(self, now: int) -> int:
        """Return how many calls of others are still in the window."""
        age = now - self.others_at
        if not self.window_s or not -_CLOCKS_S <= age < self.window_s:
            return 0
        return -(-self.others * (self.window_s - max(age, 0)) // self.window_s)


class _Held(NamedTuple):
    """A permit of a call under way."""

    permit: int
    call: int
    kept_at: int


class StoredPermits:
    """See Permits. As many calls of this process at a time as it has threads: each ends its own.

    Args:
        account: whose limits they are.
        clock: tells when a lease expires and a wait ends.
    """

    def __init__(self, account: str, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._held: dict[tuple[str, int], _Held] = {}

    def take(self, resource: str) -> float:
        """See Permits.take."""
        now, key = self._now(), [self._account, resource]
        with transaction.atomic():
            limit = _locked(key)
            if wait := limit.asked_wait(now) or _window_wait(key, limit, now):
                return float(wait)
            if _running(key, now) >= limit.concurrency:
                return ASK_AGAIN_S
            sql = insert("permits", ("account", "resource", "holder", "expires_at")) + " RETURNING id"
            permit = int(fetch(sql, [*key, holder(), now + LEASE_S])[0][0])
            call = int(
                fetch(insert("permit_calls", ("account", "resource", "at")) + " RETURNING id", [*key, now])[0][0]
            )
        self._held[resource, get_ident()] = _Held(permit, call, now)
        return 0.0

    def keep(self, resource: str) -> None:
        """See Permits.keep."""
        now, place = self._now(), (resource, get_ident())
        held = self._held[place]
        if now - held.kept_at >= KEEP_EVERY_S:
            note_in_passing("UPDATE permits SET expires_at = %s WHERE id = %s", [now + LEASE_S, held.permit])
            self._held[place] = held._replace(kept_at=now)

    def give_back(self, resource: str, said: Standing | None) -> None:
        """See Permits.give_back."""
        held = self._held.pop((resource, get_ident()))
        now, key = self._now(), [self._account, resource]
        with transaction.atomic():
            limit = _locked(key)
            execute("DELETE FROM permits WHERE id = %s", [held.permit])
            if said is not None and said.refused:
                execute("DELETE FROM permit_calls WHERE id = %s", [held.call])
            else:
                execute("UPDATE permit_calls SET at = %s WHERE id = %s", [now + 1, held.call])
            if said is not None:
                _note(key, limit, said, held.call, now)

    def _now(self) -> int:
        return now_us(self._clock) // 1_000_000


def _locked(key: list[str]) -> _Limit:
    """Return what is known of a resource's limits; its row is held, so that processes count one after the other."""
    sql = insert(
        "permit_limits",
        ("account", "resource", *_LIMIT),
        # The update changes nothing: it holds the row.
        "(account, resource) DO UPDATE SET concurrency = permit_limits.concurrency",
    )
    execute(sql, [*key, 1, 0, 0, 0, 0, 0, 0, 0])
    return _Limit(*fetch(f"SELECT {', '.join(_LIMIT)} FROM permit_limits WHERE {_THEIRS}", key)[0])


def _note(key: list[str], limit: _Limit, said: Standing, call: int, now: int) -> None:
    """Note what an answer said; of the window, only what the answer to the newest call says."""
    if limit.not_before < now + said.wait_s or limit.noted_at > now + _CLOCKS_S:
        # The second that has begun is waited for too: a server counts in smaller parts of it.
        execute(
            f"UPDATE permit_limits SET concurrency = %s, not_before = %s, noted_at = %s WHERE {_THEIRS}",
            [said.concurrency or 1, now + said.wait_s + bool(said.wait_s), now, *key],
        )
    if not said.calls or not said.window_s:
        return
    execute(f"UPDATE permit_limits SET calls = %s, window_s = %s WHERE {_THEIRS}", [said.calls, said.window_s, *key])
    if said.refused:
        if said.remaining is not None:
            _trust(key, said.calls)
    elif said.remaining is not None and call > limit.noted_call:
        before = _calls(key, now - said.window_s, upto=call)
        others = max(said.calls - said.remaining - before, 0)
        execute(
            f"UPDATE permit_limits SET others = %s, others_at = %s, noted_call = %s WHERE {_THEIRS}",
            [others, now, call, *key],
        )


def _trust(key: list[str], calls: int) -> None:
    """Count one call fewer than the window holds: the server has said when the next one may come, and knows better."""
    execute(
        f"DELETE FROM permit_calls WHERE {_THEIRS} AND id NOT IN (SELECT id FROM permit_calls WHERE {_THEIRS} "
        "ORDER BY id DESC LIMIT %s)",
        [*key, *key, calls - 1],
    )
    execute(f"UPDATE permit_limits SET others = 0 WHERE {_THEIRS}", key)


def _window_wait(key: list[str], limit: _Limit, now: int) -> int:
    """Return after how many seconds the window has room, 0 = it has, or nothing is known of it."""
    if not limit.calls or not limit.window_s:
        return 0
    begins = now - limit.window_s
    execute(f"DELETE FROM permit_calls WHERE {_THEIRS} AND (at <= %s OR at > %s)", [*key, begins, now + _CLOCKS_S])
    others = limit.others_left(now)
    if _calls(key, begins) + others < limit.calls:
        return 0
    oldest = fetch(f"SELECT MIN(at) FROM permit_calls WHERE {_THEIRS}", key)[0][0]
    waits = [int(oldest) - begins] if oldest is not None else []
    if others:
        waits.append(-(-limit.window_s // others))
    return max(min(waits), 1)


def _calls(key: list[str], begins: int, upto: int | None = None) -> int:
    """Return how many of our calls are in the window that begins after an instant; none after the one numbered `upto`."""
    sql, values = f"SELECT COUNT(*) FROM permit_calls WHERE {_THEIRS} AND at > %s", [*key, begins]
    if upto is not None:
        sql, values = f"{sql} AND id <= %s", [*values, upto]
    return int(fetch(sql, values)[0][0])


def _running(key: list[str], now: int) -> int:
    """Return how many calls are under way; those of dead processes, and expired ones, are cleared away."""
    rows = fetch(f"SELECT id, holder, expires_at FROM permits WHERE {_THEIRS}", key)
    over = [
        number for number, name, until in rows if until < now or until > now + LEASE_S + _CLOCKS_S or is_dead(str(name))
    ]
    for number in over:
        execute("DELETE FROM permits WHERE id = %s", [number])
    return len(rows) - len(over)
