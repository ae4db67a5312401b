"""The quota plan: calls that all update rules need of each account, against the calls it allows. Shown before a rule acts.

Qualys counts calls for each subscription and resource in a window. What a server's headers told of an account is taken;
where nothing is known, the limits of a Standard subscription are (API guide, limits: 300 calls an hour).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from vatriage.clock import Clock, now_us
from vatriage.model.due import due_between
from vatriage.model.instant import format_instant
from vatriage.model.schedule import ScheduleKind
from vatriage.model.update_rule import UpdateRule
from vatriage.store.bulk import fetch
from vatriage.store.devices import PermitLimit
from vatriage.usecases.config_kind import Content
from vatriage.usecases.pull_calls import calls_needed, expected_figures
from vatriage.usecases.pull_mode import Mode, last_full
from vatriage.usecases.quota_subjects import PlannedDevice, planned_devices, planned_rules
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
    """Or the subscription, where accounts share its limits."""
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
    full_every_s: float = 0.0, candidate: tuple[str, Content] | None = None, pending: bool = False,
    zones: Collection[str] | None = None, limits_of: Callable[[str, str], str] | None = None,
) -> QuotaPlan:  # fmt: skip
    """Return the plan of all active rules, with a rule that is not accepted yet, or with all that is submitted.

    Args:
        calls: tells what a device's URL asks for.
        account_of: returns the account of a URL and a login.
        page_hosts: hosts of one page.
        clock: the plan begins now.
        full_every_s: after how long a pull is a full one again; 0 = each is.
        candidate: name and content of the rule in question; it stands in for the acting one of that name.
        pending: plan what will act once all that is submitted is activated.
        zones: show the accounts of the devices of these zones only (None = all); every call to them counts all the same.
        limits_of: returns whose limits a URL and a login count against; None = each account has limits of its own.

    Raises:
        UsageError: the candidate's content cannot be meant.
    """
    now, plan = now_us(clock) // 1_000_000, QuotaPlan()
    devices = planned_devices(account_of, limits_of or account_of, pending=pending)
    hosts = _known_hosts()
    theirs = {device.owner: _hosts_of(device.owner, devices, hosts) for device in devices}
    asked: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for planned in planned_rules(candidate, pending=pending):
        meant = [device for device in devices if planned.rule.selects(device)]
        if candidate is not None and planned.name == candidate[0] and not meant:
            plan.warnings.append(f"Update rule {planned.name!r} selects no device.")
        runs = _runs(planned.key, planned.rule, now)
        for device in meant:
            kind = calls.query(device.url).kind
            needs = _needs(device, kind, hosts.get(device.account, 0), page_hosts, full_every_s)
            for resource, at, number in needs.of_runs(runs):
                asked.setdefault((device.owner, resource), []).append((at, number))
    if zones is not None:
        seen = {device.owner for device in devices if device.zone in zones}
        asked = {key: events for key, events in asked.items() if key[0] in seen}
    for (account, resource), events in sorted(asked.items()):
        _plan_line(plan, account, resource, events, theirs[account], now)
    for account in sorted({account for account, _ in asked if not theirs[account]}):
        plan.warnings.append(f"Account {account}: no host of it is known yet, so the plan holds its fewest calls.")
    return plan


def _hosts_of(owner: str, devices: Sequence[PlannedDevice], hosts: Mapping[str, int]) -> int:
    """Return how many hosts are known of the accounts that share limits."""
    return sum(hosts.get(account, 0) for account in {device.account for device in devices if device.owner == owner})


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needs:
    """What one device's pulls will ask for."""

    by_mode: Mapping[Mode, Mapping[str, int]]
    last_full_at: int
    full_every_s: float

    def of_runs(self, runs: list[int]) -> Iterable[tuple[str, int, int]]:
        """Yield (resource, instant, calls) of some runs, ascending: deltas, and a full pull whenever one is due."""
        last_full_at = self.last_full_at
        for at in runs:
            mode = Mode.DELTA if at - last_full_at < self.full_every_s and Mode.DELTA in self.by_mode else Mode.FULL
            if mode is Mode.FULL:
                last_full_at = at
            for resource, number in self.by_mode[mode].items():
                yield resource, at, number


def _needs(device: PlannedDevice, kind: QueryKind, hosts: int, page_hosts: int, full_every_s: float) -> _Needs:
    expected = expected_figures(device.stored, hosts, page_hosts)
    if kind is not QueryKind.CURRENT:
        expected = {Mode.FULL: expected[Mode.FULL]}
    return _Needs(
        by_mode={mode: calls_needed(kind, figures) for mode, figures in expected.items()},
        last_full_at=0 if device.stored is None else last_full(device.stored), full_every_s=full_every_s,
    )  # fmt: skip


def _known_hosts() -> dict[str, int]:
    sql = "SELECT a.name, COUNT(*) FROM hosts h JOIN accounts a ON a.id = h.account_id WHERE h.gone_at = 0 GROUP BY a.name"
    return {str(name): int(number) for name, number in fetch(sql)}
