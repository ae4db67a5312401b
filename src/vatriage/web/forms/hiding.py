"""The form by which hiding is turned on: it carries the digest of the report that is on screen."""

from typing import Any

from django import forms

from vatriage.model.shadow import ShadowReport
from vatriage.model.verdict import Verdict
from vatriage.usecases.hiding import LONGEST_DAYS, HidingForm
from vatriage.usecases.reviews import REASON_LENGTH
from vatriage.web.fields import InstantField

_CHOICES = [
    (Verdict.NOT_AFFECTED.name, "everything that is NOT AFFECTED"),
    (Verdict.FALSE_POSITIVE.name, "of that, only what a person has called a false positive"),
]
_MOST = (1 << 53) - 1


class HidingFields(forms.Form):
    """What a person says who turns hiding on."""

    verdict = forms.ChoiceField(label="Hide", choices=_CHOICES, widget=forms.RadioSelect, initial="FALSE_POSITIVE")
    reason = forms.CharField(
        label="Reason", max_length=REASON_LENGTH, widget=forms.Textarea({"rows": 3}),
        help_text="Why, in your words. The audit log keeps it with your name and these figures.",
    )  # fmt: skip
    until = InstantField("Confirm again by (UTC)")
    days = forms.IntegerField(min_value=1, max_value=_MOST, widget=forms.HiddenInput)
    made_us = forms.IntegerField(min_value=0, max_value=_MOST, widget=forms.HiddenInput)
    digest = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, report: ShadowReport, data: Any = None) -> None:
        super().__init__(data, initial=_seen(report), label_suffix="")
        self.fields["until"].help_text = f"At most {LONGEST_DAYS} days ahead. After that everything is shown again."
        self.fields["until"].required = True

    def show(self, report: ShadowReport) -> None:
        """Carry the figures of a report from now on: what was typed, and what is wrong with it, stays."""
        typed = {name: self.data.get(name, "") for name in self.fields}
        self.data = typed | {name: str(value) for name, value in _seen(report).items()}

    def said(self) -> HidingForm:
        """Return what a valid form says."""
        found = self.cleaned_data
        return HidingForm(
            verdict=Verdict[found["verdict"]], days=found["days"], made_us=found["made_us"], digest=found["digest"],
            reason=found["reason"], until=found["until"],
        )  # fmt: skip


def _seen(report: ShadowReport) -> dict[str, Any]:
    return {"days": report.days, "made_us": report.made_us, "digest": report.digest}
