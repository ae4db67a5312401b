"""The pull of saved scan reports (the seed's "Last Saved Report"): the list first, then the report it names.

A saved report tells what a scan found on the hosts it reached. It does not say whether the scan logged in, nor what was
found before: it confirms, and its silence refutes nothing (VERDICT 3.1).
"""

from vatriage.model.report import ScanSummary
from vatriage.store.page_rows import pages_taken
from vatriage.usecases.page_wanted import Wanted, described
from vatriage.usecases.pull_knowledge import take_any_knowledge
from vatriage.usecases.pull_run import PullRun

REPORT = "SCAN"
_LIST = "SCAN_REPORT_LIST"


def fetch_last_saved(run: PullRun) -> None:
    """Fetch the list, and the reports it names that earlier pulls have not taken."""
    calls = run.tools.calls
    listed = run.taker.look(Wanted(request=calls.saved_reports(run.query.parameters), kind=_LIST))
    refs = [item.ref for item in _wanted(run, listed)]
    known = pages_taken(run.device.pk, "scan_report")
    fresh = [ref for ref in refs if described(calls.saved_report(ref)) not in known]
    if not fresh:
        why = f"no newer one than {refs[-1]}, which was taken before" if refs else "none that is finished"
        run.result.notes.append(f"Of {len(listed)} saved reports in the list there is {why}: nothing was fetched.")
    for ref in fresh:
        take_report(run, ref)
    take_any_knowledge(run)
    run.fetched_all = True
    run.doubt()


def fetch_saved(run: PullRun) -> None:
    """Fetch the one report that the query names."""
    take_report(run, run.query.parameters["ref"])
    take_any_knowledge(run)
    run.fetched_all = True
    run.doubt()


def take_report(run: PullRun, ref: str) -> None:
    """Fetch one saved report."""
    line = run.taker.take(Wanted(request=run.tools.calls.saved_report(ref), kind=REPORT))
    run.result.hosts_expected += line.counts["hosts"]


def _wanted(run: PullRun, listed: list[ScanSummary]) -> list[ScanSummary]:
    """Return the finished reports, oldest first; with `last=yes` only the newest, whatever the server sent."""
    finished = [item for item in listed if item.state.upper() in ("FINISHED", "")]
    finished.sort(key=lambda item: (item.launched_at, item.ref))
    return finished[-1:] if run.query.parameters.get("last") in ("yes", "1") else finished
