"""The quota plan: calls that all update rules need of each account, against the calls it allows. Shown before a rule acts.

Qualys counts calls for each subscription and resource in a window. What a server's headers told of an account is taken;
where nothing is known, the limits of a Standard subscription are (API guide, limits: 300 calls an hour).
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from vatriage.clock import Clock, now_us
from vatriage.model.due import due_between
from vatriage.model.instant import format_instant
from vatriage.model.schedule import ScheduleKind
from vatriage.model.update_rule import UpdateRule, rule_of
from vatriage.store.bulk import fetch
from vatriage.store.devices import Device, PermitLimit
from vatriage.store.update_rules import RuleRow
from vatriage.usecases.config_kind import Content
from vatriage.usecases.update_rules import SelectedDevice
from vatriage.vendors.interface import Calls, QueryKind

STANDARD_CALLS = 300
STANDARD_WINDOW_S = 3_600
LOOK_AHEAD_S = 35 * 86_400
"""Every monthly rule is in it."""
MOST_RUNS = 3_000
"""Of one rule: those of a short interval all look alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLine:
    """One account and resource."""

    account: str
    resource: str
    hosts: int
    """Known in the account; 0 = it was never pulled."""
    calls_needed: int
    """In the busiest window of the next 35 days."""
    calls_allowed: int
    window_s: int
    busiest_at: int
    """When that window begins, seconds."""
    calls_a_day: int
    """On average."""
    told_by_server: bool
    """The limit comes from the server's headers; else it is that of a Standard subscription."""


@dataclass(slots=True, kw_only=True)
class QuotaPlan:
    """What all rules together will ask of the accounts."""

    lines: list[QuotaLine] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def is_too_much(self) -> bool:
        """Whether an account would be asked for more calls than it allows."""
        return any(line.calls_needed > line.calls_allowed for line in self.lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {"lines": [asdict(line) for line in self.lines], "warnings": list(self.warnings)}


def quota_plan(
    calls: Calls, account_of: Callable[[str, str], str], *, page_hosts: int, clock: Clock,
    candidate: tuple[str, Content] | None = None,
) -> QuotaPlan:  # fmt: skip
    """Return the plan of all active rules, with a rule that is not accepted yet.

    Args:
        calls: tells what a device's URL asks for.
        account_of: returns the account of a URL and a login.
        page_hosts: hosts of one page.
        clock: the plan begins now.
        candidate: name and content of the rule in question; it stands in for the acting one of that name.

    Raises:
        UsageError: the candidate's content cannot be meant.
    """
    now, plan = now_us(clock) // 1_000_000, QuotaPlan()
    rules = {row.name: rule_of({"selectors": row.selectors, "schedule": row.schedule}) for row in _acting()}
    keys = {row.name: row.key for row in _acting()}
    if candidate is not None:
        rules[candidate[0]] = rule_of(candidate[1])
    devices = {device.pk: device for device in Device.objects.select_related("zone")}
    accounts = {number: account_of(device.url, device.login) for number, device in devices.items()}
    hosts = _known_hosts()
    asked: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for name, rule in rules.items():
        meant = [item for item in _selectable(devices.values()) if rule.selects(item)]
        if candidate is not None and name == candidate[0] and not meant:
            plan.warnings.append(f"Update rule {name!r} selects no device.")
        runs = _runs(keys.get(name, name), rule, now)
        for item in meant:
            account = accounts[item.id]
            needs = _needs(calls.query(devices[item.id].url).kind, hosts.get(account, 0), page_hosts)
            for resource, number in needs.items():
                asked.setdefault((account, resource), []).extend((at, number) for at in runs)
    for (account, resource), events in sorted(asked.items()):
        _plan_line(plan, account, resource, events, hosts.get(account, 0), now)
    for account in sorted({account for account, _ in asked if not hosts.get(account)}):
        plan.warnings.append(f"Account {account}: no host of it is known yet, so the plan holds its fewest calls.")
    return plan


def _plan_line(
    plan: QuotaPlan, account: str, resource: str, events: list[tuple[int, int]], hosts: int, now: int
) -> None:
    limit = PermitLimit.objects.filter(account=account, resource=resource, calls__gt=0).first()
    allowed, window_s = (limit.calls, limit.window_s) if limit else (STANDARD_CALLS, STANDARD_WINDOW_S)
    needed, busiest_at = _busiest(sorted(events), window_s)
    span_s = max(max(at for at, _ in events) - now, 86_400)
    line = QuotaLine(
        account=account, resource=resource, hosts=hosts, calls_needed=needed, calls_allowed=allowed, window_s=window_s,
        busiest_at=busiest_at, calls_a_day=round(sum(number for _, number in events) * 86_400 / span_s),
        told_by_server=limit is not None,
    )  # fmt: skip
    plan.lines.append(line)
    if needed > allowed:
        plan.warnings.append(
            f"Account {account}: {needed:,} calls of {resource} within {window_s:,} s from "
            f"{format_instant(busiest_at * 1_000_000)} on, but {allowed:,} are allowed: pulls will wait for the limit and "
            "end late. Choose other times or a jitter, select fewer devices at a time, or set VATRIAGE_PAGE_HOSTS higher."
        )


def _busiest(events: list[tuple[int, int]], window_s: int) -> tuple[int, int]:
    """Return how many calls fall into the busiest window, and when that begins."""
    best, best_at, total, first = 0, events[0][0], 0, 0
    for at, number in events:
        total += number
        while events[first][0] <= at - window_s:
            total -= events[first][1]
            first += 1
        if total > best:
            best, best_at = total, events[first][0]
    return best, best_at


def _runs(key: str, rule: UpdateRule, now: int) -> list[int]:
    """Return when a rule runs; one that runs on demand only is taken to run once, now."""
    if rule.schedule.kind is ScheduleKind.ON_DEMAND:
        return [now]
    return [due.at for due in islice(due_between(rule.schedule, key, now, now + LOOK_AHEAD_S), MOST_RUNS)]


def _needs(kind: QueryKind, hosts: int, page_hosts: int) -> Mapping[str, int]:
    """Return the calls of one pull by resource: pages of the known hosts, the list asked twice, the KnowledgeBase twice."""
    pages = max(math.ceil(hosts / page_hosts), 1)
    match kind:
        case QueryKind.CURRENT:
            own = {"host_list": pages + 1, "detections": pages}
        case QueryKind.LAST_SAVED:
            own = {"scan_report_list": 1, "scan_report": 1}
        case QueryKind.SAVED:
            own = {"scan_report": 1}
        case QueryKind.REAL_TIME:
            own = {"scan": 1, "scan_running_list": 1, "scan_report_list": 1, "scan_report": 1}
    return own | {"knowledge_base": 2}


def _acting() -> Iterable[RuleRow]:
    return RuleRow.objects.filter(paused=False)


def _known_hosts() -> dict[str, int]:
    sql = "SELECT a.name, COUNT(*) FROM hosts h JOIN accounts a ON a.id = h.account_id WHERE h.gone_at = 0 GROUP BY a.name"
    return {str(name): int(number) for name, number in fetch(sql)}


def _selectable(devices: Iterable[Device]) -> list[SelectedDevice]:
    return [SelectedDevice(int(device.pk), device.name, device.zone.name) for device in devices]
