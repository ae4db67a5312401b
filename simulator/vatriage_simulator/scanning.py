"""The scanning side of a subscription: appliances, option profiles, asset groups, schedules and runs.

A run that a client asks for is done on the subscription's own hosts: what `sim.host(...).detect(...)` told is what it
finds, and the run is a scan of those hosts in the other API.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import RLock

from vatriage_simulator.clock import SimulatedClock
from vatriage_simulator.hosts import SimHost
from vatriage_simulator.number_set import NumberSet, address_number, of_ranges
from vatriage_simulator.scan_runs import OptionProfile, ScanRun
from vatriage_simulator.schedules import SimSchedule

KEEP_ALIVE_S = 37.0
"""Seconds between the keep-alive comments of a running scan: 18 were recorded in a scan of 11 min 9 s."""

_FIRST_NUMBER = 10_001


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPace:
    """How fast runs are and how their stream looks; the defaults make every run end at once."""

    host_s: float = 0.0
    """How long a host takes, in seconds of the simulated clock; hosts are done one after the other."""
    loading_s: float = 0.0
    """How long a run is Loading first, in seconds of the simulated clock."""
    keep_alive_s: float = KEEP_ALIVE_S
    """Real seconds between the keep-alive comments while nothing else is written."""
    moves_clock: bool = False
    """True: each keep-alive comment moves the simulated clock on by 37 s, so that one reader sees the run to its end."""
    header_first: bool = False
    """True: the stream holds HEADER and the hosts back to the end, HEADER before them; False: as recorded."""
    at_once: int = 5
    """How many runs a subscription may have at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOrder:
    """A run that is asked for and may be launched."""

    title: str
    login: str
    targets: str
    addresses: NumberSet
    profile: OptionProfile
    kind: str
    appliance: str | None
    asset_groups: tuple[str, ...]
    qids: NumberSet | None
    saved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetGroup:
    """Some addresses under a title."""

    title: str
    targets: str
    addresses: NumberSet
    appliance: str | None
    """Its default scanner; None: the service's own."""


class Scanning:
    """Everything about scans of one subscription. Safe between threads."""

    def __init__(
        self,
        clock: SimulatedClock,
        hosts: Callable[[NumberSet], Sequence[SimHost]],
        login_only: Callable[[], frozenset[int]],
    ) -> None:
        """Begin with the option profiles that the service's own error text names, and nothing else.

        Args:
            clock: what runs depend on.
            hosts: the subscription's hosts at some IPv4 addresses, asked anew for each run.
            login_only: the QIDs that only a scan with a login can test, asked anew for each run.
        """
        self.pace = ScanPace()
        self.appliances: dict[str, int] = {}
        """Number by name."""
        self.profiles: dict[str, OptionProfile] = {}
        self.groups: dict[str, AssetGroup] = {}
        self.schedules: list[SimSchedule] = []
        self.addresses: NumberSet | None = None
        """The addresses of the subscription; None: all there are."""
        self.runs: dict[str, ScanRun] = {}
        """By reference, in the order in which they were added."""
        self.started: list[ScanRun] = []
        """The runs that clients started."""
        self._clock = clock
        self._hosts = hosts
        self._login_only = login_only
        self._lock = RLock()
        self._number = _FIRST_NUMBER
        for title in ("Initial Options", "Payment Card Industry (PCI) Options", "Qualys Top 20 Options"):
            self.profiles[title] = OptionProfile(title=title, default=title == "Initial Options")

    @property
    def default_profile(self) -> OptionProfile:
        """The profile of a run that names none."""
        return next(profile for profile in self.profiles.values() if profile.default)

    def add_profile(self, profile: OptionProfile) -> None:
        """Add a profile, or replace it; a new default takes the place of the old one."""
        if profile.default:
            for title, other in list(self.profiles.items()):
                self.profiles[title] = OptionProfile(
                    title=title, authentication=other.authentication, qids=other.qids, default=False
                )
        self.profiles[profile.title] = profile

    def hosts_at(self, addresses: NumberSet) -> list[SimHost]:
        """Return the hosts at these IPv4 addresses, by address; where nobody is, nobody is alive.

        v1 knows no networks: of several hosts at an address it sees that of the default network, else the first.
        """
        found: dict[int, SimHost] = {}
        for host in sorted(self._hosts(addresses), key=lambda host: (host.network_id or 0, host.id)):
            found.setdefault(address_number(host.ip), host)
        return [found[number] for number in sorted(found)]

    def launch(self, order: ScanOrder) -> ScanRun:
        """Start a run now, for a client."""
        now = self._clock.now()
        with self._lock:
            loaded = now + timedelta(seconds=self.pace.loading_s)
            hosts = self.hosts_at(order.addresses)
            step = timedelta(seconds=self.pace.host_s)
            waiting = [(loaded + step * place, host) for place, host in enumerate(hosts, start=1)]
            # Nobody there: the run ends after the time of one host.
            ends = waiting[-1][0] if waiting else loaded + step
            run = self._add(order, now, loaded=loaded, ends=ends)
            run.waiting = waiting
            self.started.append(run)
            return run

    def record(self, order: ScanOrder, launched: datetime, duration_s: float) -> ScanRun:
        """Add a run of the past (or one that is still on) that found what the hosts have now."""
        with self._lock:
            run = self._add(order, launched, loaded=launched, ends=launched + timedelta(seconds=duration_s))
            run.reports = [run.report_of(host) for host in self.hosts_at(order.addresses)]
            return run

    def settle(self) -> datetime:
        """Bring all runs up to date and return the instant for which they are."""
        now = self._clock.now()
        with self._lock:
            for run in self.runs.values():
                run.settle(now)
        return now

    def all_runs(self) -> list[ScanRun]:
        """Return the runs, newest launch first."""
        with self._lock:
            return sorted(self.runs.values(), key=lambda run: (run.launched, run.number), reverse=True)

    def going_on(self) -> list[ScanRun]:
        """Return the runs that are not over, newest first."""
        now = self.settle()
        return [run for run in self.all_runs() if not run.is_over(now)]

    def cancel(self, run: ScanRun) -> None:
        """Stop a run now; what it has found stays."""
        with self._lock:
            run.cancelled = self.settle()
            run.waiting = []

    def _add(self, order: ScanOrder, launched: datetime, *, loaded: datetime, ends: datetime) -> ScanRun:
        """Add a run under the next reference."""
        run = ScanRun(
            number=self._number,
            ref=f"scan/{int(launched.timestamp())}.{self._number:05d}",
            title=order.title,
            login=order.login,
            launched=launched,
            targets=order.targets,
            addresses=order.addresses,
            profile=order.profile,
            kind=order.kind,
            appliance=order.appliance,
            asset_groups=order.asset_groups,
            qids=order.profile.qids if order.qids is None else order.qids,
            blind=frozenset() if order.profile.authentication else self._login_only(),
            saved=order.saved,
            loaded=loaded,
            ends=ends,
        )
        self._number += 1
        self.runs[run.ref] = run
        return run


def united(groups: Sequence[AssetGroup], addresses: NumberSet | None) -> NumberSet:
    """Return the addresses of groups and of a list together."""
    sets = [group.addresses for group in groups] + ([addresses] if addresses else [])
    return of_ranges((low, high) for one in sets for low, high in zip(one.starts, one.ends, strict=True))
