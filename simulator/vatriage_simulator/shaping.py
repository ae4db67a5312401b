"""Which hosts are on a page of a list, and the faults that change it."""

from dataclasses import dataclass

from vatriage_simulator import host_fields, paging
from vatriage_simulator.fault_kinds import FaultKind
from vatriage_simulator.host_fields import HostTest
from vatriage_simulator.parameters import Parameters
from vatriage_simulator.resources import Resource
from vatriage_simulator.subscription import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The hosts of one answer."""

    ids: tuple[int, ...]
    limit: int
    """The page size that was asked for, 0: all."""
    next_id: int | None
    """The id with which the next page begins, None: this is the last one."""


def page(
    sim: Subscription, resource: Resource, parameters: Parameters, shape: FaultKind | None, wanted: HostTest
) -> Page:
    """Return the page that a call asks for, or what a fault makes of it.

    Raises: BadParameterError: codes 1905.
    """
    limit = parameters.number("truncation_limit", paging.DEFAULT_LIMIT)
    found = host_fields.matching(sim.hosts, parameters, sim.clock.now(), wanted)
    ids, next_id = paging.cut(found, 0 if shape is FaultKind.IGNORED_LIMIT else limit)
    if shape is FaultKind.OVERLAP and ids:
        number = host_fields.before(sim.hosts, ids[0], parameters, sim.clock.now(), wanted)
        # A host that never arrives does not arrive this way either.
        if number is not None and not sim.faults.undeliverable(resource, {number}):
            ids = (number, *ids)
    return Page(ids=ids, limit=limit, next_id=next_id)
