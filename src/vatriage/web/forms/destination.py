"""The form of a destination of verdicts."""

from typing import Any

from django import forms

from vatriage.model.secret import Secret
from vatriage.model.verdict import Verdict
from vatriage.usecases.destinations import LEAST, Every, Form
from vatriage.usecases.sight import zones_seen

_PLAIN = {"spellcheck": "false", "autocomplete": "off", "class": "mono"}


class DestinationForm(forms.Form):
    """Where verdicts are sent, and which."""

    name = forms.CharField(max_length=64, strip=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    url = forms.CharField(
        label="URL", max_length=500, widget=forms.TextInput(attrs=_PLAIN),
        help_text="https://HOST/PATH is a webhook; tls://HOST, tcp://HOST or udp://HOST is syslog (UDP may lose messages); smtps://HOST or smtp://HOST is e-mail.",
    )  # fmt: skip
    secret = forms.CharField(
        required=False, max_length=1_000, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Signs what a webhook is sent (16 characters or more); the password of an e-mail's login. Empty: the stored one stays.",
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

    sender = forms.CharField(required=False, label="E-mail: from", max_length=320, widget=forms.TextInput(attrs=_PLAIN))
    recipients = forms.CharField(
        required=False, label="E-mail: to", max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "mono"}), help_text="One a line.",
    )  # fmt: skip
    every = forms.ChoiceField(
        label="E-mail: a digest", required=False, choices=[(one.value, one.value) for one in Every],
        initial=Every.DAILY.value,
    )  # fmt: skip
    at = forms.CharField(
        required=False, label="E-mail: at", max_length=5, initial="07:00",
        help_text="UTC, like 07:00; of an hourly digest the minutes count.",
    )  # fmt: skip
    login = forms.CharField(
        required=False, label="E-mail: login", max_length=255, widget=forms.TextInput(attrs=_PLAIN),
        help_text="At the mail server, if it asks for one; the secret is its password.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, shown: dict[str, Any] | None = None) -> None:
        mail = (shown or {}).get("mail") or {}
        told = mail | {"recipients": "\n".join(mail["recipients"])} if mail else {}
        super().__init__(data, initial=(shown or {}) | told, label_suffix="")
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
            sender=data["sender"], recipients=data["recipients"].split(), login=data["login"],
            every=Every(data["every"]) if data["every"] else None, at=data["at"] or None,
        )  # fmt: skip
