"""One pull from end to end: host list -> detections -> KnowledgeBase, page by page, then the vouching.

A page is spooled to disk, read, merged and committed with its ledger line; a process that dies in between leaves whole
pages and an incomplete pull, which refutes nothing. Merging is idempotent, so the next pull starts anew without harm.
"""

import os
import socket
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any

import zstandard
from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import UsageError, VatriageError
from vatriage.model.report import ReportEnd, ReportPage
from vatriage.net.interface import Answer, Fetcher, Request
from vatriage.store import ledger
from vatriage.store.bulk import execute, fetch, insert
from vatriage.store.devices import Device
from vatriage.store.knowledge_rows import qids_without_entry
from vatriage.store.ledger import OpenPull
from vatriage.store.turns import writers_turn
from vatriage.usecases.merge_page import MergeCounts, merge_page
from vatriage.usecases.snapshots import finish_snapshot, mark_behind
from vatriage.usecases.vouching import settle, vouch
from vatriage.vendors.interface import Calls, RateLimitedError, ReportReader, ReportUnreadableError

ATTEMPTS = 4
"""Tries of one page when the vendor asks to wait."""
KNOWLEDGE_OVERLAP_S = 2 * 86_400
"""How far a delta of the KnowledgeBase reaches back behind the last whole pull: clocks differ."""
LEASE_S = 3_600
"""A pull's hold on its device; renewed with every page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullTools:
    """What a pull works with."""

    calls: Calls
    fetcher: Fetcher
    reader: ReportReader
    clock: Clock
    pages: Path
    snapshots: Path
    page_hosts: int
    longest_wait_s: float
    sleep: Callable[[float], None]
    progress: Callable[[int, str], None]


@dataclass(slots=True, kw_only=True)
class PullResult:
    """The ledger of one pull."""

    device: str
    pull: int
    state: str
    whole: bool
    hosts_expected: int = 0
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
    """Pull one active device. Raises: UsageError: it is not active, or another process pulls it."""
    if not device.active:
        raise UsageError(f"Device {device.name!r} is submitted, not active.", "Run `vatriage activate` first.")
    now = now_us(tools.clock) // 1_000_000
    _take_lease(device, now)
    mark_behind(tools.snapshots)
    execute(
        "UPDATE pulls SET state = %s, error = %s WHERE device_id = %s AND state = %s",
        [ledger.INCOMPLETE, "the process ended before the pull did", device.pk, ledger.RUNNING],
    )
    request = {"complete_checks": device.complete_checks}
    opened = ledger.open_pull(
        zone=device.zone.name, account=account, origin="pull", started_at=now, device_id=device.pk, request=request
    )
    result = PullResult(device=device.name, pull=opened.id, state=ledger.RUNNING, whole=False)
    run = _Run(device, opened, tools, result)
    try:
        run.all_pages()
        result.state, result.whole = ledger.COMPLETE, True
    except VatriageError as error:
        result.state, result.error = ledger.INCOMPLETE if result.pages else ledger.FAILED, str(error)
        raise
    finally:
        if result.state == ledger.RUNNING:
            result.state, result.error = ledger.INCOMPLETE, "interrupted"
        _close(device, run)
        execute("DELETE FROM device_leases WHERE device_id = %s", [device.pk])
    return result


def _close(device: Device, run: "_Run") -> None:
    """Vouch for a whole pull, end the ledger, and build the new snapshot."""
    result, now = run.result, now_us(run.tools.clock) // 1_000_000
    vouched = device.complete_checks == "yes"
    with writers_turn():
        if result.whole:
            vouch(run.opened, check_set=vouched, recorded_at=now, counts=result.changes, all_hosts_listed=True)
        settle(run.opened)
        ledger.close_pull(
            run.opened, state=result.state, finished_at=now, whole=result.whole, vouched_checks=vouched,
            counts=result.to_dict(), error=result.error or "",
        )  # fmt: skip
    finish_snapshot(run.tools.snapshots)


_COUNTED = ("hosts", "detections", "vulnerabilities", "rejects")


class _Run:
    """The pages of one pull."""

    def __init__(self, device: Device, opened: OpenPull, tools: PullTools, result: PullResult) -> None:
        self.device, self.opened, self.tools, self.result = device, opened, tools, result

    def all_pages(self) -> None:
        """Fetch everything in its order."""
        ids = self._host_list()
        self.result.hosts_expected = len(ids)
        size = self.tools.page_hosts
        for start in range(0, len(ids), size):
            end = self._page(self.tools.calls.detections(ids[start : start + size]), "HOST_LIST_VM_DETECTION_OUTPUT")
            if end.truncation is not None:
                raise ReportUnreadableError("The server truncated a list that was asked for whole.", "Pull again.")
        since = self._knowledge_since()
        self._page(self.tools.calls.knowledge_base(since, ()), "KNOWLEDGE_BASE_VULN_LIST_OUTPUT")
        if missing := qids_without_entry():
            self._page(self.tools.calls.knowledge_base(0, missing), "KNOWLEDGE_BASE_VULN_LIST_OUTPUT")
        self.result.qids_without_entry = qids_without_entry()
        if self.result.unnamed_hosts:
            raise ReportUnreadableError(
                f"{self.result.unnamed_hosts} hosts came without a readable ID, so nobody knows whose findings are missing.",
                "What was found counts, nothing is refuted; see the rejected records, and pull again.",
            )

    def _knowledge_since(self) -> int:
        """Return since when the KnowledgeBase must be asked for what was modified, 0 for all of it.

        Only a whole pull of this device is known to have left a whole KnowledgeBase: a delta on top of an imported
        excerpt would leave QIDs of a claim out for ever, and with them the chance that one of them objects.
        """
        whole = fetch("SELECT COALESCE(MAX(started_at), 0) FROM pulls WHERE device_id = %s AND whole", [self.device.pk])
        return max(int(whole[0][0]) - KNOWLEDGE_OVERLAP_S, 0)

    def _host_list(self) -> list[int]:
        """Fetch the host list, page after page; return the host ids."""
        ids: set[int] = set()
        next_id = 0
        while True:
            request = self.tools.calls.host_list(next_id, self.tools.page_hosts)
            end = self._page(request, "HOST_LIST_OUTPUT", ids)
            if end.truncation is None:
                return sorted(ids)
            if end.truncation.next_id <= next_id:
                raise ReportUnreadableError("The host list's next page does not move on.", "Pull again.")
            next_id = end.truncation.next_id

    def _page(self, request: Request, kind: str, ids: set[int] | None = None) -> ReportEnd:
        """Fetch, read and commit one page; waits that the vendor asks for are waited, within bounds."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._page_once(request, kind, ids if ids is not None else set())
            except RateLimitedError as error:
                wait = error.wait_s or 5.0
                if attempt == ATTEMPTS or wait > self.tools.longest_wait_s:
                    raise
                self.tools.progress(self.result.pages, f"waiting {wait:g} s as the server asks")
                self.tools.sleep(wait)
        raise AssertionError("unreachable")

    def _page_once(self, request: Request, kind: str, ids: set[int]) -> ReportEnd:
        self.tools.pages.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.tools.pages, suffix=".part") as spool:
            body = Path(spool.name)
            answer = self.tools.fetcher.fetch(request, body)
            return self._take(request, kind, answer, body, ids)

    def _take(self, request: Request, kind: str, answer: Answer, body: Path, ids: set[int]) -> ReportEnd:
        number, now = self.result.pages + 1, now_us(self.tools.clock) // 1_000_000
        counted = dict.fromkeys(_COUNTED, 0)
        with writers_turn(), body.open("rb") as source:
            reading = self.tools.reader.open(source, f"{request.resource} page {number}")
            for page in reading.pages():
                self._merge(page, reading.end.generated_at or now, now, ids, counted)
            end = reading.end
            refused = self.tools.calls.refusal(answer, request.resource, reading.kind, end.error_code, end.error)
            if refused is None and reading.kind != kind:
                refused = ReportUnreadableError(
                    f"Fail to parse scan report: {request.resource} came as {reading.kind}.", "Pull again."
                )
            if refused is not None:
                raise refused
            raw = self._keep_raw(body, number)
            columns = ("pull_id", "resource", "number", "request", "raw_file", "sha256", *_COUNTED, "committed_at")
            execute(
                insert("pull_pages", columns),
                [self.opened.id, request.resource, number, request.path, raw, _sha256(body), *counted.values(), now],
            )
            _renew_lease(self.device, now)
        self.result.pages = number
        self.tools.progress(number, request.resource)
        return end

    def _merge(self, page: ReportPage, generated_at: int, now: int, ids: set[int], counted: dict[str, int]) -> None:
        merge_page(
            self.opened, page, generated_at=generated_at, recorded_at=now, listed=True, counts=self.result.changes
        )
        ids.update(number for number in page.hosts["host_id"].to_pylist() if number)
        self.result.detections += page.detections.num_rows
        self.result.vulnerabilities += page.vulnerabilities.num_rows
        self.result.rejects += len(page.rejects)
        self.result.unnamed_hosts += page.unnamed_hosts
        for name, count in zip(
            _COUNTED, (page.hosts.num_rows, page.detections.num_rows, page.vulnerabilities.num_rows, len(page.rejects)),
            strict=True,
        ):  # fmt: skip
            counted[name] += count

    def _keep_raw(self, body: Path, number: int) -> str:
        """Keep the raw page, compressed."""
        name = f"{self.opened.id:08d}-{number:06d}.xml.zst"
        with body.open("rb") as source, (self.tools.pages / name).open("wb") as target:
            zstandard.ZstdCompressor(level=3).copy_stream(source, target)
        return name


def _sha256(body: Path) -> str:
    with body.open("rb") as source:
        return file_digest(source, "sha256").hexdigest()


def _take_lease(device: Device, now: int) -> None:
    """Hold the device for this process. Raises: UsageError: another one holds it, and lives."""
    with transaction.atomic():
        held = fetch("SELECT holder, expires_at FROM device_leases WHERE device_id = %s", [device.pk])
        if held and held[0][1] >= now and not _is_dead(str(held[0][0])):
            raise UsageError(
                f"Device {device.name!r} is being pulled by another process ({held[0][0]}).",
                "Wait for it, or for its lease to expire (1 h after its last page).",
            )
        execute("DELETE FROM device_leases WHERE device_id = %s", [device.pk])
        columns = ("device_id", "holder", "expires_at")
        execute(insert("device_leases", columns), [device.pk, _holder(), now + LEASE_S])


def _holder() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}"


def _is_dead(holder: str) -> bool:
    """Whether a holder is a process of this machine that is no more; a number in use again counts as alive."""
    machine, _, process = holder.rpartition(":")
    return machine == socket.gethostname()[:40] and not Path(f"/proc/{process}").exists()


def _renew_lease(device: Device, now: int) -> None:
    execute("UPDATE device_leases SET expires_at = %s WHERE device_id = %s", [now + LEASE_S, device.pk])
