"""One pull from end to end: host list -> detections -> hosts without findings -> KnowledgeBase, then the vouching.

A process that dies in between leaves whole pages and an incomplete pull, which refutes nothing; the next pull of the
device goes on with it, if that is soon enough and asks for the same.
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from django.db import transaction

from vatriage.clock import now_us
from vatriage.errors import UsageError, VatriageError
from vatriage.store import ledger
from vatriage.store.bulk import fetch
from vatriage.store.devices import Device
from vatriage.store.knowledge_rows import qids_without_entry
from vatriage.store.leases import give_back_device, take_device
from vatriage.store.ledger import OpenPull
from vatriage.store.page_rows import give_up, listed_ids, load_pages, reopen, unfinished, unlist, unreceived_ids
from vatriage.store.turns import writers_turn
from vatriage.usecases.merge_page import MergeCounts
from vatriage.usecases.pull_pages import PageTaker, PullTools, Wanted, sweep
from vatriage.usecases.snapshots import finish_snapshot, mark_behind
from vatriage.usecases.vouching import settle, vouch
from vatriage.vendors.interface import ReportUnreadableError

KNOWLEDGE_OVERLAP_S = 2 * 86_400
"""How far a delta of the KnowledgeBase reaches back behind the last whole pull: clocks differ."""
RESUME_WITHIN_S = 86_400
"""A pull that began earlier is not gone on with: what it fetched first is too old beside what would come last."""


@dataclass(slots=True, kw_only=True)
class PullResult:
    """The ledger of one pull."""

    device: str
    pull: int
    state: str
    whole: bool
    resumed: bool = False
    """An earlier process had begun it; its pages count."""
    hosts_expected: int = 0
    hosts_purged: int = 0
    """Hosts that the account lost while it was pulled."""
    detections: int = 0
    vulnerabilities: int = 0
    rejects: int = 0
    unnamed_hosts: int = 0
    pages: int = 0
    qids_without_entry: list[int] = field(default_factory=list)
    changes: MergeCounts = field(default_factory=MergeCounts)
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


def pull_device(device: Device, account: str, tools: PullTools) -> PullResult:
    """Pull one active device, or go on with a pull of it that was broken off.

    Raises: UsageError: the device is not active, or another process pulls it.
    """
    if not device.active:
        raise UsageError(f"Device {device.name!r} is submitted, not active.", "Run `vatriage activate` first.")
    now = now_us(tools.clock) // 1_000_000
    take_device(device.pk, device.name, now)
    try:
        mark_behind(tools.snapshots)
        opened, resumed = _open(device, account, tools, now)
        result = PullResult(device=device.name, pull=opened.id, state=ledger.RUNNING, whole=False, resumed=resumed)
        _run(_Run(device, opened, tools, result))
    finally:
        give_back_device(device.pk)
    return result


def _open(device: Device, account: str, tools: PullTools, now: int) -> tuple[OpenPull, bool]:
    """Return the ledger of the pull to go on with, or a new one; give up what nobody goes on with."""
    request = {"url": device.url, "complete_checks": device.complete_checks, "page_hosts": tools.page_hosts}
    goes_on: OpenPull | None = None
    with transaction.atomic():
        for pull, started_at, asked in unfinished(device.pk):
            same = asked == request and (pull.account, pull.zone) == (account, device.zone.name)
            if goes_on is None and same and now - RESUME_WITHIN_S <= started_at <= now:
                goes_on = pull
                reopen(pull)
                continue
            give_up(pull)
            settle(pull)
            sweep(tools.pages, pull.id, len(load_pages(pull)))
        if goes_on is not None:
            return goes_on, True
        opened = ledger.open_pull(
            zone=device.zone.name, account=account, origin="pull", started_at=now, device_id=device.pk, request=request
        )
    return opened, False


def _run(run: "_Run") -> None:
    result = run.result
    try:
        run.all_pages()
        result.state, result.whole = ledger.COMPLETE, True
    except VatriageError as error:
        result.state, result.error = ledger.INCOMPLETE if run.taker.lines else ledger.FAILED, str(error)
        raise
    finally:
        if result.state == ledger.RUNNING:
            result.state, result.error = ledger.INCOMPLETE, "interrupted"
        _close(run)


def _close(run: "_Run") -> None:
    """Vouch for a whole pull, end the ledger, and build the new snapshot."""
    result, now = run.result, now_us(run.tools.clock) // 1_000_000
    _sum_up(run)
    vouched = run.device.complete_checks == "yes"
    resumable = bool(run.taker.lines) and not run.fetched_all
    with writers_turn():
        if result.whole:
            vouch(
                run.opened, check_set=vouched, recorded_at=now, counts=result.changes, silent_hosts_received=False,
                all_hosts_listed=True,
            )  # fmt: skip
        if not resumable:
            settle(run.opened)
        ledger.close_pull(
            run.opened, state=result.state, finished_at=now, whole=result.whole, vouched_checks=vouched,
            counts=result.to_dict(), error=result.error or "", resumable=resumable,
        )  # fmt: skip
    finish_snapshot(run.tools.snapshots)


def _sum_up(run: "_Run") -> None:
    """Add up the pages, those of an earlier process included."""
    result, lines = run.result, run.taker.lines
    result.pages = len(lines)
    for name in ("detections", "vulnerabilities", "rejects", "unnamed_hosts"):
        setattr(result, name, sum(line.counts[name] for line in lines))
    for item in fields(MergeCounts):
        setattr(result.changes, item.name, sum(line.changes.get(item.name, 0) for line in lines))


class _Run:
    """The pages of one pull, in their order."""

    def __init__(self, device: Device, opened: OpenPull, tools: PullTools, result: PullResult) -> None:
        self.device, self.opened, self.tools, self.result = device, opened, tools, result
        self.taker = PageTaker(opened, device.pk, tools)
        self.fetched_all = False
        """Nothing is left to fetch: a pull that is not whole all the same is not gone on with."""

    def all_pages(self) -> None:
        """Fetch everything. Raises: VatriageError: a page did not come, or the pages are no whole report."""
        self._host_list()
        ids = listed_ids(self.opened)
        self.result.hosts_expected = len(ids)
        for batch in self._batches(ids):
            self._take(Wanted(request=self.tools.calls.detections(batch), kind="HOST_LIST_VM_DETECTION_OUTPUT"))
        self._silent_hosts()
        self._take_knowledge(self._knowledge_since(), ())
        if missing := qids_without_entry():
            self._take_knowledge(0, missing)
        self.result.qids_without_entry = qids_without_entry()
        self.fetched_all = True
        self._doubt()

    def _host_list(self) -> None:
        next_id = 0
        while True:
            request = self.tools.calls.host_list(next_id, self.tools.page_hosts)
            next_id = self._take(Wanted(request=request, kind="HOST_LIST_OUTPUT", after=next_id))
            if not next_id:
                return

    def _silent_hosts(self) -> None:
        """Ask once more for hosts that came without any finding: clean ones are still there, purged ones are not."""
        for batch in self._batches(unreceived_ids(self.opened)):
            self._take(Wanted(request=self.tools.calls.hosts(batch), kind="HOST_LIST_OUTPUT", confirms=True))
        purged = unreceived_ids(self.opened)
        unlist(self.opened, purged)
        self.result.hosts_purged = len(purged)

    def _take_knowledge(self, since: int, qids: list[int] | tuple[int, ...]) -> None:
        request = self.tools.calls.knowledge_base(since, qids)
        self._take(Wanted(request=request, kind="KNOWLEDGE_BASE_VULN_LIST_OUTPUT"))

    def _take(self, wanted: Wanted) -> int:
        return self.taker.take(wanted).next_id

    def _batches(self, ids: list[int]) -> list[list[int]]:
        size = self.tools.page_hosts
        return [ids[start : start + size] for start in range(0, len(ids), size)]

    def _knowledge_since(self) -> int:
        """Return since when the KnowledgeBase must be asked for what was modified, 0 for all of it.

        Only a whole pull of this device is known to have left a whole KnowledgeBase: a delta on top of an imported
        excerpt would leave QIDs of a claim out for ever, and with them the chance that one of them objects.
        """
        whole = fetch("SELECT COALESCE(MAX(started_at), 0) FROM pulls WHERE device_id = %s AND whole", [self.device.pk])
        return max(int(whole[0][0]) - KNOWLEDGE_OVERLAP_S, 0)

    def _doubt(self) -> None:
        """Raise: ReportUnreadableError: records were rejected without which nobody knows what is missing."""
        unnamed = sum(line.counts["unnamed_hosts"] for line in self.taker.lines)
        if unnamed:
            raise ReportUnreadableError(
                f"{unnamed} hosts came without a readable ID, so nobody knows whose findings are missing.",
                "What was found counts, nothing is refuted; see the rejected records, and pull again.",
            )
        entries = sum(line.counts["rejects"] for line in self.taker.lines if line.resource == "knowledge_base")
        if entries:
            raise ReportUnreadableError(
                f"{entries} KnowledgeBase entries or claims cannot be read, so nobody knows which CVE lacks a QID.",
                "What was found counts, nothing new is refuted; see the rejected records, and pull again.",
            )
