"""The children of HOST that host list and detection list share, and the filters on hosts that both know.

Which version has which field is not published as a table: that NETWORK_NAME comes with 4.0 and ASSET_ID with 3.0 is
the simulator's own line, drawn so that older versions lack something.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from vatriage_simulator import markup
from vatriage_simulator.host_table import ENDLESS, HostTable
from vatriage_simulator.hosts import SimHost
from vatriage_simulator.number_set import NumberSet, address_number
from vatriage_simulator.parameters import Parameters

HostTest = Callable[[SimHost], bool]
"""Whether a host is asked for."""

FILTERS = (
    "ids",
    "id_min",
    "id_max",
    "ips",
    "network_ids",
    "vm_scan_since",
    "no_vm_scan_since",
    "max_days_since_last_vm_scan",
    "vm_processed_after",
    "vm_processed_before",
)
"""The parameters that `matching` reads."""

ACCEPTED = (
    "ag_ids",
    "ag_titles",
    "use_tags",
    "tag_set_by",
    "tag_set_include",
    "show_tags",
    "show_asset_id",
    "host_metadata",
    "echo_request",
    "cloud_agent_activationkey",
)
"""Parameters that both lists take without doing anything about them (show_asset_id apart): there are no groups or tags."""


def matching(hosts: HostTable, parameters: Parameters, now: datetime, *more: HostTest) -> Iterator[int]:
    """Yield the ids of the hosts that pass the filters and `more` tests, ascending, as they are asked for.

    `*_since` includes its instant, `*_after` and `*_before` do not: the guide's words, its bounds are not published.
    """
    tests = _tests(parameters, now, more)
    for number in _asked(hosts, parameters):
        host = hosts.read(number)
        if host is not None and all(test(host) for test in tests):
            yield number


def before(hosts: HostTable, first: int, parameters: Parameters, now: datetime, *more: HostTest) -> int | None:
    """Return the host just before an id, if it passes all filters but those by id."""
    number = hosts.before(first)
    host = None if number is None else hosts.read(number)
    return number if host is not None and all(test(host) for test in _tests(parameters, now, more)) else None


def _tests(parameters: Parameters, now: datetime, more: Iterable[HostTest]) -> list[HostTest]:
    """Return all tests but those by id; what is not asked for makes no test, so that a full list stays fast."""
    return [*_place_tests(parameters), *_scan_tests(parameters, now), *more]


def _asked(hosts: HostTable, parameters: Parameters) -> Iterator[int]:
    """Yield the ids that are asked for, ascending."""
    low = parameters.number("id_min", 0)
    high = parameters.number("id_max", 0) or ENDLESS
    ids = parameters.ids("ids")
    if ids is None:
        yield from hosts.ids(low, high)
        return
    for first, last in zip(ids.starts, ids.ends, strict=True):
        yield from hosts.ids(max(first, low), min(last, high))


def _place_tests(parameters: Parameters) -> list[HostTest]:
    """Tests by address and network."""
    tests: list[HostTest] = []
    if (addresses := parameters.addresses("ips")) is not None:
        tests.append(lambda host: _is_at(host, addresses))
    if (networks := parameters.given.get("network_ids")) is not None:
        wanted = {part.strip() for part in networks.split(",")}
        # Network 0 is the global default network; a host without a network is in it.
        tests.append(lambda host: str(host.network_id or 0) in wanted)
    return tests


def _scan_tests(parameters: Parameters, now: datetime) -> list[HostTest]:
    """Tests by the last scan; a host that was never scanned fails each of them but no_vm_scan_since."""
    tests: list[HostTest] = []
    since = parameters.instant("vm_scan_since")
    days = parameters.number("max_days_since_last_vm_scan", 0)
    if days:
        since = max(since or now - timedelta(days=days), now - timedelta(days=days))
    if since is not None:
        tests.append(lambda host: host.last_scan is not None and host.last_scan.at >= since)
    if (unseen := parameters.instant("no_vm_scan_since")) is not None:
        tests.append(lambda host: host.last_scan is None or host.last_scan.at < unseen)
    if (after := parameters.instant("vm_processed_after")) is not None:
        tests.append(lambda host: host.last_scan is not None and host.last_scan.processed_at > after)
    if (before := parameters.instant("vm_processed_before")) is not None:
        tests.append(lambda host: host.last_scan is not None and host.last_scan.processed_at < before)
    return tests


def _is_at(host: SimHost, addresses: NumberSet) -> bool:
    """Whether one of the addresses of a host is in a set."""
    return address_number(host.ip) in addresses or (host.ipv6 is not None and address_number(host.ipv6) in addresses)


def addresses(host: SimHost) -> list[str]:
    """Return IP and IPV6; a host with only an IPv6 address has no IP element."""
    if ":" in host.ip:
        return [markup.element("IPV6", host.ip)]
    return [markup.element("IP", host.ip), markup.element("IPV6", host.ipv6)]


def asset_id(host: SimHost, parameters: Parameters, version: tuple[int, int]) -> str:
    """Return ASSET_ID where it was asked for and the version has it; its value is made from the host id."""
    wanted = parameters.flag("show_asset_id", default=False) and version >= (3, 0)
    return markup.element("ASSET_ID", host.id + 7_000_000) if wanted else ""


def network(host: SimHost, version: tuple[int, int]) -> list[str]:
    """Return NETWORK_ID and, from 4.0 on, NETWORK_NAME."""
    name = host.network_name if version >= (4, 0) else None
    return [markup.element("NETWORK_ID", host.network_id), markup.element("NETWORK_NAME", name)]


def names(host: SimHost) -> list[str]:
    """Return DNS and DNS_DATA; a name without a dot has a HOSTNAME only."""
    if not host.dns:
        return []
    hostname, _, domain = host.dns.partition(".")
    parts = [
        markup.cdata_element("HOSTNAME", hostname),
        markup.cdata_element("DOMAIN", domain),
        markup.cdata_element("FQDN", host.dns if domain else ""),
    ]
    return [markup.cdata_element("DNS", host.dns), f"<DNS_DATA>{''.join(parts)}</DNS_DATA>"]


def scan_dates(host: SimHost) -> list[str]:
    """Return LAST_VM_SCANNED_* and LAST_VM_AUTH_SCANNED_*; nothing for what never happened."""
    scan, authenticated = host.last_scan, host.last_authenticated_scan
    return [
        markup.dated("LAST_VM_SCANNED_DATE", scan.at if scan else None),
        markup.element("LAST_VM_SCANNED_DURATION", scan.duration_s if scan else None),
        markup.dated("LAST_VM_AUTH_SCANNED_DATE", authenticated.at if authenticated else None),
        markup.element("LAST_VM_AUTH_SCANNED_DURATION", authenticated.duration_s if authenticated else None),
    ]
