"""The laws of the verdict as properties of the kernel: each test quotes its law (VERDICT 9)."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.small_inventory import ZONE, SmallInventory, all_findings
from soak import examples
from unit.triage.strategies import (
    ATTACKER,
    FIRST,
    LAST_DAY,
    LOG4SHELL,
    OUTCOME_SID,
    PLAIN_ALERTS,
    QIDS,
    REFERENCE,
    SECOND,
    VICTIM,
    Case,
    cases,
    day,
    detections,
    knowledge_of,
    with_inventory,
)
from vatriage.model.alert import Alert
from vatriage.model.evidence import Holding, Kind, Link, Status
from vatriage.model.instant import DAY_US, format_instant
from vatriage.model.outcome import HostPair, OutcomeIndex
from vatriage.model.signature import Claim, Side, Signature
from vatriage.model.verdict import Verdict, VerdictRecord

LAW = settings(
    max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def levels(records: Sequence[VerdictRecord]) -> list[Verdict]:
    """Return the levels, which can be compared."""
    return [Verdict[record.verdict] for record in records]


def never_lower(before: Sequence[VerdictRecord], after: Sequence[VerdictRecord]) -> bool:
    """Whether no alert came out less dangerous."""
    return all(old <= new for old, new in zip(levels(before), levels(after), strict=True))


def every_host(case: Case, change) -> Case:
    """Return the case with each host's (findings, scans) changed."""
    inventory = case.inventory
    for facts in case.inventory.hosts:
        findings, scans = change(all_findings(facts), list(facts.scans))
        inventory = inventory.with_host(facts.number, findings, scans)
    return with_inventory(case, inventory)


@LAW
@given(cases(), st.data())
def test_deleting_a_scan_never_lowers(case: Case, data: st.DataObject):
    """(1) Deleting negative evidence never lowers the danger level."""
    keep = data.draw(st.functions(like=lambda _: ..., returns=st.booleans(), pure=True))

    fewer = every_host(case, lambda findings, scans: (findings, [scan for scan in scans if keep(scan)]))

    assert never_lower(case.judge(), fewer.judge())


@LAW
@given(cases())
def test_forgetting_every_fix_never_lowers(case: Case):
    """(1) Deleting negative evidence never lowers the danger level: a fix that was not noted leaves the finding open."""

    def unfixed(findings, scans):
        return [
            one._replace(status=Status.ACTIVE, fixed=0, last_found=max(one.last_test, one.fixed))
            if one.status is Status.FIXED
            else one
            for one in findings
        ], scans

    assert never_lower(case.judge(), every_host(case, unfixed).judge())


@LAW
@given(cases(), st.data())
def test_adding_a_finding_never_lowers(case: Case, data: st.DataObject):
    """(2) Adding positive evidence never lowers the danger level."""
    new = [one for one in data.draw(st.sampled_from(QIDS).flatmap(detections)) if one.status is not Status.FIXED]

    more = every_host(case, lambda findings, scans: ([*findings, *new], scans))

    assert never_lower(case.judge(), more.judge())


@LAW
@given(cases(), st.integers(-601, 1201))
def test_adding_an_outcome_never_lowers(case: Case, seconds: int):
    """(2) Adding positive evidence (vulnerability or outcome) never lowers the danger level."""
    alert = case.alerts[0]
    pair = HostPair(alert.zone, alert.destination_address or VICTIM, alert.source_address or ATTACKER)
    seen = {pair: ((alert.at_us + seconds * 1_000_000, "0"),)}

    before = case.kernel.judge(case.alerts, OutcomeIndex())
    after = case.kernel.judge(case.alerts, OutcomeIndex(outcomes=seen, attempts=seen))

    assert never_lower(before, after)


@LAW
@given(cases(clocks=st.integers(1, LAST_DAY).map(day)), st.integers(1, LAST_DAY))
def test_moving_the_clock_forward_never_clears_an_alert(case: Case, days: int):
    """(3) Moving the clock forward never produces NOT_AFFECTED and never takes a level >= 4 below 4.

    Alerts of the future are left out: what is not yet observed at the clock is not yet fixed evidence for them.
    """
    past = replace(
        case,
        alerts=tuple(msgspec.structs.replace(alert, at_us=min(alert.at_us, case.clock)) for alert in case.alerts),
    )
    outcomes = past.outcomes
    before = levels(past.kernel.judge(past.alerts, outcomes))
    after = levels(replace(past, clock=case.clock + days * DAY_US).kernel.judge(past.alerts, outcomes))

    for old, new in zip(before, after, strict=True):
        assert new is not Verdict.NOT_AFFECTED or old is Verdict.NOT_AFFECTED
        assert new >= Verdict.POSSIBLY_AFFECTED or old < Verdict.POSSIBLY_AFFECTED


@LAW
@given(cases(clocks=st.just(day(LAST_DAY + 3))), st.integers(0, 1000))
def test_for_a_fixed_evidence_set_the_clock_changes_nothing(case: Case, days: int):
    """(3) ... read for a fixed evidence set: what was observed before both clocks gives the same verdict."""
    later = replace(case, clock=case.clock + days * DAY_US)

    assert levels(case.judge()) == levels(later.judge())


@LAW
@given(cases(), st.sampled_from([FIRST, SECOND, LOG4SHELL, "CVE-20"]))
def test_adding_a_claim_never_lowers(case: Case, claim: str):
    """(4) Adding a claim to a non-empty claim set never lowers it."""

    def more(signature: Signature) -> Signature:
        if not signature.claims or claim in {one.id for one in signature.claims}:
            return signature
        added = Claim(claim, REFERENCE, malformed=claim == "CVE-20")
        return replace(signature, claims=tuple(sorted([*signature.claims, added])))

    changed = replace(case, knowledge=knowledge_of(*map(more, case.knowledge.signatures.all())))
    pairs = [pair for pair in zip(case.judge(), changed.judge(), strict=True) if pair[0].claims]

    assert never_lower([before for before, _ in pairs], [after for _, after in pairs])


@LAW
@given(cases())
def test_a_second_candidate_end_never_lowers(case: Case):
    """(4) Adding a candidate victim never lowers it: what is undecided is at least as bad as either end."""

    def aimed(target: str | None) -> list[VerdictRecord]:
        undecided = {"flow": None, "attack_targets": (), "source_side": Side.ANY, "destination_side": Side.ANY}
        signatures = [replace(one, target=target, **undecided) for one in case.knowledge.signatures.all()]
        silent = {"direction": None, "client_address": None, "target_address": None, "attack_targets": ()}
        alerts = tuple(msgspec.structs.replace(alert, **silent) for alert in case.alerts)
        return replace(case, knowledge=knowledge_of(*signatures), alerts=alerts).judge()

    rows = list(zip(aimed(None), aimed("src_ip"), aimed("dest_ip"), strict=True))
    # That an outcome is not confirmed is a doubt of the alert, not of an end.
    rows = [row for row in rows if not any("outcome_unconfirmed" in record.reasons for record in row)]

    for both, source, destination in rows:
        assert levels([both])[0] >= max(levels([source, destination])) or both.other_target is None


@LAW
@given(cases())
def test_a_second_holder_of_the_address_never_clears(case: Case):
    """(4) with VERDICT 3.7: two candidates: negatives do not count, positives become POSSIBLY_AFFECTED."""
    first, second = (Holding(number, day(1), day(LAST_DAY), arrived_after=0, left_by=0) for number in (0, 1))
    alone = with_inventory(case, case.inventory.with_holdings(ZONE, VICTIM, [first]))
    shared = with_inventory(case, case.inventory.with_holdings(ZONE, VICTIM, [first, second]))

    for old, new in zip(levels(alone.judge()), levels(shared.judge()), strict=True):
        assert new >= min(old, Verdict.POSSIBLY_AFFECTED)


@LAW
@given(cases())
def test_not_affected_is_justified_fresh_undisputed_and_of_one_host(case: Case):
    """(5) NOT_AFFECTED => a non-empty justification for every claim, none stale, no conflict, identity matched."""
    for alert, record in zip(case.alerts, case.judge(), strict=True):
        if record.verdict != "NOT_AFFECTED":
            continue
        assert {claim.id for claim in record.claims} == {one.claim for one in record.justifications} != set()
        assert all(one.qids and one.valid_until >= format_instant(alert.at_us) for one in record.justifications)
        assert not record.conflict
        assert record.target.host is not None


@LAW
@given(cases())
def test_no_claim_is_never_cleared_by_vulnerability_data(case: Case):
    """(6) No claim => never NOT_AFFECTED through VA."""
    silent = [replace(one, claims=()) for one in case.knowledge.signatures.all()]

    for record in replace(case, knowledge=knowledge_of(*silent)).judge():
        assert record.claims or record.verdict != "NOT_AFFECTED"


@LAW
@given(cases())
def test_no_evidence_at_all_is_unknown_or_unverifiable(case: Case):
    """(6) No evidence at all => UNKNOWN or UNVERIFIABLE."""
    empty = with_inventory(case, SmallInventory())

    records = empty.kernel.judge(empty.alerts, OutcomeIndex())

    assert {record.verdict for record in records} <= {"UNKNOWN", "UNVERIFIABLE"}


@LAW
@given(cases(), PLAIN_ALERTS, st.integers(0, 600))
def test_an_outcome_is_level_six(case: Case, attempt: Alert, seconds: int):
    """(7) OUTCOME = True => level 6, for the attempt and for the outcome itself."""
    outcome = msgspec.structs.replace(
        attempt,
        id="f" * 32,
        sid=OUTCOME_SID,
        at_us=attempt.at_us + seconds * 1_000_000,
        source_address=attempt.destination_address,
        destination_address=attempt.source_address,
    )
    rule = Signature(gid=1, sid=1, rev=1, claims=(Claim(FIRST, REFERENCE),), target="dest_ip")
    followed = replace(case, alerts=(attempt, outcome), knowledge=knowledge_of(rule))

    assert [record.verdict for record in followed.judge()] == ["COMPROMISE_INDICATED"] * 2


@LAW
@given(cases())
def test_alerts_in_are_alerts_out(case: Case):
    """(8) Alerts in = alerts out: nothing dropped, in their order, each with its own axis of disposition."""
    said = [(record.id, record.disposition) for record in case.judge()]

    assert [(alert.id, str(alert.disposition)) for alert in case.alerts] == said


@LAW
@given(cases(), st.randoms(use_true_random=False), st.integers(1, 3))
def test_the_verdict_depends_on_nothing_but_its_inputs(case: Case, random, size: int):
    """(9) Pure: independent of order, duplicates and batches, and replays are bit-identical."""
    outcomes = case.outcomes
    once = {record.id: msgspec.json.encode(record) for record in case.judge()}
    shuffled = [*case.alerts, *case.alerts]
    random.shuffle(shuffled)
    kernel = case.kernel

    again = [
        record
        for start in range(0, len(shuffled), size)
        for record in kernel.judge(shuffled[start : start + size], outcomes)
    ]

    assert [once[alert.id] for alert in shuffled] == [msgspec.json.encode(record) for record in again]
    assert replace(case, alerts=tuple(shuffled)).outcomes == outcomes


@LAW
@given(cases(), st.lists(st.text(max_size=30), max_size=2), st.text(max_size=30), st.integers(0, 3))
def test_nonsense_never_raises_and_never_refutes(case: Case, words: list[str], text: str, place: int):
    """(10) Unknown fields or malformed CVEs never raise and never refute."""
    field = ("cves", "references", "attack_targets", "tags")[place]
    noisy = tuple(
        msgspec.structs.replace(alert, message=text, category=text, protocol=text, **{field: tuple(words)})
        for alert in case.alerts
    )
    broken = tuple(msgspec.structs.replace(alert, cves=("CVE_20", *alert.cves)) for alert in case.alerts)

    replace(case, alerts=noisy).judge()

    assert "NOT_AFFECTED" not in {record.verdict for record in replace(case, alerts=broken).judge()}


@LAW
@given(cases(step=2))
def test_evidence_observed_after_the_alert_never_lowers(case: Case):
    """(11) Evidence observed after *t* never lowers."""
    for alert in case.alerts:
        at_once = replace(case, alerts=(alert,), clock=alert.at_us)
        in_the_end = replace(case, alerts=(alert,), clock=day(LAST_DAY + 5))

        assert never_lower(at_once.judge(), in_the_end.judge())


@LAW
@given(cases(), st.booleans())
def test_a_narrower_source_never_refutes(case: Case, by_list: bool):  # noqa: FBT001 - Hypothesis passes by position
    """(12) A narrower source never refutes: what was not vouched is silent about what it does not show."""
    flag = {"whole": False} if by_list else {"check_set": False}

    def narrow(findings, scans):
        return [one for one in findings if one.status is not Status.FIXED], [one._replace(**flag) for one in scans]

    def unfixed(findings, scans):
        return [one for one in findings if one.status is not Status.FIXED], scans

    narrower = every_host(case, narrow).judge()

    assert "NOT_AFFECTED" not in {record.verdict for record in narrower}
    assert never_lower(every_host(case, unfixed).judge(), narrower)


@LAW
@given(cases(), st.sampled_from([Kind.CONFIRMED, Kind.POTENTIAL]))
def test_more_rules_and_a_newer_knowledge_base_never_clear_what_the_snapshot_does_not_carry(case: Case, kind: Kind):
    """(13) Loading more rules, or a newer KnowledgeBase, never turns UNKNOWN into NOT_AFFECTED for a QID that the
    snapshot does not carry.
    """  # fmt: skip
    stranger = 77
    inventory = case.inventory
    for claim in case.inventory.pairs:
        inventory = inventory.with_links(claim, [*inventory.links(claim), Link(qid=stranger, added=0, removed=0)])
    other = Signature(gid=1, sid=7, rev=1, claims=(Claim(FIRST, REFERENCE),), classtype=str(kind))
    more_rules = replace(case, knowledge=knowledge_of(*case.knowledge.signatures.all(), other))
    newer = with_inventory(more_rules, inventory)

    assert levels(case.judge()) == levels(more_rules.judge())
    assert "NOT_AFFECTED" not in {record.verdict for record in newer.judge()}
    assert never_lower(case.judge(), newer.judge())
