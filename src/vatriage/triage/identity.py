"""Who held an address at the alert's time, and how sure that is (VERDICT 3.7).

An address is a weak name: it is leased, re-used and moved. What is known are observations, "host h held the address
from first to last sight"; between two hosts' sights, and after a host was seen elsewhere, the holder is unclear.

Two questions need two answers. *May this host's silence clear the alert?* Only if all that is known leaves one host.
*Does this host's vulnerability count?* It must not stop counting because of something learnt after the alert (law 11),
so for positives only what was known at the alert's time may rule a host out or make it doubtful.

Leases only add: a host that may have held the address, and doubt about silence (ADR 18). Of them only those count that
had begun by the alert.

Guards identity-churn and nat-and-proxies: hosts that share an address are two candidates.
"""

from collections.abc import Sequence
from typing import NamedTuple

from vatriage.model.evidence import Holding
from vatriage.model.identity import NOBODY, Lease
from vatriage.triage.interface import Moment

_NEVER = -(1 << 62)
_ALWAYS = 1 << 62


class Candidate(NamedTuple):
    """A host that may have held the address."""

    host: int
    positives_sure: bool
    """Its vulnerabilities count in full; else they make the alert POSSIBLY_AFFECTED(identity)."""
    negatives_count: bool
    """Its clean scans may refute."""
    negatives_until: int = _ALWAYS
    """The last alert time at which they may: its lease ends then."""


def candidates(holdings: Sequence[Holding], moment: Moment, leases: Sequence[Lease] = ()) -> tuple[Candidate, ...]:
    """Return the hosts that may have held the address at the alert's time, in order of host number.

    Args:
        holdings: all sights of the address in the zone.
        moment: sights after the clock do not exist.
        leases: all leases of the address in the zone.
    """
    begun = [lease for lease in leases if lease.start <= min(moment.alert_us, moment.clock_us)]
    tenants = {lease.host for lease in begun if lease.host != NOBODY and moment.alert_us <= lease.until}
    known = _until(holdings, moment.clock_us)
    then = _until(holdings, min(moment.alert_us, moment.clock_us))
    holders = {row.host for row in known if _holds(row, known, moment.alert_us)}
    doubtful = {row.host for row in then if _holds(row, then, moment.alert_us)} | tenants
    possible = {row.host for row in known if _holds_for_positives(row, then, moment.alert_us)} | holders | tenants
    rows = [row for row in known if row.host in holders]
    until = min((_kept_until(row, begun, moment.alert_us) for row in rows), default=_ALWAYS)
    sure = (
        len(possible) == 1 and all(_is_sure(row, known, moment.alert_us) for row in rows) and moment.alert_us <= until
    )
    return tuple(Candidate(host, not doubtful - {host}, sure and host in holders, until) for host in sorted(possible))


def _until(holdings: Sequence[Holding], clock_us: int) -> tuple[Holding, ...]:
    """Return the sights as they were known at an instant."""
    return tuple(
        row._replace(last_seen=min(row.last_seen, clock_us), left_by=row.left_by if 0 < row.left_by <= clock_us else 0)
        for row in holdings
        if row.first_seen <= clock_us
    )


def _lower(row: Holding, rows: Sequence[Holding]) -> int:
    """Return the last instant before the row at which its host is known not to have held the address."""
    others = [other.last_seen for other in rows if other.host != row.host and other.last_seen < row.first_seen]
    return max([*others, row.arrived_after or _NEVER])


def _upper(row: Holding, rows: Sequence[Holding]) -> int:
    """Return the first instant after the row at which its host is known to hold the address no more."""
    others = [other.first_seen for other in rows if other.host != row.host and other.first_seen > row.last_seen]
    return min([*others, row.left_by or _ALWAYS])


def _holds(row: Holding, rows: Sequence[Holding], at_us: int) -> bool:
    return row.first_seen <= at_us <= row.last_seen or _lower(row, rows) < at_us < _upper(row, rows)


def _holds_for_positives(row: Holding, then: Sequence[Holding], at_us: int) -> bool:
    """Whether the host may have held it, judged by the others' sights at the alert's time only."""
    if row.first_seen <= at_us:
        return any(_holds(past, then, at_us) for past in then if past.host == row.host)
    arrived = row.arrived_after if row.arrived_after <= at_us else 0
    return _lower(row._replace(arrived_after=arrived), then) < at_us


def _is_sure(row: Holding, rows: Sequence[Holding], at_us: int) -> bool:
    """Whether the instant lies inside the sights, or behind them where nothing else was ever seen.

    Before the first sight it is never sure: a host that was first seen after the alert must not clear it (law 11).
    """
    return at_us >= row.first_seen and (at_us <= row.last_seen or _upper(row, rows) == _ALWAYS)


def _kept_until(row: Holding, begun: Sequence[Lease], at_us: int) -> int:
    """Return until when leases leave it sure that the host of a sight kept the address; _NEVER if they do not.

    All leases from its last sight to the alert must be its own and follow each other without a gap; where there is none,
    leases say nothing. A client that is joined to no host is the sighted one if it alone held the address at the sight.
    """
    seen = row.last_seen if row.last_seen < at_us else row.first_seen
    since = sorted((lease for lease in begun if lease.until >= seen), key=lambda lease: (lease.start, lease.kept_until))
    if not since:
        return _ALWAYS
    clients = {lease.client for lease in since if lease.start <= seen}
    reach = since[0].start
    for lease in since:
        is_own = lease.host == row.host or (lease.host == NOBODY and clients == {lease.client})
        if not is_own or lease.start > reach:
            return _NEVER
        reach = max(reach, lease.kept_until)
    return reach
