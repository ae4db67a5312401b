"""One page of a pull: spool, read, merge and commit with its ledger line; idempotent by (pull, page).

A page that the ledger holds is not fetched again, so that a pull whose process died goes on where it stopped.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from pathlib import Path
from urllib.parse import urlencode

import zstandard

from vatriage.clock import Clock, now_us
from vatriage.errors import VatriageError
from vatriage.model.report import ReportEnd, ReportPage, ScanSummary
from vatriage.model.route import Route
from vatriage.net.interface import Answer, Fetcher, Heard, Request
from vatriage.net.limits import BUSY_WAIT_S
from vatriage.store.leases import renew_device
from vatriage.store.ledger import OpenPull, note_knowledge
from vatriage.store.page_rows import COUNTED, PageLine, load_pages, save_page, who_cancels
from vatriage.store.turns import writers_turn
from vatriage.usecases.merge_page import MergeCounts, Silence, merge_page
from vatriage.usecases.pull_progress import STAGES, Progress, WaitBell
from vatriage.vendors.interface import Calls, RateLimitedError, ReportReader, ReportUnreadableError, VendorError


class PullCancelledError(VatriageError):
    """A person asked that the pull ends; what it fetched is kept, and the next pull goes on with it."""

    exit_code = 9


PARTIAL = "#partial"
"""Ends the request of a page that broke off."""
KNOWLEDGE_BASE = "knowledge_base"
"""The resource whose pages are copies of the KnowledgeBase."""
LOOK_S = 2
"""How often, while a page comes, to look whether somebody wants the pull to end."""
ATTEMPTS = 4
"""Tries of one page when the vendor asks to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullTools:
    """What a pull works with."""

    calls: Calls
    fetcher: Fetcher
    """Obeys the account's permits."""
    reader: ReportReader
    clock: Clock
    route: Route
    """How the server is reached."""
    pages: Path
    """Folder of raw pages."""
    snapshots: Path
    page_hosts: int
    poll_s: float
    """How often to ask whether a scan still runs."""
    wait_s: float
    """How long to ask so."""
    sleep: Callable[[float], None]
    progress: Callable[[int, str], None]
    bell: WaitBell = field(default_factory=WaitBell)
    """Rings at every wait for a permit."""
    stop: Callable[[], None] = lambda: None
    """Raises if the process is to end; asked between pages and while one comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A page that is to be fetched."""

    request: Request
    kind: str
    """The document that must come."""
    after: int = -1
    """Where a truncated list began: its next page must begin later. -1: the list must not be truncated at all."""
    findings: bool = False
    """It is a list of all that is known of hosts: the hosts in it are received. A scan's report is none."""
    whole_knowledge: bool = False
    """It is the whole KnowledgeBase, which makes good for copies that lost entries."""
    confirms: bool = False
    """The page only shows that hosts without findings are still there: its scans may be newer than the findings."""


class PageTaker:
    """Takes the pages of one pull, one after the other.

    Args:
        opened: the pull's ledger; the pages it holds are not fetched again.
        device: its number; the lease is renewed with every page.
        tools: what to work with.
        progress: told how far it is.
    """

    def __init__(self, opened: OpenPull, device: int, tools: PullTools, progress: Progress) -> None:
        self._opened = opened
        self._device = device
        self._tools = tools
        self.progress = progress
        self._looked_at = 0
        self.lines = load_pages(opened)
        tools.pages.mkdir(parents=True, exist_ok=True)
        sweep(tools.pages, opened.id, len(self.lines), keep_stream=True)

    def take(self, wanted: Wanted) -> PageLine:
        """Return the ledger's line of a page, after fetching it if need be; waits that are asked for are waited.

        Raises:
            NetError, VendorError, LongWaitError: nothing of this page is committed.
            PullCancelledError: a person asked for the end.
        """
        text = described(wanted.request)
        for line in self.lines:
            if line.request == text:
                return line
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._fetch(wanted)
            except RateLimitedError as error:
                if attempt == ATTEMPTS:
                    raise
                if error.wait_s is None:
                    self.progress.waits(BUSY_WAIT_S, "the server is busy with other calls of the subscription")
                    self._tools.sleep(BUSY_WAIT_S)
        raise AssertionError("unreachable")

    def look(self, wanted: Wanted) -> list[ScanSummary]:
        """Return the entries of a list of scans; it is asked for anew each time, and is no page.

        Raises: NetError, VendorError, LongWaitError: the list did not come.
        """
        body = self._tools.pages / f"{self._opened.id:08d}.part"
        scans: list[ScanSummary] = []
        self._begins(wanted, 0)
        try:
            answer = self._tools.fetcher.fetch(wanted.request, body, self._heard)
            with body.open("rb") as source:
                reading = self._tools.reader.open(source, wanted.request.resource)
                for page in reading.pages():
                    scans += page.scans
            refused = self._refusal(wanted, answer, reading.kind, reading.end)
        finally:
            body.unlink(missing_ok=True)
        if refused is not None:
            raise refused
        return scans

    def take_stream(self, wanted: Wanted, heard: Heard) -> PageLine:
        """Return the line of a page that comes slowly; if it breaks off, what came is kept for `take_partial`.

        Raises: NetError, VendorError, LongWaitError: nothing of this page is committed.
        """
        body = self._stream_spool()
        self._begins(wanted, len(self.lines) + 1)

        def both(piece: bytes) -> None:
            heard(piece)
            self._heard(piece)

        answer = self._tools.fetcher.fetch(wanted.request, body, both)
        return self._kept(self._commit(wanted, answer, body))

    def take_partial(self, wanted: Wanted) -> PageLine | None:
        """Commit what came of a page that broke off; None if nothing did."""
        body = self._stream_spool()
        if not body.exists():
            return None
        return self._kept(self._commit(wanted, None, body))

    def _stream_spool(self) -> Path:
        return self._tools.pages / f"{self._opened.id:08d}-scan.part"

    def _kept(self, line: PageLine) -> PageLine:
        self._stream_spool().unlink(missing_ok=True)
        self.lines.append(line)
        return line

    def _fetch(self, wanted: Wanted) -> PageLine:
        body = self._tools.pages / f"{self._opened.id:08d}.part"
        self._begins(wanted, len(self.lines) + 1)
        try:
            answer = self._tools.fetcher.fetch(wanted.request, body, self._heard)
            line = self._commit(wanted, answer, body)
        finally:
            body.unlink(missing_ok=True)
        self.lines.append(line)
        self._tools.progress(line.number, line.resource)
        return line

    def _begins(self, wanted: Wanted, number: int) -> None:
        """Tell which page comes; a host list that only confirms belongs to the detections it is about.

        Raises: PullCancelledError: see `_look_up`.
        """
        resource = "detections" if wanted.confirms else wanted.request.resource
        self.progress.begins(resource, number, STAGES.get(wanted.request.resource, wanted.request.resource))
        self._look_up()

    def _heard(self, piece: bytes) -> None:
        """Tell how much of a page came, and look up now and then."""
        self.progress.heard(piece)
        if self._now() - self._looked_at >= LOOK_S:
            self._look_up()

    def _look_up(self) -> None:
        """Raise: PullCancelledError: somebody asked for the end; or whatever ends the process."""
        self._looked_at = self._now()
        self._tools.stop()
        if who := who_cancels(self._opened):
            raise PullCancelledError(
                f"The pull was cancelled by {who}.", "What was fetched is kept; pull again to go on."
            )

    def _commit(self, wanted: Wanted, answer: Answer | None, body: Path) -> PageLine:
        """Merge a page and commit it with its line; without an answer it broke off, and what is whole counts."""
        number, now = len(self.lines) + 1, self._now()
        counts, changes = dict.fromkeys(COUNTED, 0), MergeCounts()
        with writers_turn(), body.open("rb") as source:
            reading = self._tools.reader.open(source, f"{wanted.request.resource} page {number}")
            for page in reading.pages():
                self._merge(page, reading.end.generated_at or now, wanted, changes)
                _count(page, counts)
            refused = None if answer is None else self._refusal(wanted, answer, reading.kind, reading.end)
            if refused is not None:
                raise refused
            truncation = reading.end.truncation
            line = PageLine(
                resource=wanted.request.resource, number=number, request=described(wanted.request) + ("" if answer else PARTIAL),
                raw_file=self._keep_raw(body, number), sha256=_sha256(body), size=body.stat().st_size,
                next_id=0 if truncation is None else truncation.next_id, changes=asdict(changes), counts=counts,
            )  # fmt: skip
            save_page(self._opened, line, now)
            if line.resource == KNOWLEDGE_BASE:
                entries = counts["vulnerabilities"] if wanted.whole_knowledge and reading.end.generated_at else 0
                note_knowledge(self._opened, entries, damaged=counts["rejects"] > 0)
            renew_device(self._device, now)
        return line

    def _refusal(self, wanted: Wanted, answer: Answer, kind: str | None, end: ReportEnd) -> VendorError | None:
        """Return why a page must not be committed, None if it may be."""
        resource = wanted.request.resource
        refused = self._tools.calls.refusal(answer, resource, kind, end.error_code, end.error)
        if refused is not None:
            return refused
        if kind != wanted.kind:
            return ReportUnreadableError(f"Fail to parse scan report. {resource} came as {kind}.", "Pull again.")
        if end.truncation is None:
            return None
        if wanted.after < 0:
            return ReportUnreadableError(f"The server truncated {resource}, which was asked for whole.", "Pull again.")
        if end.truncation.next_id <= wanted.after:
            return ReportUnreadableError("The host list's next page does not move on.", "Pull again.")
        return None

    def _merge(self, page: ReportPage, generated_at: int, wanted: Wanted, changes: MergeCounts) -> None:
        silence = Silence.OF_ALL_SCANS if wanted.findings else Silence.PROVES_NOTHING
        merge_page(
            self._opened, page, generated_at=generated_at, recorded_at=self._now(), listed=True, silence=silence,
            confirms=wanted.confirms, counts=changes,
        )  # fmt: skip

    def _keep_raw(self, body: Path, number: int) -> str:
        """Keep the raw page, compressed; return its file's name."""
        name = f"{self._opened.id:08d}-{number:06d}.xml.zst"
        with body.open("rb") as source, (self._tools.pages / name).open("wb") as target:
            zstandard.ZstdCompressor(level=3).copy_stream(source, target)
        return name

    def _now(self) -> int:
        return now_us(self._tools.clock) // 1_000_000


def sweep(folder: Path, pull: int, committed: int, *, keep_stream: bool = False) -> None:
    """Remove what a process that died left of a pull: its spool, and raw pages that were never committed."""
    (folder / f"{pull:08d}.part").unlink(missing_ok=True)
    if not keep_stream:
        (folder / f"{pull:08d}-scan.part").unlink(missing_ok=True)
    for path in folder.glob(f"{pull:08d}-*.xml.zst"):
        if int(path.name[9:15]) > committed:
            path.unlink(missing_ok=True)


def described(request: Request) -> str:
    """Return a request as the ledger keeps it: the same text is the same page."""
    return f"{request.path}?{urlencode(sorted(request.parameters.items()))}"


def _count(page: ReportPage, counts: dict[str, int]) -> None:
    numbers = (
        page.hosts.num_rows, page.detections.num_rows, page.vulnerabilities.num_rows, len(page.rejects),
        page.unnamed_hosts,
    )  # fmt: skip
    for name, number in zip(COUNTED, numbers, strict=True):
        counts[name] += number


def _sha256(body: Path) -> str:
    with body.open("rb") as source:
        return file_digest(source, "sha256").hexdigest()
