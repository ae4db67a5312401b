"""Worlds for the verdict's laws: everything happens on a grid of days, so that boundaries are hit and not only neared.

Ages of the policy are whole days too. Worlds lean towards what refutes (vouched scans, capable checks): in a uniformly
random one hardly anything is ever NOT_AFFECTED, and the laws would hold for want of cases.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec
from hypothesis import strategies as st

from fakes.small_inventory import LISTED, ZONE, SmallInventory, host
from vatriage.model.alert import Alert, Direction, Disposition
from vatriage.model.evidence import NO_PORT, Check, Finding, Holding, Kind, Link, Scan, ScanKind, Status
from vatriage.model.identity import ANY_PORT, NOBODY, Lease, Pool, Said, Statement
from vatriage.model.instant import DAY_US, US
from vatriage.model.outcome import OutcomeIndex
from vatriage.model.policy import Policy
from vatriage.model.signature import (
    ANY_REVISION,
    Claim,
    ClaimSource,
    OutcomeRules,
    Side,
    Signature,
    SignatureIndex,
    TransitiveClaims,
)
from vatriage.model.snapshot import Snapshot, empty_columns
from vatriage.model.verdict import VerdictRecord
from vatriage.triage.kernel import Kernel, Knowledge, outcome_index

ORIGIN = 1_767_225_600 * US
"""2026-01-01T00:00:00Z."""
LAST_DAY = 14
POLICY = Policy(stale_positive_us=5 * DAY_US)
MEMBER = "10.0.0.6"
"""An address that may stand behind the victim's."""
VICTIM, ATTACKER, STRANGER, PUBLIC, GROUP = "10.0.0.5", "9.9.9.9", "10.0.0.77", "8.8.4.4", "239.255.255.250"
FIRST, SECOND, OLD, LOG4SHELL = "CVE-2026-0001", "CVE-2026-0002", "BUGTRAQ-7", "CVE-2021-44228"
TCP, UDP = 6, 17
WEB, TLS, DNS = (TCP, 80), (TCP, 443), (UDP, 53)
OUTCOME_SID = 99
OUTCOMES = OutcomeRules(
    version="t",
    signatures=frozenset({(1, OUTCOME_SID)}),
    message_classes=("ATTACK_RESPONSE",),
    classtypes=frozenset({"successful-admin"}),
    categories=frozenset({"successful administrator privilege gain"}),
    observed_words=frozenset({"observed"}),
)
TRANSITIVE = TransitiveClaims(version="t", claims=frozenset({LOG4SHELL}))
REFERENCE = (ClaimSource.REFERENCE,)


def day(number: float) -> int:
    """Return the instant of a day of the grid, microseconds; day 0 is 2026-01-01."""
    return ORIGIN + int(number * DAY_US)


def knowledge_of(*signatures: Signature) -> Knowledge:
    """Return what a kernel knows beside the inventory."""
    by_key: dict[tuple[int, int], tuple[Signature, ...]] = {}
    for signature in sorted(set(signatures), key=lambda one: one.rev):
        key = (signature.gid, signature.sid)
        by_key[key] = (*by_key.get(key, ()), signature)
    return Knowledge(
        snapshot=Snapshot(columns=empty_columns(), id="t", knowledge_base="t"),
        signatures=SignatureIndex(by_key, "t"),
        policy=POLICY,
        outcome_rules=OUTCOMES,
        transitive=TRANSITIVE,
    )


@dataclass(frozen=True, kw_only=True)
class Case:
    """A world and the alerts that are judged in it."""

    inventory: SmallInventory
    knowledge: Knowledge
    clock: int
    alerts: tuple[Alert, ...]

    @property
    def kernel(self) -> Kernel:
        """A fresh kernel: no cache of an earlier judgement helps."""
        return Kernel(self.knowledge, self.clock, inventory=self.inventory)

    @property
    def outcomes(self) -> OutcomeIndex:
        """The outcomes among the alerts."""
        return outcome_index(self.kernel, self.alerts, self.alerts)

    def judge(self) -> list[VerdictRecord]:
        """Return the kernel's records."""
        return self.kernel.judge(self.alerts, self.outcomes)


def mostly(usual: bool) -> st.SearchStrategy[bool]:  # noqa: FBT001 - reads as a sentence: mostly(True)
    """Return seven times out of eight the usual answer."""
    return st.sampled_from([usual] * 7 + [not usual])


DAYS = st.integers(1, LAST_DAY)
QIDS = (1, 1, 2, 3)
"""QID 1 is met more often than the others, so that findings, checks and links meet each other."""
PORTS = st.sampled_from([80, 80, 80, 443, NO_PORT])

CHECKS = st.builds(
    Check,
    qid=st.just(0),
    kind=st.sampled_from([Kind.CONFIRMED] * 6 + [Kind.POTENTIAL, Kind.INFORMATION]),
    published=st.sampled_from([day(0)] * 6 + [day(4)]),
    modified=st.sampled_from([day(0)] * 6 + [day(3), day(6)]),
    remote=st.booleans(),
    authenticated=st.sampled_from([True, True, True, False]),
    disabled=mostly(False),
)
LINKS = st.builds(
    Link,
    qid=st.sampled_from(QIDS),
    added=st.sampled_from([0] * 6 + [day(3), day(6)]),
    removed=st.sampled_from([0] * 9 + [day(8)]),
)
SCANS = st.builds(
    Scan,
    at=st.sampled_from([2, 3, 4, 5, 6, 7, 8, 9, 12]).map(day),
    kind=st.sampled_from(ScanKind),
    whole=mostly(True),
    check_set=mostly(True),
    ports=st.sampled_from([(WEB,), (WEB,), (WEB, TLS), (), (DNS,)]).map(frozenset),
)
SCAN_LISTS = st.lists(SCANS, min_size=1, max_size=4)


@st.composite
def detections(draw: st.DrawFn, qid: int, first_day: int = 1) -> list[Finding]:
    """Return the versions of one detection, as the merge of reports leaves them: a chain without gaps.

    Args:
        draw: Hypothesis.
        qid: the QID.
        first_day: nothing is found before it.
    """
    days = sorted(draw(st.lists(st.integers(first_day, LAST_DAY), min_size=1, max_size=3, unique=True)))
    port, protocol = draw(PORTS), draw(st.sampled_from([TCP, TCP, TCP, 0, UDP]))
    kind, disabled = draw(st.sampled_from([Kind.CONFIRMED] * 4 + list(Kind))), draw(mostly(usual=False))
    found = day(days[0] - (draw(st.integers(0, 2)) if days[0] - 2 >= first_day else 0))
    turns = draw(st.booleans())
    versions = []
    for place, since in enumerate(days):
        until = days[place + 1] if place + 1 < len(days) else LAST_DAY + 2
        is_fixed = turns == bool(place % 2)
        last = day(draw(st.integers(since, until - 1)))
        versions.append(
            Finding(
                qid=qid,
                port=port,
                protocol=0 if port == NO_PORT else protocol,
                kind=kind,
                status=Status.FIXED if is_fixed else draw(st.sampled_from([Status.NEW, Status.ACTIVE])),
                disabled=disabled,
                first_found=found,
                last_found=found if is_fixed else last,
                last_test=last,
                fixed=day(since) if is_fixed else 0,
                superseded=day(until) if place + 1 < len(days) else 0,
                since=day(since) if place else 0,
            )
        )
    return versions


FINDING_LISTS = st.lists(st.sampled_from(QIDS).flatmap(detections), max_size=3).map(
    lambda chains: [finding for chain in chains for finding in chain]
)


@st.composite
def holding_lists(draw: st.DrawFn, hosts: int) -> list[Holding]:
    """Return who held the victim's address: mostly the first host from the first day on, sometimes two or nobody."""
    holdings = []
    for number in draw(st.sampled_from([[0]] * 8 + [[0, 1]] * 3 + [[1], []])):
        if number >= hosts:
            continue
        first, last = sorted([draw(st.sampled_from([1, 1, 1, 3, 6])), draw(st.integers(1, LAST_DAY))])
        holdings.append(
            Holding(
                host=number,
                first_seen=day(first),
                last_seen=day(last),
                arrived_after=day(first - draw(st.integers(1, 2))) if draw(mostly(usual=False)) else 0,
                left_by=day(last + draw(st.integers(1, 2))) if draw(mostly(usual=False)) else 0,
            )
        )
    return holdings


LEASES = st.builds(
    lambda host, client, first, length, lost: Lease(
        host, client, day(first), day(first + max(length - lost, 0)), day(first + length)
    ),
    host=st.sampled_from([0, 0, 0, NOBODY, NOBODY, 1]),
    client=st.sampled_from([0, 0, 1]),
    first=st.integers(1, LAST_DAY),
    length=st.sampled_from([1, 2, 4, LAST_DAY]),
    lost=st.sampled_from([0, 0, 0, 1]),
)
LEASE_LISTS = st.lists(LEASES, min_size=1, max_size=4)
POOLS = st.builds(
    Pool,
    port=st.sampled_from([ANY_PORT, ANY_PORT, 80, 443]),
    member=st.sampled_from([MEMBER, MEMBER, STRANGER, VICTIM, ""]),
    member_port=st.sampled_from([ANY_PORT, ANY_PORT, 80]),
    start=st.sampled_from([0, 0, day(3)]),
    until=st.sampled_from([0, 0, day(9)]),
    entered=st.sampled_from([0, day(0), day(5)]),
    author=st.just("ann"),
)
STATEMENTS = st.builds(
    Statement,
    kind=st.sampled_from(Said),
    text=st.just("as I know"),
    author=st.just("ann"),
    start=st.sampled_from([0, day(3)]),
    until=st.sampled_from([0, day(9)]),
)


def seldom(some: st.SearchStrategy[list]) -> st.SearchStrategy[list]:
    """Return mostly nothing."""
    return mostly(usual=False).flatmap(lambda is_some: some if is_some else st.just([]))


@st.composite
def inventories(draw: st.DrawFn) -> SmallInventory:
    """Return an inventory of two hosts that may hold the victim's address, and what the KnowledgeBase says."""
    hosts = [
        host(
            number,
            findings=draw(FINDING_LISTS),
            scans=draw(SCAN_LISTS),
            whole_listed_at=draw(st.sampled_from([LISTED] * 6 + [0, day(4)])),
        )
        for number in (0, 1)
    ]
    hosts = [one._replace(stated=tuple(draw(seldom(st.lists(STATEMENTS, max_size=2))))) for one in hosts]
    known = [qid for qid in sorted(set(QIDS)) if draw(mostly(usual=True))]
    return SmallInventory(
        hosts=tuple(hosts),
        addresses={
            (ZONE, VICTIM): tuple(draw(holding_lists(len(hosts)))),
            (ZONE, MEMBER): tuple(draw(holding_lists(len(hosts)))),
        },
        leased={(ZONE, VICTIM): tuple(draw(seldom(LEASE_LISTS)))},
        pooled={(ZONE, VICTIM): tuple(draw(seldom(st.lists(POOLS, max_size=3))))},
        pairs={
            claim: tuple(draw(st.lists(LINKS, min_size=claim == FIRST, max_size=2, unique_by=lambda link: link.qid)))
            for claim in (FIRST, SECOND, OLD, LOG4SHELL)
        },
        checks={qid: draw(CHECKS)._replace(qid=qid) for qid in known},
    )


def claims_of(ids: Iterable[str]) -> tuple[Claim, ...]:
    """Return claims of a rule's references; `CVE-20` is a malformed one."""
    return tuple(Claim(one, REFERENCE, malformed=one == "CVE-20") for one in sorted(ids))


CLAIM_LISTS = st.lists(
    st.sampled_from([FIRST] * 5 + [SECOND, SECOND, OLD, LOG4SHELL, "CVE-20"]), max_size=2, unique=True
).map(claims_of)
PLAIN_SIGNATURE = st.builds(
    Signature,
    gid=st.just(1),
    sid=st.just(1),
    rev=st.just(1),
    claims=st.sampled_from([(FIRST,)] * 4 + [(FIRST, SECOND), (OLD,), (FIRST, LOG4SHELL), (FIRST, "CVE-20")]).map(
        claims_of
    ),
    target=st.just("dest_ip"),
)
ODD_SIGNATURES = st.builds(
    Signature,
    gid=st.just(1),
    sid=st.sampled_from([2, 2, 2, 1, OUTCOME_SID]),
    rev=st.sampled_from([1, 1, 1, 2, ANY_REVISION]),
    claims=CLAIM_LISTS,
    from_rule=mostly(usual=True),
    conflict=mostly(usual=False),
    target=st.sampled_from(["dest_ip", "src_ip", None, None, None]),
    flow=st.sampled_from([None, "to_server", "to_client"]),
    attack_targets=st.sampled_from(
        [(), (), ("Web_Server",), ("Client_Endpoint",), ("Web_Server", "IoT"), ("Client_and_Server",)]
    ),
    source_side=st.sampled_from([Side.ANY, Side.EXTERNAL, Side.HOME]),
    destination_side=st.sampled_from([Side.ANY, Side.HOME, Side.EXTERNAL]),
)
IDS = st.uuids().map(lambda uuid: uuid.hex)
INSTANTS = st.builds(
    lambda number, offset: day(number) + offset * US, DAYS, st.sampled_from([0] * 8 + [-1, 1, 600, 601])
)
PLAIN_ALERTS = st.builds(
    Alert,
    id=IDS,
    zone=st.just(ZONE),
    at_us=INSTANTS,
    gid=st.just(1),
    sid=st.just(1),
    rev=st.just(1),
    source_address=st.just(ATTACKER),
    source_port=st.just(40000),
    destination_address=st.just(VICTIM),
    destination_port=st.sampled_from([80, 80, 80, 443, None]),
    protocol=st.just("tcp"),
)
"""Attacks on the victim by a rule that is loaded: what the evidence says decides."""
ODD_ALERTS = st.builds(
    Alert,
    id=IDS,
    zone=st.sampled_from([ZONE] * 9 + ["other"]),
    at_us=INSTANTS,
    gid=st.just(1),
    sid=st.sampled_from([2, 2, 2, 1, 3, OUTCOME_SID]),
    rev=st.sampled_from([1] * 6 + [2]),
    source_address=st.sampled_from([ATTACKER] * 6 + [VICTIM, STRANGER, None]),
    source_port=st.sampled_from([40000, 80, None]),
    destination_address=st.sampled_from([VICTIM] * 8 + [ATTACKER, PUBLIC, STRANGER, GROUP]),
    destination_port=st.sampled_from([80] * 6 + [443, 0, None]),
    protocol=st.sampled_from(["tcp"] * 6 + ["udp", "sctp", ""]),
    direction=st.sampled_from([None, Direction.TO_SERVER, Direction.TO_CLIENT]),
    client_address=st.sampled_from([None, None, ATTACKER, VICTIM]),
    target_address=st.sampled_from([None] * 6 + [VICTIM, ATTACKER]),
    target_port=st.sampled_from([None, 80]),
    attack_targets=st.sampled_from([()] * 4 + [("Client_Endpoint",), ("Server",), ("IoT",)]),
    cves=st.sampled_from([()] * 6 + [("CVE_2026_0001",), ("CVE_2026_0002",), ("nonsense",)]),
    rule_references=st.sampled_from([()] * 6 + [("cve,2026-0001",), ("cve,2026-0002",), ("cve,nonsense",)]),
    message=st.sampled_from(
        [""] * 6
        + [
            "ET EXPLOIT something CVE-2026-0001",
            "TEST CVE-2026-0001/0002",
            "GPL ATTACK_RESPONSE id check",
            "Server Observed - Vulnerable",
        ]
    ),
    disposition=st.sampled_from(Disposition),
)
"""Everything else: other ends, other signatures, other zones, no ends at all, outcomes."""


def sweep(alert: Alert, step: float = 0.5) -> tuple[Alert, ...]:
    """Return the alert at every instant of the grid and between its days: one draw, every step of the judgement."""
    days = [number * step for number in range(int(1 / step), int((LAST_DAY + 3) / step))]
    return tuple(msgspec.structs.replace(alert, id=f"{day(at):032x}", at_us=day(at)) for at in days)


@st.composite
def cases(draw: st.DrawFn, *, step: float = 1, clocks: st.SearchStrategy[int] | None = None) -> Case:
    """Return a world with alerts: a plain one at every instant of the grid, and a few odd ones.

    Args:
        draw: Hypothesis.
        step: days between the plain alerts.
        clocks: the clock's instant; by default mostly after everything.
    """
    first, others = draw(PLAIN_SIGNATURE), draw(st.lists(ODD_SIGNATURES, max_size=2))
    signatures = {(one.sid, one.rev): one for one in [*others, first]}
    late = st.sampled_from([day(LAST_DAY + 5)] * 3 + [day(6), day(9)])
    return Case(
        inventory=draw(inventories()),
        knowledge=knowledge_of(*signatures.values()),
        clock=draw(late if clocks is None else clocks),
        alerts=(*sweep(draw(PLAIN_ALERTS), step), *draw(st.lists(ODD_ALERTS, max_size=4))),
    )


def with_inventory(case: Case, inventory: SmallInventory) -> Case:
    """Return the case in another inventory."""
    return replace(case, inventory=inventory)
