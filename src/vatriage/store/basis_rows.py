"""What newest verdicts rest on, found or added in the transaction that stores them."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from vatriage.store.bulk import Target, fetch, fetch_in, insert_many

REUSE_US = 3_600_000_000
"""A basis serves verdicts of clocks up to so much later than its own: a live source moves its clock with every delivery."""
_SETS = Target("claim_sets", ("key", "gid", "sid", "claims"), key=("key",))
_pack = msgspec.msgpack.Encoder().encode


class Basis(NamedTuple):
    """The versions behind a verdict and its clock *T*."""

    policy: str
    signatures: str
    snapshot: str
    clock_us: int


class Claimed(NamedTuple):
    """The claims of an alert of one signature, sorted."""

    gid: int
    sid: int
    claims: tuple[str, ...]

    @property
    def key(self) -> str:
        """Its hash."""
        return blake2b(_pack(self), digest_size=16).hexdigest()


def basis_ids(wanted: Iterable[Basis]) -> dict[Basis, int]:
    """Return the number of each basis; those that are not here yet are added."""
    return {one: _basis_id(one) for one in sorted(set(wanted))}


def _basis_id(basis: Basis) -> int:
    versions = [*basis[:3]]
    found = fetch(
        "SELECT id FROM verdict_bases WHERE policy = %s AND signatures = %s AND snapshot = %s AND clock_us <= %s "
        "AND clock_us > %s ORDER BY clock_us DESC, id LIMIT 1",
        [*versions, basis.clock_us, basis.clock_us - REUSE_US],
    ) or fetch(
        "INSERT INTO verdict_bases (policy, signatures, snapshot, clock_us) VALUES (%s, %s, %s, %s) RETURNING id",
        [*versions, basis.clock_us],
    )
    return int(found[0][0])


def claim_set_ids(wanted: Iterable[Claimed]) -> dict[Claimed, int]:
    """Return the number of each set of claims; those that are not here yet are added."""
    keys = {one.key: one for one in sorted(set(wanted))}
    known = _known(keys)
    missing = [(key, one.gid, one.sid, "\n".join(one.claims)) for key, one in keys.items() if key not in known]
    if missing:
        insert_many(_SETS, missing)
        known = _known(keys)
    return {one: known[key] for key, one in keys.items()}


def _known(keys: Iterable[str]) -> dict[str, int]:
    return dict(fetch_in("SELECT key, id FROM claim_sets WHERE key IN ({keys})", keys))


def sets_with(claims: frozenset[str]) -> list[tuple[int, int]]:
    """Return (sid, number) of the sets that hold one of some claims."""
    rows = fetch("SELECT sid, id, claims FROM claim_sets ORDER BY sid, id") if claims else []
    return [(sid, number) for sid, number, text in rows if not claims.isdisjoint(text.split("\n"))]


def bases() -> list[tuple[int, Basis]]:
    """Return all bases with their numbers."""
    rows = fetch("SELECT id, policy, signatures, snapshot, clock_us FROM verdict_bases ORDER BY id")
    return [(int(row[0]), Basis(*row[1:])) for row in rows]


def snapshots_rested_on() -> list[str]:
    """Return the names of the snapshots that newest verdicts rest on, the newest first."""
    rows = fetch("SELECT snapshot, MAX(id) FROM verdict_bases GROUP BY snapshot ORDER BY 2 DESC")
    return [str(row[0]) for row in rows]


def move_bases(numbers: Sequence[int], to: Basis) -> None:
    """Note that what rests on some bases, and is not due, holds for another one as well."""
    fetch_in(
        "UPDATE verdict_bases SET policy = %s, signatures = %s, snapshot = %s, clock_us = %s WHERE id IN ({keys}) "
        "RETURNING id",
        numbers,
        to,
    )
