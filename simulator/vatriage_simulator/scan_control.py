"""/msp/scan_running_list.php, scan_cancel.php, scheduled_scans.php and iscanner_list.php.

Source: clients' code for the running list (SCAN with KEYs, an ERROR where nothing runs) and for cancelling (not while
the status is Loading); a body quoted in a script for the schedules. No public source shows iscanner_list.php: its body
is a stand-in. Statuses other than those are the simulator's own words.
"""

from datetime import datetime

from vatriage_simulator import markup, scan_document, v1_errors
from vatriage_simulator.answers import XML_RETURN, Answer, Call, generic_return
from vatriage_simulator.scan_runs import EXTERNAL, ScanRun
from vatriage_simulator.schedules import SimSchedule
from vatriage_simulator.subscription import Subscription
from vatriage_simulator.v1_errors import RefusedError


def scan_running_list(sim: Subscription, call: Call, _login: str) -> Answer:
    """Answer the runs that are not over.

    Raises: RefusedError: there are none.
    """
    now = sim.scanning.settle()
    runs = sim.scanning.going_on()
    if not runs:
        raise RefusedError(v1_errors.NOTHING_RUNNING, "No scan or map is running.")
    return _list(call, "SCAN_RUNNING_LIST", "scan_running_list.dtd", [_running(run, now) for run in runs])


def scan_cancel(sim: Subscription, call: Call, login: str) -> Answer:
    """Stop a run; its stream ends and what it found stays.

    Raises: RefusedError: nothing that runs has the reference, or it is still Loading.
    """
    now = sim.scanning.settle()
    ref = call.parameters.get("ref", "")
    run = sim.scanning.runs.get(ref)
    if run is None or run.is_over(now):
        raise RefusedError(v1_errors.UNKNOWN_REFERENCE, f"Invalid value for 'ref' : {ref}. Nothing that runs has it.")
    if run.state(now) == "Loading":
        raise RefusedError(v1_errors.NOT_CANCELLABLE, f"{ref} cannot be cancelled while its status is Loading.")
    sim.scanning.cancel(run)
    return generic_return(call, now, login, None, f"{ref} is being cancelled.")


def scheduled_scans(sim: Subscription, call: Call, _login: str) -> Answer:
    """Answer the schedules; active=yes or no and type=scan, map or all narrow them. Tasks cannot be added or dropped."""
    now = sim.clock.now()
    wanted = {"yes": (True,), "no": (False,)}.get(call.parameters.get("active", ""), (True, False))
    found = [item for item in sim.scanning.schedules if item.active in wanted]
    if call.parameters.get("type") == "map":
        found = []
    return _list(call, "SCHEDULEDSCANS", "scheduled_scans.dtd", [_schedule(item, now) for item in found])


def scanner_list(sim: Subscription, call: Call, _login: str) -> Answer:
    """Answer the Scanner Appliances: a stand-in body, no public source shows the real one."""
    entries = [
        "  <ISCANNER>\n"
        + markup.lines(
            4,
            markup.element("ID", number),
            markup.element("NAME", name),
            markup.element("STATUS", "Online"),
            markup.element("SCANNER_VERSION", "12.0.0-1"),
        )
        + "  </ISCANNER>\n"
        for name, number in sim.scanning.appliances.items()
    ]
    return _list(call, "ISCANNER_LIST", "iscanner_list.dtd", entries)


def _list(call: Call, root: str, dtd: str, entries: list[str]) -> Answer:
    """Return a v1 list; an empty one holds a comment only."""
    body = "".join(entries) or "<!-- There is nothing that matches. -->\n"
    return Answer(
        status=200,
        content_type=XML_RETURN,
        head=f'<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE {root} SYSTEM "{call.url}/{dtd}">\n'
        f"<{root}>\n{body}</{root}>\n{scan_document.COMMENTS}",
    )


def _running(run: ScanRun, now: datetime) -> str:
    """Write one run of the running list."""
    keys = [
        f'<KEY value="startdate">{markup.instant(run.launched)}</KEY>',
        f'<KEY value="type">{markup.text(run.kind)}</KEY>',
        f'<KEY value="title">{markup.cdata(run.title)}</KEY>',
        f'<KEY value="target">{markup.cdata(run.targets)}</KEY>',
        f'<KEY value="scanner">{markup.text(run.scanner)}</KEY>',
        f'<KEY value="status">{run.state(now)}</KEY>',
    ]
    children = markup.lines(4, *keys, *scan_document.groups_and_profile(run))
    return f'  <SCAN value="{run.ref}">\n{children}  </SCAN>\n'


def _schedule(item: SimSchedule, now: datetime) -> str:
    """Write one scheduled scan, its children in the order of the quoted body."""
    days = ",".join(map(str, item.weekdays))
    rhythm = (
        f'<DAILY frequency_days="{item.days}" />' if item.days else f'<WEEKLY frequency_weeks="1" weekdays="{days}" />'
    )
    launch = item.next_launch(now)
    return (
        f'  <SCAN active="{"yes" if item.active else "no"}" ref="{item.number}">\n'
        + markup.lines(
            4,
            markup.cdata_element("TITLE", item.title),
            markup.cdata_element("TARGETS", item.targets),
            "<SCHEDULE>",
            f"  {rhythm}",
            f"  {markup.element('START_DATE_UTC', _plain(item.start))}",
            f"  {markup.element('START_HOUR', item.start.hour)}",
            f"  {markup.element('START_MINUTE', item.start.minute)}",
            "  <TIME_ZONE><TIME_ZONE_CODE>GB</TIME_ZONE_CODE></TIME_ZONE>",
            "  <DST_SELECTED>0</DST_SELECTED>",
            "</SCHEDULE>",
            markup.element("NEXTLAUNCH_UTC", _plain(launch) if launch else None),
            markup.element("DEFAULT_SCANNER", 0),
            markup.element("ISCANNER_NAME", item.appliance or EXTERNAL),
            markup.element("OPTION", item.profile),
            "<TYPE>SCAN</TYPE>",
            "<OPTION_PROFILE>"
            f'<OPTION_PROFILE_TITLE option_profile_default="0">{markup.cdata(item.profile)}</OPTION_PROFILE_TITLE>'
            "</OPTION_PROFILE>",
        )
        + "  </SCAN>\n"
    )


def _plain(moment: datetime) -> str:
    """Return an instant as schedules write it: UTC without the Z."""
    return markup.instant(moment).removesuffix("Z")
