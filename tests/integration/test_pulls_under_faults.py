"""The collector's promises under every kind of fault and under random schedules of them.

Whatever the server does, a pull ends; of every host the inventory then holds the truth or what it held before; hosts that it
does not know whole are named; nothing is twice there, and no host is fixed or gone by a fault.
"""

import random

import pytest

from integration_store import Store, opened
from pulled_world import WaitedClock, World, make_account, move_on, stored, true_inventory
from soak import SOAK
from vatriage.config import read_config
from vatriage.vault import open_vault
from vatriage_simulator.fault_kinds import FaultKind
from vatriage_simulator.fault_schedule import DEFAULT_KINDS, TERMINAL, FaultSchedule
from vatriage_simulator.server import SimulatorServer

SEEDS = range(200 if SOAK else 20)
STALL_S = 0.3
REFUSING = frozenset({FaultKind.BAD_LOGIN, FaultKind.ACCOUNT_EXPIRED, FaultKind.EULA})
"""Kinds that end a pull at once, because asking again would be useless or lock the account."""


@pytest.fixture
def start(tmp_path):
    """Return what makes a world whose account was pulled whole once, and has changed since."""
    stack = []

    def make(seed):
        sim = make_account(seed)
        server = SimulatorServer(sim)
        store = opened(read_config(tmp_path / f"home-{seed}", {}))
        config = store.__enter__()
        server.__enter__()
        stack.extend([store, server])
        open_vault(config.key)
        world = World(Store(config, tmp_path), server, WaitedClock())
        world.device()
        first, error = world.pull()
        assert (error, first.state, stored()) == (None, "complete", true_inventory(sim))
        move_on(sim, random.Random(seed))  # noqa: S311 - seeded on purpose
        world.clock.moment = sim.clock.now()
        return world, sim

    yield make
    for opened_one in reversed(stack):
        opened_one.__exit__(None, None, None)


def check(world, sim, before, pull):
    """Check what holds after any pull, however it ended; return the ids that it names as missing."""
    after, truth = stored(), true_inventory(sim)
    missing, moving = world.missing(pull), sim.truth().purged | set(sim.truth().came_late)
    assert pull.state != "running"
    assert pull.whole == (pull.state == "complete")
    for number, (gone, found) in after.items():
        assert not gone or (number not in truth and pull.whole), number
        known = [held[number][1] for held in (before, truth) if number in held]
        if number in missing:  # what could be read of it counts
            assert number in moving or found <= set().union(*known), number
        else:
            assert number in moving or found in (known or [set()]) or (not found and number not in before), number
    if pull.whole:
        for number in set(truth) - set(missing) - moving:
            assert after[number][1] == truth[number][1], number
    return set(missing)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_goes_wrong_a_pull_ends_with_the_truth_or_names_what_is_missing(start, seed):
    world, sim = start(seed)
    from vatriage.usecases.pull_run import HostsMissingError

    kinds = DEFAULT_KINDS | TERMINAL if seed % 5 == 4 else DEFAULT_KINDS - REFUSING
    schedule = FaultSchedule(
        seed, share=0.15 + 0.1 * (seed % 4), kinds=kinds, stall_s=STALL_S, poison_share=0.1 if seed % 3 == 2 else 0.0
    )
    sim.faults.follow(schedule)
    account = next(iter(sim.accounts.values()))
    password = account.password
    before = stored()

    pull, error = world.pull("delta" if seed % 2 else "full", page_hosts=3)
    missing = check(world, sim, before, pull)
    assert (error is None) == (pull.state == "complete")
    if isinstance(error, HostsMissingError):
        wanted = asked_for(pull) - sim.truth().purged
        assert missing - sim.truth().purged >= sim.truth().undeliverable() & wanted

    sim.faults.clear()
    account.password, account.expired = password, False
    pull, error = world.pull()

    if pull.counts["resumed"]:
        pull, error = world.pull()  # what was purged behind the first one's back shows in the next list

    assert (error, pull.state) == (None, "complete")
    assert without_gone(stored()) == true_inventory(sim)
    assert world.server.failures == []


def asked_for(pull):
    """Return the ids of the hosts that a pull asked for."""
    from vatriage.store.bulk import fetch

    pages = fetch("SELECT asked FROM pull_pages WHERE pull_id = %s AND step = 'findings'", [pull.pk])
    return {int(number) for (text,) in pages for number in text.split(",") if number}


def without_gone(found):
    """Return the hosts that are not gone."""
    return {number: held for number, held in found.items() if not held[0]}
