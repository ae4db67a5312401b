"""The verdict a second time: written from the specification alone, slow and plain, to be compared with the kernel.

Every function follows a sentence of VERDICT 2 to 7 (numbers in the docstrings) and asks the inventory anew; nothing is
cached, sorted or shared. It shares with the product only the types, the spelling of claims and the address classes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from vatriage.model.address import is_public, names_no_single_host, pack_address
from vatriage.model.alert import Alert
from vatriage.model.claims import merge_claims, unite_claims
from vatriage.model.evidence import (
    NO_PORT,
    PROTOCOL_NUMBERS,
    Check,
    Finding,
    Holding,
    HostFacts,
    Kind,
    Link,
    Scan,
    ScanKind,
    Status,
)
from vatriage.model.identity import Lease, Pool, Statement
from vatriage.model.outcome import HostPair, OutcomeIndex
from vatriage.model.policy import Policy
from vatriage.model.signature import Claim, ClaimSource, Side, Signature
from vatriage.model.verdict import Verdict
from vatriage.triage.interface import Inventory
from vatriage.triage.kernel import Knowledge


@dataclass(frozen=True)
class World:
    """Everything a verdict depends on beside the alert."""

    inventory: Inventory
    knowledge: Knowledge
    clock: int
    outcomes: OutcomeIndex

    @property
    def policy(self) -> Policy:
        """The numbers."""
        return self.knowledge.policy


class Judged(NamedTuple):
    """A level and, for NOT_AFFECTED, the last alert time at which the same evidence would refute."""

    level: Verdict
    until: int | None = None


class Question(NamedTuple):
    """One claim's QID, asked of one host about one service at one time."""

    t: int
    port: int
    protocol: int
    host: HostFacts
    link: Link
    check: Check | None


class End(NamedTuple):
    """One end of the packet."""

    address: str | None
    port: int | None
    side: Side


UNKNOWN = Judged(Verdict.UNKNOWN)
UNVERIFIABLE = Judged(Verdict.UNVERIFIABLE)


def expected(alert: Alert, world: World) -> Judged:
    """Return what VERDICT.md says of one alert (6, 7: outcomes raise; the disposition is never asked)."""
    signature, exact = world.knowledge.signatures.find(alert.gid, alert.sid, alert.rev)
    targets = victims(alert, signature)
    judged = worst(judge_end(alert, signature, world, here, there, exact=exact) for here, there in targets)
    rules = world.knowledge.outcome_rules
    classtype = signature.classtype if signature else ""
    if rules.matches(alert.gid, alert.sid, alert.message, alert.category, classtype):
        return _judge_outcome(alert, world, judged)
    seen = any(_followed(alert, world, here, there) for here, there in targets)
    return Judged(Verdict.COMPROMISE_INDICATED) if seen else judged


def _judge_outcome(alert: Alert, world: World, judged: Judged) -> Judged:
    """Judge an alert that is an outcome itself: victim -> attacker, after an attempt on the same pair (6)."""
    if alert.source_address and alert.destination_address:
        pair = HostPair(alert.zone, alert.source_address, alert.destination_address)
        window = world.policy.outcome_window_us
        if any(alert.at_us - window <= at <= alert.at_us for at, _ in world.outcomes.attempts.get(pair, ())):
            return Judged(Verdict.COMPROMISE_INDICATED)
    return UNKNOWN if judged.level is Verdict.NOT_AFFECTED else judged


def _followed(alert: Alert, world: World, here: End, there: End) -> bool:
    """Whether an outcome on traffic victim -> attacker was seen within ten minutes after the attempt (6)."""
    if not here.address or not there.address:
        return False
    seen = world.outcomes.outcomes.get(HostPair(alert.zone, here.address, there.address), ())
    return any(alert.at_us <= at <= alert.at_us + world.policy.outcome_window_us for at, _ in seen)


def worst(judged: Iterable[Judged]) -> Judged:
    """Join: the highest level; what is refuted everywhere holds as long as its shortest refutation (1.5 of the model)."""
    everything = list(judged)
    level = max(one.level for one in everything)
    untils = [one.until for one in everything if one.until is not None]
    return Judged(level, min(untils) if level is Verdict.NOT_AFFECTED else None)


CLIENTS = {"client_endpoint", "client", "web_client", "smb_client", "mobile_client"}
SERVERS = {"server", "web_server", "sql_server", "dns_server", "smb_server", "smtp_server"}


def victims(alert: Alert, signature: Signature | None) -> list[tuple[End, End]]:
    """Return (victim, other end): rule target, else attack_target, else flow with header, else both (5).

    An attack_target that names both ends, or something that is no end, means both.
    """
    source_side, destination_side = (
        (signature.source_side, signature.destination_side) if signature else (Side.ANY, Side.ANY)
    )
    source = End(alert.source_address, alert.source_port, source_side)
    destination = End(alert.destination_address, alert.destination_port, destination_side)
    to_source, to_destination = [(source, destination)], [(destination, source)]
    for side in (to_destination, to_source):
        end = side[0][0]
        if alert.target_address and end.address == alert.target_address and alert.target_port in (None, end.port):
            return side
    if signature and signature.target:
        return to_source if signature.target == "src_ip" else to_destination
    client = _client(alert, signature)
    words = {word.lower() for word in (*alert.attack_targets, *(signature.attack_targets if signature else ()))}
    names_an_end = bool(words & (CLIENTS | SERVERS | {"client_and_server", "both"}))
    if names_an_end and not (words <= CLIENTS or words <= SERVERS):
        return to_source + to_destination
    if names_an_end and client:
        return to_source if (client == "source") == (words <= CLIENTS) else to_destination
    into = destination_side is Side.HOME and source_side is not Side.HOME
    out_of = source_side is Side.HOME and destination_side is not Side.HOME
    if into or (client == "source" and not (out_of and destination_side is Side.ANY)):
        return to_destination
    answer_leaves = client == "destination" and out_of  # the own server gave something away
    return to_source if answer_leaves else to_source + to_destination


def _client(alert: Alert, signature: Signature | None) -> str | None:
    """Return which end opened the flow: as the flow record says, else by the packet's direction, else by the rule."""
    if alert.client_address and alert.source_address != alert.destination_address:
        if alert.client_address == alert.source_address:
            return "source"
        if alert.client_address == alert.destination_address:
            return "destination"
    word = alert.direction or (signature.flow if signature else None)
    return {"to_server": "source", "to_client": "destination"}.get(str(word))


def judge_end(alert: Alert, signature: Signature | None, world: World, here: End, there: End, *, exact: bool) -> Judged:
    """Judge one end of the flow as the victim (4, 5)."""
    claims, conflict = all_claims(alert, signature)
    if not claims:
        return UNVERIFIABLE if exact else UNKNOWN
    if here.address is None:
        return UNKNOWN
    if names_no_single_host(pack_address(here.address)):
        return UNVERIFIABLE
    told = alert.message or (signature.message if signature else "")
    may_refute = exact and not conflict and not world.knowledge.outcome_rules.observes(told)
    pools = [one for one in world.inventory.pools(alert.zone, here.address) if in_force(one, alert.at_us)]
    if pools:
        return judge_virtual(alert, world, here, claims, pools, may_refute=may_refute)
    judged = judge_address(alert, world, here, claims, may_refute=may_refute)
    return judged or _judge_stranger(claims, world, here, there)


def in_force(one: Pool | Statement, at: int) -> bool:
    """Whether what a person says is about an instant."""
    return one.start <= at and not 0 < one.until <= at


def judge_virtual(
    alert: Alert, world: World, here: End, claims: tuple[Claim, ...], pools: list[Pool], *, may_refute: bool
) -> Judged:
    """Judge a virtual address: the worst of all that stands behind it and of itself (ADR 18).

    All are cleared only if it was said before the alert who they are, and that of every port that was attacked.
    """
    asked = [one for one in pools if here.port is None or one.port in (-1, here.port)]
    named = [one for one in asked if one.port in (-1, here.port)]
    may_refute = may_refute and bool(named) and all(one.member and one.entered <= alert.at_us for one in asked)
    judged = [judge_address(alert, world, here, claims, may_refute=may_refute)]
    behind = [replace_port(here, one) for one in asked if one.member]
    for member in behind:
        inner = [one for one in world.inventory.pools(alert.zone, str(member.address)) if in_force(one, alert.at_us)]
        known = judge_address(alert, world, member, claims, may_refute=may_refute and not inner)
        judged.append(known or _judge_nobody(claims, world))
    judged += [_judge_nobody(claims, world) for one in asked if not one.member]
    return worst([one for one in judged if one] or [_judge_nobody(claims, world)])


def replace_port(here: End, pool: Pool) -> End:
    """Return the member that was attacked through a virtual address."""
    return End(pool.member, here.port if pool.member_port == -1 else pool.member_port, here.side)


def judge_address(
    alert: Alert, world: World, here: End, claims: tuple[Claim, ...], *, may_refute: bool
) -> Judged | None:
    """Judge whoever may have held one end's address; None if nobody is known to have (3.7)."""
    address = str(here.address)
    leases = world.inventory.leases(alert.zone, address)
    candidates = may_hold(world.inventory.holdings(alert.zone, address), alert.at_us, world.clock, leases)
    judged = []
    for number, (in_full, until) in candidates.items():
        host = world.inventory.host(number)
        split = any(one.kind == "not_one_host" and in_force(one, alert.at_us) for one in host.stated)
        refutes = may_refute and not split and until is not None and alert.at_us <= until
        for claim in claims:
            one = judge_claim(alert, world, here, host, claim, in_full=in_full, refutes=refutes)
            ends_first = one.until is not None and until is not None and until < one.until
            judged.append(one._replace(until=until) if ends_first else one)
    return worst(judged) if judged else None


def all_claims(alert: Alert, signature: Signature | None) -> tuple[tuple[Claim, ...], bool]:
    """Return the union of what rule and alert say, and whether they contradict each other (4)."""
    said, _ = merge_claims(
        {
            ClaimSource.EVE_METADATA: alert.cves,
            ClaimSource.EVE_REFERENCE: alert.references,
            ClaimSource.EVE_RULE: alert.rule_references,
            ClaimSource.MESSAGE: (alert.message,),
        }
    )
    claims, conflict = unite_claims([*(signature.claims if signature else ()), *said])
    return claims, conflict or bool(signature and signature.conflict)


def _judge_stranger(claims: tuple[Claim, ...], world: World, here: End, there: End) -> Judged:
    """Judge an address nobody is known to have held: outbound, transitive or unknown (5)."""
    outward = here.side is Side.EXTERNAL and there.side is Side.HOME
    if here.address and there.address:
        public, private = is_public(pack_address(here.address)), not is_public(pack_address(there.address))
        if outward or (public and private):
            return UNVERIFIABLE
    return _judge_nobody(claims, world)


def _judge_nobody(claims: tuple[Claim, ...], world: World) -> Judged:
    """Judge claims on a host that nobody knows (5)."""
    transitive = [claim.id in world.knowledge.transitive.claims for claim in claims]
    return UNVERIFIABLE if all(transitive) else UNKNOWN


def known_holdings(holdings: Iterable[Holding], at: int) -> list[Holding]:
    """Return what had been seen of the address up to an instant (1)."""
    return [
        one._replace(last_seen=min(one.last_seen, at), left_by=one.left_by if one.left_by <= at else 0)
        for one in holdings
        if one.first_seen <= at
    ]


def bounds(one: Holding, rows: list[Holding]) -> tuple[int | None, int | None]:
    """Return the instants around a sight at which its host surely did not hold the address; None = no such instant."""
    others = [other for other in rows if other.host != one.host]
    before = [other.last_seen for other in others if other.last_seen < one.first_seen]
    after = [other.first_seen for other in others if other.first_seen > one.last_seen]
    before += [one.arrived_after] if one.arrived_after else []
    after += [one.left_by] if one.left_by else []
    return max(before, default=None), min(after, default=None)


def holds(one: Holding, rows: list[Holding], t: int) -> bool:
    """Whether the host may have held the address: inside its sights, or next to them with nobody in between."""
    before, after = bounds(one, rows)
    if one.first_seen <= t <= one.last_seen:
        return True
    return (before is None or before < t) and (after is None or t < after)


def may_hold(
    holdings: Iterable[Holding], t: int, clock: int, leases: Iterable[Lease]
) -> dict[int, tuple[bool, int | None]]:
    """Return for each host that may have held the address: positives in full?, until when negatives count (3.7).

    For positives only what was known at *t* takes anything away; for negatives everything known must leave one host,
    and *t* must lie inside its sights or beyond an end after which nothing else was seen. A host that leases the
    address at *t* may hold it; negatives count only as long as no lease speaks of another one (ADR 18). None = never.
    """
    rows, begun = list(holdings), [one for one in leases if one.start <= min(t, clock)]
    known, then = known_holdings(rows, clock), known_holdings(rows, min(t, clock))
    tenants = {one.host for one in begun if one.host >= 0 and one.until >= t}
    holders = {one.host for one in known if holds(one, known, t)}
    holders_then = {one.host for one in then if holds(one, then, t)}
    newcomers = set()
    for one in known:
        seen_elsewhere_later = one.arrived_after > t
        as_known_then = one._replace(arrived_after=0) if seen_elsewhere_later else one
        before, _ = bounds(as_known_then, then)
        if one.first_seen > t and (before is None or before < t):
            newcomers.add(one.host)
    possible = sorted(holders | holders_then | newcomers | tenants)
    sure, until = len(possible) == 1, FOREVER
    for one in known:
        _, after = bounds(one, known)
        if one.host in holders:
            sure = sure and t >= one.first_seen and (t <= one.last_seen or after is None)
            until = min(until, leased_until(one, begun, t))
    return {
        host: (not (holders_then | tenants) - {host}, until if sure and host in holders else None) for host in possible
    }


FOREVER = 1 << 62


def leased_until(one: Holding, begun: list[Lease], t: int) -> int:
    """Return until when the leases since a host's last sight before *t* are its own without a gap; 0 = they are not."""
    sight = one.first_seen if one.last_seen >= t else one.last_seen
    since = [lease for lease in begun if lease.until >= sight]
    at_sight = {lease.client for lease in since if lease.start <= sight}
    for lease in since:
        strangers = lease.host == -1 and (len(at_sight) != 1 or lease.client not in at_sight)
        if lease.host not in (-1, one.host) or strangers:
            return 0
    if not since:
        return FOREVER
    first = min(lease.start for lease in since)
    for lease in since:
        if lease.start > first and not any(x.start < lease.start <= x.kept_until for x in since):
            return 0
    return max(first, *(lease.kept_until for lease in since))


def judge_claim(
    alert: Alert, world: World, here: End, host: HostFacts, claim: Claim, *, in_full: bool, refutes: bool
) -> Judged:
    """Judge one claim on one host: one QID confirms, all of them must refute (3.6 to 3.8, 4, 5)."""
    port = NO_PORT if here.port is None else here.port
    protocol = PROTOCOL_NUMBERS.get(alert.protocol, 0)
    links = () if claim.malformed else world.inventory.links(claim.id)
    asked = [
        Question(alert.at_us, port, protocol, host, link, world.inventory.check(link.qid))
        for link in links
        if not link.removed or link.removed > alert.at_us
    ]
    judged = worst(judge_qid(one, world) for one in asked) if asked else UNKNOWN
    former = [
        Question(alert.at_us, port, protocol, host, link, world.inventory.check(link.qid))
        for link in links
        if link.removed and link.removed <= alert.at_us
    ]
    if any(judge_qid(one, world).level >= Verdict.POSSIBLY_AFFECTED for one in former):
        judged = worst([judged, UNKNOWN])
    if judged.level is Verdict.AFFECTED and not in_full:
        return Judged(Verdict.POSSIBLY_AFFECTED)
    if claim.id in world.knowledge.transitive.claims and judged.level < Verdict.POSSIBLY_AFFECTED:
        return UNVERIFIABLE
    return UNKNOWN if judged.level is Verdict.NOT_AFFECTED and not refutes else judged


def judge_qid(asked: Question, world: World) -> Judged:
    """Judge one QID: its positives decide; without any, fresh and capable absence; without that, UNKNOWN (2, 3)."""
    versions = known_versions(asked.host.findings.get(asked.link.qid, ()), world.clock)
    levels = [positive(asked, one, versions, world) for one in versions]
    if any(one.disabled for one in versions):
        levels.append(Verdict.UNKNOWN)
    level = max(levels, default=Verdict.NOT_AFFECTED)
    if level > Verdict.NOT_AFFECTED:
        return Judged(level)
    untils = [
        at + ttl
        for at, ttl in [*absences(asked, versions, world), *fixes(asked, versions, world)]
        if at <= asked.t <= at + ttl
    ]
    return Judged(Verdict.NOT_AFFECTED, max(untils)) if untils else UNKNOWN


def known_versions(versions: Iterable[Finding], clock: int) -> list[Finding]:
    """Return what had been observed up to the clock: a later fix or change is not known yet (1)."""
    known = []
    for one in versions:
        if max(one.first_found, one.since) > clock:
            continue
        seen = one._replace(status=Status.ACTIVE, fixed=0) if one.fixed > clock else one
        superseded = one.superseded if one.superseded <= clock else 0
        known.append(seen._replace(last_found=min(one.last_found, clock), superseded=superseded))
    return known


def ends(one: Finding) -> int | None:
    """Return when the detection was no longer there as this version has it; None while it is."""
    stops = [at for at in (one.superseded, one.fixed) if at]
    return min(stops) if stops else None


def there(one: Finding, at: int) -> bool:
    """Whether the version says that the detection was there."""
    stop = ends(one)
    return one.first_found <= at and (stop is None or at < stop)


def positive(asked: Question, one: Finding, versions: list[Finding], world: World) -> Verdict:
    """Return what one version of a finding says for the attack (2); NOT_AFFECTED stands for "nothing"."""
    held = there(one, asked.t)
    later = asked.t < one.first_found
    if not held and not later:
        return Verdict.NOT_AFFECTED
    if one.disabled or one.kind is Kind.INFORMATION:
        return Verdict.UNKNOWN  # proves nothing, forbids refutation
    if later:
        if any(other.disabled for other in versions):
            return Verdict.POSSIBLY_AFFECTED
        there_too = (
            asked if same_service(asked, one, general=True) else asked._replace(port=one.port, protocol=one.protocol)
        )
        tested = any(asked.t < at < one.first_found for at, _ in absences(there_too, versions, world, void=False))
        return Verdict.NOT_AFFECTED if tested else Verdict.POSSIBLY_AFFECTED
    stale = one.status is not Status.FIXED and asked.t - one.last_found > world.policy.stale_positive_us
    sure = one.kind is Kind.CONFIRMED and not stale and same_service(asked, one, general=True)
    return Verdict.AFFECTED if sure else Verdict.POSSIBLY_AFFECTED


def same_service(asked: Question, one: Finding, *, general: bool) -> bool:
    """Whether a finding is about the service: same port, or at host level (2).

    Args:
        asked: the question.
        one: the finding.
        general: what an alert without port gets: every finding is about the host.
    """
    if one.port == NO_PORT:
        return True
    if asked.port == NO_PORT:
        return general
    return one.port == asked.port and (0 in (one.protocol, asked.protocol) or one.protocol == asked.protocol)


def existed(asked: Question, at: int) -> bool:
    """Whether a test at that instant knew the QID and the QID was about the claim (3.5)."""
    check = asked.check
    if check is None or check.disabled or check.kind is Kind.INFORMATION:
        return False
    return 0 < check.published <= at and check.modified <= at and asked.link.added <= at


def could_see(asked: Question, scan: Scan) -> bool:
    """Whether the scan could have found the QID on the service (3.4)."""
    check = asked.check
    if check is None:
        return False
    inside = scan.kind is not ScanKind.REMOTE and check.authenticated
    outside = scan.kind is ScanKind.REMOTE and check.remote and (asked.protocol, asked.port) in scan.ports
    return inside or outside


def absences(asked: Question, versions: list[Finding], world: World, *, void: bool = True) -> list[tuple[int, int]]:
    """Return (instant, time to live) of the scans that tested the QID and did not find it (3.1 to 3.5).

    Args:
        asked: the question.
        versions: what is known of the QID on the host.
        world: for clock and policy.
        void: leave out scans after which it was found again up to *t*.
    """
    found = []
    for scan in asked.host.scans:
        proves = scan.at <= world.clock and scan.whole and scan.check_set and could_see(asked, scan)
        if not proves or not existed(asked, scan.at) or any(there(one, scan.at) for one in versions):
            continue
        if void and any(scan.at < one.first_found <= asked.t for one in versions):
            continue
        found.append((scan.at, world.policy.ttl_us(scan.kind)))
    return found


def fixes(asked: Question, versions: list[Finding], world: World) -> list[tuple[int, int]]:
    """Return (instant, time to live) of the tests that found the detection fixed and not back again (2)."""
    found = []
    for one in versions:
        if one.status is not Status.FIXED:
            continue
        if not same_service(asked, one, general=False) or (one.superseded and one.superseded <= asked.t):
            continue
        if asked.host.whole_listed_at < one.fixed:
            continue  # another instance may stand in no list that anybody vouches for
        tests = [at for at in (one.fixed, one.last_test) if one.fixed <= at <= world.clock and existed(asked, at)]
        found.extend((at, fix_ttl(asked, at, world)) for at in tests)
    return found


def fix_ttl(asked: Question, at: int, world: World) -> int:
    """Return how long a fix counts: as the scan at that instant that could test it, else the shortest.

    A scan that logged in tests what has an authentication type, one from outside what is remotely discoverable; which
    port was open does not matter here, for the report itself says that it was tested.
    """
    check, policy = asked.check, world.policy
    lives = [min(policy.agent_ttl_us, policy.authenticated_ttl_us, policy.remote_ttl_us)]
    lives.extend(
        policy.ttl_us(scan.kind)
        for scan in asked.host.scans
        if check and scan.at == at and (check.remote if scan.kind is ScanKind.REMOTE else check.authenticated)
    )
    return max(lives)
