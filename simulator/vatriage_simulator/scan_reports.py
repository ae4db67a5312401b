"""/msp/scan_report_list.php and /msp/scan_report.php: the saved reports of scans.

Source: clients' code (attributes ref, date, target, status of SCAN_REPORT; the meaning of last=yes and target; a
comment where the list is empty) and real reports. No body of the list was recorded: the attributes of its root and the
children of SCAN_REPORT are stand-ins in the manner of the other v1 lists.
"""

from collections.abc import Iterator

from vatriage_simulator import markup, scan_document, v1_errors
from vatriage_simulator.answers import XML_RETURN, Answer, Call
from vatriage_simulator.parameters import BadParameterError, Parameters
from vatriage_simulator.scan_runs import ScanRun
from vatriage_simulator.scan_targets import BadTargetsError, parse_targets
from vatriage_simulator.subscription import Subscription
from vatriage_simulator.v1_errors import RefusedError


def scan_report_list(sim: Subscription, call: Call, login: str) -> Answer:
    """Answer the list, newest first; last=yes leaves one, the newest (for the target, if one is given).

    Raises: RefusedError: a parameter that cannot be read.
    """
    now = sim.scanning.settle()
    found = _matching(sim, call)
    if call.parameters.get("last") == "yes":
        found = found[:1]
    target = call.parameters.get("target", "")
    asked = f' with_target="{markup.attribute(target)}"' if target else ""
    body = "".join(_entry(run, run.status(now)) for run in found)
    return Answer(
        status=200,
        content_type=XML_RETURN,
        head='<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<!DOCTYPE SCAN_REPORT_LIST SYSTEM "{call.url}/scan_report_list.dtd">\n'
        f'<SCAN_REPORT_LIST user="{markup.attribute(login)}"{asked}>\n'
        + (body or "<!-- There is no saved scan report that matches. -->\n")
        + f"</SCAN_REPORT_LIST>\n{scan_document.COMMENTS}",
    )


def scan_report(sim: Subscription, call: Call, _login: str) -> Answer:
    """Answer one saved report: progress comments, HEADER, the hosts.

    Raises: RefusedError: no such report, or not yet.
    """
    now = sim.scanning.settle()
    ref = call.parameters.get("ref", "")
    run = sim.scanning.runs.get(ref)
    if run is None or not run.saved or not run.is_over(now):
        raise RefusedError(v1_errors.UNKNOWN_REFERENCE, f"Invalid value for 'ref' : {ref}. No saved report has it.")
    return Answer(
        status=200,
        content_type=XML_RETURN,
        head='<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<!DOCTYPE SCAN SYSTEM "{call.url}/scan-1.dtd">\n'
        "<!-- Initializing Data -->\n<!-- Generating XML report -->\n"
        f'<SCAN value="{run.ref}">\n\n{scan_document.header(run, now)}\n',
        records=_hosts(sim, run),
        record_ids=tuple(report.host_id for report in run.reports),
        tail=f"</SCAN>\n{scan_document.COMMENTS}",
    )


def _hosts(sim: Subscription, run: ScanRun) -> Iterator[tuple[int, str]]:
    """Write the hosts of a saved report one by one."""
    for report in run.reports:
        yield report.host_id, scan_document.host(sim, report, streamed=False)


def _matching(sim: Subscription, call: Call) -> list[ScanRun]:
    """Return the saved runs, newest first, that are over, hold the whole target, and are not older than since_datetime."""
    now = sim.clock.now()
    found = [run for run in sim.scanning.all_runs() if run.saved and run.is_over(now)]
    try:
        since = Parameters(call.parameters).instant("since_datetime")
        wanted = parse_targets(call.parameters["target"], "target") if call.parameters.get("target") else None
    except (BadParameterError, BadTargetsError) as error:
        raise RefusedError(v1_errors.BAD_VALUE, str(error)) from error
    if since is not None:
        found = [run for run in found if run.launched >= since]
    return [run for run in found if wanted is None or run.addresses.holds(wanted)]


def _entry(run: ScanRun, status: str) -> str:
    """Write one SCAN_REPORT."""
    attributes = (
        f'ref="{run.ref}" date="{markup.instant(run.launched)}" '
        f'target="{markup.attribute(run.targets)}" status="{status}"'
    )
    children = markup.lines(
        4, f'<KEY value="TITLE">{markup.cdata(run.title)}</KEY>', *scan_document.groups_and_profile(run)
    )
    return f"  <SCAN_REPORT {attributes}>\n{children}  </SCAN_REPORT>\n"
