"""/api/{2.0,3.0}/fo/scan/ action=list: all scans, saved or not, newest first.

Source: recorded bodies (with and without SCAN_LIST) and the API guide's parameters.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from vatriage_simulator import markup
from vatriage_simulator.answers import Answer, Call, listing
from vatriage_simulator.parameters import BadParameterError, Parameters
from vatriage_simulator.scan_document import duration
from vatriage_simulator.scan_runs import ScanRun
from vatriage_simulator.scan_targets import BadTargetsError, parse_targets
from vatriage_simulator.subscription import Subscription

_STATES = ("Running", "Paused", "Canceled", "Finished", "Error", "Queued", "Loading")
_WINDOW = timedelta(days=30)
"""Older scans are listed only where the client says from when."""
_NAMES = (
    "action",
    "scan_ref",
    "state",
    "launched_after_datetime",
    "launched_before_datetime",
    "type",
    "target",
    "user_login",
    "processed",
    "show_ags",
    "show_op",
    "show_status",
    "show_last",
    "ignore_target",
    "echo_request",
)


def scan_list(sim: Subscription, call: Call, version: tuple[int, int]) -> Answer:
    """Answer action=list.

    Raises: BadParameterError: codes 1901, 1903, 1905.
    """
    parameters = Parameters(call.parameters)
    parameters.required("action")
    parameters.known(_NAMES)
    parameters.word("action", ("list", "fetch"), "list")
    now = sim.scanning.settle()
    tests = [*_time_tests(parameters, now), *_other_tests(parameters, now)]
    found = [run for run in sim.scanning.all_runs() if all(test(run) for test in tests)]
    if parameters.flag("show_last", default=False):
        found = found[:1]
    return listing(
        call,
        now,
        root="SCAN_LIST_OUTPUT",
        dtd=f"/api/{version[0]}.{version[1]}/fo/scan/scan_list_output.dtd",
        container="SCAN_LIST",
        records=_entries(found, parameters, now),
        record_ids=tuple(run.number for run in found),
    )


def _time_tests(parameters: Parameters, now: datetime) -> list[Callable[[ScanRun], bool]]:
    """Tests by launch; without any of them, and without a reference, only the last 30 days are listed."""
    after = parameters.instant("launched_after_datetime")
    before = parameters.instant("launched_before_datetime")
    if after is None and before is None and "scan_ref" not in parameters.given:
        after = now - _WINDOW
    tests: list[Callable[[ScanRun], bool]] = []
    if after is not None:
        tests.append(lambda run: run.launched >= after)
    if before is not None:
        tests.append(lambda run: run.launched <= before)
    return tests


def _other_tests(parameters: Parameters, now: datetime) -> list[Callable[[ScanRun], bool]]:
    """Tests by reference, state, type, target, login and processing (a scan is processed when it is over)."""
    given = parameters.given
    states = parameters.words("state", _STATES, _STATES)
    tests: list[Callable[[ScanRun], bool]] = [lambda run: run.state(now) in states]
    if "scan_ref" in given:
        tests.append(lambda run: run.ref == given["scan_ref"])
    if "type" in given:
        kind = parameters.word("type", ("On-Demand", "Scheduled", "API"), "")
        tests.append(lambda run: run.kind == kind)
    if "user_login" in given:
        tests.append(lambda run: run.login == given["user_login"])
    if "processed" in given:
        processed = parameters.flag("processed", default=True)
        tests.append(lambda run: run.is_over(now) == processed)
    if "target" in given:
        try:
            wanted = parse_targets(given["target"], "target")
        except BadTargetsError as error:
            raise BadParameterError(1905, str(error)) from error
        tests.append(lambda run: run.addresses.holds(wanted))
    return tests


def _entries(found: Sequence[ScanRun], parameters: Parameters, now: datetime) -> Iterator[tuple[int, str]]:
    """Write the scans one by one."""
    status = parameters.flag("show_status", default=True)
    groups = parameters.flag("show_ags", default=False)
    profile = parameters.flag("show_op", default=False)
    target = not parameters.flag("ignore_target", default=False)
    for run in found:
        yield (
            run.number,
            "      <SCAN>\n"
            + markup.lines(
                8,
                markup.element("REF", run.ref),
                markup.element("TYPE", run.kind),
                markup.cdata_element("TITLE", run.title),
                markup.element("USER_LOGIN", run.login),
                markup.dated("LAUNCH_DATETIME", run.launched),
                markup.element("DURATION", duration(run.duration(now)) if run.is_over(now) else "Pending"),
                markup.element("PROCESSING_PRIORITY", "0 - No Priority"),
                markup.flag("PROCESSED", run.is_over(now)),
                _status(run, now) if status else "",
                markup.cdata_element("TARGET", run.targets) if target else "",
                _group_titles(run) if groups else "",
                _profile(run) if profile else "",
            )
            + "      </SCAN>\n",
        )


def _status(run: ScanRun, now: datetime) -> str:
    """Write STATUS; No_Host is the recorded SUB_STATE of a scan that found nobody."""
    nobody = run.state(now) == "Finished" and not run.reports
    sub_state = markup.element("SUB_STATE", "No_Host" if nobody else None)
    return f"<STATUS>{markup.element('STATE', run.state(now))}{sub_state}</STATUS>"


def _group_titles(run: ScanRun) -> str:
    """Write ASSET_GROUP_TITLE_LIST, nothing if there are none."""
    titles = "".join(markup.cdata_element("ASSET_GROUP_TITLE", title) for title in run.asset_groups)
    return f"<ASSET_GROUP_TITLE_LIST>{titles}</ASSET_GROUP_TITLE_LIST>" if titles else ""


def _profile(run: ScanRun) -> str:
    """Write OPTION_PROFILE."""
    title = markup.cdata_element("TITLE", run.profile.title)
    return f"<OPTION_PROFILE>{title}{markup.flag('DEFAULT_FLAG', run.profile.default)}</OPTION_PROFILE>"
