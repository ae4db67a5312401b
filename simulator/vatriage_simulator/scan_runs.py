"""The runs of the scanner: what was asked, how far it is, what it found on which host.

Facts only; `scan_document`, `scan_list` and `scan_results` write them. How far a run is depends on the subscription's
clock alone, so that it goes on whether or not anybody listens.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from vatriage_simulator.hosts import SimDetection, SimHost
from vatriage_simulator.number_set import NumberSet

EXTERNAL = "External"
"""What `iscanner_name` says for the service's own scanners, which reach public addresses only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionProfile:
    """How a scan is done."""

    title: str
    default: bool = False
    """Whether it is taken where a call names none."""
    authentication: tuple[str, ...] = ()
    """The logins it tries (Windows, Unix ...); none: it scans without a login."""
    qids: NumberSet | None = None
    """The only QIDs it tests; None: all."""

    @property
    def options(self) -> str:
        """The words of HEADER's OPTIONS: shape recorded, reduced to what the simulator knows."""
        logins = [f"{name} Authentication ON" for name in self.authentication]
        checks = ["Complete vulnerability checks" if self.qids is None else "Custom vulnerability checks"]
        return ", ".join(["Standard TCP port list", "Standard UDP port list", *logins, *checks, "ICMP Host Discovery"])


@dataclass(frozen=True, slots=True, kw_only=True)
class HostReport:
    """What one run found on one host, as it was then; later changes of the host do not touch it."""

    host_id: int
    ip: str
    dns: str | None
    netbios: str | None
    os: str | None
    findings: tuple[SimDetection, ...]


@dataclass(slots=True, kw_only=True)
class ScanRun:
    """One run over its targets; a test may look at every field."""

    number: int
    """What its reference ends with."""
    ref: str
    """`scan/<seconds since 1970>.<five digits>`."""
    title: str
    login: str
    """Who launched it."""
    launched: datetime
    targets: str
    """As they were asked for."""
    addresses: NumberSet
    profile: OptionProfile
    kind: str
    """On-Demand, Scheduled or API."""
    appliance: str | None
    """The Scanner Appliance that does it; None: the service's own scanners."""
    asset_groups: tuple[str, ...] = ()
    qids: NumberSet | None = None
    """The only QIDs it tests (specific_vulns or the profile's list); None: all."""
    blind: frozenset[int] = frozenset()
    """The QIDs that it cannot test, because they need a login and it has none."""
    saved: bool = True
    """Whether its report is kept for scan_report_list.php."""
    loaded: datetime
    """Until then its status is Loading, and it cannot be cancelled."""
    ends: datetime
    """When the last host is done, unless it is cancelled before."""
    waiting: list[tuple[datetime, SimHost]] = field(default_factory=list)
    """The hosts still to be done and when each will be, soonest first."""
    reports: list[HostReport] = field(default_factory=list)
    """The hosts that are done."""
    cancelled: datetime | None = None

    def state(self, now: datetime) -> str:
        """Return Loading, Running, Finished or Canceled (STATE of /api/2.0/fo/scan/)."""
        if self.cancelled is not None:
            return "Canceled"
        if now < self.loaded:
            return "Loading"
        return "Running" if now < self.ends else "Finished"

    def is_over(self, now: datetime) -> bool:
        """Whether nothing more will be found."""
        return self.state(now) in {"Finished", "Canceled"}

    def status(self, now: datetime) -> str:
        """Return v1's word: FINISHED and NOHOSTALIVE are recorded, LOADING, RUNNING and CANCELED are stand-ins."""
        state = self.state(now)
        return "NOHOSTALIVE" if state == "Finished" and not self.reports else state.upper()

    def duration(self, now: datetime) -> timedelta:
        """Return how long it took, or takes so far."""
        return (self.cancelled or min(now, self.ends)) - self.launched

    @property
    def scanner(self) -> str:
        """The scanner's name as the lists write it."""
        return self.appliance or EXTERNAL

    def settle(self, now: datetime) -> None:
        """Take over the hosts that are done by now; each is a scan of that host for the other API as well."""
        until = now if self.cancelled is None else min(now, self.cancelled)
        while self.waiting and self.waiting[0][0] <= until:
            moment, host = self.waiting.pop(0)
            host.scanned(moment, authenticated=bool(self.profile.authentication))
            for detection in host.detections:
                if self.finds(detection):
                    host.find_again(detection)
            self.reports.append(self.report_of(host))

    def finds(self, detection: SimDetection) -> bool:
        """Whether it finds what is on a host: not what is fixed, nor what it does not or cannot test."""
        tested = self.qids is None or detection.type == "Info" or detection.qid in self.qids
        return tested and detection.status != "Fixed" and detection.qid not in self.blind

    def report_of(self, host: SimHost) -> HostReport:
        """Return what it finds on a host now."""
        found = [item for item in host.detections if self.finds(item)]
        return HostReport(
            host_id=host.id,
            ip=host.ip,
            dns=host.dns,
            netbios=host.netbios,
            os=host.os,
            findings=tuple(replace(item) for item in found),
        )
