"""What a host's findings of one QID say for the attack (VERDICT 2, *Positive*, *Potential*, *Port*).

A finding is one version of a detection; it speaks for the time from its first sight until it was superseded. Nothing
here refutes: `check_absence` does, and only where nothing here objects.
"""

from collections.abc import Callable

from vatriage.model.evidence import NO_PORT, Kind, Status
from vatriage.model.evidence import Finding as Found
from vatriage.model.policy import Policy
from vatriage.model.verdict import Reason, Verdict
from vatriage.triage.interface import Moment, Service


def speaks(found: Found, moment: Moment) -> bool:
    """Whether the version holds at the alert's time as known at the clock *T*, and is of an enabled QID."""
    return not found.disabled and not is_superseded(found, moment)


def is_known(found: Found, moment: Moment) -> bool:
    """Whether the version was reported by the clock *T*; later ones do not exist."""
    return max(found.first_found, found.since) <= moment.clock_us


def is_superseded(found: Found, moment: Moment) -> bool:
    """Whether a report up to the clock said something else of the detection at or before the alert."""
    return 0 < found.superseded <= min(moment.alert_us, moment.clock_us)


def is_fixed(found: Found, moment: Moment) -> bool:
    """Whether it was found fixed at or before the alert, as known at the clock."""
    return found.status is Status.FIXED and 0 < found.fixed <= min(moment.alert_us, moment.clock_us)


def matches_port(found: Found, service: Service) -> bool:
    """Whether the finding is about the attacked service, or about the host as a whole (as an alert without port is)."""
    if NO_PORT in (found.port, service.port):
        return True
    same_protocol = 0 in (found.protocol, service.protocol) or found.protocol == service.protocol
    return found.port == service.port and same_protocol


def judge_found(
    found: Found,
    moment: Moment,
    service: Service,
    policy: Policy,
    absent_between: Callable[[Found, int, int], bool],
) -> tuple[Verdict | None, tuple[Reason, ...]]:
    """Return the level one finding gives and why, or (None, ()) if it says nothing for the attack.

    Guards potential-or-confirmed (a potential finding is a possibility) and found-after-the-alert.

    Args:
        found: a finding that `speaks`, is not fixed at the alert's time and is no information.
        moment: the alert's time and the clock.
        service: what was attacked.
        policy: the age after which a positive is stale.
        absent_between: whether a scan in an open interval, capable of seeing that finding, tested the QID absent.
    """
    reasons = []
    if found.first_found > moment.alert_us:
        if absent_between(found, moment.alert_us, found.first_found):
            return None, ()
        reasons.append(Reason.FOUND_LATER)
    elif _is_stale(found, moment, policy):
        reasons.append(Reason.STALE_POSITIVE)
    if found.kind is Kind.POTENTIAL:
        reasons.append(Reason.POTENTIAL)
    if not matches_port(found, service):
        reasons.append(Reason.PORT_MISMATCH)
    if reasons:
        return Verdict.POSSIBLY_AFFECTED, tuple(reasons)
    return Verdict.AFFECTED, (Reason.CONFIRMED,)


def _is_stale(found: Found, moment: Moment, policy: Policy) -> bool:
    """Whether it was not seen again for too long before the alert; what was fixed only later was there until then.

    Guard stale-scan: an old positive becomes a possibility, never less.
    A sight after the clock counts as one at the clock: dropping it would make the evidence look older than it was.
    """
    if found.status is Status.FIXED and 0 < found.fixed <= moment.clock_us:
        return False
    last_seen = min(found.last_found or found.first_found, moment.clock_us)
    return last_seen < moment.alert_us - policy.stale_positive_us
