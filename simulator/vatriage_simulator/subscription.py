"""A whole Qualys subscription in memory, which a test changes in a line.

Everything is deterministic: the same calls in the same order give the same ids and, through the server, the same bytes.
"""

import ipaddress
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from itertools import count

from vatriage_simulator.accounts import Account, Sessions
from vatriage_simulator.clock import SimulatedClock
from vatriage_simulator.faults import Fault, FaultKind, FaultOrders
from vatriage_simulator.host_table import ENDLESS, HostMaker, HostTable
from vatriage_simulator.hosts import SimHost
from vatriage_simulator.knowledge_table import EntryMaker, KnowledgeTable
from vatriage_simulator.limits import LimitLedger, Limits
from vatriage_simulator.number_set import parse_addresses
from vatriage_simulator.resources import Resource
from vatriage_simulator.scannable import Scannable
from vatriage_simulator.truth import Truth
from vatriage_simulator.vulnerabilities import VULN_TYPES, SimVulnerability

_FIRST_HOST_ID = 1001
_FIRST_UNIQUE_ID = 500_001


class Subscription(Scannable):
    """Hosts, KnowledgeBase, accounts, limits and ordered faults of one customer."""

    def __init__(
        self,
        now: datetime,
        *,
        limits: Limits | None = None,
        clock: SimulatedClock | None = None,
        host_maker: HostMaker | None = None,
        entry_maker: EntryMaker | None = None,
    ) -> None:
        """Begin with nothing in it but what the makers make.

        Args:
            now: aware; where the clock stands.
            limits: rate and concurrency, None: those of the standard tier.
            clock: a clock of one's own (then `now` is not looked at).
            host_maker: makes hosts as they are asked for.
            entry_maker: makes the KnowledgeBase's entries as they are asked for.
        """
        super().__init__(clock or SimulatedClock(now), HostTable(host_maker), KnowledgeTable(entry_maker))
        self._addresses: dict[tuple[str, int | None], int] = {}
        self.sessions = Sessions()
        self.faults = FaultOrders()
        self.ledger = LimitLedger()
        self.ledger.set(limits or Limits())
        self._limits = limits or Limits()
        self.purged: set[int] = set()
        """The ids of the hosts that were purged."""
        self.replaced: dict[int, int] = {}
        """Hosts that a fault put at a used address, and the id of the host that each replaced."""
        self._next_host_id = (self.hosts.before(ENDLESS) or _FIRST_HOST_ID - 1) + 1
        self._unique_ids = count(_FIRST_UNIQUE_ID)

    def account(
        self,
        login: str,
        password: str,
        *,
        expired: bool = False,
        api_access: bool = True,
        kb_entitled: bool = True,
        eula_accepted: bool = True,
        may_scan: bool = True,
        address_allowed: bool = True,
    ) -> Account:
        """Add a login, or replace it, and return it."""
        self.accounts[login] = Account(
            login=login,
            password=password,
            expired=expired,
            api_access=api_access,
            kb_entitled=kb_entitled,
            eula_accepted=eula_accepted,
            may_scan=may_scan,
            address_allowed=address_allowed,
        )
        return self.accounts[login]

    def host(
        self,
        ip: str,
        *,
        id: int | None = None,  # noqa: A002 - the API's own word
        tracking_method: str | None = None,
        os: str | None = None,
        dns: str | None = None,
        netbios: str | None = None,
        network_id: int | None = None,
        network_name: str | None = None,
        ipv6: str | None = None,
        agent_id: str | None = None,
    ) -> SimHost:
        """Return the host at an address in a network; make it if it is not there; set the fields that are given.

        `ip` is IPv4 or IPv6 text; `id` is the host id of a new host (None: one more than the largest so far, 1001
        first); `tracking_method` is IP (what a new host gets), DNS, NETBIOS, AGENT, EC2 ...; `agent_id` is QG_HOSTID.

        Raises: ValueError: the address is none, or the id belongs to another host.
        """
        ipaddress.ip_address(ip)
        host = self._at(ip, network_id)
        if host is None:
            host = self._new_host(ip, id, network_id)
        elif id not in {None, host.id}:
            raise ValueError(f"host {ip} has id {host.id} already; purge it before giving it id {id}")
        given = {
            "tracking_method": tracking_method,
            "os": os,
            "dns": dns,
            "netbios": netbios,
            "network_name": network_name,
            "ipv6": ipv6,
            "agent_id": agent_id,
        }
        for name, value in given.items():
            if value is not None:
                setattr(host, name, value)
        return host

    def purge(self, ip: str, *, network_id: int | None = None) -> None:
        """Forget a host and its detections, silently, as the service does; its id is never used again.

        Raises: LookupError: no such host.
        """
        host = self._at(ip, network_id)
        if host is None:
            raise LookupError(f"no host {ip} to purge")
        self.purge_id(host.id)

    def purge_id(self, number: int) -> None:
        """Forget a host as `purge` does. Raises: KeyError: no such host."""
        host = self.hosts[number]
        self._addresses.pop((host.ip, host.network_id), None)
        self.purged.add(number)
        del self.hosts[number]

    def truth(self) -> Truth:
        """Return what a client that nothing went wrong for would know now; it is read anew with each question."""
        return Truth(self.hosts, self.vulnerabilities, self.faults, purged=self.purged, replaced=self.replaced)

    def vulnerability(
        self,
        qid: int,
        *,
        title: str | None = None,
        cves: Sequence[str] = (),
        bugtraqs: Sequence[int] = (),
        severity: int = 3,
        type: str = "Vulnerability",  # noqa: A002 - the API's own word
        published: datetime | None = None,
        code_modified: datetime | None = None,
        service_modified: datetime | None = None,
        remote: bool = True,
        auth_types: Sequence[str] = (),
        disabled: bool = False,
        category: str = "General remote services",
        patchable: bool = True,
        solution: str = "",
        diagnosis: str = "",
        consequence: str = "",
    ) -> SimVulnerability:
        """Add a QID to the KnowledgeBase, or replace it, and return it.

        Dates that are not given: published now; the service changed it when it was published; the code: not stated.

        Raises: ValueError: the type is no word of the API.
        """
        if type not in VULN_TYPES:
            raise ValueError(f"type {type!r} is none of {', '.join(VULN_TYPES)}")
        published = published or self.clock.now()
        self.vulnerabilities[qid] = SimVulnerability(
            qid=qid,
            title=title or f"Simulated vulnerability {qid}",
            type=type,
            severity=severity,
            published=published,
            code_modified=code_modified,
            service_modified=service_modified or published,
            cves=tuple(cves),
            bugtraqs=tuple(bugtraqs),
            remote=remote,
            auth_types=tuple(auth_types),
            disabled=disabled,
            category=category,
            patchable=patchable,
            solution=solution,
            diagnosis=diagnosis,
            consequence=consequence,
        )
        return self.vulnerabilities[qid]

    def limit(
        self,
        *,
        rate: int | None = None,
        window_s: int | None = None,
        concurrency: int | None = None,
        resource: Resource | str | None = None,
    ) -> None:
        """Change limits, of one resource or of all; what is not given stays as the subscription has it."""
        given = {"rate": rate, "window_s": window_s, "concurrency": concurrency}
        limits = replace(self._limits, **{name: value for name, value in given.items() if value is not None})
        if resource is None:
            self._limits = limits
        self.ledger.set(limits, None if resource is None else Resource(resource))

    def occupied(self, resource: Resource | str, calls: int = 1) -> AbstractContextManager[None]:
        """Pretend, for the time of a with block, that another client has so many calls of a resource running."""
        return self.ledger.occupied(Resource(resource), calls)

    def break_next(
        self,
        resource: Resource | str,
        fault: Fault | FaultKind | str,
        times: int | None = 1,
        *,
        after: int = 0,
        **measures: float,
    ) -> None:
        """Let the next calls of a resource go wrong.

        Only calls that would have been answered count: a refused login or a limit does not use a fault up.

        Args:
            resource: one of `Resource`, `*` for any.
            fault: a fault, or only its kind.
            times: how many calls; None: all, until `faults.clear()`.
            after: how many calls of the resource come before, whatever happens to them.
            measures: `seconds`, `record_id`, `after_bytes`, `after_records`, `number` of a fault that is given by its
                kind.

        Raises: ValueError: no such kind or resource, or the kind cannot happen to the resource.
        """
        if not isinstance(fault, Fault):
            fault = _fault(FaultKind(fault), **measures)
        self.faults.add(Resource(resource), fault, times, after=after)

    def severity_of(self, qid: int) -> int:
        """Return the KnowledgeBase's severity of a QID; 3 where it does not know it."""
        return self.vulnerabilities.severity_of(qid)

    def _at(self, ip: str, network_id: int | None) -> SimHost | None:
        """Return the host at an address in a network, None if there is none."""
        number = self._addresses.get((ip, network_id))
        if number is not None:
            return self.hosts[number]
        made = [] if ":" in ip else self.hosts.made_at(parse_addresses(ip))
        return next((host for host in made if (host.ip, host.network_id) == (ip, network_id)), None)

    def _new_host(self, ip: str, number: int | None, network_id: int | None) -> SimHost:
        """Add a host under the next free id, or under one of its own."""
        number = self._next_host_id if number is None else number
        if number in self.hosts:
            raise ValueError(f"host id {number} belongs to {self.hosts[number].ip} already")
        host = SimHost(
            id=number, ip=ip, network_id=network_id, severity_of=self.severity_of, unique_ids=self._unique_ids
        )
        self.hosts[number] = host
        self._addresses[ip, network_id] = number
        self._next_host_id = max(self._next_host_id, number + 1)
        return host


def _fault(kind: FaultKind, *, seconds: float = 0.0, **numbers: float | None) -> Fault:
    """Return a fault from its kind and measures."""
    whole = {name: None if value is None else int(value) for name, value in numbers.items()}
    return Fault(kind=kind, seconds=seconds, **whole)
