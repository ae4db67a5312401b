"""A pull under way: what its kinds (current, saved, real time) share."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from vatriage.model.instant import US, format_instant
from vatriage.store.bulk import fetch
from vatriage.store.devices import Device
from vatriage.store.knowledge_rows import qids_without_entry
from vatriage.store.ledger import COMPLETE, OpenPull, knowledge_is_sound, newest_scan
from vatriage.usecases.merge_page import MergeCounts
from vatriage.usecases.pull_pages import KNOWLEDGE_BASE, PageTaker, PullTools, Wanted
from vatriage.vendors.interface import ReportQuery, ReportUnreadableError, RequestRefusedError

KNOWLEDGE_OVERLAP_S = 2 * 86_400
"""How far a delta of the KnowledgeBase reaches back behind the last complete pull: clocks differ."""


@dataclass(slots=True, kw_only=True)
class PullResult:
    """The ledger of one pull."""

    device: str
    pull: int
    state: str
    whole: bool
    """Its silence counts: every page arrived, and nothing was asked for narrowly."""
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
    newest_scan: str | None = None
    """When the newest scan it reported looked at a host, ISO 8601; None = it reported none."""
    notes: list[str] = field(default_factory=list)
    """Sentences for the person: why nothing came, what is not to be had."""
    error: str | None = None
    trouble: dict[str, Any] | None = None
    """What is behind View Errors (Trouble.to_dict), None if all went well."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


@dataclass(slots=True, kw_only=True)
class PullRun:
    """A pull under way."""

    device: Device
    query: ReportQuery
    opened: OpenPull
    tools: PullTools
    result: PullResult
    taker: PageTaker
    fetched_all: bool = False
    """Nothing is left to fetch: a pull that is not complete all the same is not gone on with."""
    vouchable: bool = False
    """The request was the whole one of VERDICT 3.1: what it leaves out is absent."""

    def sum_up(self) -> None:
        """Add up the pages, those of an earlier process included."""
        result, lines = self.result, self.taker.lines
        result.pages = len(lines)
        for name in ("detections", "vulnerabilities", "rejects", "unnamed_hosts"):
            setattr(result, name, sum(line.counts[name] for line in lines))
        scanned_at = newest_scan(self.opened)
        result.newest_scan = format_instant(scanned_at * US) if scanned_at else None
        for item in fields(MergeCounts):
            setattr(result.changes, item.name, sum(line.changes.get(item.name, 0) for line in lines))

    def doubt(self) -> None:
        """Raise: ReportUnreadableError: records were rejected without which nobody knows what is missing."""
        unnamed = sum(line.counts["unnamed_hosts"] for line in self.taker.lines)
        if unnamed:
            raise ReportUnreadableError(
                f"{unnamed} hosts came without a readable ID, so nobody knows whose findings are missing.",
                "What was found counts, nothing is refuted; see the rejected records, and pull again.",
            )
        entries = sum(line.counts["rejects"] for line in self.taker.lines if line.resource == KNOWLEDGE_BASE)
        if entries:
            raise ReportUnreadableError(
                f"{entries} KnowledgeBase entries or claims cannot be read, so nobody knows which CVE lacks a QID.",
                "What was found counts, nothing new is refuted; see the rejected records, and pull again.",
            )


def take_knowledge(run: PullRun) -> None:
    """Fetch what is new in the KnowledgeBase, and the entries of QIDs that were found and have none."""
    kind = "KNOWLEDGE_BASE_VULN_LIST_OUTPUT"
    calls = run.tools.calls
    since = _knowledge_since(run.device)
    run.taker.take(Wanted(request=calls.knowledge_base(since, ()), kind=kind, whole_knowledge=not since))
    if missing := qids_without_entry():
        run.taker.take(Wanted(request=calls.knowledge_base(0, missing), kind=kind))
    run.result.qids_without_entry = qids_without_entry()


def take_any_knowledge(run: PullRun) -> None:
    """The same for a query of API v1, whose account may know the KnowledgeBase of v1 only, or none."""
    try:
        take_knowledge(run)
    except RequestRefusedError:
        try:
            run.taker.take(Wanted(request=run.tools.calls.saved_knowledge_base(), kind="VULNS"))
        except RequestRefusedError as error:
            run.result.notes.append(
                f"The account gives no KnowledgeBase: only what reports say of QIDs is known. {error}"
            )
        run.result.qids_without_entry = qids_without_entry()


def _knowledge_since(device: Device) -> int:
    """Return since when the KnowledgeBase must be asked for what was modified, 0 for all of it.

    Only a complete pull of this device is known to have left a whole KnowledgeBase: a delta on top of an imported
    excerpt would leave QIDs of a claim out for ever, and with them the chance that one of them objects. Where a copy lost
    entries, only a whole one makes good for it.
    """
    if not knowledge_is_sound():
        return 0
    sql = (
        "SELECT COALESCE(MAX(p.started_at), 0) FROM pulls p WHERE p.device_id = %s AND p.state = %s AND EXISTS "
        "(SELECT 1 FROM pull_pages g WHERE g.pull_id = p.id AND g.resource = 'knowledge_base')"
    )
    complete = fetch(sql, [device.pk, COMPLETE])
    return max(int(complete[0][0]) - KNOWLEDGE_OVERLAP_S, 0)
