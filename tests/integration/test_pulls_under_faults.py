"""The collector's promises under every kind of fault and under random schedules of them.

Whatever the server does, a pull ends; of every host the inventory then holds the truth or what it held before; hosts that it
does not know whole are named; nothing is twice there, and no host is fixed or gone by a fault.
"""

import random
from datetime import timedelta

import pytest

from integration_store import Store, opened
from pulled_world import WaitedClock, World, make_account, move_on, stored, true_inventory
from soak import SOAK
from vatriage.config import read_config
from vatriage.vault import open_vault
from vatriage_simulator.fault_kinds import FaultKind, fits
from vatriage_simulator.fault_schedule import DEFAULT_KINDS, TERMINAL, FaultSchedule
from vatriage_simulator.faults import Fault
from vatriage_simulator.server import SimulatorServer

SEEDS = range(200 if SOAK else 20)
DAY = timedelta(days=1)
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


KINDS = sorted(set(FaultKind) - {FaultKind.ERROR, FaultKind.NOT_READY})
"""A report that is not ready, and an error with a number of its own, are no answers of these lists."""
LISTS = ("host_list", "detection_list", "knowledge_base")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["full", "delta"])
def test_after_any_fault_of_any_list_the_inventory_holds_the_truth_or_names_what_is_missing(start, kind, mode):
    world, sim = start(7)
    account = next(iter(sim.accounts.values()))
    password = account.password
    for resource in LISTS:
        if fits(kind, resource):
            sim.break_next(resource, Fault(kind=kind, seconds=3_600 if kind is FaultKind.CLOCK_SKEW else 1))
    before = stored()

    pull, error = world.pull(mode, page_hosts=4)
    check(world, sim, before, pull)
    assert sim.faults.taken
    assert (error is None) == (pull.state == "complete") == (kind not in ENDING)

    sim.faults.clear()
    account.password, account.expired = password, False
    for _ in range(2):
        pull, error = world.pull("full")
        assert (error, pull.state) == (None, "complete")
    assert without_gone(stored()) == true_inventory(sim)


ENDING = REFUSING | TERMINAL | {FaultKind.NO_PERMISSION, FaultKind.SECURE_IP}
"""What a person must put right: it is not asked again, and the pull is incomplete."""


@pytest.mark.parametrize("kind", ["stall-cut", "silence", "reset", "gateway-timeout", "empty", "cut-unmarked"])
def test_a_host_that_never_comes_costs_a_few_calls_and_is_named_and_the_others_are_there(start, kind):
    world, sim = start(11)
    poison = sorted(sim.hosts)[9]
    sim.break_next("detection_list", Fault(kind=FaultKind(kind), record_id=poison, seconds=STALL_S), times=None)
    before, asked = stored(), len(world.server.requests)

    pull, error = world.pull("full", page_hosts=16)
    missing = check(world, sim, before, pull)
    calls = len(world.server.requests) - asked

    assert (pull.state, pull.whole, missing) == ("incomplete", False, {poison})
    assert "1 of 20 hosts did not come" in str(error)
    assert calls < 30
    for number, (_, found) in true_inventory(sim).items():
        assert number == poison or stored()[number][1] == found

    asked = len(world.server.requests)
    pull, error = world.pull("full", page_hosts=16)  # the next one asks for it apart, and not for its neighbours
    alone = [item for item in world.server.requests[asked:] if item.parameters.get("ids") == str(poison)]
    assert (pull.state, world.missing(pull).keys()) == ("incomplete", {poison})
    assert 1 <= len(alone) <= 3
    assert len(world.server.requests) - asked <= 10

    sim.faults.clear()
    pull, error = world.pull("full")
    assert (error, pull.state, without_gone(stored())) == (None, "complete", true_inventory(sim))


def test_a_host_whose_entry_in_the_host_list_never_comes_is_listed_by_its_id(start):
    world, sim = start(12)
    poison = sorted(sim.hosts)[5]
    sim.break_next(
        "host_list", Fault(kind=FaultKind.RESET, record_id=poison, after_bytes=1_200), times=6
    )  # its entry alone breaks off; the list of ids, which is short, would as well

    pull, error = world.pull("full", page_hosts=8)

    assert (error, pull.state, without_gone(stored())) == (None, "complete", true_inventory(sim))


def test_an_answer_that_is_too_long_is_asked_for_in_halves(start):
    world, sim = start(13)

    pull, error = world.pull("full", page_hosts=16, page_bytes=70_000)
    sizes = [len(item.parameters["ids"].split(",")) for item in world.server.requests if "ids" in item.parameters]

    assert (error, pull.state, without_gone(stored())) == (None, "complete", true_inventory(sim))
    assert sizes


def test_a_delta_asks_for_the_hosts_that_changed_and_all_that_is_known_of_them_and_sees_purges(start):
    world, sim = start(14)
    unchanged = {number for number, host in sim.hosts.items() if host.last_scan.at < sim.clock.now() - DAY}
    asked = len(world.server.requests)

    pull, error = world.pull("delta", page_hosts=100)
    requests = world.server.requests[asked:]
    ids = {int(number) for item in requests for number in item.parameters.get("ids", "").split(",") if number}

    assert (error, pull.state, pull.whole) == (None, "complete", True)
    assert not ids & unchanged
    assert without_gone(stored()) == true_inventory(sim)
    for item in requests:
        assert not {"detection_updated_since", "severities", "qids"} & set(item.parameters)
    assert pull.counts["hosts_in_account"] == 20 > pull.counts["hosts_expected"]
    assert pull.counts["changes"]["hosts_gone"] == 1


def test_an_account_that_suddenly_shows_no_host_is_no_clean_network(start):
    world, sim = start(15)
    for number in sorted(sim.hosts):
        sim.purge_id(number)
    before = stored()

    pull, error = world.pull("full")

    assert (pull.state, pull.whole, stored()) == ("failed" if not pull.resumable else "incomplete", False, before)
    assert "shows no host" in str(error)
