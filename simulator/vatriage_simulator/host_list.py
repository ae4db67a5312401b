"""The host list: /api/{2.0..5.0}/fo/asset/host/ action=list.

Only hosts that were scanned are in it (API guide, Host List); that is where a client learns what was covered.
"""

from collections.abc import Iterator, Sequence

from vatriage_simulator import host_fields, markup, paging, shaping
from vatriage_simulator.answers import Answer, Call, listing
from vatriage_simulator.fault_kinds import FaultKind
from vatriage_simulator.hosts import SimHost
from vatriage_simulator.parameters import Parameters
from vatriage_simulator.resources import Resource
from vatriage_simulator.subscription import Subscription

_ROOT = "HOST_LIST_OUTPUT"
_DETAILS = ("Basic", "Basic/AGs", "All", "All/AGs", "None")
_NAMES = frozenset(
    {
        "action",
        "details",
        "truncation_limit",
        "os_pattern",
        "show_trurisk",
        "compliance_enabled",
        *host_fields.FILTERS,
        *host_fields.ACCEPTED,
    }
)
_UNASKED = ("cloud_agent_activationkey", "0")


def host_list(sim: Subscription, call: Call, version: tuple[int, int], shape: FaultKind | None = None) -> Answer:
    """Answer action=list: hosts, or for details=None their ids; a fault may have changed which.

    Raises: BadParameterError: codes 1901, 1903, 1905.
    """
    parameters = Parameters(call.parameters)
    parameters.required("action")
    parameters.known(_NAMES)
    parameters.word("action", ("list",), "list")
    details = parameters.word("details", _DETAILS, "Basic")
    page = shaping.page(sim, Resource.HOST_LIST, parameters, shape, _is_scanned)
    return listing(
        call,
        sim.clock.now(),
        root=_ROOT,
        dtd=f"/api/{version[0]}.{version[1]}/fo/asset/host/dtd/list/output.dtd",
        container="ID_SET" if details == "None" else "HOST_LIST",
        records=paging.id_set(page.ids) if details == "None" else _hosts(sim, page.ids, parameters, version, details),
        record_ids=page.ids,
        next_page=paging.warning(call, page.limit, page.next_id, unasked=_UNASKED),
    )


def _is_scanned(host: SimHost) -> bool:
    """Whether a host was ever scanned."""
    return bool(host.scans)


def _hosts(
    sim: Subscription, ids: Sequence[int], parameters: Parameters, version: tuple[int, int], details: str
) -> Iterator[tuple[int, str]]:
    """Write the hosts one by one; one that was purged since it was found is left out."""
    for host in filter(None, map(sim.hosts.read, ids)):
        scan = host.last_scan
        yield (
            host.id,
            "      <HOST>\n"
            + markup.lines(
                8,
                markup.element("ID", host.id),
                host_fields.asset_id(host, parameters, version),
                *host_fields.addresses(host),
                markup.element("TRACKING_METHOD", host.tracking_method),
                *host_fields.network(host, version),
                *host_fields.names(host),
                markup.cdata_element("NETBIOS", host.netbios),
                markup.cdata_element("OS", host.os),
                markup.cdata_element("QG_HOSTID", host.agent_id),
                markup.dated("LAST_VULN_SCAN_DATETIME", scan.processed_at if scan else None),
                *host_fields.scan_dates(host),
                # details=All adds what a person wrote about the host; the simulator has only this.
                markup.cdata_element("COMMENTS", "" if details.startswith("Basic") else "simulated"),
            )
            + "      </HOST>\n",
        )
