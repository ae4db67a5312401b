"""The outcomes of stored alerts, as an input of the kernel: those of each alert's host pair within its window (VERDICT 6)."""

from collections.abc import Callable, Sequence

from vatriage.model.alert import Alert
from vatriage.model.outcome import HostPair, OutcomeIndex, sightings
from vatriage.store.outcome_rows import Outcome, alerts_around, outcomes_of
from vatriage.triage.kernel import Kernel

MOST_AROUND = 200
"""Alerts of a pair that are looked through for the attempt that led to an outcome, the newest first."""
Seen = dict[HostPair, set[tuple[int, str]]]


def stored_outcomes(kernel: Kernel, alerts: Sequence[Alert], read: Callable[[list[str]], list[Alert]]) -> OutcomeIndex:
    """Return what came of some alerts, and the attempts that led to those of them that are outcomes.

    Args:
        kernel: tells which alerts are outcomes, and who is attacked.
        alerts: to be judged.
        read: returns stored alerts by their ids; what cannot be read is left out.
    """
    own = kernel.outcome_pairs(alerts)
    outcomes: Seen = {pair: set(seen) for pair, seen in own.items()}
    for row in _of_pairs(kernel, alerts):
        outcomes.setdefault(HostPair(row.zone, row.victim, row.attacker), set()).add((row.at_us, row.alert_id))
    if not own:
        return OutcomeIndex(sightings(outcomes))
    around = [*alerts, *read(_ids_around(kernel, own, {alert.id for alert in alerts}))]
    return OutcomeIndex(sightings(outcomes), sightings(kernel.attempts_on(around, frozenset(own))))


def _of_pairs(kernel: Kernel, alerts: Sequence[Alert]) -> list[Outcome]:
    ends = [(one.zone, one.source_address, one.destination_address) for one in alerts]
    pairs = {(zone, *pair) for zone, a, b in ends if a and b for pair in ((a, b), (b, a))}
    if not pairs:
        return []
    instants = [alert.at_us for alert in alerts]
    window_us = (
        kernel.outcome_window_us
    )  # before an attempt's stamp as well: its flow may have begun one window earlier
    return outcomes_of(pairs, min(instants) - window_us, max(instants) + window_us)


def _ids_around(kernel: Kernel, own: Seen, known: set[str]) -> list[str]:
    found: set[str] = set()
    for pair, seen in own.items():
        for at_us, alert_id in seen:
            outcome = Outcome(alert_id, *pair, at_us)
            found |= set(alerts_around(outcome, kernel.outcome_window_us, MOST_AROUND))
    return sorted(found - known)
