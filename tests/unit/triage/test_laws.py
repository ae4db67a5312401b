"""The laws of the verdict as properties of the kernel: each test quotes its law (VERDICT 9)."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.small_inventory import ZONE, SmallInventory, all_findings
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

LAW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


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
    keep = data.draw(st.functions(like=lambda scan: ..., returns=st.booleans(), pure=True))

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
        record for start in range(0, len(shuffled), size) for record in kernel.judge(shuffled[start : start + size], outcomes)
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
@given(cases(max_alerts=3))
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


def replace_at(alert: Alert, latest: int) -> Alert:
    """Return the alert, moved back to the given instant if it lies behind it."""
    return msgspec.structs.replace(alert, at_us=min(alert.at_us, latest))
