"""The host detection list: /api/{2.0..5.0}/fo/asset/host/vm/detection/ action=list.

Hosts without a matching detection are left out, whatever the reason. Defaults are those of the API guide: no Fixed, no
ignored, no disabled, no information gathered; RESULTS are in.
"""

from collections.abc import Callable, Iterator, Sequence

from vatriage_simulator import host_fields, markup, paging, shaping
from vatriage_simulator.answers import Answer, Call, listing
from vatriage_simulator.fault_kinds import FaultKind
from vatriage_simulator.hosts import STATUSES, SimDetection
from vatriage_simulator.parameters import BadParameterError, Parameters
from vatriage_simulator.resources import Resource
from vatriage_simulator.subscription import Subscription

_ROOT = "HOST_LIST_VM_DETECTION_OUTPUT"
_OWN = (
    "action",
    "output_format",
    "truncation_limit",
    "qids",
    "severities",
    "status",
    "show_igs",
    "show_results",
    "show_qds",
    "include_ignored",
    "include_disabled",
    "detection_updated_since",
    "detection_updated_before",
)
_TAKEN = (
    "show_reopened_info",
    "include_vuln_type",
    "filter_superseded_qids",
    "arf_kernel_filter",
    "arf_service_filter",
    "arf_config_filter",
    "active_kernels_only",
    "show_qds_factors",
    "show_cloud_tags",
    "suppress_duplicated_data_from_csv",
)
"""Taken without doing anything about them: no detection here is superseded or bound to a kernel."""
_NAMES = frozenset({*_OWN, *_TAKEN, *host_fields.FILTERS, *host_fields.ACCEPTED})
_UNASKED = ("show_asset_id", "0")
_QDS_WORDS = ((90, "CRITICAL"), (70, "HIGH"), (40, "MEDIUM"), (0, "LOW"))


def detection_list(sim: Subscription, call: Call, version: tuple[int, int], shape: FaultKind | None = None) -> Answer:
    """Answer action=list; a fault may have changed which hosts are on the page.

    Raises: BadParameterError: codes 1901, 1903, 1905 (CSV included).
    """
    parameters = Parameters(call.parameters)
    parameters.required("action")
    parameters.known(_NAMES)
    parameters.word("action", ("list",), "list")
    _only_xml(parameters)
    wanted = _filter(parameters)
    page = shaping.page(sim, Resource.DETECTION_LIST, parameters, shape, lambda host: host.detects(wanted))
    return listing(
        call,
        sim.clock.now(),
        root=_ROOT,
        dtd=f"/api/{version[0]}.{version[1]}/fo/asset/host/vm/detection/dtd/output.dtd",
        container="HOST_LIST",
        records=_hosts(sim, page.ids, wanted, parameters, version),
        record_ids=page.ids,
        next_page=paging.warning(call, page.limit, page.next_id, unasked=_UNASKED),
    )


def _only_xml(parameters: Parameters) -> None:
    """Refuse CSV with the code of an invalid value: the service has it, the simulator does not."""
    wanted = parameters.given.get("output_format", "XML")
    if wanted != "XML":
        raise BadParameterError(
            1905, f"parameter output_format has invalid value: {wanted} (the simulator writes XML only, it has no CSV)"
        )


def _filter(parameters: Parameters) -> Callable[[SimDetection], bool]:
    """Return whether a detection is asked for."""
    statuses = parameters.words("status", STATUSES, ("New", "Active", "Re-Opened"))
    qids = parameters.ids("qids")
    severities = parameters.ids("severities")
    igs = parameters.flag("show_igs", default=False)
    ignored = parameters.flag("include_ignored", default=False)
    disabled = parameters.flag("include_disabled", default=False)
    since = parameters.instant("detection_updated_since")
    before = parameters.instant("detection_updated_before")

    def wanted(item: SimDetection) -> bool:
        # Information gathered has no status, so the status filter does not touch it (inferred from samples).
        kind = igs if item.type == "Info" else item.status in statuses
        return (
            kind
            and (qids is None or item.qid in qids)
            and (severities is None or item.severity in severities)
            and (ignored or not item.ignored)
            and (disabled or not item.disabled)
            and (since is None or item.last_update >= since)
            and (before is None or item.last_update < before)
        )

    return wanted


def _hosts(
    sim: Subscription,
    ids: Sequence[int],
    wanted: Callable[[SimDetection], bool],
    parameters: Parameters,
    version: tuple[int, int],
) -> Iterator[tuple[int, str]]:
    """Write the hosts one by one, each with its detections that are asked for; what was purged since is left out."""
    results = parameters.flag("show_results", default=True)
    qds = parameters.flag("show_qds", default=False)
    for host in filter(None, map(sim.hosts.read, ids)):
        scan = host.last_scan
        fields = markup.lines(
            8,
            markup.element("ID", host.id),
            host_fields.asset_id(host, parameters, version),
            *host_fields.addresses(host),
            markup.element("TRACKING_METHOD", host.tracking_method),
            *host_fields.network(host, version),
            markup.cdata_element("OS", host.os),
            *host_fields.names(host),
            markup.cdata_element("NETBIOS", host.netbios),
            markup.cdata_element("QG_HOSTID", host.agent_id),
            markup.dated("LAST_SCAN_DATETIME", scan.processed_at if scan else None),
            *host_fields.scan_dates(host),
        )
        items = "".join(_detection(item, version, results=results, qds=qds) for item in host.detections if wanted(item))
        yield (
            host.id,
            f"      <HOST>\n{fields}        <DETECTION_LIST>\n{items}        </DETECTION_LIST>\n      </HOST>\n",
        )


def _detection(item: SimDetection, version: tuple[int, int], *, results: bool, qds: bool) -> str:
    """Write one DETECTION, its children in the guide's order; UNIQUE_VULN_ID from 3.0 on."""
    info = item.type == "Info"
    return (
        "          <DETECTION>\n"
        + markup.lines(
            12,
            markup.element("UNIQUE_VULN_ID", item.unique_id) if version >= (3, 0) else "",
            markup.element("QID", item.qid),
            markup.element("TYPE", item.type),
            markup.element("SEVERITY", item.severity),
            markup.element("PORT", item.port),
            markup.element("PROTOCOL", item.protocol),
            markup.cdata_element("FQDN", item.fqdn),
            markup.flag("SSL", item.ssl),
            markup.cdata_element("INSTANCE", item.instance),
            markup.cdata_element("RESULTS", item.results) if results else "",
            "" if info else markup.element("STATUS", item.status),
            markup.dated("FIRST_FOUND_DATETIME", item.first_found),
            markup.dated("LAST_FOUND_DATETIME", item.last_found),
            _qds(item.qds) if qds else "",
            markup.element("TIMES_FOUND", item.times_found),
            markup.dated("LAST_TEST_DATETIME", item.last_test),
            markup.dated("LAST_UPDATE_DATETIME", item.last_update),
            markup.dated("LAST_FIXED_DATETIME", item.last_fixed),
            markup.dated("FIRST_REOPENED_DATETIME", item.first_reopened),
            markup.dated("LAST_REOPENED_DATETIME", item.last_reopened),
            markup.element("TIMES_REOPENED", item.times_reopened or None),
            markup.cdata_element("SERVICE", item.service),
            markup.flag("IS_IGNORED", item.ignored),
            markup.flag("IS_DISABLED", item.disabled),
            markup.dated("LAST_PROCESSED_DATETIME", item.last_processed),
        )
        + "          </DETECTION>\n"
    )


def _qds(score: int | None) -> str:
    """Write the Qualys detection score with the word for its range."""
    if score is None:
        return ""
    word = next(word for floor, word in _QDS_WORDS if score >= floor)
    return f'<QDS severity="{word}">{score}</QDS>'
