"""A report file as it is taken in: its counts, and what must be known of it to judge the files of one call together."""

from dataclasses import asdict, dataclass, field

import pyarrow.compute as pc

from vatriage.model.instant import US, format_instant
from vatriage.model.report import DescribedBy, ReportEnd, ReportPage, Truncation
from vatriage.usecases.file_counts import FileCounts
from vatriage.usecases.file_kinds import KNOWLEDGE


@dataclass(slots=True, kw_only=True)
class TakenFile:
    """What is remembered of a file to judge whether the call's files are whole together."""

    counts: FileCounts
    truncation: Truncation | None = None
    narrowed: str = ""
    """Why what the file does not list proves nothing."""
    generated_at: int = 0
    """The file's own date, seconds; 0 = not stated."""
    first_id: int = 0
    """The smallest host id of the file."""
    last_id: int = 0
    """The greatest host id of the file."""
    unnamed_hosts: int = 0
    asked_whole: bool = False
    """The file itself says that all was asked for."""
    qids: set[int] = field(default_factory=set)
    """Of a KnowledgeBase: the QIDs that it describes."""

    @property
    def lost_knowledge(self) -> bool:
        """It is a copy of the KnowledgeBase, and entries or claims of it are lost."""
        return self.counts.kind in KNOWLEDGE and bool(self.counts.error or self.counts.rejects)

    def add_page(self, page: ReportPage) -> None:
        """Count a page of the file, and remember which hosts and QIDs it names."""
        counts = self.counts
        counts.hosts += _hosts(page)
        counts.detections += page.detections.num_rows
        kinds = _kinds(page)
        counts.information += kinds.get(0, 0)
        counts.potential += kinds.get(1, 0)
        counts.confirmed += kinds.get(2, 0)
        if page.described_by is not DescribedBy.FINDINGS:
            counts.vulnerabilities += page.vulnerabilities.num_rows
        if counts.kind in KNOWLEDGE:
            self.qids.update(page.vulnerabilities["qid"].to_pylist())
        counts.scans += len(page.scans)
        counts.rejects += len(page.rejects)
        self._note_ids(page)

    def _note_ids(self, page: ReportPage) -> None:
        ids = [number for number in page.hosts["host_id"].to_pylist() if number]
        self.first_id = min([*ids, *([self.first_id] if self.first_id else [])], default=0)
        self.last_id = max([*ids, self.last_id])
        self.unnamed_hosts += page.unnamed_hosts

    def finish(self, end: ReportEnd) -> None:
        """Note what is known of the file only once it is read to its end."""
        self.counts.partial = end.partial or end.truncation is not None
        self.counts.error = end.error
        self.truncation = end.truncation
        self.narrowed = end.narrowed
        self.asked_whole = end.asked_whole
        self.generated_at = end.generated_at
        if end.scan is not None:
            launched_at = format_instant(end.scan.launched_at * US) if end.scan.launched_at else None
            self.counts.scan = asdict(end.scan) | {"launched_at": launched_at}


def _hosts(page: ReportPage) -> int:
    ranges = sum(last - first + 1 for first, last in page.id_ranges)
    return int(page.hosts.num_rows) - page.repeated_hosts + ranges


def _kinds(page: ReportPage) -> dict[int, int]:
    rows = pc.value_counts(page.detections["kind"]).to_pylist()
    return {row["values"]: row["counts"] for row in rows}
