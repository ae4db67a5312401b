"""Pulls as people look at them: the list, one pull with its stages, its pages and rejects, what broke it off and why."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from vatriage.errors import NotFoundError, VatriageError
from vatriage.model.viewer import Viewer
from vatriage.store import ledger
from vatriage.store import pull_list as rows
from vatriage.store.leases import is_held
from vatriage.store.progress import Standing, standing_of
from vatriage.store.pull_hosts import MissingHost, count_missing, missing_hosts
from vatriage.store.pull_list import LedgerLine, PageTotals, PullRow, PullSearch, RejectLine
from vatriage.usecases.pull_progress import STAGES
from vatriage.usecases.pull_waits import Wait, waits_of
from vatriage.usecases.sight import sight
from vatriage.vendors.interface import Calls, QueryKind

MISSING_SHOWN = 200
PAGE = 50
"""Lines of a page of any of these lists."""
_CHANGES = (
    "hosts_new", "hosts_changed", "hosts_gone", "detections_new", "detections_changed", "detections_unchanged", "fixed", "reopened",
    "gone",
)  # fmt: skip
"""Of usecases/merge_page.MergeCounts."""
_STAGES_OF: dict[QueryKind | None, tuple[str, ...]] = {
    QueryKind.CURRENT: ("host_list", "detections", "knowledge_base", "vouching", "snapshot"),
    QueryKind.LAST_SAVED: ("scan_report_list", "scan_report", "knowledge_base", "snapshot"),
    QueryKind.SAVED: ("scan_report", "knowledge_base", "snapshot"),
    QueryKind.REAL_TIME: ("scan", "knowledge_base", "snapshot"),
}


class StageState(StrEnum):
    """Where a stage stands."""

    DONE = "done"
    NOW = "under way"
    WAITING = "waiting"
    FAILED = "failed"
    LATER = "not yet"
    NEVER = "not reached"


class Stage(NamedTuple):
    """A stage of a pull."""

    label: str
    state: StageState


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What broke a pull off (usecases/diagnosis_words), as the ledger keeps it."""

    message: str
    """The words of the guide's Table 12-1 where it has some."""
    stage: str
    """In which stage of the pull."""
    came_back: str
    sentence: str
    """The error with its remedy, as the command line says it."""
    hints: tuple[str, ...]
    causes: tuple[str, ...]
    """That fit, each with what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullView:
    """A pull or import as it is shown."""

    row: PullRow
    kind: str
    """last saved, real time, current, saved; or import."""
    seconds: int
    """How long it took, or has taken so far."""
    expected: int | None
    received: int
    rejected: int
    """Hosts of which something could not be read."""
    totals: PageTotals
    changes: dict[str, int | None]
    """What merging changed, by the names of _CHANGES; None = not known yet."""
    trouble: Trouble | None
    wait: Wait | None
    """The controller goes on with it then."""

    @property
    def running(self) -> bool:
        """Whether the ledger is still open."""
        return self.row.state == ledger.RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """One pull, with how it stands."""

    view: PullView
    standing: Standing | None
    stages: list[Stage]
    bytes: int
    """That came so far, those of the page under way included."""
    missing: list[MissingHost]
    """The first of the hosts that it does not know whole."""
    hosts_missing: int
    """How many they are."""
    complete_at: int
    """When the device's last complete pull began, seconds; 0 = never."""
    abandoned: bool
    """It is open, and no process works on it: it died."""

    @property
    def live(self) -> bool:
        """Whether anything will change by itself."""
        return (self.view.running and not self.abandoned) or self.standing is not None


class ListPage(NamedTuple):
    """A page of the list of pulls, newest first."""

    pulls: list[PullView]
    next: int
    """What the next page's numbers are below, 0 = there is none."""


def list_pulls(search: PullSearch, below: int, *, viewer: Viewer, calls: Calls, now: int) -> ListPage:
    """Return a page of the pulls and imports of the zones that the viewer sees."""
    found = rows.newest_pulls(search, sight(viewer.zones), below=below, limit=PAGE + 1)
    views = _views(found[:PAGE], calls, now)
    return ListPage(views, found[PAGE - 1].id if len(found) > PAGE else 0)


def device_names(viewer: Viewer) -> list[str]:
    """Return the names of the devices of the zones that the viewer sees."""
    return rows.devices_seen(sight(viewer.zones))


def find_pull(number: int, *, viewer: Viewer) -> PullRow:
    """Return a pull. Raises: NotFoundError: there is none of that number that the viewer sees."""
    row = rows.pull_row(number, sight(viewer.zones))
    if row is None:
        raise NotFoundError(f"There is no pull {number}.", "The list of pulls has all that you may see.")
    return row


def look_at_pull(number: int, *, viewer: Viewer, calls: Calls, now: int) -> LiveView:
    """Return one pull, with how it stands at present. Raises: NotFoundError."""
    row = find_pull(number, viewer=viewer)
    (view,) = _views([row], calls, now)
    standing = standing_of(number)
    held = row.device_id is not None and is_held(row.device_id, now)
    if not held:
        standing = None  # what a process left that died
    bytes_now = standing.bytes if standing else 0
    return LiveView(
        view=view, standing=standing, stages=_stages(view, _kind(row, calls), standing), bytes=view.totals.bytes + bytes_now,
        missing=missing_hosts(number, MISSING_SHOWN), hosts_missing=count_missing(number),
        complete_at=rows.last_complete(row.device_id) if row.device_id else 0, abandoned=view.running and not held,
    )  # fmt: skip


def pages_of(number: int, above: int) -> tuple[list[LedgerLine], int]:
    """Return some committed pages of a pull in order, and above which number the next ones are (0 = none)."""
    lines = rows.ledger_lines(number, above=above, limit=PAGE + 1)
    return lines[:PAGE], lines[PAGE - 1].number if len(lines) > PAGE else 0


def rejects_page(number: int, above: int) -> tuple[list[RejectLine], int]:
    """Return some rejects of a pull in order, and above which number the next ones are (0 = none)."""
    lines = rows.reject_lines(number, above=above, limit=PAGE + 1)
    return lines[:PAGE], lines[PAGE - 1].id if len(lines) > PAGE else 0


def _views(found: list[PullRow], calls: Calls, now: int) -> list[PullView]:
    numbers = [row.id for row in found]
    totals, rejected, waits = rows.page_totals(numbers), rows.hosts_rejected(numbers), waits_of(numbers)
    return [
        _view(row, calls, totals.get(row.id, PageTotals()), rejected.get(row.id, 0), waits.get(row.id), now)
        for row in found
    ]


def _view(
    row: PullRow, calls: Calls, totals: PageTotals, rejected: int, wait: Wait | None, now: int
) -> PullView:  # fmt: skip
    kind = _kind(row, calls)
    running = row.state == ledger.RUNNING
    expected = row.counts.get("hosts_expected")
    if running:
        expected = rows.hosts_listed(row.id) if kind is QueryKind.CURRENT else None
    elif row.error:
        expected = expected or None  # it broke off before it knew
    told: dict[str, Any] = {} if running else row.counts.get("changes") or row.counts
    return PullView(
        row=row, kind=str(kind or "pull") if row.origin == "pull" else row.origin,
        seconds=max((now if running else row.finished_at) - row.started_at, 0),
        expected=expected, received=totals.received, rejected=rejected, totals=totals,
        changes={name: told.get(name) for name in _CHANGES},
        trouble=_trouble(row), wait=wait,
    )  # fmt: skip


def _kind(row: PullRow, calls: Calls) -> QueryKind | None:
    """Return what a pull's URL asked for; None: an import, or a URL that is not understood any more."""
    try:
        return calls.query(str(row.request["url"])).kind if "url" in row.request else None
    except VatriageError:
        return None


def _stages(view: PullView, kind: QueryKind | None, standing: Standing | None) -> list[Stage]:
    names = _STAGES_OF.get(kind, ())
    if standing is None and view.row.state == ledger.COMPLETE:
        return [Stage(STAGES[name], StageState.DONE) for name in names]
    current, at_present = _current_stage(view, names, standing)
    place = names.index(current) if current in names else 0
    later = StageState.LATER if standing else StageState.NEVER
    states = [StageState.DONE] * place + [at_present] + [later] * (len(names) - place - 1)
    return [Stage(STAGES[name], state) for name, state in zip(names, states, strict=False)]


def _current_stage(view: PullView, names: tuple[str, ...], standing: Standing | None) -> tuple[str, StageState]:
    """Return the stage that a pull is in, or in which it ended."""
    if standing is not None:
        return standing.stage, StageState.WAITING if standing.waiting_until else StageState.NOW
    told = view.row.counts.get("ended_in")
    taken = [name for name in names if name in rows.resources_taken(view.row.id)]
    return str(told or (taken[-1] if taken else "")), StageState.FAILED


def _trouble(row: PullRow) -> Trouble | None:
    """Return what broke a pull off, None if nothing did; older ledgers, and imports, hold one sentence only."""
    if not row.error:
        return None
    told: dict[str, Any] = row.counts.get("trouble") or {}
    ended_in = str(row.counts.get("ended_in", ""))
    what = "The pull was broken off." if row.origin == "pull" else "A file could not be read whole."
    return Trouble(
        message=str(told.get("message", what)), stage=STAGES.get(ended_in, ended_in) or str(told.get("stage", "")),
        came_back=str(told.get("came_back", row.error)), sentence=row.error,
        hints=tuple(map(str, told.get("hints", ()))), causes=tuple(map(str, told.get("causes", ()))),
    )  # fmt: skip
