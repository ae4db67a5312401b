"""The form of a tuning rule."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django import forms

from vatriage.model.alert_filter import DENYING, Decision
from vatriage.model.tuning import MOST_DAYS, NARROWEST_V4, NARROWEST_V6, REASON_LENGTH, WORST, TuningRule
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Right, Viewer
from vatriage.store.alert_branches import seen_zones
from vatriage.usecases.sight import zones_seen
from vatriage.web.fields import InstantField
from vatriage.web.forms.alert_filter import DECISIONS

_LEVELS = [level for level in Verdict if level is not Verdict.FALSE_POSITIVE]


class TuningFields(forms.Form):
    """What a rule says, and what its author saw in the preview."""

    zone = forms.ChoiceField(label="Zone")
    signature = forms.RegexField(
        r"^[0-9]{1,10}:[0-9]{1,18}$", label="Signature", required=False, max_length=30,
        help_text="gid:sid, like 1:2021648. Empty: any signature; then a narrow network must be named.",
        error_messages={"invalid": "Write it like 1:2021648."},
    )  # fmt: skip
    source = forms.CharField(
        label="Source network", required=False, max_length=49, help_text="Of the attacker, like 192.0.2.0/28."
    )
    target = forms.CharField(
        label="Target network", required=False, max_length=49,
        help_text=f"Without a signature one of the two is /{NARROWEST_V4} or narrower (IPv6: /{NARROWEST_V6}).",
    )  # fmt: skip
    bound = forms.TypedChoiceField(
        label="Worst verdict marked", coerce=lambda text: Verdict(int(text)), initial=int(Verdict.UNKNOWN),
        choices=[(int(level), level.name.replace("_", " ").lower()) for level in _LEVELS],
        help_text="Alerts that are worse, or become so, are not marked.",
    )  # fmt: skip
    affected_named = forms.BooleanField(
        label="Alerts of affected targets are meant", required=False,
        help_text="Expressly: only an administrator may say so.",
    )  # fmt: skip
    mark = forms.ChoiceField(
        label="Marked as", choices=[(str(one), DECISIONS[one]) for one in reversed(DENYING)], widget=forms.RadioSelect,
        initial=str(DENYING[-1]),
    )  # fmt: skip
    reason = forms.CharField(
        label="Reason", max_length=REASON_LENGTH, widget=forms.Textarea({"rows": 3}),
        help_text="Why, in your words. It stands on the rule with your name, for good.",
    )  # fmt: skip
    expires_at = InstantField("Ends (UTC)", ends=True)
    marked = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    previewed = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, viewer: Viewer, data: Any = None, *, zone: str = "", **values: Any) -> None:
        super().__init__(data, label_suffix="", **values)
        zones = sorted({zone} if zone else {*zones_seen(viewer.zones), *seen_zones(viewer.zones)})
        self.fields["zone"].choices = [(name, name) for name in zones]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["expires_at"].required = True
        self.fields["expires_at"].help_text = f"Within {MOST_DAYS} days."
        if not viewer.may(Right.ADMIN):
            del self.fields["affected_named"]
            self.fields["bound"].choices = [  # type: ignore[attr-defined] # a ChoiceField
                (int(level), level.name.replace("_", " ").lower()) for level in _LEVELS if level <= WORST
            ]

    def rule(self) -> TuningRule:
        """Return what a valid form says."""
        said = self.cleaned_data
        gid, _, sid = said["signature"].partition(":")
        return TuningRule(
            zone=said["zone"], gid=int(gid) if sid else -1, sid=int(sid) if sid else -1, source=said["source"],
            target=said["target"], bound=said["bound"], mark=Decision(said["mark"]), reason=said["reason"],
            expires_at=said["expires_at"],
        )  # fmt: skip

    @property
    def content(self) -> str:
        """Return the stamp of what decides what a rule marks."""
        return sha256(repr((replace(self.rule(), reason="", expires_at=0), self.affected)).encode()).hexdigest()[:16]

    @property
    def was_previewed(self) -> bool:
        """Whether its author saw what exactly this rule marks."""
        return self.cleaned_data["marked"] is not None and self.cleaned_data["previewed"] == self.content

    @property
    def affected(self) -> bool:
        """Whether affected targets are meant expressly."""
        return bool(self.cleaned_data.get("affected_named"))


def told_rule(row: dict[str, Any]) -> dict[str, Any]:
    """Return what the form shows of a stored revision."""
    return {
        "zone": row["zone"], "signature": f"{row['gid']}:{row['sid']}" if row["sid"] >= 0 else "",
        "source": row["source_network"], "target": row["target_network"], "bound": row["bound"], "mark": row["mark"],
        "reason": row["reason"], "seen": row["revision"], "affected_named": row["bound"] > WORST,
        "expires_at": datetime.fromtimestamp(row["expires_at"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
