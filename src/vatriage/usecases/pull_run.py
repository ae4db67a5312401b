"""A pull under way: what its kinds (current, saved, real time) share."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from vatriage.model.instant import US, format_instant
from vatriage.store.devices import Device
from vatriage.store.ledger import OpenPull, newest_scan
from vatriage.store.pull_hosts import count_missing, ids_set_aside, missing_hosts
from vatriage.usecases.merge_page import MergeCounts
from vatriage.usecases.page_commit import KNOWLEDGE_BASE
from vatriage.usecases.page_taker import PageTaker
from vatriage.usecases.pull_mode import Plan
from vatriage.usecases.pull_tools import PullTools
from vatriage.usecases.unknown_elements import unknown_of, unknown_told
from vatriage.vendors.interface import ReportQuery, ReportUnreadableError

MISSING_NAMED = 100
"""Missing hosts that a result names; the pull's page has all."""
_LIST_STEPS = ("hosts", "ids", "changed")


class HostsMissingError(ReportUnreadableError):
    """Everything was fetched but hosts that do not come, however they are asked for."""


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
    mode: str = ""
    """full or delta; "" = its kind knows no such difference."""
    why_mode: str = ""
    hosts_in_account: int = 0
    """A delta: hosts that the account holds; of the others nothing is known to have changed. 0 = not told."""
    hosts_expected: int = 0
    """Hosts whose findings were asked for."""
    hosts_purged: int = 0
    """Hosts that the account lost while it was pulled."""
    hosts_missing: int = 0
    """Hosts that are not known whole: they did not come, or something of them cannot be read."""
    missing: list[dict[str, Any]] = field(default_factory=list)
    """The first of them: id, address, reason."""
    nothing: str = ""
    """Why no host came, "" if some did."""
    watermark: int = 0
    """Up to when the host list is known to be whole, seconds by the earlier of both clocks; 0 = not told."""
    detections: int = 0
    vulnerabilities: int = 0
    rejects: int = 0
    unnamed_hosts: int = 0
    pages: int = 0
    qids_without_entry: list[int] = field(default_factory=list)
    changes: MergeCounts = field(default_factory=MergeCounts)
    newest_scan: str | None = None
    """When the newest scan it reported looked at a host, ISO 8601; None = it reported none."""
    unknown_elements: dict[str, int] = field(default_factory=dict)
    """Elements that no reader has heard of, by name: how many were passed over."""
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
    plan: Plan
    started_at: int
    """When the pull began, by our clock, seconds."""
    fetched_all: bool = False
    """Nothing is left to fetch: a pull that is not complete all the same is not gone on with."""
    vouchable: bool = False
    """The request was the whole one of VERDICT 3.1: what it leaves out is absent."""

    @property
    def since(self) -> int:
        """Hosts whose scans were taken in after this instant are asked for, seconds; 0 = all."""
        return self.plan.since

    def sum_up(self) -> None:
        """Add up the pages, those of an earlier process included."""
        result, lines = self.result, self.taker.lines
        result.pages = len(lines)
        for name in ("detections", "vulnerabilities", "rejects", "unnamed_hosts"):
            setattr(result, name, sum(line.counts[name] for line in lines))
        result.unknown_elements = unknown_of(lines)
        result.notes.extend(unknown_told(result.unknown_elements))
        result.hosts_missing = count_missing(self.opened.id)
        result.missing = [
            {"id": host.vendor_id, "address": host.address, "reason": host.reason}
            for host in missing_hosts(self.opened.id, MISSING_NAMED)
        ]
        dates = [line.generated_at for line in lines if line.step in _LIST_STEPS]
        result.watermark = min([*dates, self.started_at]) if dates and all(dates) else 0
        scanned_at = newest_scan(self.opened)
        result.newest_scan = format_instant(scanned_at * US) if scanned_at else None
        for item in fields(MergeCounts):
            setattr(result.changes, item.name, sum(line.changes.get(item.name, 0) for line in lines))

    def doubt(self) -> None:
        """Raise: ReportUnreadableError: hosts are missing, or records without which nobody knows what is missing."""
        if aside := len(ids_set_aside(self.opened)):
            raise HostsMissingError(
                f"{aside:,} of {self.result.hosts_expected:,} hosts did not come, however they were asked for.",
                f"All others were taken in; nothing is refuted. `vatriage pulls {self.opened.id}` names them; the next pull "
                "asks for them again.",
            )
        if sum(line.counts["rejects"] for line in self.taker.of_step("ids")):
            raise ReportUnreadableError(
                "The list of the account's host ids holds some that cannot be read, so nobody knows which hosts are gone.",
                "What was found counts; see the rejected records, and pull again.",
            )
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
