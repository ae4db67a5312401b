"""A page that came: read, merged and committed with its ledger line, in one transaction; or refused, and nothing of it kept."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from vatriage.model.report import ReportEnd, ReportPage
from vatriage.net.interface import Answer
from vatriage.store.leases import renew_device
from vatriage.store.ledger import OpenPull, note_knowledge
from vatriage.store.page_rows import COUNTED, PageLine, save_page
from vatriage.store.pull_hosts import name_unread, save_ids, unlist_unseen
from vatriage.store.turns import writers_turn
from vatriage.usecases.merge_page import MergeCounts, Silence, merge_page
from vatriage.usecases.page_files import keep_raw, sha256_of
from vatriage.usecases.page_wanted import Wanted, described
from vatriage.usecases.pull_tools import PullTools
from vatriage.usecases.unknown_elements import noted
from vatriage.vendors.interface import ReportUnreadableError, VendorError

PARTIAL = "#partial"
"""Ends the request of a page that broke off."""
KNOWLEDGE_BASE = "knowledge_base"
"""The resource whose pages are copies of the KnowledgeBase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCommit:
    """Commits the pages of one pull."""

    opened: OpenPull
    device: int
    """Its lease is renewed with every page."""
    tools: PullTools
    now: Callable[[], int]
    """Seconds."""

    def __call__(self, wanted: Wanted, answer: Answer | None, body: Path, number: int) -> PageLine:
        """Merge a page and commit it with its line; without an answer it broke off, and what is whole counts.

        Raises: VendorError: the answer is none that may be merged; nothing of it is.
        """
        resource, now = wanted.request.resource, self.now()
        counts, changes = dict.fromkeys(COUNTED, 0), MergeCounts()
        with writers_turn(), body.open("rb") as source:
            reading = self.tools.reader.open(source, f"{resource} page {number}")
            first_two: tuple[int, ...] = ()
            for page in reading.pages():
                self._merge(page, reading.end.generated_at or now, wanted, changes)
                count(page, counts)
                first_two = (*first_two, *_first_ids(page))[:2]
            refused = None if answer is None else self.refusal(wanted, answer, reading.kind, reading.end, body)
            if refused is not None:
                raise refused
            end = reading.end
            line = PageLine(
                resource=resource, number=number, request=described(wanted.request) + ("" if answer else PARTIAL),
                raw_file=keep_raw(body, self.tools.pages, self.opened.id, number), sha256=sha256_of(body),
                size=body.stat().st_size, next_id=0 if wanted.after < 0 or end.truncation is None else end.truncation.next_id,
                step=wanted.step, asked=first_two if wanted.next_two else _answered(wanted, end), generated_at=end.generated_at, changes=asdict(changes) | noted(end),
                counts=counts,
            )  # fmt: skip
            self._note(wanted, line)
            save_page(self.opened, line, now)
            renew_device(self.device, now)
        return line

    def refusal(
        self, wanted: Wanted, answer: Answer, kind: str | None, end: ReportEnd, body: Path
    ) -> VendorError | None:
        """Return why an answer is not the page that was wanted, None if it is."""
        resource = wanted.request.resource
        refused = self.tools.calls.refusal(answer, resource, kind, end.error_code, end.error)
        if isinstance(refused, ReportUnreadableError):
            refused.cut = end.partial or not body.stat().st_size
        if refused is not None:
            return refused
        if kind != wanted.kind:
            return ReportUnreadableError(f"Fail to parse scan report. {resource} came as {kind}.", "Pull again.")
        if end.truncation is None or (wanted.ids and _answered(wanted, end)):
            return None
        if wanted.after < 0:
            return ReportUnreadableError(f"The server truncated {resource}, which was asked for whole.", "Pull again.")
        if end.truncation.next_id <= wanted.after:
            return ReportUnreadableError("The host list's next page does not move on.", "Pull again.")
        return None

    def _merge(self, page: ReportPage, generated_at: int, wanted: Wanted, changes: MergeCounts) -> None:
        silence = Silence.OF_ALL_SCANS if wanted.findings else Silence.PROVES_NOTHING
        merge_page(
            self.opened, page, generated_at=generated_at, recorded_at=self.now(), listed=True, silence=silence,
            confirms=wanted.confirms, counts=changes, live=True,
        )  # fmt: skip
        if not wanted.next_two:
            save_ids(self.opened, page.id_ranges)

    def _note(self, wanted: Wanted, line: PageLine) -> None:
        """Note what the page as a whole says."""
        if line.resource == KNOWLEDGE_BASE:
            entries = line.counts["vulnerabilities"] if wanted.whole_knowledge and line.generated_at else 0
            note_knowledge(self.opened, entries, damaged=line.counts["rejects"] > 0)
        if wanted.confirms:
            if not line.counts["rejects"]:  # a broken record may have swallowed its neighbours
                unlist_unseen(self.opened, line.asked)
        elif line.counts["hosts"]:
            name_unread(self.opened)


def _answered(wanted: Wanted, end: ReportEnd) -> tuple[int, ...]:
    """Return the ids that a page has answered for: all that were asked for, or those before the server's own cut."""
    if end.truncation is None:
        return wanted.ids
    return tuple(number for number in wanted.ids if number < end.truncation.next_id)


def _first_ids(page: ReportPage) -> list[int]:
    """Return the first two ids of a list of ids."""
    return [number for first, last in page.id_ranges[:2] for number in range(first, min(first + 1, last) + 1)]


def count(page: ReportPage, counts: dict[str, int]) -> None:
    """Add a part of a page to what is counted of it (COUNTED)."""
    numbers = (
        page.hosts.num_rows, page.detections.num_rows, page.vulnerabilities.num_rows, len(page.rejects),
        page.unnamed_hosts,
    )  # fmt: skip
    for name, number in zip(COUNTED, numbers, strict=True):
        counts[name] += number
