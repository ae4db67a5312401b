"""The form of a destination of verdicts."""

from typing import Any

from django import forms

from vatriage.model.secret import Secret
from vatriage.model.verdict import Verdict
from vatriage.usecases.destinations import LEAST, Form
from vatriage.usecases.sight import zones_seen

_PLAIN = {"spellcheck": "false", "autocomplete": "off", "class": "mono"}


class DestinationForm(forms.Form):
    """Where verdicts are sent, and which."""

    name = forms.CharField(max_length=64, strip=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    url = forms.CharField(
        label="URL", max_length=500, widget=forms.TextInput(attrs=_PLAIN),
        help_text="https://HOST/PATH is a webhook; tls://HOST, tcp://HOST or udp://HOST is syslog (UDP may lose messages).",
    )  # fmt: skip
    secret = forms.CharField(
        required=False, max_length=1_000, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Signs what a webhook is sent; 16 characters or more. Empty: the stored one stays.",
    )  # fmt: skip
    least = forms.ChoiceField(
        label="Verdicts from", choices=[(one.name, one.name.replace("_", " ")) for one in LEAST],
        initial=Verdict.AFFECTED.name, help_text="The mildest verdict that is sent.",
    )  # fmt: skip
    zones = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, help_text="None chosen: verdicts of all zones."
    )
    private = forms.BooleanField(
        required=False, label="It may be an address of this machine or of a private network",
    )  # fmt: skip
    ca_file = forms.CharField(
        required=False, label="CA file", max_length=1_000, widget=forms.TextInput(attrs=_PLAIN),
        help_text="PEM file of a private authority, on this machine. Certificates are always checked.",
    )  # fmt: skip
    paused = forms.BooleanField(required=False, label="Send nothing there for now; what waits is kept")

    def __init__(self, data: Any = None, *, shown: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=shown, label_suffix="")
        names = sorted({*zones_seen(None), *(shown or {}).get("zones", ())})
        self.fields["zones"] = forms.MultipleChoiceField(
            choices=[(name, name) for name in names], required=False, widget=forms.CheckboxSelectMultiple,
            help_text="None chosen: verdicts of all zones.",
        )  # fmt: skip
        if shown is not None:
            self.fields["name"].disabled = True

    @property
    def said(self) -> Form:
        """What was said, for the use case."""
        data = self.cleaned_data
        return Form(
            url=data["url"], secret=Secret(data["secret"]) if data["secret"] else None, least=Verdict[data["least"]],
            zones=data["zones"], private=data["private"], ca_file=data["ca_file"], paused=data["paused"],
        )  # fmt: skip
