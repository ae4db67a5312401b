"""An update rule as something that is submitted and activated. See ConfigKind; the subject is the rule's name."""

from vatriage.errors import UsageError
from vatriage.model.name import checked_name
from vatriage.model.schedule import ScheduleKind
from vatriage.model.update_rule import DeviceSelector, ZoneSelector, rule_content, rule_of
from vatriage.store.devices import Device
from vatriage.store.places import Zone
from vatriage.store.update_rules import RuleRow
from vatriage.usecases.config_kind import Content

_WITHOUT_ZONE_WORDS = (ScheduleKind.ON_DEMAND, ScheduleKind.EVERY)
"""The kinds of schedule whose words do not name the time zone; their blackout windows are local all the same."""


class UpdateRuleKind:
    """See ConfigKind. Content: see model/update_rule; nothing is due before the rule's first activation."""

    name = "update rule"

    def current(self, subject: str) -> Content | None:
        """See ConfigKind.current."""
        row = RuleRow.objects.filter(name=subject).first()
        return None if row is None else {"selectors": row.selectors, "schedule": row.schedule}

    def check(self, subject: str, content: Content) -> None:
        """See ConfigKind.check."""
        checked_name("rule name", subject)
        for selector in rule_of(content).selectors:
            if isinstance(selector, DeviceSelector) and not Device.objects.filter(name=selector.device).exists():
                raise UsageError(f"The selected device {selector.device!r} is not here.", "Add the device first.")
            if isinstance(selector, ZoneSelector) and not Zone.objects.filter(name=selector.zone).exists():
                raise UsageError(f"The selected zone {selector.zone!r} is not here.", "Add a device to it first.")

    def check_kept(self, before: Content, content: Content) -> None:
        """See ConfigKind.check_kept: a rule holds no password."""

    def noted(self, subject: str, content: Content | None, now: int) -> None:
        """See ConfigKind.noted. A rule that waits is listed from its pending change."""

    def renamed(self, subject: str, name: str, now: int) -> None:
        """See ConfigKind.renamed. A rule's name decides its jitter."""
        del name, now
        raise UsageError(f"The rule {subject!r} keeps its name.", "Add another one, and delete this one.")

    def confirmed(self, content: Content, addresses: int) -> Content:
        """See ConfigKind.confirmed. A rule starts no scan that its device was not confirmed for."""
        del addresses
        return content

    def to_confirm(self, content: Content) -> int | None:
        """See ConfigKind.to_confirm."""
        del content
        return None

    def apply(self, subject: str, content: Content | None, now: int) -> None:
        """See ConfigKind.apply. A changed schedule begins now: what it would have named before is not missed."""
        row = RuleRow.objects.filter(name=subject).first()
        if content is None:
            if row is not None:
                row.delete()
            return
        plain = rule_content(rule_of(content))
        row = row or RuleRow(name=subject, due_since=now, created_at=now, schedule=plain["schedule"])
        if row.schedule != plain["schedule"]:
            row.due_since = now
        row.selectors, row.schedule, row.changed_at = plain["selectors"], plain["schedule"], now
        row.save()

    def shown(self, content: Content) -> Content:
        """See ConfigKind.shown. A rule holds no secret."""
        rule = rule_of(content)
        plain = rule_content(rule)["schedule"]
        rest = {name: plain[name] for name in ("jitter_s", "missed", "blackouts") if name in plain}
        if rule.schedule.kind in _WITHOUT_ZONE_WORDS:
            rest["time_zone"] = plain["zone"]
        return {"selects": [item.words for item in rule.selectors], "schedule": rule.schedule.words, **rest}
