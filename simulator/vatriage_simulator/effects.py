"""The faults that last: they change the subscription, at once or when the answer to their call is finished."""

import hashlib
from datetime import timedelta

from vatriage_simulator.answers import Answer
from vatriage_simulator.faults import Fault, FaultKind
from vatriage_simulator.hosts import SimHost
from vatriage_simulator.subscription import Subscription

_EVERY = 10
"""Of so many QIDs one is withheld, where a fault does not say."""


def at_once(sim: Subscription, fault: Fault, login: str) -> None:
    """Do what a lasting fault does before its call is answered."""
    match fault.kind:
        case FaultKind.PASSWORD_CHANGED if login in sim.accounts:
            account = sim.accounts[login]
            account.password = hashlib.sha256(f"new:{account.password}".encode()).hexdigest()[:12]
            sim.sessions.close_all(login)
        case FaultKind.ACCOUNT_EXPIRES if login in sim.accounts:
            sim.accounts[login].expired = True
        case FaultKind.CLOCK_SKEW:
            sim.clock.advance(fault.seconds)
        case FaultKind.QIDS_WITHHELD:
            sim.vulnerabilities.withhold(qid=fault.record_id, every=fault.number or _EVERY)
        case _:
            return


def afterwards(sim: Subscription, fault: Fault, found: Answer) -> None:
    """Do what a lasting fault does once its answer is written: hosts go while nobody looks."""
    if fault.kind is FaultKind.HOSTS_PURGED:
        for number in _chosen(sim, fault, found):
            sim.purge_id(number)
    elif fault.kind is FaultKind.ADDRESS_REUSED:
        for number in _chosen(sim, fault, found)[:1]:
            _replace(sim, number)


def _chosen(sim: Subscription, fault: Fault, found: Answer) -> list[int]:
    """Return the hosts a fault is about: its own, or the last of the answer and the first behind it."""
    if fault.record_id is not None:
        wanted: list[int | None] = [fault.record_id]
    elif found.record_ids:
        wanted = [found.record_ids[-1], sim.hosts.first(found.record_ids[-1] + 1)]
    else:
        wanted = []
    return [number for number in wanted if number is not None and number in sim.hosts]


def _replace(sim: Subscription, number: int) -> None:
    """Put another host at the address of one that is purged: another system, and none of its findings."""
    old = sim.hosts[number]
    sim.purge_id(number)
    new: SimHost = sim.host(
        old.ip, network_id=old.network_id, os="Replaced by the simulator", dns=f"new-{number}.example"
    )
    new.scanned(sim.clock.now() - timedelta(minutes=1))
    qid = next(sim.vulnerabilities.known(), None)
    if qid is not None:
        new.detect(qid, port=4444)
    sim.replaced[new.id] = number
