"""The filters of the lists of alerts, and the form of a review."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from vatriage.errors import UsageError
from vatriage.model.alert import Disposition
from vatriage.model.alert_filter import AlertFilter, Decision, Order
from vatriage.model.instant import US
from vatriage.model.review_scope import Scope
from vatriage.model.verdict import Reason, Verdict
from vatriage.model.viewer import Viewer
from vatriage.store.signature_reach import Reach
from vatriage.usecases.alert_lists import signatures_of
from vatriage.usecases.lookups import canonical_address
from vatriage.usecases.reviews import REASON_LENGTH
from vatriage.usecases.sight import zones_seen
from vatriage.web.fields import InstantField

DECISIONS = {
    Decision.CONFIRMED_FALSE_POSITIVE: "Confirmed false positive",
    Decision.CONFIRMED_POSITIVE: "Confirmed positive",
    Decision.NOISE: "Noise",
    Decision.WITHDRAWN: "Take the earlier review back",
}
_LEVELS = [level for level in reversed(Verdict) if level is not Verdict.FALSE_POSITIVE]
_REVIEWS = [
    ("", "any"), ("no", "not reviewed"), ("yes", "reviewed"), ("contradicted", "contradicted by evidence"),
    *((str(decision), DECISIONS[decision].lower()) for decision in Decision if decision is not Decision.WITHDRAWN),
]  # fmt: skip


def _any(choices: Any) -> list[tuple[str, str]]:
    return [("", "any"), *((str(item), str(item).replace("_", " ")) for item in choices)]


class AlertFields(forms.Form):
    """What a list of alerts is narrowed by, and how it is sorted."""

    verdict = forms.MultipleChoiceField(
        label="Verdict", required=False, choices=[(level.name, level.name.replace("_", " ").lower()) for level in _LEVELS],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    zone = forms.ChoiceField(label="Zone", required=False)
    begin = InstantField("From (UTC)")
    end = InstantField("To (UTC)", ends=True)
    address = forms.CharField(
        label="Source or target address", required=False, max_length=100, widget=forms.TextInput({"size": 16})
    )
    signature = forms.CharField(
        label="Signature (id or words)", required=False, max_length=200, widget=forms.TextInput({"size": 18})
    )
    reason = forms.ChoiceField(label="Reason", required=False, choices=_any(sorted(Reason)))
    review = forms.ChoiceField(label="Review", required=False, choices=_REVIEWS)
    disposition = forms.ChoiceField(label="Disposition", required=False, choices=_any(Disposition))
    tuning = forms.ChoiceField(
        label="Tuning rules", required=False,
        choices=[("", "any"), ("no", "not marked by one"), ("yes", "marked by one")],
    )  # fmt: skip
    order = forms.ChoiceField(
        label="Order", required=False, choices=[(Order.RANK.value, "worst first"), (Order.TIME.value, "newest first")]
    )

    def __init__(self, viewer: Viewer, data: Any) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["zone"].choices = _any(zones_seen(viewer.zones))  # type: ignore[attr-defined] # a ChoiceField

    def clean_address(self) -> str:
        """Return the address in its one spelling."""
        text: str = self.cleaned_data["address"]
        return _or_refuse(canonical_address, text) if text.strip() else ""

    def clean_signature(self) -> str:
        """Return the text, if not too many signatures hold it."""
        text: str = self.cleaned_data["signature"]
        _or_refuse(signatures_of, text)
        return text

    def wanted(self) -> AlertFilter:
        """Return the filter; of what was typed wrong nothing is asked."""
        found = self.cleaned_data
        review = found.get("review", "")
        return AlertFilter(
            verdicts=frozenset(Verdict[name] for name in found.get("verdict", ())),
            zones=frozenset({found["zone"]}) if found.get("zone") else None,
            from_us=found.get("begin", 0) * US or None,
            until_us=found.get("end", 0) * US or None,
            address=found.get("address", ""),
            signature=found.get("signature", ""),
            reason=found.get("reason", ""),
            reviewed={"yes": True, "no": False}.get(review),
            decisions=frozenset({Decision(review)}) if review in set(Decision) else frozenset(),
            contradicted=review == "contradicted",
            marked={"yes": True, "no": False}.get(found.get("tuning", "")),
            disposition=Disposition(found["disposition"]) if found.get("disposition") else None,
        )

    def sorting(self) -> Order:
        """Return the order."""
        return Order(self.cleaned_data.get("order") or Order.RANK)

    def asked(self, query: QueryDict) -> dict[str, list[str]]:
        """Return the part of a query that is this form's and says something."""
        return {name: query.getlist(name) for name in self.fields if any(query.getlist(name))}


class SeenVerdict(forms.TypedChoiceField):
    """The verdict that the page showed, by its number; a review covers nothing worse. None = it was not sent."""

    def __init__(self) -> None:
        super().__init__(
            choices=[(int(level), level.name) for level in Verdict], coerce=lambda text: Verdict(int(text)),
            empty_value=None, required=False, widget=forms.HiddenInput,
        )  # fmt: skip


class ReviewFields(forms.Form):
    """What a person says of an alert or a group."""

    decision = forms.ChoiceField(
        label="Decision",
        choices=[(str(decision), text) for decision, text in DECISIONS.items()],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Reason", max_length=REASON_LENGTH, widget=forms.Textarea({"rows": 3}),
        help_text="Why, in your words. It stands beside the verdict with your name, for good.",
    )  # fmt: skip
    expires_at = InstantField("Holds until (UTC)", ends=True)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    saw = SeenVerdict()

    def __init__(self, data: Any = None, **values: Any) -> None:
        super().__init__(data, **values)
        self.fields["expires_at"].help_text = "Empty: until another review."


class ScopedReviewFields(ReviewFields):
    """The same for one alert, whose whole group or signature may be meant."""

    scope = forms.ChoiceField(label="Applies to", choices=[], widget=forms.RadioSelect, initial="alert")
    seen_group = forms.IntegerField(required=False, widget=forms.HiddenInput)
    saw_group = SeenVerdict()
    field_order = ("decision", "scope", "reason", "expires_at")

    def __init__(self, data: Any = None, *, reaches: Mapping[Scope, Reach], **values: Any) -> None:
        values["initial"] = dict(values.get("initial") or {})
        for scope, found in reaches.items():
            values["initial"] |= {f"seen_{scope}": found.newest, f"saw_{scope}": found.worst}
        super().__init__(data, **values)
        for scope in reaches:
            self.fields[f"seen_{scope}"] = forms.IntegerField(required=False, widget=forms.HiddenInput)
            self.fields[f"saw_{scope}"] = SeenVerdict()
        self.fields["scope"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            ("alert", "this alert"),
            (
                "group",
                "all alerts of this signature between this source and target, later ones too unless they are worse",
            ),
            *((str(scope), _reach_told(scope, found)) for scope, found in reaches.items()),
        ]
        self.fields[
            "expires_at"
        ].help_text = "Empty: until another review. Beyond one source and target it must be said."


def _reach_told(scope: Scope, found: Reach) -> str:
    return (
        f"{_SCOPES[scope]} ({found.alerts:,} alerts in {found.groups:,} groups now), later ones too; none that is AFFECTED "
        "or worse"
    )


_SCOPES = {
    Scope.ON_TARGET: "this signature on this target, from anywhere",
    Scope.FROM_ATTACKER: "this signature from this source, on any target",
    Scope.IN_ZONE: "this signature in the whole zone",
}


def _or_refuse(check: Any, text: str) -> Any:
    try:
        return check(text)
    except UsageError as error:
        raise forms.ValidationError(f"{error.message} {error.hint}") from error
