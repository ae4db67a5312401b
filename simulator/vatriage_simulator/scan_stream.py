"""/msp/scan.php: starts a scan and writes its report while it goes on.

Source: one recorded stream (order: declaration, DOCTYPE, a comment with the target, SCAN with the reference,
keep-alives, IPs, HEADER, two comments) and clients' code for parameters and errors. The wording of the keep-alive
comment and the `status="down"` of more than one address are the simulator's own. The stream is never compressed, so
that each piece goes out at once. The scan goes on by the clock when the client has gone.
"""

import ipaddress
from collections.abc import Iterator
from datetime import datetime

from vatriage_simulator import markup, scan_document, v1_errors
from vatriage_simulator.answers import XML_RETURN, Answer, Call, Pause, Piece
from vatriage_simulator.number_set import NumberSet, parse_ids
from vatriage_simulator.scan_runs import EXTERNAL, OptionProfile, ScanRun
from vatriage_simulator.scan_targets import BadTargetsError, parse_targets, private_part, written_ranges
from vatriage_simulator.scanning import KEEP_ALIVE_S, AssetGroup, ScanOrder, united
from vatriage_simulator.subscription import Subscription
from vatriage_simulator.v1_errors import RefusedError

_SLICE_S = 0.01
"""How long the stream sleeps before it looks at the clock again, real seconds."""
_MAX_DOWN = 256
"""More addresses that are down are not written one by one."""
_HEADER = 0
"""The id of HEADER among the pieces: it counts as a record, but is no host."""


def scan(sim: Subscription, call: Call, login: str) -> Answer:
    """Answer the stream of a new scan; it is started when the first byte is about to be sent.

    Raises: RefusedError: it may not be started.
    """
    order = _order(sim, call.parameters, login)
    return Answer(
        status=200,
        content_type=XML_RETURN,
        head="",
        live=_stream(sim, call, order),
        record_ids=tuple(host.id for host in sim.scanning.hosts_at(order.addresses)),
    )


def _stream(sim: Subscription, call: Call, order: ScanOrder) -> Iterator[Piece | Pause]:
    """Start the scan and yield its report as it comes into being."""
    run = sim.scanning.launch(order)
    pace = sim.scanning.pace
    yield None, _opening(call, run)
    written = 0
    beat = f"<!-- keep-alive {run.ref} -->\n"
    waited_s = 0.0
    while True:
        now = sim.scanning.settle()
        if not pace.header_first:
            for report in run.reports[written:]:
                yield report.host_id, scan_document.host(sim, report, streamed=True)
                waited_s = 0.0
            written = len(run.reports)
        if run.is_over(now):
            break
        slice_s = min(_SLICE_S, pace.keep_alive_s)
        yield Pause(slice_s)
        waited_s += slice_s
        if waited_s >= pace.keep_alive_s:
            yield None, beat
            waited_s = 0.0
            if pace.moves_clock:
                sim.clock.advance(KEEP_ALIVE_S)
    yield from _closing(sim, run, now, header_first=pace.header_first)


def _opening(call: Call, run: ScanRun) -> str:
    """Write everything up to the SCAN tag, which holds the reference."""
    target = markup.text(run.targets).replace("--", "- -")
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<!DOCTYPE SCAN SYSTEM "{call.url}/scan-1.dtd">\n'
        f'<!-- Scan of {target} -->\n<SCAN value="{run.ref}">\n'
    )


def _closing(sim: Subscription, run: ScanRun, now: datetime, *, header_first: bool) -> Iterator[Piece]:
    """Yield HEADER (and what is held back behind it) and the end."""
    if not run.reports and run.state(now) == "Finished":
        for address in _down(run):
            yield None, f'<IP value="{address}" status="down" />\n'
        yield None, v1_errors.error_element(v1_errors.NO_HOST_ALIVE, v1_errors.text_of(v1_errors.NO_HOST_ALIVE))
    if header_first:
        yield None, scan_document.header(run, now)
        for report in run.reports:
            yield report.host_id, scan_document.host(sim, report, streamed=True)
    else:
        yield _HEADER, scan_document.header(run, now)
    yield None, "</SCAN>\n"
    yield None, scan_document.COMMENTS * 2


def _down(run: ScanRun) -> Iterator[str]:
    """Yield the first addresses of a run."""
    left = _MAX_DOWN
    for low, high in zip(run.addresses.starts, run.addresses.ends, strict=True):
        for number in range(low, min(high + 1, low + left)):
            yield str(ipaddress.IPv4Address(number))
            left -= 1


def _order(sim: Subscription, given: dict[str, str], login: str) -> ScanOrder:
    """Return what is asked for; in the order in which the service might look at it, which is not public."""
    groups = _groups(sim, given.get("asset_groups", ""))
    addresses = _addresses(given.get("ip", ""), groups)
    profile = _profile(sim, given.get("option", ""))
    appliance = _appliance(sim, given, groups)
    _check_addresses(sim, addresses, appliance)
    if len(sim.scanning.going_on()) >= sim.scanning.pace.at_once:
        raise RefusedError(v1_errors.TOO_MANY_SCANS, v1_errors.text_of(v1_errors.TOO_MANY_SCANS))
    return ScanOrder(
        title=given.get("scan_title") or "API scan",
        login=login,
        targets=given.get("ip") or written_ranges(addresses),
        addresses=addresses,
        profile=profile,
        kind="API",
        appliance=appliance,
        asset_groups=tuple(group.title for group in groups),
        qids=_qids(given.get("specific_vulns", "")),
        saved=given.get("save_report") == "yes",
    )


def _groups(sim: Subscription, written: str) -> list[AssetGroup]:
    """Return the asset groups of a comma list of titles."""
    titles = [title.strip() for title in written.split(",")] if written else []
    strange = [title for title in titles if title not in sim.scanning.groups]
    if strange:
        raise RefusedError(v1_errors.UNKNOWN_GROUP, f"Invalid value for 'asset_groups' : {', '.join(strange)}.")
    return [sim.scanning.groups[title] for title in titles]


def _addresses(written: str, groups: list[AssetGroup]) -> NumberSet:
    """Return the addresses of `ip` and of the groups."""
    if not written and not groups:
        raise RefusedError(v1_errors.PARAMETER_MISSING, "Missing required parameter: 'ip' or 'asset_groups'.")
    try:
        return united(groups, parse_targets(written) if written else None)
    except BadTargetsError as error:
        raise RefusedError(v1_errors.BAD_VALUE, str(error)) from error


def _profile(sim: Subscription, title: str) -> OptionProfile:
    """Return the option profile of a title, the default without one. The refusal is recorded."""
    profiles = sim.scanning.profiles
    if not title:
        return sim.scanning.default_profile
    if title not in profiles:
        known = ", ".join(profiles)
        text = f"Invalid value for 'option' : {title}. Invalid option profile name {title}, expecting one of ({known})"
        raise RefusedError(v1_errors.UNKNOWN_PROFILE, text)
    return profiles[title]


def _appliance(sim: Subscription, given: dict[str, str], groups: list[AssetGroup]) -> str | None:
    """Return the Scanner Appliance that is to do it, None for the service's own scanners."""
    name = given.get("iscanner_name", "")
    if not name and given.get("default_scanner") in {"1", "yes"}:
        return next((group.appliance for group in groups if group.appliance), None)
    if not name or name == EXTERNAL:
        return None
    if name not in sim.scanning.appliances:
        text = f"Invalid value for 'iscanner_name' : {name}. No such scanner appliance."
        raise RefusedError(v1_errors.UNKNOWN_APPLIANCE, text)
    return name


def _check_addresses(sim: Subscription, addresses: NumberSet, appliance: str | None) -> None:
    """Refuse addresses of others, and private ones without an appliance."""
    own = sim.scanning.addresses
    if own is not None and not own.holds(addresses):
        text = f"Cannot launch scan. These IPs are not in your subscription: {written_ranges(addresses)}"
        raise RefusedError(v1_errors.NOT_IN_SUBSCRIPTION, text)
    private = private_part(addresses)
    if private.starts and appliance is None:
        text = f"Private IPs need a scanner appliance (parameter iscanner_name): {written_ranges(private)}"
        raise RefusedError(v1_errors.NO_APPLIANCE, text)


def _qids(written: str) -> NumberSet | None:
    """Return the QIDs of `specific_vulns`, None without any."""
    if not written:
        return None
    try:
        return parse_ids(written)
    except ValueError as error:
        raise RefusedError(v1_errors.BAD_VALUE, f"Invalid value for 'specific_vulns' : {error}.") from error
