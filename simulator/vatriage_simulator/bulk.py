"""A subscription of any size that is made as it is asked for: a hundred thousand hosts need no memory.

The same numbers and seed give the same subscription, whatever is asked first. What a test tells it (`host`, `purge`,
faults) is remembered; `hosts[id]` keeps that one host from then on.
"""

from datetime import datetime

from vatriage_simulator.bulk_hosts import BulkHosts
from vatriage_simulator.bulk_knowledge import BulkKnowledge
from vatriage_simulator.clock import SimulatedClock
from vatriage_simulator.generated import LOGIN, PASSWORD
from vatriage_simulator.subscription import Subscription


def make_bulk(
    seed: int,
    hosts: int,
    *,
    detections_per_host: int,
    qids: int,
    now: datetime,
    clock: SimulatedClock | None = None,
) -> Subscription:
    """Return a subscription with an account and exactly so many hosts, detections on each, and QIDs.

    Args: see BulkHosts and Subscription.

    Raises: ValueError: a number is out of its bounds.
    """
    maker = BulkHosts(seed, hosts, detections_per_host=detections_per_host, qids=qids, now=now)
    sim = Subscription(now, clock=clock, host_maker=maker, entry_maker=BulkKnowledge(qids, now))
    sim.account(LOGIN, PASSWORD)
    return sim
