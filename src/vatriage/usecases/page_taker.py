"""Takes the pages of one pull, one after the other: spool, read, merge and commit; what the ledger holds is not fetched again.

A pull whose process died goes on where it stopped; a failure that passes by itself is tried again (page_retries).
"""

from collections.abc import Iterable
from pathlib import Path

from vatriage.clock import now_us
from vatriage.model.report import ScanSummary
from vatriage.net.interface import Heard
from vatriage.store.ledger import OpenPull
from vatriage.store.page_rows import PageLine, load_pages, who_cancels
from vatriage.usecases.page_commit import PageCommit
from vatriage.usecases.page_files import spool, stream_spool, sweep
from vatriage.usecases.page_retries import Retries
from vatriage.usecases.page_wanted import Wanted, described
from vatriage.usecases.pull_progress import STAGES, Progress
from vatriage.usecases.pull_tools import PullCancelledError, PullTools
from vatriage.vendors.interface import AnswerTooLargeError

LOOK_S = 2
"""How often, while a page comes, to look whether somebody wants the pull to end."""


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
        self._tools = tools
        self.progress = progress
        self._looked_at = 0
        self._heard_bytes = 0
        self._commit = PageCommit(opened=opened, device=device, tools=tools, now=self._now)
        self._retries = Retries(tools.retry_pause_s, tools.dice, tools.sleep, progress.waits)
        self.lines = load_pages(opened)
        tools.pages.mkdir(parents=True, exist_ok=True)
        sweep(tools.pages, opened.id, len(self.lines), keep_stream=True)

    def take(self, wanted: Wanted, *, divisible: bool = False) -> PageLine:
        """Return the ledger's line of a page, after fetching it if need be; waits that are asked for are waited.

        Args:
            wanted: the page.
            divisible: less can be asked for: what is too slow or too long is not asked for again as it is.

        Raises:
            NetError, VendorError, LongWaitError: nothing of this page is committed.
            PullCancelledError: a person asked for the end.
        """
        text = described(wanted.request)
        for line in self.lines:
            if line.request == text:
                return line
        return self._retries.tried(lambda: self._fetch(wanted), divisible=divisible)

    def of_step(self, step: str) -> list[PageLine]:
        """Return the pages of a step that were committed, in order."""
        return [line for line in self.lines if line.step == step]

    def asked(self, step: str) -> set[int]:
        """Return the ids that a step's committed pages have answered for."""
        return {number for line in self.of_step(step) for number in line.asked}

    def unread(self, step: str) -> bool:
        """Whether something of a step's committed pages could not be read."""
        return any(line.counts["rejects"] for line in self.of_step(step))

    def asked_of_unread(self, step: str) -> set[int]:
        """Return the ids that those pages have answered for: a broken record may have swallowed its neighbours."""
        return {number for line in self.of_step(step) if line.counts["rejects"] for number in line.asked}

    def left(self, step: str, ids: Iterable[int]) -> list[int]:
        """Return the ids that a step has still to ask for, ascending."""
        return sorted(set(ids) - self.asked(step))

    def look(self, wanted: Wanted) -> list[ScanSummary]:
        """Return the entries of a list of scans; it is asked for anew each time, and is no page.

        Raises: NetError, VendorError, LongWaitError: the list did not come.
        """
        body = spool(self._tools.pages, self._opened.id)
        scans: list[ScanSummary] = []
        self._begins(wanted, 0)
        try:
            answer = self._tools.fetcher.fetch(wanted.request, body, self._heard)
            with body.open("rb") as source:
                reading = self._tools.reader.open(source, wanted.request.resource)
                for page in reading.pages():
                    scans += page.scans
            refused = self._commit.refusal(wanted, answer, reading.kind, reading.end, body)
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
        return self._kept(self._commit(wanted, answer, body, len(self.lines) + 1))

    def take_partial(self, wanted: Wanted) -> PageLine | None:
        """Commit what came of a page that broke off; None if nothing did."""
        body = self._stream_spool()
        if not body.exists():
            return None
        return self._kept(self._commit(wanted, None, body, len(self.lines) + 1))

    def _stream_spool(self) -> Path:
        return stream_spool(self._tools.pages, self._opened.id)

    def _kept(self, line: PageLine) -> PageLine:
        self._stream_spool().unlink(missing_ok=True)
        self.lines.append(line)
        return line

    def _fetch(self, wanted: Wanted) -> PageLine:
        body = spool(self._tools.pages, self._opened.id)
        self._begins(wanted, len(self.lines) + 1)
        try:
            answer = self._tools.fetcher.fetch(wanted.request, body, self._heard_page)
            line = self._commit(wanted, answer, body, len(self.lines) + 1)
        except MemoryError as error:
            raise AnswerTooLargeError(
                f"{wanted.request.resource} needs more memory than there is.", "Set VATRIAGE_PAGE_HOSTS lower."
            ) from error
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
        self._heard_bytes = 0
        self.progress.begins(resource, number, STAGES.get(wanted.request.resource, wanted.request.resource))
        self._look_up()

    def _heard_page(self, piece: bytes) -> None:
        """The same for a page of a list. Raises: AnswerTooLargeError: it is longer than a page may be."""
        self._heard_bytes += len(piece)
        if self._heard_bytes > self._tools.page_bytes:
            raise AnswerTooLargeError(
                f"The answer is longer than {self._tools.page_bytes:,} bytes.",
                "VATRIAGE_PAGE_BYTES says how long it may be.",
            )
        self._heard(piece)

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

    def _now(self) -> int:
        return now_us(self._tools.clock) // 1_000_000
