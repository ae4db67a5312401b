"""One alert -> one judgement: who was attacked, what is claimed, what the evidence says, what came of it.

The plain version, one alert at a time. The kernel adds only caches around `judge_sides`, and is tested to give the
same bytes.
"""

from collections.abc import Callable
from typing import NamedTuple

from vatriage.model.address import names_no_single_host, pack_address
from vatriage.model.alert import Alert
from vatriage.model.evidence import NO_PORT, PROTOCOL_NUMBERS
from vatriage.model.instant import format_instant, parse_instant
from vatriage.model.outcome import HostPair, OutcomeIndex
from vatriage.model.policy import Policy
from vatriage.model.signature import Signature
from vatriage.model.verdict import EvidenceKind, EvidenceRecord, Reason, Verdict
from vatriage.triage.findings import join
from vatriage.triage.interface import ClaimSet, Finding, Moment, Service
from vatriage.triage.target import (
    DESTINATION,
    Target,
    client_side_of,
    end,
    is_declared_outbound,
    is_outbound,
    opposite,
)

Judging = Callable[[ClaimSet, str, str, Moment, Service], Finding]
"""Judge.judge_address, or a cache in front of it."""


class Sided(NamedTuple):
    """The judgement of one alert."""

    finding: Finding
    side: str
    """The end that gave the level."""
    other: str | None
    """The other candidate end, where both were judged."""
    hosts: dict[str, str | None]
    """Per judged end, the inventory's host."""
    conflict: bool


def judge_sides(
    alert: Alert, signature: Signature | None, claims: ClaimSet, target: Target, clock_us: int, judging: Judging
) -> Sided:
    """Return the worst level over the candidate ends, by vulnerability evidence alone."""
    found = {
        side: _judge_side(alert, signature, claims, side, Moment(alert.at_us, clock_us), judging)
        for side in target.sides
    }
    worst = max(found, key=lambda side: (found[side].level, found[side].host is not None, side == DESTINATION))
    others = [side for side in found if side != worst]
    hosts = {side: item.host for side, item in found.items()}
    finding = found[worst]
    if finding.level is Verdict.NOT_AFFECTED:  # every end is refuted, for as long as the first of them lasts
        finding = join(found.values())._replace(host=finding.host)
    conflict = claims.conflict or Reason.OBSERVED_VULNERABLE in finding.reasons
    return Sided(finding, worst, others[0] if others else None, hosts, conflict=conflict)


def weigh_outcome(
    alert: Alert, sided: Sided, target: Target, outcomes: OutcomeIndex, policy: Policy, *, victim: str | None
) -> Sided:
    """Return the judgement after what came of the attack (section 6): only ever upwards.

    Guard forged-responses: what is answered may raise a verdict, never lower it.

    Args:
        alert: the attempt, or the outcome itself.
        sided: by vulnerability evidence alone.
        target: the candidate ends.
        outcomes: what the stream shows.
        policy: how long after an attempt an outcome counts.
        victim: for an outcome, the end that it shows as attacked; None for an attempt.
    """
    seen = _outcome_of(alert, target, outcomes, policy, victim=victim)
    if seen is not None:
        side, at_us, other_alert = seen
        record = EvidenceRecord(EvidenceKind.OUTCOME, "+", "", None, format_instant(at_us), f"alert:{other_alert}")
        raised = Finding(
            Verdict.COMPROMISE_INDICATED,
            (Reason.OUTCOME_SEEN,),
            (*sided.finding.evidence, record),
            host=sided.hosts.get(side),
        )
        conflict = sided.conflict or sided.finding.level is Verdict.NOT_AFFECTED
        other = opposite(side) if sided.other is not None else None
        return sided._replace(finding=raised, side=side, other=other, conflict=conflict)
    if victim and sided.finding.level is Verdict.NOT_AFFECTED:
        doubt = sided.finding._replace(
            level=Verdict.UNKNOWN, reasons=(Reason.OUTCOME_UNCONFIRMED,), justifications=(), valid_until_us=None
        )
        return sided._replace(finding=doubt, conflict=True)
    return sided


def suspect_own_attacker(alert: Alert, signature: Signature | None, sided: Sided, target: Target) -> Sided:
    """Return the judgement after the guard outbound: a clean victim does not clear the own host that attacks it.

    The last step, so that an outcome against a clean scan still shows as a conflict.
    """
    if sided.finding.level is not Verdict.NOT_AFFECTED:
        return sided
    if not any(is_declared_outbound(alert, signature, side) for side in target.sides):
        return sided
    finding = Finding(Verdict.UNVERIFIABLE, (Reason.OUTBOUND,), sided.finding.evidence, host=sided.finding.host)
    return sided._replace(finding=finding)


def _judge_side(
    alert: Alert,
    signature: Signature | None,
    claims: ClaimSet,
    side: str,
    moment: Moment,
    judging: Judging,
) -> Finding:
    here = end(alert, side)
    if not claims.claims:  # guards no-vulnerability and missing-reference
        if claims.exact:
            return Finding(Verdict.UNVERIFIABLE, (Reason.NO_CLAIM,))
        return Finding(Verdict.UNKNOWN, (Reason.SIGNATURE_NOT_LOADED,))
    if here.address is None:
        return Finding(Verdict.UNKNOWN, (Reason.NO_TARGET,))
    if names_no_single_host(pack_address(here.address)):  # guard no-single-victim
        return Finding(Verdict.UNVERIFIABLE, (Reason.NO_SINGLE_VICTIM,))
    service = Service(NO_PORT if here.port is None else here.port, PROTOCOL_NUMBERS.get(alert.protocol, 0))
    finding = judging(claims, alert.zone, here.address, moment, service)
    if finding.reasons == (Reason.HOST_UNKNOWN,) and is_outbound(alert, signature, side):
        return Finding(Verdict.UNVERIFIABLE, (Reason.OUTBOUND,))
    return _behind_proxy(finding) if alert.proxied and client_side_of(alert, signature) in (side, None) else finding


def _behind_proxy(finding: Finding) -> Finding:
    """Return what a client's end comes to if its address is a proxy's: the client itself is not known to be clean.

    Guard nat-and-proxies.
    """
    if finding.level is not Verdict.NOT_AFFECTED:
        return finding
    return finding._replace(level=Verdict.UNKNOWN, reasons=(Reason.IDENTITY,), justifications=(), valid_until_us=None)


def _outcome_of(
    alert: Alert, target: Target, outcomes: OutcomeIndex, policy: Policy, *, victim: str | None
) -> tuple[str, int, str] | None:
    """Return (attacked end, instant, other alert's id) of an outcome that this alert led to, or is."""
    if not outcomes.outcomes:
        return None
    if victim:
        pair = host_pair(alert, victim)
        seen = outcomes.attempt_before(pair, alert.at_us, policy.outcome_window_us) if pair else None
        return (victim, *seen) if seen else None
    began_us = begins(alert, policy)
    until_us = alert.at_us + policy.outcome_window_us
    for side in target.sides:
        pair = host_pair(alert, side)
        seen = outcomes.outcome_after(pair, began_us, until_us - began_us) if pair else None
        if seen:
            return (side, *seen)
    return None


def begins(alert: Alert, policy: Policy) -> int:
    """Return when an attempt began, microseconds: with its flow, at most one window before its alert.

    A sensor may tell of an attack only when its flow ends, and stamps the alert so: what came of it stands before it
    then. Suricata does so on the capture of Log4Shell in a User-Agent header, whose request was answered last of all.
    """
    try:
        started_us = parse_instant(alert.flow_started) if alert.flow_started else alert.at_us
    except ValueError:
        return alert.at_us
    return min(max(started_us, alert.at_us - policy.outcome_window_us), alert.at_us)


def host_pair(alert: Alert, victim_side: str) -> HostPair | None:
    """Return who was attacked by whom if the end is the attacked one; None if the alert lacks an address."""
    victim, attacker = end(alert, victim_side).address, end(alert, opposite(victim_side)).address
    if victim is None or attacker is None:
        return None
    return HostPair(alert.zone, victim, attacker)
