"""Leases, virtual addresses and people's words (ADR 18): each with what it does and what it must not do.

The stage: host 0 at 10.0.0.5, scanned clean on day 5; an attack on day 6. Without more, it is NOT_AFFECTED.
"""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.small_inventory import ZONE, SmallInventory, host
from soak import examples
from unit.triage.oracle import World, expected
from unit.triage.strategies import (
    FIRST,
    LEASE_LISTS,
    MEMBER,
    POOLS,
    PUBLIC,
    STATEMENTS,
    STRANGER,
    VICTIM,
    Case,
    cases,
    day,
    knowledge_of,
    sweep,
    with_inventory,
)
from unit.triage.test_scenarios import ALERT, CHECK, FOUND, LINK, RULE, scan
from vatriage.model.evidence import NO_PORT, Finding, Holding, ScanKind
from vatriage.model.identity import ANY_PORT, NOBODY, Lease, Pool, Statement
from vatriage.model.instant import format_instant
from vatriage.model.outcome import OutcomeIndex
from vatriage.model.verdict import Verdict, VerdictRecord
from vatriage.signatures.knowledge import load_outcome_rules
from vatriage.triage.kernel import Kernel

ATTACK = msgspec.structs.replace(ALERT, at_us=day(6))
HELD = Holding(host=0, first_seen=day(1), last_seen=day(5), arrived_after=0, left_by=0)
OPEN = FOUND._replace(first_found=day(2), last_found=day(5), last_test=day(5))
LAW = settings(
    max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def world(*others: Finding) -> SmallInventory:
    """Return the stage: host 0 clean at the victim's address, host 1 at the member's with the findings."""
    return SmallInventory(
        hosts=(host(0, scans=[scan(5)]), host(1, findings=others, scans=[scan(5)])),
        addresses={(ZONE, VICTIM): (HELD,), (ZONE, MEMBER): (HELD._replace(host=1),)},
        pairs={FIRST: (LINK,)},
        checks={1: CHECK},
    )


def judge(inventory: SmallInventory, **changes) -> VerdictRecord:
    """Return the record of the attack, with changes, in an inventory; the clock is day 20."""
    attack = msgspec.structs.replace(ATTACK, **changes)
    return Kernel(knowledge_of(RULE), day(20), inventory=inventory).judge([attack], OutcomeIndex())[0]


def leased(*leases: Lease, others: tuple[Finding, ...] = ()) -> VerdictRecord:
    """Return the record of the attack on an address that was leased."""
    return judge(world(*others).with_leases(ZONE, VICTIM, leases))


def lease(client: int, first: float, last: float, who: int = NOBODY, kept: float | None = None) -> Lease:
    """Return a lease from a day to a day."""
    return Lease(who, client, day(first), day(last if kept is None else kept), day(last))


def pool(member: str, **changes) -> Pool:
    """Return that an address stands behind the victim's."""
    return Pool(ANY_PORT, member, ANY_PORT, day(0), 0, day(0), "ann")._replace(**changes)


def pooled(*pools: Pool, others: tuple[Finding, ...] = (), **changes) -> VerdictRecord:
    """Return the record of an attack on a virtual address that is no host itself."""
    inventory = world(*others).with_pools(ZONE, STRANGER, pools)
    return judge(inventory, **{"destination_address": STRANGER} | changes)


@pytest.mark.parametrize(
    ("message", "reasons"),
    [
        ("ET POLICY Apache HTTP Server 2.4.49 Observed - Vulnerable to CVE-2026-0001", ("observed_vulnerable",)),
        ("ET EXPLOIT D-Link IP Camera HTTP Request (CVE-2026-0001)", ("tested_absent",)),
    ],
)
def test_a_vulnerable_version_that_the_sensor_saw_answer_is_not_cleared_by_a_scan(message, reasons):
    rules = replace(knowledge_of(RULE), outcome_rules=load_outcome_rules())
    attack = msgspec.structs.replace(ATTACK, message=message)

    (record,) = Kernel(rules, day(20), inventory=world()).judge([attack], OutcomeIndex())

    assert reasons == record.reasons


def test_without_leases_the_stage_is_clear():
    assert judge(world()).verdict == "NOT_AFFECTED"


def test_a_lease_of_another_client_after_the_last_sight_makes_silence_not_count():
    record = leased(lease(0, 1, 5.5), lease(1, 5.6, 9))

    assert (record.verdict, record.reasons) == ("UNKNOWN", ("identity",))


def test_a_lease_of_another_client_that_began_after_the_alert_says_nothing_of_it():
    assert leased(lease(0, 1, 7), lease(1, 6.5, 9)).verdict == "NOT_AFFECTED"


def test_a_lease_of_another_client_that_ended_before_the_last_sight_says_nothing():
    assert leased(lease(1, 2, 4)).verdict == "NOT_AFFECTED"


def test_a_lease_of_the_sighted_client_from_the_scan_to_the_alert_keeps_the_host_sure():
    record = leased(lease(0, 4, 6), lease(0, 6, 8))

    assert (record.verdict, record.expires) == ("NOT_AFFECTED", format_instant(day(8)))
    assert [one.valid_until for one in record.justifications] == [record.expires]


@pytest.mark.parametrize(
    "leases", [[lease(0, 4, 5.5)], [lease(0, 4, 8, kept=5.5)], [lease(0, 4, 5.5), lease(0, 5.8, 9)]]
)
def test_a_lease_that_ended_or_has_a_gap_before_the_alert_makes_silence_not_count(leases):
    assert leased(*leases).reasons == ("identity",)


def test_two_clients_at_the_sight_leave_open_which_of_them_is_the_host():
    assert leased(lease(0, 4, 9), lease(1, 4, 9)).reasons == ("identity",)


def test_a_lease_of_another_known_host_makes_both_candidates():
    record = leased(lease(0, 4, 5.5, who=0), lease(1, 5.5, 9, who=1), others=(OPEN,))

    assert (record.verdict, record.reasons) == ("POSSIBLY_AFFECTED", ("identity",))
    assert record.target.host == f"{ZONE}/account:1"


def test_a_lease_names_the_host_of_an_address_that_no_scan_saw():
    inventory = world(OPEN).with_leases(ZONE, STRANGER, [lease(1, 5, 9, who=1)])

    assert judge(inventory, destination_address=STRANGER).verdict == "AFFECTED"


def test_a_lease_alone_clears_nothing():
    inventory = world().with_leases(ZONE, STRANGER, [lease(1, 4, 9, who=1)])

    record = judge(inventory, destination_address=STRANGER)

    assert (record.verdict, record.reasons) == ("UNKNOWN", ("identity",))


def test_a_client_that_nobody_knows_takes_nothing_from_a_finding():
    inventory = world().with_host(0, [OPEN], [scan(5)]).with_leases(ZONE, VICTIM, [lease(1, 5.6, 9)])

    assert judge(inventory).verdict == "AFFECTED"


def test_all_members_of_a_virtual_address_cleared_clear_it():
    record = pooled(pool(VICTIM), pool(MEMBER))

    assert record.verdict == "NOT_AFFECTED"
    assert {one.source for one in record.evidence if one.kind == "pool"} == {
        f"person:ann: virtual address: {VICTIM}", f"person:ann: virtual address: {MEMBER}",
    }  # fmt: skip


def test_the_worst_member_decides():
    record = pooled(pool(VICTIM), pool(MEMBER), others=(OPEN,))

    assert (record.verdict, record.target.host) == ("AFFECTED", f"{ZONE}/account:1")


def test_a_member_that_nobody_knows_leaves_the_virtual_address_open():
    assert pooled(pool(VICTIM), pool("10.0.0.99")).reasons == ("host_unknown", "identity")


@pytest.mark.parametrize(
    "row",
    [
        pool(VICTIM, entered=day(6.5)),
        pool(""),
        pool(VICTIM, port=443),
        pool(VICTIM, port=80, member_port=81),
    ],
    ids=["said after the alert", "members unknown", "another port", "a port that no scan covered"],
)
def test_a_virtual_address_that_is_not_wholly_known_is_not_cleared(row):
    inventory = world().with_host(0, [], [scan(5, ScanKind.REMOTE)]).with_pools(ZONE, STRANGER, [row])

    assert judge(inventory, destination_address=STRANGER).verdict == "UNKNOWN"


def test_an_alert_without_port_is_not_cleared_by_a_pool_of_one_port():
    assert pooled(pool(VICTIM, port=80), destination_port=None).reasons == ("identity",)
    assert pooled(pool(VICTIM), destination_port=None).verdict == "NOT_AFFECTED"


@pytest.mark.parametrize("row", [pool(VICTIM, start=day(6.5)), pool(VICTIM, until=day(6))])
def test_a_pool_that_is_not_in_force_says_nothing(row):
    assert pooled(row).reasons == ("host_unknown",)


def test_a_virtual_address_outside_is_an_own_one():
    inventory = world().with_pools(ZONE, PUBLIC, [pool("10.0.0.99")])
    attack = {"source_address": VICTIM, "destination_address": PUBLIC}

    assert judge(world(), **attack).reasons == ("outbound",)
    assert judge(inventory, **attack).reasons == ("host_unknown", "identity")


def test_a_virtual_address_that_is_a_scanned_host_too_must_be_clear_itself():
    inventory = world().with_pools(ZONE, VICTIM, [pool(MEMBER)])

    assert judge(inventory).verdict == "NOT_AFFECTED"
    assert judge(inventory.with_host(0, [OPEN], [scan(5)])).verdict == "AFFECTED"
    assert judge(inventory.with_host(0, [], [])).reasons == ("never_scanned",)


def test_a_pool_within_a_pool_clears_nothing():
    inventory = world().with_pools(ZONE, STRANGER, [pool(MEMBER)]).with_pools(ZONE, MEMBER, [pool(VICTIM)])

    assert judge(inventory, destination_address=STRANGER).reasons == ("identity",)


def test_silence_of_what_a_person_calls_several_hosts_does_not_count():
    split = Statement("not_one_host", "two machines by turns", "ann", 0, 0)

    record = judge(world().with_statements(0, [split]))

    assert (record.verdict, record.reasons) == ("UNKNOWN", ("identity",))
    assert judge(world(OPEN).with_statements(1, [split]), destination_address=MEMBER).verdict == "AFFECTED"


@pytest.mark.parametrize(("until", "shown"), [(0, 1), (day(7), 1), (day(6), 0)])
def test_what_a_person_says_of_a_host_is_shown_while_it_holds_and_changes_no_verdict(until, shown):
    said = Statement("mitigation", "virtual patch on the proxy", "ann", day(2), until)
    inventory = world(OPEN).with_statements(1, [said])

    record = judge(inventory, destination_address=MEMBER)

    assert record.verdict == "AFFECTED"
    assert [one.source for one in record.evidence if one.kind == "statement"] == [
        "person:ann: mitigation: virtual patch on the proxy"
    ] * shown


@st.composite
def shared_worlds(draw: st.DrawFn) -> SmallInventory:
    """Return the stage with leases, pools within pools and words: most of what happens in it is about identity."""
    inventory = world(*draw(st.sampled_from([(), (), (OPEN,)])))
    for address in (VICTIM, MEMBER):
        inventory = inventory.with_leases(ZONE, address, draw(st.just([]) | LEASE_LISTS))
        inventory = inventory.with_pools(ZONE, address, draw(st.just([]) | st.lists(POOLS, max_size=2)))
    return inventory.with_statements(0, draw(st.just([]) | st.lists(STATEMENTS, max_size=2)))


@LAW
@given(shared_worlds(), st.sampled_from([80, 80, 443, None]))
def test_the_kernel_and_the_oracle_agree_on_identity(inventory: SmallInventory, port: int | None):
    knowledge = knowledge_of(RULE)
    kernel = Kernel(knowledge, day(20), inventory=inventory)
    plain = World(inventory=inventory, knowledge=knowledge, clock=day(20), outcomes=OutcomeIndex())
    attacks = sweep(msgspec.structs.replace(ATTACK, destination_port=port))

    records = kernel.judge(attacks, OutcomeIndex())

    wanted = [expected(attack, plain) for attack in attacks]
    assert [one.level.name for one in wanted] == [record.verdict for record in records]
    assert [one.until and format_instant(one.until) for one in wanted] == [record.expires for record in records]


def levels(case: Case, inventory: SmallInventory) -> list[Verdict]:
    """Return a case's levels in another inventory."""
    return [Verdict[record.verdict] for record in with_inventory(case, inventory).judge()]


@LAW
@given(cases(), LEASE_LISTS)
def test_leases_never_clear_and_never_take_more_than_a_second_candidate_does(case: Case, leases: list[Lease]):
    """ADR 18: leases may only raise doubt, or name one more host."""
    without = levels(case, replace(case.inventory, leased={}))
    found = levels(case, case.inventory.with_leases(ZONE, VICTIM, leases))

    for old, new in zip(without, found, strict=True):
        assert new >= min(old, Verdict.POSSIBLY_AFFECTED)


@LAW
@given(cases(), st.lists(STATEMENTS, max_size=3), st.lists(STATEMENTS, max_size=3))
def test_what_people_say_of_hosts_never_lowers(case: Case, first: list[Statement], second: list[Statement]):
    """ADR 18: a mitigation, an OS, a service or a split lowers nothing."""
    silent = case.inventory.with_statements(0, []).with_statements(1, [])
    told = silent.with_statements(0, first).with_statements(1, second)

    for old, new in zip(levels(case, silent), levels(case, told), strict=True):
        assert new >= old


@LAW
@given(cases(), st.lists(POOLS, min_size=1, max_size=3))
def test_a_virtual_address_is_at_least_as_bad_as_itself_and_every_member(case: Case, pools: list[Pool]):
    """ADR 18: NOT_AFFECTED only if every member is cleared, and the address itself where it is a host."""
    bare = replace(case.inventory, pooled={})
    alone = levels(case, bare)
    virtual = with_inventory(case, bare.with_pools(ZONE, VICTIM, pools)).judge()
    behind = {}
    for member in {one.member for one in pools} - {""}:
        moved = {(ZONE, VICTIM): bare.holdings(ZONE, member)}
        behind[member] = levels(case, replace(bare, addresses=moved, leased={}))
    for place, (alert, record) in enumerate(zip(case.alerts, virtual, strict=True)):
        new = Verdict[record.verdict]
        assert new >= alone[place] or (new is Verdict.NOT_AFFECTED and alone[place] is Verdict.UNKNOWN)
        if new is Verdict.NOT_AFFECTED and alone[place] is Verdict.UNKNOWN and alert.destination_address == VICTIM:
            serving = [
                one for one in pools if one.holds(alert.at_us) and one.port in (ANY_PORT, alert.destination_port)
            ]
            assert serving
            assert all(one.member and one.entered <= alert.at_us for one in serving)
            same_port = [one.member for one in serving if one.member_port == ANY_PORT]
            assert {behind[member][place] for member in same_port} <= {Verdict.NOT_AFFECTED}


def test_the_port_of_no_pool_is_the_port_of_an_alert_without_one():
    assert ANY_PORT == NO_PORT
