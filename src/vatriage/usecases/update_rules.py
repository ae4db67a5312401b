"""Update rules: list, find, submit, pause, resume, remove; which devices they select; the rule that is offered first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.due import next_due
from vatriage.model.schedule import ScheduleKind
from vatriage.model.schedule_content import schedule_of
from vatriage.model.update_rule import UpdateRule, rule_content, rule_of
from vatriage.model.viewer import Who
from vatriage.store.audit import note
from vatriage.store.changes import PendingChange
from vatriage.store.devices import Device
from vatriage.store.update_rules import RuleRow, RuleRun
from vatriage.usecases.changes import Changes
from vatriage.usecases.config_kind import Content
from vatriage.usecases.devices import ACCESS_IP

KIND = "update rule"


@dataclass(frozen=True, slots=True)
class SelectedDevice:
    """A device as selectors see it. See Selectable."""

    id: int
    name: str
    zone: str
    access_ip: str = ACCESS_IP


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule as lists show it."""

    name: str
    content: Content
    """What acts; of a rule that was never activated, what is submitted."""
    selects: tuple[str, ...]
    """The selectors in words."""
    schedule: str
    """In words."""
    devices: tuple[str, ...]
    """Names of the active devices it selects."""
    active: bool
    paused: bool
    pending: str | None
    """What waits for activation: add, change, delete."""
    last_run: int
    """When its last run that was not skipped was due, seconds; 0 = never."""
    result: str
    """The state of that run, "" = it never ran."""
    error: str
    next_run: int
    """Seconds; 0 = on demand only, paused, or not active."""
    running: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "name": self.name, **self.content, "selects": list(self.selects), "words": self.schedule,
            "devices": list(self.devices), "active": self.active, "paused": self.paused, "pending": self.pending,
            "last_run": self.last_run or None, "result": self.result or None, "error": self.error or None,
            "next_run": self.next_run or None, "running": self.running,
        }  # fmt: skip


def all_rules(clock: Clock) -> list[RuleLine]:
    """Return every rule, those that wait for their first activation among them, in order of name."""
    now = now_us(clock) // 1_000_000
    pending = {row.subject: row for row in PendingChange.objects.filter(kind=KIND)}
    devices = selectable_devices()
    acting = {row.name: row for row in RuleRow.objects.all()}
    submitted = {name: row.content for name, row in pending.items() if name not in acting and row.content}
    lines = [_line(row, devices, pending.get(name), now) for name, row in acting.items()]
    lines += [_submitted(name, content, devices) for name, content in submitted.items()]
    return sorted(lines, key=lambda line: line.name)


def find_rule(name: str, clock: Clock) -> RuleLine:
    """Return a rule. Raises: NotFoundError: there is none of that name."""
    for line in all_rules(clock):
        if line.name == name:
            return line
    raise NotFoundError(f"There is no update rule named {name!r}.", "`vatriage rule list` shows all.")


def add_rule(name: str, content: Content, *, changes: Changes, who: Who) -> None:
    """Submit a new rule. Raises: UsageError: the name is taken or a field cannot be meant."""
    if changes.submitted(KIND, name) is not None or RuleRow.objects.filter(name=name).exists():
        raise UsageError(f"The rule name {name!r} is taken.", "Choose another name, or edit that rule.")
    changes.submit(KIND, name, rule_content(rule_of(content)), who=who)


def submitted_rule(name: str, *, changes: Changes) -> tuple[Content, str]:
    """Return what a rule will be, and the stamp to change it with. Raises: NotFoundError: it is not there, or will go."""
    stamp = changes.stamp(KIND, name)
    content = changes.submitted(KIND, name)
    if content is None:
        raise NotFoundError(f"There is no update rule named {name!r}.", "`vatriage rule list` shows all.")
    return content, stamp


def edit_rule(name: str, content: Content, *, changes: Changes, who: Who, seen: str | None = None) -> None:
    """Submit a change of a rule. Raises: NotFoundError, UsageError, ConflictError: see Changes.submit."""
    if changes.submitted(KIND, name) is None:
        raise NotFoundError(f"There is no update rule named {name!r}.", "`vatriage rule list` shows all.")
    changes.submit(KIND, name, rule_content(rule_of(content)), who=who, seen=seen)


def remove_rule(name: str, *, changes: Changes, who: Who) -> None:
    """Submit the removal of a rule; the history of its runs stays. Raises: NotFoundError."""
    changes.submit(KIND, name, None, who=who)


def pause_rule(name: str, *, paused: bool, who: Who, clock: Clock) -> None:
    """Pause or resume an active rule at once; what came due in between is not missed. Raises: NotFoundError."""
    now = now_us(clock) // 1_000_000
    with transaction.atomic():
        row = active_rule(name)
        if row.paused == paused:
            return
        note(
            who,
            now,
            f"update rule {'paused' if paused else 'resumed'}",
            name,
            {"paused": row.paused},
            {"paused": paused},
        )
        RuleRow.objects.filter(pk=row.pk).update(paused=paused, due_since=row.due_since if paused else now)


def active_rule(name: str) -> RuleRow:
    """Return the row of an activated rule. Raises: NotFoundError: there is none, or it waits for activation."""
    row = RuleRow.objects.filter(name=name).first()
    if row is None:
        raise NotFoundError(f"There is no active update rule named {name!r}.", "Add it, then run `vatriage activate`.")
    return row


def selectable_devices() -> list[SelectedDevice]:
    """Return the active devices."""
    rows = Device.objects.filter(active=True).select_related("zone").order_by("name")
    return [SelectedDevice(int(row.pk), row.name, row.zone.name) for row in rows]


def selected_devices(rule: UpdateRule, devices: Iterable[SelectedDevice] | None = None) -> list[SelectedDevice]:
    """Return the active devices that a rule selects, in order of name."""
    return [item for item in (selectable_devices() if devices is None else devices) if rule.selects(item)]


def next_pull(device: str, clock: Clock) -> tuple[str, int] | None:
    """Return the rule that pulls a device next and when (seconds), None where none does at a time that is known."""
    coming = [
        (line.next_run, line.name)
        for line in all_rules(clock)
        if line.active and line.next_run and device in line.devices
    ]
    return (min(coming)[1], min(coming)[0]) if coming else None


def offered_rule() -> tuple[str, Content] | None:
    """Return name and content of the daily rule to offer when the first device is added, None where a rule is.

    It selects every QualysGuard device, off-peak, and not in the same minute as other installations.
    """
    if RuleRow.objects.exists() or PendingChange.objects.filter(kind=KIND).exists():
        return None
    schedule = {"kind": ScheduleKind.DAILY.value, "times": ["02:00"], "zone": "UTC", "jitter_s": 3_600}
    network = {"kind": "network", "network": ACCESS_IP, "mask": "255.255.255.255"}
    return "daily", rule_content(rule_of({"selectors": [network], "schedule": schedule}))


def due_after(row: RuleRow) -> int:
    """Return the instant after which the next due run of a rule counts."""
    last = RuleRun.objects.filter(rule=row, requested_by="").order_by("-due").first()
    return max(row.due_since, last.due if last else 0)


def _line(row: RuleRow, devices: list[SelectedDevice], pending: PendingChange | None, now: int) -> RuleLine:
    content = {"selectors": row.selectors, "schedule": row.schedule}
    rule = rule_of(content)
    ran = RuleRun.objects.filter(rule=row, started_at__gt=0).order_by("-due", "-pk").first()
    upcoming = None if row.paused else next_due(schedule_of(row.schedule), row.key, max(due_after(row), now))
    return RuleLine(
        name=row.name, content=content, selects=tuple(item.words for item in rule.selectors),
        schedule=rule.schedule.words, devices=tuple(item.name for item in selected_devices(rule, devices)), active=True,
        paused=row.paused, pending=None if pending is None else "delete" if pending.content is None else "change",
        last_run=ran.due if ran else 0, result=ran.state if ran else "", error=ran.error if ran else "",
        next_run=upcoming.at if upcoming else 0, running=RuleRun.objects.filter(rule=row, finished_at=0).exists(),
    )  # fmt: skip


def _submitted(name: str, content: Content, devices: list[SelectedDevice]) -> RuleLine:
    rule = rule_of(content)
    return RuleLine(
        name=name, content=content, selects=tuple(item.words for item in rule.selectors),
        schedule=rule.schedule.words, devices=tuple(item.name for item in selected_devices(rule, devices)),
        active=False, paused=False, pending="add", last_run=0, result="", error="", next_run=0, running=False,
    )  # fmt: skip
