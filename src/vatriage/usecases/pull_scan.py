"""The pull that starts a scan and reads its report as it arrives (the seed's "Real-time Report").

A scan is started once: its ref is kept as soon as it is heard, and whatever happens afterwards - the line drops, the
process dies - the scan is found again by its ref, never started anew.
"""

from vatriage.clock import now_us
from vatriage.errors import VatriageError
from vatriage.model.report import ScanSummary
from vatriage.net.interface import NetError
from vatriage.store.leases import renew_device
from vatriage.store.page_rows import LAUNCHING, PageLine, note_scan, scan_of
from vatriage.usecases.page_commit import PARTIAL
from vatriage.usecases.page_wanted import Wanted
from vatriage.usecases.pull_knowledge import take_any_knowledge
from vatriage.usecases.pull_run import PullRun
from vatriage.usecases.pull_saved import REPORT, take_report
from vatriage.vendors.interface import ReportUnreadableError, RequestRefusedError, TemporarilyUnavailableError

_SAVE = "With save_report=yes in the URL a broken report can be fetched again."
RENEW_S = 60
"""How often the hold on the device is renewed while a scan runs."""


def fetch_scan(run: PullRun) -> None:
    """Start the scan, or find it again, and take its report."""
    ref = scan_of(run.opened)
    taken = [line for line in run.taker.lines if line.resource in ("scan", "scan_report")]
    if taken:
        _check_partial(run, ref, taken[0], "the process that read it died")
    elif ref == LAUNCHING:
        run.fetched_all = True
        raise ReportUnreadableError(
            "A process that died had asked for a scan and never heard its ref, so nobody knows whether it runs.",
            "See the list of running scans at the vendor's; the next pull starts a new one.",
        )
    elif ref:
        _find_again(run, ref, "an earlier pull did not see its end")
    else:
        _start(run)
    take_any_knowledge(run)
    run.fetched_all = True
    run.doubt()


def _start(run: PullRun) -> None:
    wanted = Wanted(request=run.tools.calls.scan(run.query.parameters), kind=REPORT)
    listener = _Listener(run)
    note_scan(run.opened, LAUNCHING)
    try:
        line = run.taker.take_stream(wanted, listener.heard)
        run.result.hosts_expected = line.counts["hosts"]
        note_scan(run.opened, listener.watch.ref)
    except (NetError, ReportUnreadableError) as error:
        if not listener.watch.ref:
            note_scan(run.opened, "")
            raise
        _find_again(run, listener.watch.ref, str(error))
    except VatriageError as error:
        note_scan(run.opened, listener.watch.ref)
        error.hint = " ".join([*run.query.warnings, error.hint])
        raise


class _Listener:
    """Keeps the scan's ref as soon as it is heard, shows the hosts, and renews the hold on the device."""

    def __init__(self, run: PullRun) -> None:
        self.watch = run.tools.calls.watch()
        self._run = run
        self._renewed_at = 0

    def heard(self, piece: bytes) -> None:
        """Take the next piece of the report."""
        known = self.watch.ref
        self.watch.feed(piece)
        if self.watch.ref != known:
            note_scan(self._run.opened, self.watch.ref)
        now = now_us(self._run.tools.clock) // 1_000_000
        if now - self._renewed_at >= RENEW_S:
            renew_device(self._run.device.pk, now)
            self._renewed_at = now
        self._run.tools.progress(len(self._run.taker.lines), f"scan runs, {self.watch.hosts} hosts done")


def _find_again(run: PullRun, ref: str, why: str) -> None:
    """Wait for a scan to end and fetch its saved report; what came of an unsaved one is kept, as partial.

    Raises: TemporarilyUnavailableError: it has not ended in the time that one pull waits; the next pull goes on.
    """
    polls, most = 0, max(int(run.tools.wait_s / run.tools.poll_s), 1)
    while ref in {item.ref for item in _listed(run, running=True)}:
        polls += 1
        if polls > most:
            raise TemporarilyUnavailableError(
                f"Scan {ref} still runs, {run.tools.wait_s / 3600:.2g} hours after its report broke off ({why}).",
                "Pull again within a day of its start: that pull fetches its report and starts no other scan. "
                "`vatriage device cancel-scan` ends it; VATRIAGE_SCAN_WAIT_S says how long one pull waits.",
            )
        run.tools.progress(len(run.taker.lines), f"scan {ref} still runs, asked {polls} times")
        run.taker.progress.waits(run.tools.poll_s, f"scan {ref} still runs, asked {polls} times")
        renew_device(run.device.pk, now_us(run.tools.clock) // 1_000_000)
        run.tools.sleep(run.tools.poll_s)
    if ref in {item.ref for item in _listed(run, running=False)}:
        run.result.notes.append(f"The report of scan {ref} broke off ({why}); its saved report was fetched.")
        take_report(run, ref)
        return
    kept = run.taker.take_partial(Wanted(request=run.tools.calls.scan(run.query.parameters), kind=REPORT))
    if kept is None:
        run.fetched_all = True
        raise ReportUnreadableError(f"The report of scan {ref} was lost ({why}).", _SAVE)
    _check_partial(run, ref, kept, why)


def _check_partial(run: PullRun, ref: str, line: PageLine, why: str) -> None:
    """Raise: ReportUnreadableError: the report that was taken is the beginning of one."""
    if line.request.endswith(PARTIAL):
        run.fetched_all = True
        raise ReportUnreadableError(
            f"The report of scan {ref} broke off ({why}), and it is not among the saved reports; "
            f"{line.counts['hosts']} hosts of it are kept.",
            f"What was found counts, nothing is refuted. {_SAVE}",
        )
    run.result.hosts_expected = line.counts["hosts"]


def _listed(run: PullRun, *, running: bool) -> list[ScanSummary]:
    """Return the scans that run, or whose reports are saved."""
    calls = run.tools.calls
    request = calls.running_scans() if running else calls.saved_reports({})
    kind = "SCAN_RUNNING_LIST" if running else "SCAN_REPORT_LIST"
    try:
        return run.taker.look(Wanted(request=request, kind=kind))
    except RequestRefusedError:
        if running:
            return []  # when nothing runs, the answer is an error without a list
        raise
