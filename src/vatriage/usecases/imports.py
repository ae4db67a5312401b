"""Report files of one call into the inventory, taken together, in one transaction (VERDICT 3.1, `--complete`).

Nothing is half-committed: the process may die at any instant and the earlier inventory stands. A bad file does not stop
the others, but it takes the vouching from all: a list of findings that lacks a file must not clear a host.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vatriage.clock import Clock, now_us
from vatriage.model.instant import US
from vatriage.model.name import checked_name
from vatriage.model.report import Reject
from vatriage.store import ledger
from vatriage.store.damaged_copies import DATES, qids_to_make_good
from vatriage.store.ledger import OpenPull
from vatriage.store.turns import writers_turn
from vatriage.usecases.file_counts import NOT_IN_JSON, FileCounts
from vatriage.usecases.file_kinds import DATED_KNOWLEDGE, LISTS, SILENCE
from vatriage.usecases.merge_page import MergeCounts, Silence, merge_page
from vatriage.usecases.snapshots import finish_snapshot, mark_behind
from vatriage.usecases.taken_file import TakenFile
from vatriage.usecases.vouching import settle, vouch
from vatriage.usecases.whole_files import oldest_list, why_not_whole
from vatriage.vendors.interface import Reading, ReportReader

REJECTS_SHOWN = 20
"""Rejects that an import itself hands out."""

Progress = Callable[[str, int], None]
"""Called with a file's name and the bytes read of it so far."""


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

    Raises: UsageError: that cannot be a zone's name.
    """
    checked_name("zone", zone)
    now = now_us(clock) // US
    result = ImportResult()
    mark_behind(snapshots)
    with writers_turn():
        pull = _open(paths, zone, now, complete=complete)
        result.pull = pull.id
        taken = [_take_file(pull, path, reader, now, result, progress) for path in paths]
        _judge(pull, taken, now, result, complete=complete)
        settle(pull)
        _close(pull, taken, now, result)
    finish_snapshot(snapshots)
    return result


def _open(paths: Sequence[Path], zone: str, now: int, *, complete: bool) -> OpenPull:
    return ledger.open_pull(
        zone=zone,
        account=f"offline:{zone}",
        origin="import",
        started_at=now,
        request={"files": [str(path) for path in paths], "complete": complete},
    )


def _take_file(
    pull: OpenPull, path: Path, reader: ReportReader, now: int, result: ImportResult, progress: Progress
) -> TakenFile:
    taken = TakenFile(counts=FileCounts(file=str(path)))
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
    taken: TakenFile,
    now: int,
    result: ImportResult,
    progress: Callable[[int], None],
) -> None:
    for page in reading.pages():
        taken.add_page(page)
        merge_page(
            pull,
            page,
            generated_at=reading.end.generated_at,
            recorded_at=now,
            listed=reading.kind in LISTS,
            silence=SILENCE.get(reading.kind or "", Silence.PROVES_NOTHING),
            counts=result.changes,
        )
        result.first_rejects += page.rejects[: REJECTS_SHOWN - len(result.first_rejects)]
        progress(reading.end.bytes_read)
    taken.finish(reading.end)


def _judge(pull: OpenPull, taken: Sequence[TakenFile], now: int, result: ImportResult, *, complete: bool) -> None:
    """Judge the files together: whether their silence counts, and whether the KnowledgeBase is still sound."""
    result.files = [item.counts for item in taken]
    result.why_not_whole = why_not_whole(taken)
    result.whole = complete and not result.why_not_whole
    if result.whole:
        vouch(
            pull, check_set=True, recorded_at=now, counts=result.changes, silent_hosts_at=oldest_list(taken),
        )  # fmt: skip
    _note_knowledge(pull, taken)
    result.knowledge_sound = ledger.knowledge_is_sound()


def _note_knowledge(pull: OpenPull, taken: Sequence[TakenFile]) -> None:
    """Note what became of the KnowledgeBase, so that a copy that lost entries clears nothing."""
    lost = any(item.lost_knowledge for item in taken)
    entries = sum(item.counts.vulnerabilities for item in taken if item.counts.kind == DATED_KNOWLEDGE)
    ledger.note_knowledge(pull, entries if not lost and _makes_good(taken) else 0, damaged=lost)


def _makes_good(taken: Sequence[TakenFile]) -> bool:
    """Whether the call's dated copies of the KnowledgeBase make good for those that lost entries before."""
    dated = [item for item in taken if item.counts.kind == DATED_KNOWLEDGE and item.generated_at]
    if any(item.asked_whole for item in dated):
        return True
    held: set[int] = set().union(*(item.qids for item in dated))
    return bool(held) and qids_to_make_good() <= held


def _close(pull: OpenPull, taken: Sequence[TakenFile], now: int, result: ImportResult) -> None:
    """Close the import in the ledger, with what its files said."""
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
