"""When the silence of a scan is evidence, and when it is not (VERDICT 3).

This is the dangerous half of the product: every `True` here may hide an attack. A condition that cannot be shown to
hold does not hold, and its reason code says which one it was. The guards named here are those of
docs/explanation/guards.md.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vatriage.model.evidence import NO_PORT, Check, HostFacts, Kind, Link, Scan, ScanKind, Status
from vatriage.model.evidence import Finding as Found
from vatriage.model.policy import Policy
from vatriage.model.verdict import Reason
from vatriage.triage.check_positive import is_fixed, is_superseded, matches_port
from vatriage.triage.interface import Moment, Service


class Refutation(NamedTuple):
    """That one QID was not on the host: by which observation, and until when it counts."""

    fixed: bool
    """A finding of the QID was found fixed; otherwise it was never there."""
    observed_at: int
    valid_until: int


def refute(
    check: Check,
    link: Link,
    found: Sequence[Found],
    facts: HostFacts,
    moment: Moment,
    service: Service,
    policy: Policy,
) -> tuple[Refutation | None, tuple[Reason, ...]]:
    """Return the refutation that counts longest, or None and every condition that fails in the most capable scan.

    Args:
        check: what the KnowledgeBase says of the QID.
        link: how the QID is tied to the claim.
        found: the host's findings of the QID, none of which speaks for the attack.
        facts: the host, its scans above all.
        moment: the alert's time and the clock.
        service: what was attacked.
        policy: how long absence counts.
    """
    if check.disabled or any(item.disabled for item in found):
        return None, (Reason.QID_DISABLED,)
    if check.kind is Kind.INFORMATION:
        return None, (Reason.INFORMATION_GATHERED,)  # a vouched list need not hold what was merely gathered
    by_fix = _refute_by_fix(check, link, found, facts, moment, service, policy)
    by_scan, reasons = _refute_by_scan(check, link, found, facts.scans, moment, service, policy)
    best = max((item for item in (by_fix, by_scan) if item), key=lambda item: item.valid_until, default=None)
    if best is None:
        return None, reasons
    fixed = by_fix is not None or any(is_fixed(item, moment) and matches_port(item, service) for item in found)
    return best._replace(fixed=fixed), ()


def is_tested_absent(check: Check, link: Link, found: Sequence[Found], scan: Scan, service: Service) -> bool:
    """Whether one scan proves that the QID was not there at its instant (conditions 1, 2, 4, 5)."""
    if check.disabled or check.kind is Kind.INFORMATION or any(item.disabled for item in found):
        return False
    return not _missing_conditions(check, link, found, scan, service)


def _refute_by_scan(
    check: Check,
    link: Link,
    found: Sequence[Found],
    scans: Sequence[Scan],
    moment: Moment,
    service: Service,
    policy: Policy,
) -> tuple[Refutation | None, tuple[Reason, ...]]:
    # guard stale-scan: silence is observed, and expires
    before = [scan for scan in scans if scan.at <= min(moment.alert_us, moment.clock_us)]
    if not before:
        return None, (Reason.NEVER_SCANNED,)
    fresh = [scan for scan in before if moment.alert_us <= scan.at + policy.ttl_us(scan.kind)]
    if not fresh:
        return None, (Reason.STALE,)
    failing = {
        scan: _missing_conditions(check, link, found, scan, service) or _found_since(found, scan, moment)
        for scan in fresh
    }
    proofs = [scan for scan in fresh if not failing[scan]]
    if proofs:
        best = max(proofs, key=lambda scan: (scan.at + policy.ttl_us(scan.kind), scan.at))
        return Refutation(False, best.at, best.at + policy.ttl_us(best.kind)), ()
    nearest = min(fresh, key=lambda scan: (len(failing[scan]), -scan.at, -scan.kind))
    return None, failing[nearest]


def _missing_conditions(
    check: Check, link: Link, found: Sequence[Found], scan: Scan, service: Service
) -> tuple[Reason, ...]:
    """Return the conditions that do not hold for this scan, in the order of section 3; empty = absence is proven."""
    missing = []
    if not scan.whole:
        missing.append(Reason.LIST_NOT_WHOLE)
    if not scan.check_set:
        missing.append(Reason.CHECK_SET_UNVOUCHED)
    incapable = _why_incapable(check, scan, service)
    if incapable is not None:
        missing.append(incapable)
    if _is_newer(check, link, scan.at):
        missing.append(Reason.QID_NEWER_THAN_SCAN)
    if any(_was_present(item, scan.at) for item in found):
        missing.append(Reason.STALE)
    return tuple(missing)


def _found_since(found: Sequence[Found], scan: Scan, moment: Moment) -> tuple[Reason, ...]:
    """Return STALE if the detection came after the scan and up to the alert: a later fix does not renew old silence."""
    came = any(scan.at < item.first_found <= moment.alert_us for item in found)
    return (Reason.STALE,) if came else ()


def _why_incapable(check: Check, scan: Scan, service: Service) -> Reason | None:
    """Return why the scan could not have seen the QID on the service (condition 4), None if it could.

    Guard unauthenticated-scan.
    """
    if scan.kind is not ScanKind.REMOTE:
        return None if check.authenticated else Reason.NOT_TESTABLE_UNAUTHENTICATED if not check.remote else _PORT
    if not check.remote:
        return Reason.NOT_TESTABLE_UNAUTHENTICATED
    return None if _covers(scan.ports, service) else _PORT


_PORT = Reason.PORT_NOT_COVERED


def _covers(ports: Iterable[tuple[int, int]], service: Service) -> bool:
    """Whether the scan reported something on the alert's port: a host-level alert names no port to have covered."""
    return service.port != NO_PORT and (service.protocol, service.port) in ports


def _is_newer(check: Check, link: Link, at: int) -> bool:
    """Whether the QID, its code or its tie to the claim may be newer than the test (condition 5).

    Guard knowledge-older-than-cve.
    """
    if check.published == 0 or check.published > at:
        return True
    return check.modified > at or link.added > at


def _was_present(found: Found, at: int) -> bool:
    """Whether the detection was there at an instant: a scan that saw it proves no absence."""
    if found.first_found > at:
        return False
    gone = [instant for instant in (found.superseded, found.fixed if found.status is Status.FIXED else 0) if instant]
    return not gone or min(gone) > at


def _refute_by_fix(
    check: Check,
    link: Link,
    found: Sequence[Found],
    facts: HostFacts,
    moment: Moment,
    service: Service,
    policy: Policy,
) -> Refutation | None:
    """Return the longest refutation by a finding of this service that was found fixed (section 2, *Negative*)."""
    proofs = []
    for item in found:
        if not is_fixed(item, moment) or is_superseded(item, moment):
            continue
        if not matches_port(item, service) or not _exactly(item, service):
            continue
        if facts.whole_listed_at < item.fixed:
            continue  # a list of what is fixed shows one instance of a finding, and not the next that is open
        for observed_at in {item.fixed, item.last_test}:
            if not item.fixed <= observed_at <= min(moment.alert_us, moment.clock_us):
                continue
            until = observed_at + policy.ttl_us(_tested_by(check, observed_at, facts.scans, policy))
            if moment.alert_us <= until and not _is_newer(check, link, observed_at):
                proofs.append(Refutation(True, observed_at, until))
    return max(proofs, key=lambda proof: proof.valid_until, default=None)


def _exactly(found: Found, service: Service) -> bool:
    """Whether the fix is about the whole host or about the very port: a fix on one port clears no host-level alert."""
    return found.port == NO_PORT or service.port != NO_PORT


def _tested_by(check: Check, at: int, scans: Sequence[Scan], policy: Policy) -> ScanKind:
    """Return the longest-lived kind of scan of that instant that could test it; where none could, the shortest-lived.

    The longest, because either scan proves it alone: forgetting one of two must not make a fix count for longer.
    """
    able = {
        scan.kind
        for scan in scans
        if scan.at == at and (check.remote if scan.kind is ScanKind.REMOTE else check.authenticated)
    }
    return max(able, key=policy.ttl_us) if able else min(ScanKind, key=policy.ttl_us)
