"""The form of an update rule: labels and order as in the MARS guide. Works without scripts: Add and Remove send it."""

import json
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms

from vatriage.errors import UsageError
from vatriage.model.schedule import Missed, ScheduleKind
from vatriage.model.update_rule import rule_content, rule_of, selector_of
from vatriage.model.viewer import Viewer
from vatriage.usecases.config_kind import Content
from vatriage.usecases.rule_views import check_reach
from vatriage.usecases.zones import zone_names
from vatriage.web.forms.rule_words import (
    blackout_lines,
    day_names,
    half_hours,
    read_blackouts,
    split_words,
    target_words,
)

MINUTES_A = {"minutes": 1, "hours": 60}
_TARGETS = [("network", "Network IP"), ("range", "IP Range"), ("device", "Device"), ("zone", "Zone")]
_FIELDS = {
    "network": ("network", "mask"),
    "range": ("first", "last"),
    "device": ("device",),
    "zone": ("zone",),
}
_KINDS = [
    (ScheduleKind.ON_DEMAND.value, "On Demand Only"),
    (ScheduleKind.EVERY.value, "Every"),
    (ScheduleKind.DAILY.value, "Daily"),
    (ScheduleKind.WEEKLY.value, "Weekly"),
    (ScheduleKind.MONTHLY.value, "Monthly"),
    (ScheduleKind.CRON.value, "Cron"),
]
_TIMED = ("daily", "weekly", "monthly")


class UpdateRuleForm(forms.Form):
    """What a person says of a rule.

    Args:
        data: what was sent, None for an empty form.
        viewer: who fills it in; only their zones and devices are offered.
        devices: names of the devices to choose from.
        stored: the content of the rule that is edited, None for a new one.
        named: the name is fixed (an edit).
        seen: the stamp of what was read.
    """

    name = forms.CharField(max_length=64, label="Name")
    target = forms.ChoiceField(choices=_TARGETS, widget=forms.RadioSelect, required=False, label="Target")
    network = forms.CharField(required=False, label="Network IP", max_length=50)
    mask = forms.CharField(required=False, label="Mask", max_length=50)
    first = forms.CharField(required=False, label="First IP", max_length=50)
    last = forms.CharField(required=False, label="Last IP", max_length=50)
    device = forms.ChoiceField(required=False, label="Device")
    zone = forms.ChoiceField(required=False, label="Zone")
    kind = forms.ChoiceField(choices=_KINDS, widget=forms.RadioSelect, label="Schedule")
    every = forms.IntegerField(required=False, min_value=1, max_value=10_080, label="Interval")
    every_unit = forms.ChoiceField(choices=[(word, word) for word in MINUTES_A], required=False, label="Unit")
    daily_time = forms.ChoiceField(required=False, label="Time of Day")
    daily_more = forms.CharField(required=False, max_length=500, label="Also at")
    weekly_days = forms.MultipleChoiceField(
        choices=day_names(), required=False, widget=forms.CheckboxSelectMultiple, label="Days of the week"
    )
    weekly_time = forms.ChoiceField(required=False, label="Time of Day (weekly)")
    weekly_more = forms.CharField(required=False, max_length=500, label="Also at (weekly)")
    monthly_dates = forms.CharField(required=False, max_length=200, label="Days of the month")
    monthly_time = forms.ChoiceField(required=False, label="Time of Day (monthly)")
    monthly_more = forms.CharField(required=False, max_length=500, label="Also at (monthly)")
    cron = forms.CharField(required=False, max_length=200, label="Cron fields")
    time_zone = forms.ChoiceField(label="Time Zone")
    jitter_s = forms.IntegerField(
        required=False, min_value=0, label="Jitter (seconds)",
        help_text="Each run starts up to so many seconds later, so that not all ask at once.",
    )  # fmt: skip
    missed = forms.ChoiceField(
        choices=[(Missed.RUN_ONCE.value, "Run once"), (Missed.SKIP.value, "Skip")], label="Missed Runs",
        help_text="What happens to runs that were due while no controller ran.",
    )  # fmt: skip
    blackouts = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=2_000, label="Blackout Windows",
        help_text="Nothing starts then; what was due waits for the end. One a line: sat,sun 08:00-18:00",
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None, *, viewer: Viewer, devices: list[str], stored: Content | None = None,
        named: str = "", seen: str = "",
    ) -> None:  # fmt: skip
        initial = _initial(stored) | {"name": named, "seen": seen}
        super().__init__(data, initial=initial)
        self._viewer = viewer
        self.named = named
        if named:
            self.fields["name"].disabled = True
        self.selected: list[dict[str, str]] = _sent_targets(data) if data is not None else _stored_targets(stored)
        self._offer(devices, data)
        for unlabelled in ("device", "zone", "every", "every_unit", "cron"):
            self.fields[unlabelled].widget.attrs["aria-label"] = self.fields[unlabelled].label

    @property
    def targets(self) -> list[tuple[str, str]]:
        """What the selected field holds: each as it is sent back, and in words."""
        return [(json.dumps(item), target_words(item)) for item in self.selected]

    def add_target(self) -> None:
        """Move the target into the selected field; what is wrong with it stands beside its fields."""
        kind = str(self.data.get("target", ""))
        wanted = {"kind": kind} | {name: str(self.data.get(name, "")) for name in _FIELDS.get(kind, ())}
        try:
            selector_of(wanted)
        except UsageError as error:
            self.wrong_target = str(error)
            return
        if wanted not in self.selected:
            self.selected.append(wanted)

    wrong_target = ""
    """What is wrong with the target that was to be added."""

    def drop_targets(self) -> None:
        """Take the ticked targets out of the selected field."""
        ticked = set(_list(self.data, "drop"))
        self.selected = [item for item in self.selected if json.dumps(item) not in ticked]

    def content(self) -> Content:
        """Return the rule as plain values. Raises: UsageError: it cannot be meant."""
        return rule_content(rule_of({"selectors": self.selected, "schedule": self._schedule()}))

    def clean(self) -> dict[str, Any]:
        """Check what only the whole can tell."""
        values = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                check_reach(self._viewer, self.content())
            except UsageError as error:
                self.add_error(None, str(error))
        return values

    def _schedule(self) -> dict[str, Any]:
        values, kind = self.cleaned_data, self.cleaned_data["kind"]
        own: dict[str, Any] = {}
        if kind == ScheduleKind.EVERY:
            own = {"every_minutes": (values["every"] or 0) * MINUTES_A[values["every_unit"] or "minutes"]}
        elif kind in _TIMED:
            own = {"times": [item for item in (values[f"{kind}_time"], *split_words(values[f"{kind}_more"])) if item]}
        elif kind == ScheduleKind.CRON:
            own = {"cron": values["cron"]}
        if kind == ScheduleKind.WEEKLY:
            own["days"] = values["weekly_days"]
        if kind == ScheduleKind.MONTHLY:
            own["dates"] = split_words(values["monthly_dates"])
        return own | {
            "kind": kind, "zone": values["time_zone"], "jitter_s": values["jitter_s"] or 0,
            "missed": values["missed"], "blackouts": read_blackouts(values["blackouts"]),
        }  # fmt: skip

    def _offer(self, devices: list[str], data: Mapping[str, Any] | None) -> None:
        """Fill the lists to choose from; what is stored or sent is always among them."""
        zones = [name for name in zone_names() if self._viewer.sees(name)]
        self.fields["device"].choices = [("", "Choose one"), *((name, name) for name in devices)]  # type: ignore[attr-defined] # django-stubs: fields are of their classes
        self.fields["zone"].choices = [("", "Choose one"), *((name, name) for name in zones)]  # type: ignore[attr-defined] # the same
        self.fields["time_zone"].choices = [(name, name) for name in sorted(available_timezones())]  # type: ignore[attr-defined] # the same
        for kind in _TIMED:
            given = str((data if data is not None else self.initial).get(f"{kind}_time", ""))
            self.fields[f"{kind}_time"].choices = [("", "Choose one"), *half_hours(given)]  # type: ignore[attr-defined] # the same


def _initial(stored: Content | None) -> dict[str, Any]:
    """Return a rule's content as the form's first values; those of a new rule without one."""
    first: dict[str, Any] = {
        "target": "network", "kind": "on demand", "every_unit": "hours", "time_zone": "UTC", "jitter_s": 0,
        "missed": Missed.RUN_ONCE.value,
    }  # fmt: skip
    if stored is None:
        return first
    schedule = stored["schedule"]
    kind, minutes = schedule["kind"], schedule.get("every_minutes", 0)
    unit = "hours" if minutes % 60 == 0 else "minutes"
    first |= {
        "kind": kind, "every": minutes // MINUTES_A[unit] or None, "every_unit": unit, "cron": schedule.get("cron", ""),
        "time_zone": schedule.get("zone", "UTC"), "jitter_s": schedule.get("jitter_s", 0),
        "missed": schedule.get("missed", Missed.RUN_ONCE.value), "weekly_days": schedule.get("days", []),
        "monthly_dates": ", ".join(map(str, schedule.get("dates", []))),
        "blackouts": blackout_lines(schedule.get("blackouts", [])),
    }  # fmt: skip
    if kind in _TIMED:
        first |= {f"{kind}_time": schedule["times"][0], f"{kind}_more": ", ".join(schedule["times"][1:])}
    return first


def _stored_targets(stored: Content | None) -> list[dict[str, str]]:
    return [dict(item) for item in stored["selectors"]] if stored else []


def _sent_targets(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what the selected field held when the form was sent; what cannot be read is left out."""
    targets = []
    for text in _list(data, "selected"):
        try:
            item = json.loads(text)
            selector_of(item)
        except (ValueError, UsageError):
            continue
        targets.append({str(key): str(value) for key, value in item.items()})
    return targets


def _list(data: Mapping[str, Any], name: str) -> list[str]:
    getlist = getattr(data, "getlist", None)
    return list(getlist(name)) if getlist else list(data.get(name, []))
