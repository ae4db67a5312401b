"""Which judgements a new snapshot can change: those that are left out stay the same, byte for byte."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from fakes.small_inventory import SmallInventory, host
from fakes.small_snapshot import columns_of
from soak import examples
from unit.triage.strategies import (
    CHECKS,
    FINDING_LISTS,
    FIRST,
    LAST_DAY,
    LEASE_LISTS,
    LINKS,
    MEMBER,
    POOLS,
    SCAN_LISTS,
    SECOND,
    STATEMENTS,
    TLS,
    VICTIM,
    WEB,
    ZONE,
    Case,
    cases,
    day,
    holding_lists,
    inventories,
)
from vatriage.inventory import changed as changes
from vatriage.inventory.changed import changed, observed_after
from vatriage.model.evidence import Check, Finding, Holding, Kind, Link, Scan, ScanKind, Status
from vatriage.triage.kernel import Kernel

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@st.composite
def changed_inventories(draw: st.DrawFn, before: SmallInventory) -> SmallInventory:
    """Return an inventory after a pull: mostly one thing is another, sometimes nothing, sometimes everything."""
    facts = before.hosts[0]
    found = [item for some in facts.findings.values() for item in some]
    links = st.lists(LINKS, max_size=2, unique_by=lambda link: link.qid)
    described = {qid: one for qid, one in before.checks.items() if qid != 1}
    return draw(
        st.one_of(
            st.builds(lambda some: before.with_host(0, some, facts.scans), FINDING_LISTS),
            st.builds(lambda some: before.with_host(0, found, some), SCAN_LISTS),
            st.builds(lambda some: before.with_holdings(ZONE, VICTIM, some), holding_lists(2)),
            st.builds(lambda some: before.with_links(FIRST, some), links),
            st.builds(lambda one: before.with_check(one._replace(qid=1)), CHECKS),
            st.just(replace(before, checks=described)),
            st.builds(lambda some: before.with_leases(ZONE, VICTIM, some), LEASE_LISTS),
            st.builds(lambda some: before.with_pools(ZONE, VICTIM, some), st.lists(POOLS, max_size=3)),
            st.builds(lambda some: before.with_statements(0, some), st.lists(STATEMENTS, max_size=2)),
            st.builds(lambda some: before.with_holdings(ZONE, MEMBER, some), holding_lists(2)),
            st.just(replace(before, hosts=(facts._replace(whole_listed_at=day(5)), *before.hosts[1:]))),
            st.just(replace(before, hosts=(facts._replace(source="other"), *before.hosts[1:]))),
            inventories(),
            st.just(before),
        )
    )


def judged(case: Case, inventory: SmallInventory, clock: int) -> list[bytes]:
    """Return the records by a snapshot of the inventory, without what names the snapshot and the clock."""
    snapshot = replace(case.knowledge.snapshot, columns=columns_of(inventory))
    kernel = Kernel(replace(case.knowledge, snapshot=snapshot), clock)
    records = kernel.judge(case.alerts, case.outcomes)
    return [msgspec.json.encode(msgspec.structs.replace(one, judged_at="")) for one in records]


@settings(max_examples=examples(120), deadline=None, suppress_health_check=SLOW)
@given(st.data(), cases(clocks=st.sampled_from([day(LAST_DAY + 5)] * 3 + [day(6), day(9)])))
def test_what_is_not_selected_is_judged_the_same(data: st.DataObject, case: Case):
    after = data.draw(changed_inventories(case.inventory))
    later = case.clock + data.draw(st.sampled_from([0, 1, 3, 30])) * (day(1) - day(0))
    old, new = columns_of(case.inventory), columns_of(after, order=(1, 0), zones=("a", "zz"))
    found = changed(old, new)
    addresses = found.addresses | observed_after(new, case.clock)

    pairs = zip(judged(case, case.inventory, case.clock), judged(case, after, later), strict=True)
    for alert, (before, now) in zip(case.alerts, pairs, strict=True):
        claims = {one["id"] for one in msgspec.json.decode(now)["claims"]}
        ends = {(alert.zone, alert.source_address), (alert.zone, alert.destination_address)}
        if not ends & addresses and not claims & found.claims:
            assert before == now
            event("left out")
        elif before != now:
            event("selected, and another verdict")
        else:
            event("selected, and the same verdict")


@given(inventories(), st.permutations([0, 1]), st.lists(st.sampled_from(["a", "zone", "z"])))
def test_other_numbers_of_hosts_and_zones_are_no_change(inventory, order, zones):
    old, new = columns_of(inventory), columns_of(inventory, order=order, zones=zones)

    assert changed(old, new) == (frozenset(), frozenset())


def test_small_pieces_find_the_same(monkeypatch):
    old, new = columns_of(WORLD), columns_of(WORLD.with_host(1, [finding(1, 2)], [scan(1), scan(4)]))
    whole = changed(old, new), observed_after(new, day(3))
    monkeypatch.setattr(changes, "ROWS", 1)

    assert whole == (changed(old, new), observed_after(new, day(3)))


def finding(qid: int, at: int) -> Finding:
    return Finding(qid, 80, 6, Kind.CONFIRMED, Status.ACTIVE, False, day(at), day(at), day(at), 0, 0, 0)


def scan(at: int, ports=(WEB,)) -> Scan:
    return Scan(day(at), ScanKind.REMOTE, whole=True, check_set=True, ports=frozenset(ports))


WORLD = SmallInventory(
    hosts=tuple(host(number, findings=[finding(1, 2)], scans=[scan(1), scan(2)]) for number in range(3)),
    addresses={(ZONE, f"10.0.0.{number}"): (Holding(number, day(1), day(5), 0, 0),) for number in range(3)},
    pairs={FIRST: (Link(1, 0, 0), Link(2, 0, 0)), SECOND: (Link(3, 0, 0),)},
    checks={qid: Check(qid, Kind.CONFIRMED, day(0), day(0), True, True, False) for qid in (1, 2, 3)},
)
"""Three hosts, each at its own address."""


@pytest.mark.parametrize(
    "after",
    [
        WORLD.with_host(1, [finding(1, 3)], [scan(1), scan(2)]),
        WORLD.with_host(1, [], [scan(1), scan(2)]),
        WORLD.with_host(1, [finding(1, 2)], [scan(1), scan(2), scan(3)]),
        WORLD.with_host(1, [finding(1, 2)], [scan(1), scan(2, [TLS])]),
        WORLD.with_host(1, [finding(1, 2)], [scan(1), scan(2, [WEB, TLS])]),
        WORLD.with_holdings(ZONE, "10.0.0.1", [Holding(1, day(1), day(6), 0, 0)]),
        WORLD.with_holdings(ZONE, "10.0.0.1", []),
        WORLD.with_holdings(ZONE, "10.0.0.1", [Holding(1, day(1), day(5), 0, 0), Holding(2, day(1), day(5), 0, 0)]),
        replace(WORLD, hosts=(WORLD.hosts[0], WORLD.hosts[1]._replace(id="another"), WORLD.hosts[2])),
    ],
    ids=["found", "gone", "scanned", "other port", "more ports", "seen longer", "left", "shared", "another host"],
)  # fmt: skip
def test_only_the_changed_hosts_address_is_selected(after):
    assert changed(columns_of(WORLD), columns_of(after)) == ({(ZONE, "10.0.0.1")}, frozenset())


def test_a_new_host_selects_its_address():
    after = replace(
        WORLD, hosts=(*WORLD.hosts, host(3)),
        addresses={**WORLD.addresses, (ZONE, "10.9.0.0"): (Holding(3, day(1), day(5), 0, 0),)},
    )  # fmt: skip

    assert changed(columns_of(WORLD), columns_of(after)) == ({(ZONE, "10.9.0.0")}, frozenset())


@pytest.mark.parametrize(
    ("after", "claims"),
    [
        (WORLD.with_links(FIRST, [Link(1, 0, 0)]), {FIRST}),
        (WORLD.with_links(FIRST, [Link(1, 0, 0), Link(2, day(3), 0)]), {FIRST}),
        (WORLD.with_links("CVE-2026-7", [Link(3, 0, 0)]), {"CVE-2026-7"}),
        (WORLD.with_check(WORLD.checks[3]._replace(modified=day(4))), {SECOND}),
        (WORLD.with_check(WORLD.checks[2]._replace(disabled=True)), {FIRST}),
    ],
    ids=["untied", "tied later", "new claim", "modified", "disabled"],
)
def test_only_claims_of_changed_entries_are_selected(after, claims):
    assert changed(columns_of(WORLD), columns_of(after)) == (frozenset(), claims)


def test_a_finding_that_nobody_describes_any_more_selects_its_hosts():
    after = replace(WORLD, checks={qid: one for qid, one in WORLD.checks.items() if qid != 1})
    found = changed(columns_of(WORLD), columns_of(after))

    assert found.addresses == set(WORLD.addresses)
    assert found.claims == {FIRST}


def test_what_was_observed_after_the_clock_selects_its_address():
    after = WORLD.with_host(1, [finding(1, 2)], [scan(1), scan(8)])

    assert observed_after(columns_of(after), day(7)) == {(ZONE, "10.0.0.1")}
    assert observed_after(columns_of(after), day(8)) == frozenset()


def test_an_empty_inventory_is_compared():
    empty = columns_of(SmallInventory())

    assert changed(empty, empty) == (frozenset(), frozenset())
    assert changed(empty, columns_of(WORLD)).addresses == set(WORLD.addresses)
    assert not np.any(columns_of(WORLD).holding_host < 0)
