"""Hand-made examples: one or two for every reason code and every sentence of VERDICT 2 to 7, boundaries included.

The stage: host 0 at 10.0.0.5 since day 1, a rule that claims CVE-2026-0001, QID 1 for it (remote and authenticated),
an attack from outside on port 80 on day 100. Each test changes the one thing it is about.
"""

from dataclasses import replace

import msgspec
import pytest

from fakes.small_inventory import ZONE, SmallInventory, host
from unit.triage.strategies import (
    ATTACKER,
    FIRST,
    GROUP,
    LOG4SHELL,
    OLD,
    OUTCOME_SID,
    PUBLIC,
    SECOND,
    STRANGER,
    TOWARDS_SID,
    VICTIM,
    WEB,
    claims_of,
    day,
    knowledge_of,
)
from vatriage.model.alert import Alert, Direction, Disposition
from vatriage.model.evidence import NO_PORT, Check, Finding, Holding, Kind, Link, Scan, ScanKind, Status
from vatriage.model.instant import format_instant
from vatriage.model.outcome import OutcomeIndex
from vatriage.model.policy import Policy
from vatriage.model.signature import ANY_REVISION, Claim, ClaimSource, Side, Signature
from vatriage.model.verdict import VerdictRecord
from vatriage.triage.kernel import Kernel, outcome_index

TODAY = 100
RULE = Signature(gid=1, sid=1, rev=1, claims=claims_of([FIRST]), target="dest_ip")
CHECK = Check(qid=1, kind=Kind.CONFIRMED, published=day(0), modified=0, remote=True, authenticated=True, disabled=False)
LINK = Link(qid=1, added=0, removed=0)
HELD = Holding(host=0, first_seen=day(1), last_seen=day(200), arrived_after=0, left_by=0)
ALERT = Alert(
    id="a" * 32,
    zone=ZONE,
    at_us=day(TODAY),
    gid=1,
    sid=1,
    rev=1,
    source_address=ATTACKER,
    source_port=40000,
    destination_address=VICTIM,
    destination_port=80,
    protocol="tcp",
)
FOUND = Finding(
    qid=1,
    port=80,
    protocol=6,
    kind=Kind.CONFIRMED,
    status=Status.ACTIVE,
    disabled=False,
    first_found=day(50),
    last_found=day(99),
    last_test=day(99),
    fixed=0,
    superseded=0,
)


def fixed(at: float, **changes) -> Finding:
    """Return the finding, found fixed on a day."""
    return FOUND._replace(
        **{"status": Status.FIXED, "fixed": day(at), "last_test": day(at), "last_found": day(50), **changes}
    )


def scan(at: float, kind: ScanKind = ScanKind.AUTHENTICATED, **changes) -> Scan:
    """Return a scan that is vouched in every way, and saw something on the web port."""
    return Scan(at=day(at), kind=kind, whole=True, check_set=True, ports=frozenset({WEB}))._replace(**changes)


def alert(**changes) -> Alert:
    """Return the attack with changes."""
    return msgspec.structs.replace(ALERT, **changes)


def judge(
    *findings_and_scans: Finding | Scan,
    attack: Alert = ALERT,
    rule: Signature | None = RULE,
    check: Check | None = CHECK,
    links: dict[str, tuple[Link, ...]] | None = None,
    holdings: tuple[Holding, ...] = (HELD,),
    others: tuple[Finding | Scan, ...] = (),
    clock: float = 200,
    stream: tuple[Alert, ...] = (),
) -> VerdictRecord:
    """Return the kernel's record of the attack.

    Args:
        findings_and_scans: of host 0.
        attack: the alert.
        rule: the only loaded rule, if any.
        check: what the KnowledgeBase says of QID 1.
        links: claims and their QIDs; by default CVE-2026-0001 and QID 1.
        holdings: who held 10.0.0.5 in the default zone.
        others: findings and scans of host 1.
        clock: a day.
        stream: further alerts of the same file.
    """
    hosts = [
        host(
            number,
            findings=[item for item in items if isinstance(item, Finding)],
            scans=[item for item in items if isinstance(item, Scan)],
        )
        for number, items in enumerate((findings_and_scans, others))
    ]
    inventory = SmallInventory(
        hosts=tuple(hosts),
        addresses={(ZONE, VICTIM): holdings},
        pairs={FIRST: (LINK,)} if links is None else links,
        checks={} if check is None else {1: check},
    )
    knowledge = replace(knowledge_of(*([rule] if rule else [])), policy=Policy())
    kernel = Kernel(knowledge, day(clock), inventory=inventory)
    outcomes = outcome_index(kernel, (attack, *stream), (attack, *stream)) if stream else OutcomeIndex()
    (record,) = kernel.judge([attack], outcomes)
    return record


def says(record: VerdictRecord) -> tuple[str, ...]:
    """Return verdict and reasons."""
    return (record.verdict, *record.reasons)


# VERDICT 2: positive evidence


def test_a_confirmed_finding_on_the_port_makes_it_affected():
    assert says(judge(FOUND)) == ("AFFECTED", "confirmed")


@pytest.mark.parametrize("status", [Status.NEW, Status.ACTIVE, Status.REOPENED])
def test_every_open_status_counts(status: Status):
    assert says(judge(FOUND._replace(status=status))) == ("AFFECTED", "confirmed")


def test_found_exactly_at_the_alert_is_found():
    assert says(judge(FOUND._replace(first_found=day(TODAY)))) == ("AFFECTED", "confirmed")


def test_found_only_later_is_a_possibility():
    assert says(judge(FOUND._replace(first_found=day(101)))) == ("POSSIBLY_AFFECTED", "found_later")


def test_found_later_but_tested_absent_in_between_does_not_count():
    later = FOUND._replace(first_found=day(103))

    assert says(judge(later, scan(102))) == ("UNKNOWN", "never_scanned")
    assert says(judge(later, scan(99), scan(102))) == ("NOT_AFFECTED", "tested_absent")


def test_a_test_in_between_that_could_not_see_it_changes_nothing():
    later = FOUND._replace(first_found=day(103))

    assert says(judge(later, scan(102, whole=False))) == ("POSSIBLY_AFFECTED", "found_later")
    assert says(judge(later, scan(102), check=CHECK._replace(disabled=True))) == ("POSSIBLY_AFFECTED", "found_later")


def test_a_test_in_between_of_the_attacked_port_says_nothing_of_a_later_finding_on_another():
    later, check = FOUND._replace(first_found=day(103), port=8443), CHECK._replace(authenticated=False)
    scans = scan(99, ScanKind.REMOTE), scan(102, ScanKind.REMOTE)
    wider = scan(102, ScanKind.REMOTE, ports=frozenset({WEB, (6, 8443)}))

    assert says(judge(later, *scans, check=check)) == ("POSSIBLY_AFFECTED", "found_later", "port_mismatch")
    assert says(judge(later, scans[0], wider, check=check)) == ("NOT_AFFECTED", "tested_absent")


@pytest.mark.parametrize("days", [(95, 99), (99, 95)])
def test_where_both_ends_are_cleared_the_verdict_lasts_as_long_as_the_shorter_lived(days):
    hosts = [host(number, scans=[scan(at)]) for number, at in enumerate(days)]
    inventory = SmallInventory(
        hosts=tuple(hosts), addresses={(ZONE, VICTIM): (HELD,), (ZONE, ATTACKER): (HELD._replace(host=1),)},
        pairs={FIRST: (LINK,)}, checks={1: CHECK},
    )  # fmt: skip
    knowledge = replace(knowledge_of(replace(RULE, target=None)), policy=Policy())
    (record,) = Kernel(knowledge, day(200), inventory=inventory).judge([ALERT], OutcomeIndex())

    assert (record.verdict, record.target.chosen_by) == ("NOT_AFFECTED", "undecided")
    assert record.expires == format_instant(day(102)) == min(item.valid_until for item in record.justifications)


@pytest.mark.parametrize(
    ("victim", "expected"), [("src_ip", ("UNKNOWN", "identity")), ("dest_ip", ("NOT_AFFECTED", "tested_absent"))]
)
def test_a_proxy_is_not_cleared_in_the_place_of_the_client_it_speaks_for(victim, expected):
    rule = replace(RULE, target=victim, flow="to_server")
    attack = alert(source_address=VICTIM, destination_address=VICTIM, proxied=True, client_address=None)

    assert says(judge(scan(99), attack=attack, rule=rule)) == expected
    plain = msgspec.structs.replace(attack, proxied=False)
    assert says(judge(scan(99), attack=plain, rule=rule)) == ("NOT_AFFECTED", "tested_absent")


def test_a_test_before_the_alert_is_not_in_between():
    assert says(judge(FOUND._replace(first_found=day(103)), scan(99))) == ("POSSIBLY_AFFECTED", "found_later")


def test_a_positive_is_stale_after_ninety_days_without_a_sight():
    at_the_limit, beyond = (FOUND._replace(first_found=day(1), last_found=day(at)) for at in (10, 9))

    assert says(judge(at_the_limit)) == ("AFFECTED", "confirmed")
    assert says(judge(beyond)) == ("POSSIBLY_AFFECTED", "stale_positive")


def test_fixed_after_the_alert_was_there_at_the_alert():
    assert says(judge(fixed(101))) == ("AFFECTED", "confirmed")


def test_fixed_after_the_alert_is_never_stale():
    assert says(judge(fixed(150, first_found=day(1), last_found=day(1)))) == ("AFFECTED", "confirmed")


def test_a_clean_scan_after_the_alert_removes_nothing():
    assert says(judge(fixed(101), scan(101))) == ("AFFECTED", "confirmed")


def test_a_potential_finding_is_a_possibility():
    assert says(judge(FOUND._replace(kind=Kind.POTENTIAL))) == ("POSSIBLY_AFFECTED", "potential")


def test_information_gathered_confirms_nothing_and_forbids_refutation():
    gathered = FOUND._replace(kind=Kind.INFORMATION, first_found=day(98))

    assert says(judge(gathered, scan(99))) == ("UNKNOWN", "information_gathered")


def test_the_silence_of_a_qid_that_only_gathers_information_refutes_nothing():
    """A list that is vouched whole need not hold information gathered."""
    assert says(judge(scan(99), check=CHECK._replace(kind=Kind.INFORMATION))) == ("UNKNOWN", "information_gathered")


def test_a_disabled_finding_proves_nothing_either_way():
    assert says(judge(FOUND._replace(disabled=True))) == ("UNKNOWN", "qid_disabled")
    assert says(judge(fixed(99, disabled=True), scan(99))) == ("UNKNOWN", "qid_disabled")


def test_a_disabled_qid_refutes_nothing():
    assert says(judge(scan(99), check=CHECK._replace(disabled=True))) == ("UNKNOWN", "qid_disabled")


# VERDICT 2: ports


def test_a_finding_at_host_level_counts_for_every_port():
    assert says(judge(FOUND._replace(port=NO_PORT, protocol=0))) == ("AFFECTED", "confirmed")


@pytest.mark.parametrize("changes", [{"port": 443}, {"protocol": 17}], ids=["other port", "other protocol"])
def test_a_finding_on_another_port_is_a_possibility(changes: dict[str, int]):
    assert says(judge(FOUND._replace(**changes), scan(99))) == ("POSSIBLY_AFFECTED", "port_mismatch")


def test_an_alert_without_port_is_about_the_host():
    assert says(judge(FOUND, attack=alert(destination_port=None))) == ("AFFECTED", "confirmed")


def test_every_weakness_of_a_positive_is_named():
    weak = FOUND._replace(kind=Kind.POTENTIAL, port=443, first_found=day(1), last_found=day(2))

    assert says(judge(weak)) == ("POSSIBLY_AFFECTED", "port_mismatch", "potential", "stale_positive")


# VERDICT 2: negative evidence and its age


@pytest.mark.parametrize(
    ("kind", "days"),
    [(ScanKind.AGENT, 2), (ScanKind.AUTHENTICATED, 7), (ScanKind.REMOTE, 3)],
    ids=str,
)
def test_absence_counts_until_its_time_to_live_and_not_longer(kind: ScanKind, days: int):
    at_the_limit, beyond = judge(scan(TODAY - days, kind)), judge(scan(TODAY - days - 1, kind))

    assert says(at_the_limit) == ("NOT_AFFECTED", "tested_absent")
    assert format_instant(day(TODAY)) == at_the_limit.expires
    assert says(beyond) == ("UNKNOWN", "stale")


def test_absence_seen_at_the_very_instant_counts_and_later_not():
    assert says(judge(scan(TODAY))) == ("NOT_AFFECTED", "tested_absent")
    assert says(judge(scan(TODAY + 1))) == ("UNKNOWN", "never_scanned")


def test_the_longest_lived_refutation_decides_the_end():
    both = judge(scan(96), scan(99, ScanKind.REMOTE))

    assert format_instant(day(103)) == both.expires


def test_fixed_before_the_alert_refutes_from_its_instant_on():
    assert says(judge(fixed(99))) == ("NOT_AFFECTED", "fixed")
    assert says(judge(fixed(TODAY))) == ("NOT_AFFECTED", "fixed")


def test_a_fix_counts_as_long_as_the_scan_that_could_test_it_else_the_shortest():
    assert format_instant(day(101)) == judge(fixed(99)).expires
    assert format_instant(day(106)) == judge(fixed(99), scan(99, whole=False)).expires
    assert format_instant(day(102)) == judge(fixed(99), scan(99, ScanKind.REMOTE, whole=False)).expires
    both = (scan(99, whole=False), scan(99, ScanKind.AGENT, whole=False))
    assert judge(fixed(99), *both).expires == format_instant(day(106))
    by_login_only = CHECK._replace(remote=False)
    assert format_instant(day(101)) == judge(fixed(99), scan(99, ScanKind.REMOTE), check=by_login_only).expires
    from_outside_only = CHECK._replace(authenticated=False)
    assert format_instant(day(101)) == judge(fixed(99), scan(99, ScanKind.AGENT), check=from_outside_only).expires


def test_a_fix_is_renewed_by_a_later_test():
    assert says(judge(fixed(90))) == ("UNKNOWN", "never_scanned")
    assert says(judge(fixed(90, last_test=day(99)))) == ("NOT_AFFECTED", "fixed")
    assert says(judge(fixed(90, last_test=day(101)))) == ("UNKNOWN", "never_scanned")


def test_a_fix_on_another_port_refutes_nothing():
    assert says(judge(fixed(99, port=443))) == ("UNKNOWN", "never_scanned")
    assert says(judge(fixed(99), attack=alert(destination_port=None))) == ("UNKNOWN", "never_scanned")


def test_a_fix_seen_with_an_older_check_refutes_nothing():
    assert says(judge(fixed(98), check=CHECK._replace(modified=day(99)))) == ("UNKNOWN", "never_scanned")


def test_a_stale_fix_is_not_renewed_by_silence_from_before_the_finding():
    """Absent on day 94, found on 95, fixed on 96 (counts two days): on day 100 nobody knows."""
    back = fixed(96, first_found=day(95), last_found=day(95))

    assert says(judge(back, scan(94))) == ("UNKNOWN", "stale")


def test_a_fix_is_void_after_the_vulnerability_came_back():
    """Fixed on day 95 (counts until 102), back on 96, fixed on 97 (counts until 99): on day 100 nobody knows."""
    first = fixed(95, superseded=day(96))
    back = FOUND._replace(superseded=day(97), since=day(96), last_found=day(96))
    again = fixed(97, since=day(97))

    assert judge(first, back, again, scan(95, whole=False)).verdict == "UNKNOWN"


def test_a_version_holds_until_the_next_report():
    assert says(judge(FOUND._replace(superseded=day(101)), fixed(101, since=day(101)))) == ("AFFECTED", "confirmed")
    assert says(judge(FOUND._replace(superseded=day(100)), fixed(100, since=day(100)))) == ("NOT_AFFECTED", "fixed")


# VERDICT 1: the clock


def test_what_is_observed_after_the_clock_does_not_exist():
    assert says(judge(FOUND._replace(first_found=day(101)), clock=100)) == ("UNKNOWN", "never_scanned")
    assert says(judge(scan(99), clock=98)) == ("UNKNOWN", "never_scanned")
    disabled_later = FOUND._replace(disabled=True, since=day(150))
    assert says(judge(FOUND._replace(superseded=day(150)), disabled_later, clock=120)) == ("AFFECTED", "confirmed")


def test_an_alert_from_after_the_clock_is_judged_by_what_is_known():
    assert says(judge(FOUND._replace(superseded=day(99)), fixed(99, since=day(99)), clock=98)) == (
        "AFFECTED",
        "confirmed",
    )


# VERDICT 3: when absence is evidence


def test_a_list_that_is_not_whole_refutes_nothing():
    assert says(judge(scan(99, whole=False))) == ("UNKNOWN", "list_not_whole")


def test_a_list_that_is_not_whole_confirms():
    assert says(judge(FOUND, scan(99, whole=False))) == ("AFFECTED", "confirmed")


def test_an_unvouched_check_set_refutes_nothing():
    assert says(judge(scan(99, check_set=False))) == ("UNKNOWN", "check_set_unvouched")


def test_every_condition_that_fails_is_named():
    assert says(judge(scan(99, whole=False, check_set=False))) == ("UNKNOWN", "check_set_unvouched", "list_not_whole")


def test_a_host_that_was_never_scanned_is_unknown():
    assert says(judge()) == ("UNKNOWN", "never_scanned")


def test_a_check_that_must_log_in_is_not_tested_from_outside():
    inside = CHECK._replace(remote=False)

    assert says(judge(scan(99, ScanKind.REMOTE), check=inside)) == ("UNKNOWN", "not_testable_unauthenticated")
    assert says(judge(scan(99), check=inside)) == ("NOT_AFFECTED", "tested_absent")


def test_a_login_covers_every_port():
    assert says(judge(scan(99, ports=frozenset()))) == ("NOT_AFFECTED", "tested_absent")


def test_a_scan_from_outside_covers_the_ports_it_reported_on():
    remote = scan(99, ScanKind.REMOTE)

    assert says(judge(remote)) == ("NOT_AFFECTED", "tested_absent")
    assert says(judge(remote._replace(ports=frozenset()))) == ("UNKNOWN", "port_not_covered")
    assert says(judge(remote._replace(ports=frozenset({(17, 80)})))) == ("UNKNOWN", "port_not_covered")
    assert says(judge(remote, attack=alert(destination_port=None))) == ("UNKNOWN", "port_not_covered")


@pytest.mark.parametrize("field", ["published", "modified"])
def test_a_check_newer_than_the_scan_was_not_in_it(field: str):
    assert says(judge(scan(99), check=CHECK._replace(**{field: day(99)}))) == ("NOT_AFFECTED", "tested_absent")
    assert says(judge(scan(99), check=CHECK._replace(**{field: day(99) + 1}))) == ("UNKNOWN", "qid_newer_than_scan")


def test_a_check_of_unknown_age_refutes_nothing():
    assert says(judge(scan(99), check=CHECK._replace(published=0))) == ("UNKNOWN", "qid_newer_than_scan")


def test_a_pair_added_after_the_scan_refutes_nothing():
    at, after = ({FIRST: (LINK._replace(added=day(99) + offset),)} for offset in (0, 1))

    assert says(judge(scan(99), links=at)) == ("NOT_AFFECTED", "tested_absent")
    assert says(judge(scan(99), links=after)) == ("UNKNOWN", "qid_newer_than_scan")


def test_a_qid_that_the_snapshot_does_not_carry_is_unknown():
    assert says(judge(scan(99), check=None)) == ("UNKNOWN", "qid_not_in_snapshot")


def test_every_qid_of_a_claim_must_be_absent():
    both = {FIRST: (LINK, LINK._replace(qid=2))}

    assert says(judge(scan(99), links=both)) == ("UNKNOWN", "qid_not_in_snapshot")
    assert says(judge(scan(99), FOUND._replace(qid=2), links=both)) == ("AFFECTED", "confirmed")


def test_a_claim_without_any_qid_is_unknown():
    assert says(judge(scan(99), links={})) == ("UNKNOWN", "no_qid_for_claim")


def test_every_claim_must_be_refuted():
    two = replace(RULE, claims=claims_of([FIRST, SECOND]))

    assert says(judge(scan(99), rule=two)) == ("UNKNOWN", "no_qid_for_claim")
    refuted = judge(scan(99), rule=two, links={FIRST: (LINK,), SECOND: (LINK,)})
    assert says(refuted) == ("NOT_AFFECTED", "tested_absent")
    assert [one.claim for one in refuted.justifications] == [FIRST, SECOND]


# VERDICT 3.7 and 8: identity and zones


def test_an_address_that_nobody_held_is_unknown():
    assert says(judge(FOUND, holdings=())) == ("UNKNOWN", "host_unknown")


def test_two_holders_leave_possibilities_only():
    pair = (HELD, HELD._replace(host=1))

    assert says(judge(FOUND, holdings=pair)) == ("POSSIBLY_AFFECTED", "identity")
    assert says(judge(scan(99), others=(scan(99),), holdings=pair)) == ("UNKNOWN", "identity")


def test_of_two_holders_one_after_the_other_only_one_counts():
    before, after = HELD._replace(last_seen=day(90)), HELD._replace(host=1, first_seen=day(95))

    assert says(judge(FOUND, others=(scan(99),), holdings=(before, after))) == ("NOT_AFFECTED", "tested_absent")


def test_between_two_holders_nobody_is_cleared_and_the_known_one_counts_in_full():
    before, after = HELD._replace(last_seen=day(98)), HELD._replace(host=1, first_seen=day(102))

    assert says(judge(FOUND, holdings=(before, after))) == ("AFFECTED", "confirmed")
    assert says(judge(scan(97), others=(scan(99),), holdings=(before, after))) == ("UNKNOWN", "identity")


def test_a_host_seen_elsewhere_before_the_alert_is_not_meant():
    assert says(judge(FOUND, holdings=(HELD._replace(last_seen=day(98), left_by=day(99)),))) == (
        "UNKNOWN",
        "host_unknown",
    )


def test_a_host_first_seen_after_the_alert_does_not_clear_it():
    assert says(judge(fixed(99), holdings=(HELD._replace(first_seen=day(101)),))) == ("UNKNOWN", "identity")


def test_one_address_in_two_zones_is_two_hosts():
    assert says(judge(FOUND)) == ("AFFECTED", "confirmed")
    assert says(judge(FOUND, attack=alert(zone="branch"))) == ("UNKNOWN", "host_unknown")


# VERDICT 3.8 and 4: claims


def test_claims_that_contradict_each_other_confirm_but_never_refute():
    contradicted = replace(RULE, conflict=True)

    assert says(judge(scan(99), rule=contradicted)) == ("UNKNOWN", "claim_conflict")
    assert says(judge(FOUND, rule=contradicted)) == ("AFFECTED", "confirmed")


def test_a_message_against_the_references_is_a_contradiction():
    record = judge(
        scan(99), attack=alert(message="ET EXPLOIT x CVE-2026-0002"), links=dict.fromkeys([FIRST, SECOND], (LINK,))
    )

    assert says(record) == ("UNKNOWN", "claim_conflict")
    assert record.conflict


def test_a_malformed_claim_forbids_refutation():
    odd = replace(RULE, claims=claims_of([FIRST, "CVE-20"]))

    assert says(judge(scan(99), rule=odd)) == ("UNKNOWN", "malformed_claim")
    assert says(judge(FOUND, rule=odd)) == ("AFFECTED", "confirmed")


def test_a_bugtraq_claim_goes_through_the_knowledge_base():
    old = replace(RULE, claims=claims_of([OLD]))

    assert says(judge(FOUND, rule=old, links={OLD: (LINK,)})) == ("AFFECTED", "confirmed")
    assert says(judge(scan(99), rule=old, links={OLD: (LINK,)})) == ("NOT_AFFECTED", "tested_absent")


def test_can_becomes_cve_and_eve_adds_to_the_claims():
    record = judge(FOUND, rule=replace(RULE, claims=()), attack=alert(cves=("CAN-2026-0001",)))

    assert says(record) == ("AFFECTED", "confirmed")
    assert [claim.id for claim in record.claims] == [FIRST]


def test_a_loaded_rule_without_claim_is_unverifiable():
    assert says(judge(FOUND, rule=replace(RULE, claims=()))) == ("UNVERIFIABLE", "no_claim")


def test_a_rule_that_is_not_loaded_is_unknown():
    assert says(judge(FOUND, rule=None)) == ("UNKNOWN", "signature_not_loaded")


@pytest.mark.parametrize("rule", [None, replace(RULE, rev=2)], ids=["no rule", "another revision"])
def test_without_the_exact_rule_an_alert_confirms_but_never_refutes(rule: Signature | None):
    carried = alert(cves=("CVE_2026_0001",), direction=Direction.TO_SERVER)

    assert says(judge(FOUND, rule=rule, attack=carried)) == ("AFFECTED", "confirmed")
    assert says(judge(scan(99), rule=rule, attack=carried)) == ("UNKNOWN", "signature_not_loaded")


@pytest.mark.parametrize(
    "changes",
    [
        {"message": "ET EXPLOIT x CVE-2026-0001/0002"},
        {"message": "ET EXPLOIT x CVE-2026-0001, 0002"},
        {"message": "ET EXPLOIT x CVE-2026-0001 CVE\u20112026\u20110002"},
        {"references": ("https://example.org/advisory/cve-2026-0002",)},
        {"references": ("https://example.org/CVE-2026-0001-0002",)},
        {"rule_references": ("url,example.org/CVE-2026-0002",)},
        {"cves": ('{"id":"CVE-2026-0001"}',)},
    ],
    ids=["shorthand", "list", "other hyphen", "reference", "reference's shorthand", "raw rule's URL", "odd metadata"],
)
def test_what_an_alert_names_beside_its_rule_must_be_looked_at_too(changes: dict[str, object]):
    assert says(judge(scan(99))) == ("NOT_AFFECTED", "tested_absent")
    assert judge(scan(99), attack=alert(**changes)).verdict == "UNKNOWN"
    assert judge(FOUND, attack=alert(**changes)).verdict == "AFFECTED"


def test_a_url_of_the_rule_must_be_refuted_as_well_and_contradicts_nothing():
    url = Claim(SECOND, (ClaimSource.REFERENCE_URL,))
    rule = replace(RULE, claims=(*RULE.claims, url))

    assert says(judge(scan(99), rule=rule)) == ("UNKNOWN", "no_qid_for_claim")
    both = dict.fromkeys([FIRST, SECOND], (LINK,))
    assert says(judge(scan(99), rule=rule, links=both)) == ("NOT_AFFECTED", "tested_absent")


def test_what_the_sensor_saw_vulnerable_is_not_cleared_by_a_scan():
    seen = alert(message="ET POLICY Server Observed - Vulnerable to CVE-2026-0001")

    assert says(judge(scan(99), attack=seen)) == ("UNKNOWN", "observed_vulnerable")
    assert judge(scan(99), attack=seen).conflict
    assert not judge(scan(90), attack=seen).conflict
    assert says(judge(FOUND, attack=seen)) == ("AFFECTED", "confirmed")
    assert says(judge(scan(99), rule=replace(RULE, message=seen.message))) == ("UNKNOWN", "observed_vulnerable")
    invulnerable = alert(message="ET EXPLOIT on an invulnerable server")
    assert says(judge(scan(99), attack=invulnerable)) == ("NOT_AFFECTED", "tested_absent")


# VERDICT 5: the target


@pytest.mark.parametrize(
    ("words", "chosen_by"),
    [
        (("Client_and_Server",), "attack_target"),
        (("Client_Endpoint", "Web_Server"), "attack_target"),
        (("Web_Server", "Networking_Equipment"), "undecided"),
    ],
)
def test_words_for_both_ends_mean_both_ends(words: tuple[str, ...], chosen_by: str):
    rule = replace(RULE, target=None, attack_targets=words, flow="to_server")
    outward = alert(source_address=VICTIM, source_port=80, destination_address=STRANGER, direction=Direction.TO_SERVER)
    inward = replace(rule, source_side=Side.EXTERNAL, destination_side=Side.HOME)
    record = judge(FOUND, rule=rule, attack=outward)

    assert (record.verdict, record.target.side, record.target.chosen_by) == ("AFFECTED", "source", chosen_by)
    assert judge(scan(99), rule=inward).verdict != "NOT_AFFECTED"


@pytest.mark.parametrize("words", [("IoT",), ("Networking_Equipment", "ICS"), ("server and more",)])
def test_words_for_a_device_leave_it_to_the_flow(words: tuple[str, ...]):
    rule = replace(RULE, target=None, attack_targets=words, flow="to_server")
    record = judge(scan(99), rule=rule, attack=alert(direction=Direction.TO_SERVER))

    assert (record.verdict, record.target.side, record.target.chosen_by) == ("NOT_AFFECTED", "destination", "flow")


def test_the_rule_names_the_target():
    answer = alert(source_address=VICTIM, source_port=80, destination_address=ATTACKER, destination_port=40000)

    assert says(judge(FOUND, rule=replace(RULE, target="src_ip"), attack=answer)) == ("AFFECTED", "confirmed")


def test_a_client_is_attacked_at_its_own_end():
    client_side = replace(RULE, target=None, attack_targets=("Client_Endpoint",))
    to_client = alert(direction=Direction.TO_CLIENT, destination_port=50000)

    record = judge(FOUND._replace(port=NO_PORT), rule=client_side, attack=to_client)

    assert says(record) == ("AFFECTED", "confirmed")
    assert (record.target.side, record.target.chosen_by) == ("destination", "attack_target")


def test_the_flow_leads_to_the_server():
    record = judge(FOUND, rule=replace(RULE, target=None), attack=alert(direction=Direction.TO_SERVER))

    assert (record.verdict, record.target.side, record.target.chosen_by) == ("AFFECTED", "destination", "flow")


def test_a_rule_into_the_own_network_names_the_receiver():
    inward = replace(RULE, target=None, source_side=Side.EXTERNAL, destination_side=Side.HOME)

    record = judge(scan(99), rule=inward)

    assert (record.verdict, record.target.chosen_by, record.other_target) == ("NOT_AFFECTED", "header", None)


def test_an_answer_that_leaves_the_own_network_names_the_sender():
    leak = replace(RULE, target=None, source_side=Side.HOME, destination_side=Side.EXTERNAL, flow="to_client")
    answer = alert(source_address=VICTIM, source_port=80, destination_address=ATTACKER, destination_port=40000)

    record = judge(FOUND, rule=leak, attack=answer)

    assert (record.verdict, record.target.side, record.target.chosen_by) == ("AFFECTED", "source", "header")


def test_undecided_means_both_ends_and_the_worse_wins():
    record = judge(FOUND, rule=replace(RULE, target=None))

    assert (record.verdict, record.target.chosen_by) == ("AFFECTED", "undecided")
    assert record.other_target.address == ATTACKER


@pytest.mark.parametrize("address", [GROUP, "255.255.255.255", "0.0.0.0", "ff02::1"])  # noqa: S104 - nothing is bound
def test_no_single_host_can_be_verified_at_a_group(address: str):
    assert says(judge(FOUND, attack=alert(destination_address=address))) == ("UNVERIFIABLE", "no_single_victim")


def test_an_own_host_attacking_outward_cannot_be_cleared():
    outward = alert(source_address=STRANGER, destination_address=PUBLIC)

    assert says(judge(scan(99), attack=outward)) == ("UNVERIFIABLE", "outbound")


def test_the_rule_header_says_outward_too():
    header = replace(RULE, source_side=Side.HOME, destination_side=Side.EXTERNAL)

    assert says(judge(attack=alert(destination_address=PUBLIC), rule=header)) == ("UNVERIFIABLE", "outbound")
    assert says(judge(attack=alert(destination_address=PUBLIC))) == ("UNKNOWN", "host_unknown")


@pytest.mark.parametrize(("side", "message"), [(Side.EXTERNAL, ""), (Side.ANY, "ET EXPLOIT x (Outbound)")])
def test_a_clean_victim_clears_no_own_host_that_a_rule_calls_the_attacker(side: Side, message: str):
    outward = replace(RULE, source_side=Side.HOME, destination_side=side, message=message)

    assert says(judge(scan(99), rule=outward)) == ("UNVERIFIABLE", "outbound")
    assert says(judge(FOUND, rule=outward)) == ("AFFECTED", "confirmed")
    assert says(judge(rule=outward)) == ("UNKNOWN", "never_scanned")
    assert says(judge(scan(99), rule=replace(outward, source_side=Side.ANY))) == ("NOT_AFFECTED", "tested_absent")


def test_a_message_alone_makes_no_unknown_host_outbound():
    told = replace(RULE, source_side=Side.HOME, message="ET EXPLOIT x (Outbound)")

    assert says(judge(rule=told, holdings=())) == ("UNKNOWN", "host_unknown")


def test_a_known_host_at_a_public_address_is_judged():
    assert says(judge(FOUND, attack=alert(source_address=STRANGER))) == ("AFFECTED", "confirmed")


def test_a_transitive_claim_confirms_but_never_refutes():
    log4shell = replace(RULE, claims=claims_of([LOG4SHELL]))
    links = {LOG4SHELL: (LINK,)}

    assert says(judge(scan(99), rule=log4shell, links=links)) == ("UNVERIFIABLE", "transitive")
    assert says(judge(FOUND, rule=log4shell, links=links)) == ("AFFECTED", "confirmed")
    assert says(judge(rule=log4shell, links=links, holdings=())) == ("UNVERIFIABLE", "transitive")


def test_a_transitive_claim_does_not_hide_another_one():
    both = replace(RULE, claims=claims_of([FIRST, LOG4SHELL]))

    assert says(judge(rule=both)) == ("UNKNOWN", "never_scanned")
    assert says(judge(scan(99), rule=both)) == ("UNVERIFIABLE", "transitive")
    unsure = replace(both, conflict=True)
    assert says(judge(scan(99), rule=unsure)) == ("UNKNOWN", "claim_conflict")


def test_an_alert_without_addresses_has_no_target():
    assert says(judge(attack=alert(source_address=None, destination_address=None))) == ("UNKNOWN", "no_target")


# VERDICT 6: outcomes

RESPONSE = alert(
    id="b" * 32, sid=OUTCOME_SID, source_address=VICTIM, destination_address=ATTACKER, at_us=day(TODAY) + 600_000_000
)


def test_an_outcome_within_ten_minutes_overrules_everything():
    record = judge(scan(99), stream=(RESPONSE,))

    assert says(record) == ("COMPROMISE_INDICATED", "outcome_seen")
    assert record.conflict
    assert (record.expires, record.justifications) == (None, ())


def test_an_outcome_that_goes_towards_the_victim_is_one_of_the_attack_on_it():
    answer = alert(id="b" * 32, sid=TOWARDS_SID, at_us=day(TODAY) + 1)
    record = judge(attack=answer, stream=(ALERT,))

    assert says(judge(scan(99), stream=(answer,))) == ("COMPROMISE_INDICATED", "outcome_seen")
    assert (says(record), record.target.address) == (("COMPROMISE_INDICATED", "outcome_seen"), VICTIM)
    away = msgspec.structs.replace(answer, source_address=VICTIM, destination_address=ATTACKER)
    assert says(judge(scan(99), stream=(away,))) == ("NOT_AFFECTED", "tested_absent")


def test_an_outcome_without_contrary_evidence_is_no_conflict():
    assert not judge(FOUND, stream=(RESPONSE,)).conflict


@pytest.mark.parametrize(
    "changes",
    [
        {"at_us": day(TODAY) + 600_000_001},
        {"at_us": day(TODAY) - 1},
        {"source_address": ATTACKER, "destination_address": VICTIM},
        {"destination_address": STRANGER},
        {"zone": "branch"},
    ],
    ids=["too late", "before", "wrong direction", "other pair", "other zone"],
)
def test_what_is_no_outcome_of_this_attack_changes_nothing(changes: dict[str, object]):
    other = msgspec.structs.replace(RESPONSE, **changes)

    assert says(judge(scan(99), stream=(other,))) == ("NOT_AFFECTED", "tested_absent")


@pytest.mark.parametrize(
    ("started", "seen", "expected"),
    [
        (-5, -4, "COMPROMISE_INDICATED"),
        (-5, -5, "COMPROMISE_INDICATED"),
        (-5, -6, "NOT_AFFECTED"),
        (-900, -599, "COMPROMISE_INDICATED"),
        (-900, -601, "NOT_AFFECTED"),
        (5, -1, "NOT_AFFECTED"),
        (-5, 600, "COMPROMISE_INDICATED"),
        (-5, 601, "NOT_AFFECTED"),
    ],
)
def test_an_attempt_whose_alert_comes_late_began_with_its_flow(started: int, seen: int, expected: str):
    attempt = alert(flow_started=format_instant(day(TODAY) + started * 1_000_000))
    answer = msgspec.structs.replace(RESPONSE, at_us=day(TODAY) + seen * 1_000_000)

    assert judge(scan(99), attack=attempt, stream=(answer,)).verdict == expected
    own = judge(attack=answer, stream=(attempt,)).verdict
    assert own == ("COMPROMISE_INDICATED" if expected == "COMPROMISE_INDICATED" else "UNKNOWN")


@pytest.mark.parametrize("started", ["", "yesterday", "2026-99-99T00:00:00.000000+0000"])
def test_a_start_that_cannot_be_read_is_none(started: str):
    early = msgspec.structs.replace(RESPONSE, at_us=day(TODAY) - 1)

    assert judge(scan(99), attack=alert(flow_started=started), stream=(early,)).verdict == "NOT_AFFECTED"


def test_an_outcome_alert_itself_shows_the_compromise_if_an_attempt_went_before():
    assert says(judge(attack=RESPONSE, stream=(ALERT,))) == ("COMPROMISE_INDICATED", "outcome_seen")


def test_an_outcome_alert_without_attempt_is_never_cleared():
    claimed = replace(RULE, sid=OUTCOME_SID, target="src_ip")

    unconfirmed = judge(scan(99), attack=msgspec.structs.replace(RESPONSE, source_port=80), rule=claimed)

    assert says(unconfirmed) == ("UNKNOWN", "outcome_unconfirmed")


# VERDICT 7: blocked


@pytest.mark.parametrize("disposition", list(Disposition))
def test_the_disposition_never_changes_the_verdict(disposition: Disposition):
    record = judge(FOUND, attack=alert(disposition=disposition))

    assert ("AFFECTED", str(disposition)) == (record.verdict, record.disposition)


# VERDICT 4 and ADR 0002: maps and raw rules


@pytest.mark.parametrize("rev", [1, ANY_REVISION])
def test_a_map_without_its_rule_confirms_and_never_refutes(rev: int):
    known_by_map = replace(RULE, rev=rev, from_rule=False)

    assert says(judge(FOUND, rule=known_by_map)) == ("AFFECTED", "confirmed")
    assert says(judge(scan(99), rule=known_by_map)) == ("UNKNOWN", "signature_not_loaded")
    assert says(judge(scan(99), rule=replace(known_by_map, claims=()))) == ("UNKNOWN", "signature_not_loaded")


def test_a_raw_rule_in_the_alert_confirms_and_never_refutes():
    attack = alert(rule_references=("cve,2026-0001",))

    assert says(judge(FOUND, attack=attack, rule=None)) == ("AFFECTED", "confirmed")
    assert says(judge(scan(99), attack=attack, rule=None)) == ("UNKNOWN", "signature_not_loaded")


def test_a_raw_rule_that_names_something_else_forbids_refutation():
    assert says(judge(scan(99))) == ("NOT_AFFECTED", "tested_absent")
    assert judge(scan(99), attack=alert(rule_references=("cve,2026-0002",))).verdict == "UNKNOWN"


def test_the_rules_priority_ranks_alerts_of_a_sensor_that_states_none():
    ranked = judge(FOUND, rule=replace(RULE, priority=1)).priority

    assert ranked == judge(FOUND, attack=alert(alert_priority=1)).priority
    assert ranked > judge(FOUND).priority
