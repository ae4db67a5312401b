"""Report files of one call into the inventory, taken together, in one transaction (VERDICT 3.1, `--complete`).

Nothing is half-committed: the process may die at any instant and the earlier inventory stands. A bad file does not stop
the others, but it takes the vouching from all: a list of findings that lacks a file must not clear a host.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from vatriage.clock import Clock, now_us
from vatriage.model.instant import US, format_instant
from vatriage.model.name import checked_name
from vatriage.model.report import DescribedBy, Reject, ReportEnd, ReportPage, Truncation
from vatriage.store import ledger
from vatriage.store.damaged_copies import DATES, qids_to_make_good
from vatriage.store.ledger import OpenPull
from vatriage.store.turns import writers_turn
from vatriage.usecases.merge_page import MergeCounts, Silence, merge_page
from vatriage.usecases.snapshots import finish_snapshot, mark_behind
from vatriage.usecases.vouching import settle, vouch
from vatriage.vendors.interface import Reading, ReportReader

_DATED_KNOWLEDGE = "KNOWLEDGE_BASE_VULN_LIST_OUTPUT"
_KNOWLEDGE = (_DATED_KNOWLEDGE, "VULNS")
_CUMULATIVE = "HOST_LIST_VM_DETECTION_OUTPUT"
"""The kind of file that lists all that is known of hosts: a host of the host list that it leaves out has no finding."""
_SILENCE = {_CUMULATIVE: Silence.OF_ALL_SCANS, "SCAN": Silence.OF_ONE_SCAN}
"""Kinds of files whose silence may be vouched for, and of which scans it then speaks."""
_HOLDS = dict.fromkeys(_KNOWLEDGE, "KnowledgeBase entry") | dict.fromkeys(
    ("SCAN_LIST_OUTPUT", "SCAN_LIST", "SCAN_REPORT_LIST", "SCAN_RUNNING_LIST"), "scan"
)
"""What a kind of file is a list of, where that is not hosts."""

_ANSWERS = ("SIMPLE_RETURN", "GENERIC_RETURN")
"""Kinds of files that say how a request went, and nothing of any host."""

REJECTS_SHOWN = 20
"""Rejects that an import itself hands out."""
_LISTS = ("HOST_LIST_OUTPUT", *_SILENCE)
"""Kinds of files that say which hosts were scanned when."""

Progress = Callable[[str, int], None]
"""Called with a file's name and the bytes read of it so far."""


NOT_IN_JSON = ("scans", "scan")
"""What the table and the ledger tell of a file and the JSON, whose keys are a contract, does not."""


@dataclass(slots=True, kw_only=True)
class FileCounts:
    """What one file holds; `NOT_IN_JSON` apart, the shape of `vatriage import --json`."""

    file: str
    kind: str | None = None
    hosts: int = 0
    detections: int = 0
    confirmed: int = 0
    potential: int = 0
    information: int = 0
    vulnerabilities: int = 0
    """KnowledgeBase or glossary entries."""
    scans: int = 0
    """Entries of a list of scans."""
    rejects: int = 0
    partial: bool = False
    scan: dict[str, str | int | None] | None = None
    """The scan that the file is the report of: ref, state, launched_at, duration_s, targets, option_profile, ..."""
    error: str | None = None

    @property
    def nothing(self) -> str:
        """Why there was nothing to take from a file that could be read; "" if there was something, or an error."""
        if self.error or self.hosts or self.detections or self.vulnerabilities or self.scans:
            return ""
        if self.kind in _ANSWERS:
            return "is the server's short answer to a request, and no report"
        what = _HOLDS.get(self.kind or "", "host")
        if self.rejects:
            return f"holds no {what} that could be read: everything in it was rejected"
        return f"holds no {what}: its list is empty"


@dataclass(slots=True, kw_only=True)
class _Taken:
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
        return self.counts.kind in _KNOWLEDGE and bool(self.counts.error or self.counts.rejects)


@dataclass(slots=True, kw_only=True)
class ImportResult:
    """What an import took in."""

    files: list[FileCounts] = field(default_factory=list)
    pull: int = 0
    """The import's number in the ledger."""
    first_rejects: list[Reject] = field(default_factory=list)
    """The first REJECTS_SHOWN of what was rejected; the store has all."""
    whole: bool = False
    """The files were vouched for, and nothing in them speaks against it."""
    why_not_whole: str = ""
    knowledge_sound: bool = True
    """No copy of the KnowledgeBase that lost entries is the last word; else nothing is refuted."""
    changes: MergeCounts = field(default_factory=MergeCounts)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape, which is a contract."""
        return {
            "files": [
                {name: value for name, value in asdict(item).items() if name not in NOT_IN_JSON} for item in self.files
            ]
        }


def import_files(
    paths: Sequence[Path],
    *,
    zone: str,
    complete: bool,
    reader: ReportReader,
    clock: Clock,
    snapshots: Path,
    progress: Progress = lambda _name, _done: None,
) -> ImportResult:
    """Take report files into the inventory.

    Args:
        paths: the files of one call.
        zone: whose address space they describe; their account is `offline:ZONE`.
        complete: the person vouches that the files together are the whole, unfiltered output of scans with a complete
            check set.
        reader: reads the vendor's documents.
        clock: for the ledger.
        snapshots: folder of the snapshot that is built afterwards.
        progress: told of every page.
    """
    checked_name("zone", zone)
    now = now_us(clock) // US
    result = ImportResult()
    mark_behind(snapshots)
    with writers_turn():
        pull = ledger.open_pull(
            zone=zone,
            account=f"offline:{zone}",
            origin="import",
            started_at=now,
            request={"files": [str(path) for path in paths], "complete": complete},
        )
        result.pull = pull.id
        taken = [_take_file(pull, path, reader, now, result, progress) for path in paths]
        result.files = [item.counts for item in taken]
        result.why_not_whole = _why_not_whole(taken)
        result.whole = complete and not result.why_not_whole
        if result.whole:
            vouch(pull, check_set=True, recorded_at=now, counts=result.changes, silent_hosts_at=_oldest_list(taken))
        _note_knowledge(pull, taken)
        result.knowledge_sound = ledger.knowledge_is_sound()
        settle(pull)
        errors = "; ".join(f"{item.file}: {item.error}" for item in result.files if item.error)
        ledger.close_pull(
            pull,
            state=ledger.INCOMPLETE if errors else ledger.COMPLETE,
            finished_at=now,
            whole=result.whole,
            vouched_checks=result.whole,
            counts=asdict(result.changes)
            | {"scans": [item.scan for item in result.files if item.scan]}
            | {DATES: [item.generated_at for item in taken if item.lost_knowledge]},
            error=errors,
        )
    finish_snapshot(snapshots)
    return result


def _take_file(
    pull: OpenPull, path: Path, reader: ReportReader, now: int, result: ImportResult, progress: Progress
) -> _Taken:
    taken = _Taken(counts=FileCounts(file=str(path)))
    try:
        with path.open("rb") as source:
            reading = reader.open(source, path.name)
            taken.counts.kind = reading.kind
            _take_pages(pull, reading, taken, now, result, lambda done: progress(path.name, done))
    except OSError as error:
        taken.counts.error = f"{path} cannot be read: {error.strerror or error}. Check the path and its permissions."
    return taken


def _take_pages(
    pull: OpenPull,
    reading: Reading,
    taken: _Taken,
    now: int,
    result: ImportResult,
    progress: Callable[[int], None],
) -> None:
    for page in reading.pages():
        _count(page, taken)
        merge_page(
            pull,
            page,
            generated_at=reading.end.generated_at,
            recorded_at=now,
            listed=reading.kind in _LISTS,
            silence=_SILENCE.get(reading.kind or "", Silence.PROVES_NOTHING),
            counts=result.changes,
        )
        result.first_rejects += page.rejects[: REJECTS_SHOWN - len(result.first_rejects)]
        progress(reading.end.bytes_read)
    _finish(reading.end, taken)


def _count(page: ReportPage, taken: _Taken) -> None:
    counts = taken.counts
    counts.hosts += page.hosts.num_rows - page.repeated_hosts + sum(last - first + 1 for first, last in page.id_ranges)
    counts.detections += page.detections.num_rows
    kinds = _kinds(page)
    counts.information += kinds.get(0, 0)
    counts.potential += kinds.get(1, 0)
    counts.confirmed += kinds.get(2, 0)
    if page.described_by is not DescribedBy.FINDINGS:
        counts.vulnerabilities += page.vulnerabilities.num_rows
    if counts.kind in _KNOWLEDGE:
        taken.qids.update(page.vulnerabilities["qid"].to_pylist())
    counts.scans += len(page.scans)
    counts.rejects += len(page.rejects)
    ids = [number for number in page.hosts["host_id"].to_pylist() if number]
    taken.first_id = min([*ids, *([taken.first_id] if taken.first_id else [])], default=0)
    taken.last_id = max([*ids, taken.last_id])
    taken.unnamed_hosts += page.unnamed_hosts


def _kinds(page: ReportPage) -> dict[int, int]:
    rows = pc.value_counts(page.detections["kind"]).to_pylist()
    return {row["values"]: row["counts"] for row in rows}


def _finish(end: ReportEnd, taken: _Taken) -> None:
    taken.counts.partial = end.partial or end.truncation is not None
    taken.counts.error = end.error
    taken.truncation = end.truncation
    taken.narrowed = end.narrowed
    taken.asked_whole = end.asked_whole
    taken.generated_at = end.generated_at
    if end.scan is not None:
        launched_at = format_instant(end.scan.launched_at * US) if end.scan.launched_at else None
        taken.counts.scan = asdict(end.scan) | {"launched_at": launched_at}


def _oldest_list(taken: Sequence[_Taken]) -> int | None:
    """Return the date of the oldest list of all findings, 0 if one bears none, None if there is no such list.

    A later scan is none of theirs. The report of one scan is no such list: it is silent about hosts it did not scan.
    """
    return min((item.generated_at for item in taken if item.counts.kind == _CUMULATIVE), default=None)


def _note_knowledge(pull: OpenPull, taken: Sequence[_Taken]) -> None:
    """Note what became of the KnowledgeBase, so that a copy that lost entries clears nothing."""
    lost = any(item.lost_knowledge for item in taken)
    entries = sum(item.counts.vulnerabilities for item in taken if item.counts.kind == _DATED_KNOWLEDGE)
    ledger.note_knowledge(pull, entries if not lost and _makes_good(taken) else 0, damaged=lost)


def _makes_good(taken: Sequence[_Taken]) -> bool:
    """Whether the call's dated copies of the KnowledgeBase make good for those that lost entries before."""
    dated = [item for item in taken if item.counts.kind == _DATED_KNOWLEDGE and item.generated_at]
    if any(item.asked_whole for item in dated):
        return True
    held: set[int] = set().union(*(item.qids for item in dated))
    return bool(held) and qids_to_make_good() <= held


def _why_not_whole(taken: Sequence[_Taken]) -> str:
    """Return why the files together are not a whole report, "" if nothing speaks against it."""
    against = next(filter(None, map(_against, taken)), "")
    if against:
        return against
    kinds = {item.counts.kind for item in taken} & set(_SILENCE)
    if not kinds:
        return "none of the files is a list of detections"
    for kind in kinds:
        if not any(item.counts.hosts for item in taken if item.counts.kind == kind):
            return "the list of detections holds no host at all"
    for kind in ("HOST_LIST_OUTPUT", _CUMULATIVE):
        missing = _missing_page([item for item in taken if item.counts.kind == kind])
        if missing:
            return missing
    return ""


def _against(item: _Taken) -> str:
    """Return what one file itself says against being whole."""
    if item.counts.error is not None:
        return f"{item.counts.file}: {item.counts.error}"
    if item.narrowed:
        return f"{item.counts.file}: {item.narrowed}"
    if item.unnamed_hosts:
        return f"{item.counts.file} holds {item.unnamed_hosts} hosts whose ID cannot be read"
    if item.counts.kind in _KNOWLEDGE and item.counts.rejects:
        return f"{item.counts.file}: {item.counts.rejects} KnowledgeBase entries or claims were rejected"
    return ""


def _missing_page(files: Sequence[_Taken]) -> str:
    """Return which page is missing, "" if none is.

    A truncated page names the host with which the next one begins. Only a file that begins with that very host is known
    to be the next page: with any later one, a page in between might be missing, and its hosts would look clean.
    """
    for item in files:
        if item.truncation is None:
            continue
        if not any(other.first_id == item.truncation.next_id > item.last_id for other in files):
            return (
                f"{item.counts.file} was truncated by the server, and no file begins with host "
                f"{item.truncation.next_id or '?'}, where its next page begins"
            )
    return ""
