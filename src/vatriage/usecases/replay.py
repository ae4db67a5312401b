"""The kept pages of a pull, read again after a reader was mended: merged as they were, with the dates they came with.

A replay adds what the pages say and was not understood before. It vouches for nothing, so that it refutes nothing: what is
absent, fixed by silence or gone was decided by the pull itself, or is by the next one. A newer row stands, because merging
goes by dates. Each page is a transaction; a process that dies leaves whole pages, and the same replay again changes
nothing but what is left.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import zstandard

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError, written
from vatriage.model.instant import US
from vatriage.model.viewer import Who
from vatriage.store import ledger
from vatriage.store.audit import note
from vatriage.store.leases import holder
from vatriage.store.ledger import OpenPull
from vatriage.store.page_rows import COUNTED, PageLine, load_pages, save_page
from vatriage.store.replays import ORIGIN, committed_at, end_dead_replays, find_replayable
from vatriage.store.turns import writers_turn
from vatriage.usecases.merge_page import MergeCounts, Silence, merge_page
from vatriage.usecases.page_commit import count
from vatriage.usecases.snapshots import finish_snapshot, mark_behind
from vatriage.usecases.unknown_elements import noted
from vatriage.usecases.vouching import settle
from vatriage.vendors.interface import ReportReader

_PIECE = 1 << 20
_FINDINGS = "detections"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayTools:
    """What a replay works with."""

    reader: ReportReader
    pages: Path
    """Folder of raw pages."""
    snapshots: Path
    clock: Clock
    progress: Callable[[int, str], None]
    """Told of every page: how many, and what."""


@dataclass(slots=True, kw_only=True)
class ReplayResult:
    """What a replay did."""

    pull: int
    replay: int
    """Its own number in the ledger."""
    state: str
    pages: int = 0
    """That the pull had."""
    read: int = 0
    missing: list[int] = field(default_factory=list)
    """Numbers of pages whose files are not here any more."""
    damaged: dict[int, str] = field(default_factory=dict)
    """Numbers of pages whose files are not what came, or cannot be read as a document, with why."""
    rejects: int = 0
    rejects_before: int = 0
    """What the pull had rejected of the pages that were read."""
    unknown_elements: dict[str, int] = field(default_factory=dict)
    """Elements that no reader has heard of, by name."""
    changes: MergeCounts = field(default_factory=MergeCounts)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self) | {"damaged": {str(number): why for number, why in self.damaged.items()}}

    @property
    def error(self) -> str:
        """Which pages were not read, "" if all were."""
        parts = []
        if self.missing:
            parts.append(f"{len(self.missing)} of {self.pages} pages are not kept any more")
        parts += [f"page {number}: {why}" for number, why in self.damaged.items()]
        return "; ".join(parts)


def replay_pull(number: int, tools: ReplayTools, who: Who) -> ReplayResult:
    """Read the kept pages of a pull again.

    Raises:
        NotFoundError: there is no such pull, or none of its pages is kept.
        UsageError: it is no pull, may yet be gone on with, or somebody replays it at the moment.
        DiskError: there is no room to unpack a page.
    """
    pull = _replayable(number)
    lines = load_pages(pull)
    if not any(line.raw_file and (tools.pages / Path(line.raw_file).name).is_file() for line in lines):
        raise NotFoundError(f"No page of pull {number} is kept.", "They were removed, or none came: pull again.")
    now = _now(tools)
    mark_behind(tools.snapshots)
    with writers_turn():
        if busy := end_dead_replays(number, now):
            raise UsageError(f"Pull {number} is being replayed by another process ({busy}).", "Wait for it.")
        opened = ledger.open_pull(
            zone=pull.zone, account=pull.account, origin=ORIGIN, started_at=now,
            request={"pull": number, "by": holder()},
        )  # fmt: skip
    result = ReplayResult(pull=number, replay=opened.id, state=ledger.RUNNING, pages=len(lines))
    _read_pages(opened, lines, committed_at(number), tools, result)
    _close(opened, tools, result, who)
    return result


def _replayable(number: int) -> OpenPull:
    found = find_replayable(number)
    if found is None:
        raise NotFoundError(f"There is no pull {number}.", "`vatriage pulls` lists them.")
    if found.origin != "pull":
        raise UsageError(f"{number} is no pull of a device but an {found.origin}.", "Import its files again.")
    if found.open:
        raise UsageError(
            f"Pull {number} has not ended: its device's next pull goes on with it.",
            "Pull the device; a pull that has ended can be replayed.",
        )
    return found.pull


def _read_pages(
    opened: OpenPull, lines: list[PageLine], dates: dict[int, int], tools: ReplayTools, result: ReplayResult
) -> None:
    try:
        for line in lines:
            _read_page(opened, line, dates[line.number], tools, result)
            tools.progress(line.number, line.resource)
        result.state = ledger.INCOMPLETE if result.error else ledger.COMPLETE
    finally:
        if result.state == ledger.RUNNING:  # broken off: what was read is merged
            with writers_turn():
                _end(opened, result, ledger.INCOMPLETE, "interrupted", _now(tools))


def _read_page(opened: OpenPull, line: PageLine, at: int, tools: ReplayTools, result: ReplayResult) -> None:
    path = tools.pages / Path(line.raw_file).name
    if not line.raw_file or not path.is_file():
        result.missing.append(line.number)
        return
    with TemporaryFile(dir=tools.pages) as body:
        try:
            digest = _unpack(path, body)
        except FileNotFoundError:
            result.missing.append(line.number)
            return
        except zstandard.ZstdError as error:
            result.damaged[line.number] = f"its file cannot be unpacked ({error})"
            return
        if digest != line.sha256:
            result.damaged[line.number] = "its file does not hold what came (the hash differs)"
            return
        _merge(opened, line, at, body, tools, result)


def _unpack(path: Path, body: IO[bytes]) -> str:
    """Unpack a page; return its SHA-256, and leave the file at its beginning."""
    digest = sha256()
    with written(f"the unpacked page of {path}"), path.open("rb") as packed:
        source = zstandard.ZstdDecompressor().stream_reader(packed)
        while piece := source.read(_PIECE):
            digest.update(piece)
            body.write(piece)
        body.flush()
    body.seek(0)
    return digest.hexdigest()


def _merge(
    opened: OpenPull, line: PageLine, at: int, body: IO[bytes], tools: ReplayTools, result: ReplayResult
) -> None:
    """Merge a page as the pull did, and commit it with its line in the replay's ledger."""
    changes, counts = MergeCounts(), dict.fromkeys(COUNTED, 0)
    findings = line.resource == _FINDINGS
    with writers_turn():
        reading = tools.reader.open(body, f"{line.resource} page {line.number} of pull {result.pull}")  # type: ignore[arg-type]  # a temporary file is read like any other
        for page in reading.pages():
            merge_page(
                opened, page, generated_at=reading.end.generated_at or at, recorded_at=at, listed=False,
                silence=Silence.OF_ALL_SCANS if findings else Silence.PROVES_NOTHING, confirms=_confirms(line),
                counts=changes, live=True,
            )  # fmt: skip
            count(page, counts)
        save_page(
            opened,
            PageLine(
                resource=line.resource, number=line.number, request=line.request, raw_file="", sha256=line.sha256,
                size=line.size, next_id=0, step=line.step, changes=asdict(changes) | noted(reading.end), counts=counts,
            ),
            _now(tools),
        )  # fmt: skip
    result.read += 1
    for name, number in reading.end.unknown.items():
        result.unknown_elements[name] = result.unknown_elements.get(name, 0) + number
    if reading.end.error:
        result.damaged[line.number] = reading.end.error
    result.rejects += counts["rejects"]
    result.rejects_before += line.counts["rejects"]
    for item in fields(MergeCounts):
        setattr(result.changes, item.name, getattr(result.changes, item.name) + getattr(changes, item.name))


def _confirms(line: PageLine) -> bool:
    """Whether a page only showed that hosts without findings are still there; older ledgers tell it by the request."""
    return line.step == "silent" or (not line.step and line.resource == "host_list" and "ids=" in line.request)


def _close(opened: OpenPull, tools: ReplayTools, result: ReplayResult, who: Who) -> None:
    now = _now(tools)
    with writers_turn():
        _end(opened, result, result.state, result.error, now)
        note(who, now, "pull replayed", f"pull {result.pull}", None, result.to_dict())
    finish_snapshot(tools.snapshots)


def _end(opened: OpenPull, result: ReplayResult, state: str, error: str, now: int) -> None:
    settle(opened)
    ledger.forget_hosts(opened)
    ledger.close_pull(
        opened, state=state, finished_at=now, whole=False, vouched_checks=False, counts=result.to_dict(), error=error
    )


def _now(tools: ReplayTools) -> int:
    return now_us(tools.clock) // US
