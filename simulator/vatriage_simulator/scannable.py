"""What a test says about the scans of a subscription, a line each."""

import ipaddress
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from vatriage_simulator.accounts import Account
from vatriage_simulator.clock import SimulatedClock
from vatriage_simulator.host_table import HostTable
from vatriage_simulator.knowledge_table import KnowledgeTable
from vatriage_simulator.number_set import NumberSet, of_ranges, parse_ids
from vatriage_simulator.scan_runs import EXTERNAL, OptionProfile, ScanRun
from vatriage_simulator.scan_targets import parse_targets, written_ranges
from vatriage_simulator.scanning import AssetGroup, Scanning, ScanOrder
from vatriage_simulator.schedules import SimSchedule


class Scannable:
    """The part of a subscription that is about scans; `Subscription` adds the rest."""

    def __init__(self, clock: SimulatedClock, hosts: HostTable, vulnerabilities: KnowledgeTable) -> None:
        self.clock = clock
        self.accounts: dict[str, Account] = {}
        self.hosts = hosts
        """By host id."""
        self.vulnerabilities = vulnerabilities
        """The KnowledgeBase, by QID."""
        self.scanning = Scanning(clock, hosts.at, self._login_only)
        """Runs, appliances, profiles, groups and schedules."""

    @property
    def scans_started(self) -> list[ScanRun]:
        """The runs that clients started with scan.php, in order; a copy. Those of `scan` are not among them."""
        return list(self.scanning.started)

    def scan(
        self,
        title: str,
        *,
        targets: str | Sequence[str] | None = None,
        option_profile: str | None = None,
        taken: datetime | None = None,
        duration_s: float = 300,
        appliance: str | None = None,
        asset_groups: Sequence[str] = (),
        login: str | None = None,
        kind: str = "Scheduled",
        qids: str | None = None,
        saved: bool = True,
    ) -> ScanRun:
        """Add a run and its report, which holds what the hosts have now: tell the hosts and detections before.

        What needs a login is in it only if the profile has `authentication`; what is fixed never. The hosts' own scans
        are not touched. A run that is not over by the clock is in scan_running_list.php.

        Args:
            title: its title.
            targets: IPv4 addresses, ranges and blocks, as text or a list of texts; None: all IPv4 hosts there are.
            option_profile: the title of a profile; None: the default.
            taken: when it was launched, aware; None: now, less its duration.
            duration_s: how long it took, seconds.
            appliance: the Scanner Appliance that did it (added if it is new), None: the service's own.
            asset_groups: titles, for the report only.
            login: who launched it; None: the first account.
            kind: On-Demand, Scheduled or API.
            qids: a comma list of the only QIDs it tested; None: those of the profile.
            saved: False: it is in the list of /api/2.0/fo/scan/ only.

        Raises:
            LookupError: no such profile.
            BadTargetsError: the targets cannot be read.
        """
        if appliance is not None:
            self.scanner_appliance(appliance)
        addresses, written = self._targets(targets)
        order = ScanOrder(
            title=title,
            login=login or next(iter(self.accounts), "nobody"),
            targets=written,
            addresses=addresses,
            profile=self.scanning.profiles[option_profile] if option_profile else self.scanning.default_profile,
            kind=kind,
            appliance=appliance,
            asset_groups=tuple(asset_groups),
            qids=None if qids is None else parse_ids(qids),
            saved=saved,
        )
        launched = taken or self.clock.now() - timedelta(seconds=duration_s)
        return self.scanning.record(order, launched, duration_s)

    def scanner_appliance(self, name: str) -> None:
        """Add a Scanner Appliance, with which private addresses can be scanned; one that is there stays."""
        self.scanning.appliances.setdefault(name, 500 + len(self.scanning.appliances))

    def option_profile(
        self, title: str, *, default: bool = False, authentication: Sequence[str] = (), qids: str | None = None
    ) -> OptionProfile:
        """Add an option profile, or replace it, and return it.

        `authentication` are the logins it tries (Windows, Unix ...), `qids` a comma list of the only QIDs it tests.
        """
        profile = OptionProfile(
            title=title,
            default=default,
            authentication=tuple(authentication),
            qids=None if qids is None else parse_ids(qids),
        )
        self.scanning.add_profile(profile)
        return profile

    def asset_group(self, title: str, targets: str, *, appliance: str | None = None) -> None:
        """Add a group of addresses (written as the targets of `scan`), or replace it, with its default scanner."""
        if appliance is not None:
            self.scanner_appliance(appliance)
        group = AssetGroup(title=title, targets=targets, addresses=parse_targets(targets), appliance=appliance)
        self.scanning.groups[title] = group

    def own_addresses(self, targets: str | None) -> None:
        """Say which addresses are the subscription's: scan.php refuses others. None, as at the start: all are."""
        self.scanning.addresses = None if targets is None else parse_targets(targets)

    def schedule(
        self,
        title: str,
        *,
        targets: str,
        start: datetime,
        days: int | None = None,
        weekdays: Sequence[int] = (),
        option_profile: str = "Initial Options",
        appliance: str = EXTERNAL,
        active: bool = True,
    ) -> SimSchedule:
        """Add a scheduled scan: every `days` days, or weekly on `weekdays` (0 Sunday to 6 Saturday), and return it.

        Raises: ValueError: neither days nor weekdays.
        """
        if not days and not weekdays:
            raise ValueError("a schedule is daily (days=) or weekly (weekdays=)")
        schedule = SimSchedule(
            number=7001 + len(self.scanning.schedules),
            title=title,
            targets=targets,
            profile=option_profile,
            appliance=appliance,
            start=start,
            days=days,
            weekdays=tuple(weekdays),
            active=active,
        )
        self.scanning.schedules.append(schedule)
        return schedule

    def scan_pace(self, **changes: Any) -> None:
        """Change how fast runs are and how their stream looks: the fields of `ScanPace`, as keyword arguments."""
        self.scanning.pace = replace(self.scanning.pace, **changes)

    def _targets(self, targets: str | Sequence[str] | None) -> tuple[NumberSet, str]:
        """Return targets as a set and as text; without any, all IPv4 hosts."""
        if targets is None:
            hosts = filter(None, map(self.hosts.read, self.hosts.ids()))
            numbers = sorted(int(ipaddress.ip_address(host.ip)) for host in hosts if ":" not in host.ip)
            addresses = of_ranges((number, number) for number in numbers)
            return addresses, written_ranges(addresses)
        written = targets if isinstance(targets, str) else ",".join(targets)
        return parse_targets(written), written

    def _login_only(self) -> frozenset[int]:
        """Return the QIDs that an unauthenticated scan cannot test."""
        entries = filter(None, map(self.vulnerabilities.peek, self.vulnerabilities))
        return frozenset(entry.qid for entry in entries if not entry.remote)
