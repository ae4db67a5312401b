"""The forms of proxy, DNS and TLS settings: of the appliance, and of one device where they differ for it."""

from datetime import timedelta
from typing import Any

from django import forms

from vatriage.model.instant import format_instant, from_datetime
from vatriage.model.secret import Secret
from vatriage.usecases.config_kind import Content
from vatriage.usecases.parameter_checks import FieldError, check_dns, check_proxy, check_tls
from vatriage.usecases.parameters import DEFAULTS, ProxyForm
from vatriage.web import house

MOST_HOURS = 168
INHERIT = "inherit"
_PROXIES = [("none", "No proxy"), ("http", "HTTP proxy (CONNECT)"), ("socks5", "SOCKS5 proxy")]
_POLICIES = [
    ("authorities", "The system's authorities"),
    ("private", "Private authorities (bundle below)"),
    ("pin", "Accept first time, prompt when changed"),
    ("always", "Accept any certificate, for some hours"),
]
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class Settings(forms.Form):
    """What the forms of settings share.

    Args:
        data: what was sent, None for an empty form.
        stored: the content as it will be, with tokens.
        seen: the stamp of what is edited.
        own: the settings are one device's own, and may be those of the appliance.
        prefix: before the names of the fields.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, data: Any, *, stored: Content, seen: str = "", own: bool = False, prefix: str = "") -> None:
        super().__init__(data, initial=self.initial_of(stored) | {"seen": seen}, label_suffix="", prefix=prefix or None)
        self.stored = stored
        self.own = own
        if own:
            del self.fields["seen"]
            mode = self.fields["mode"]
            assert isinstance(mode, forms.ChoiceField)  # noqa: S101 - declared below; the checker knows only Field
            mode.choices = [(INHERIT, "As for all devices"), *self.modes]

    modes: list[tuple[str, str]] = []  # noqa: RUF012 - a constant of the class

    def initial_of(self, stored: Content) -> dict[str, Any]:
        """Return what the fields begin with."""
        return dict(stored)

    def content(self) -> Content:
        """Return what was said, as content without a password."""
        raise NotImplementedError

    def check(self, content: Content) -> None:
        """Raise: FieldError."""
        raise NotImplementedError

    @property
    def inherits(self) -> bool:
        """Whether nothing of its own is said."""
        return self.cleaned_data.get("mode") == INHERIT

    def clean(self) -> dict[str, Any]:
        """Check what was said; what is wrong stands beside its field."""
        said = super().clean() or self.cleaned_data
        if not self.errors and not self.inherits:
            try:
                self.check(self.content())
            except FieldError as error:
                self.add_error(error.field if error.field in self.fields else None, str(error))
        return said


class ProxySettingsForm(Settings):
    """An outgoing proxy."""

    modes = _PROXIES
    mode = forms.ChoiceField(label="Proxy", choices=_PROXIES)
    address = forms.CharField(
        label="Proxy Address", required=False, max_length=255, widget=forms.TextInput(attrs=_PLAIN),
        help_text="Name or IP address.",
    )  # fmt: skip
    port = forms.IntegerField(label="Proxy Port", required=False, min_value=0, max_value=65_535)
    user = forms.CharField(
        label="Proxy User", required=False, max_length=255, widget=forms.TextInput(attrs=_PLAIN),
        help_text="Empty: the proxy asks for no login.",
    )  # fmt: skip
    password = forms.CharField(
        label="Proxy Password", required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), help_text="Blank keeps the stored one.",
    )  # fmt: skip
    bypass = forms.CharField(
        label="Reached without it", required=False, widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line: a name, .suffix, an address, or a block like 10.0.0.0/8.",
    )  # fmt: skip

    def initial_of(self, stored: Content) -> dict[str, Any]:
        """See Settings.initial_of."""
        values = {name: stored[name] for name in ("mode", "address", "user")}
        return values | {"port": stored["port"] or None, "bypass": "\n".join(stored["bypass"])}

    def content(self) -> Content:
        """See Settings.content."""
        said = self.cleaned_data
        token = self.stored["password_token"] or ("typed" if said["password"] else "")
        return {
            "mode": said["mode"], "address": said["address"].strip(), "port": said["port"] or 0,
            "user": said["user"], "password_token": token if said["user"] or said["password"] else "",
            "bypass": _lines(said["bypass"]),
        }  # fmt: skip

    def check(self, content: Content) -> None:
        """See Settings.check. A stored password is not sent to another proxy or for another user."""
        check_proxy(content)
        same = all(content[name] == self.stored[name] for name in ("mode", "address", "port", "user"))
        if (
            self.stored["password_token"]
            and content["password_token"]
            and not same
            and not self.cleaned_data["password"]
        ):
            raise FieldError(
                "password", "Proxy or user changed: type the password again. The stored one is not sent elsewhere."
            )

    def filled(self) -> ProxyForm:
        """Return what was said, for the use case."""
        said, content = self.cleaned_data, self.content()
        return ProxyForm(
            mode=content["mode"], address=content["address"], port=content["port"], user=content["user"],
            bypass=content["bypass"], password=Secret(said["password"]) if said["password"] else None,
        )  # fmt: skip


class DnsSettingsForm(Settings):
    """Who resolves names."""

    servers = forms.CharField(
        label="DNS Servers", required=False, widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line, asked in this order: an address, or address:port. Empty: this machine's resolver.",
    )  # fmt: skip
    search = forms.CharField(
        label="Search Domains", required=False, widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line; tried behind a name. They count for servers of our own only.",
    )  # fmt: skip

    def initial_of(self, stored: Content) -> dict[str, Any]:
        """See Settings.initial_of."""
        return {name: "\n".join(stored[name]) for name in ("servers", "search")}

    def content(self) -> Content:
        """See Settings.content."""
        return {name: _lines(self.cleaned_data[name]) for name in ("servers", "search")}

    def check(self, content: Content) -> None:
        """See Settings.check."""
        check_dns(content)


class TlsPolicyForm(Settings):
    """Whose certificates are believed."""

    modes = _POLICIES
    mode = forms.ChoiceField(label="Certificates", choices=_POLICIES)
    bundle = forms.CharField(
        label="Private Authorities", required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "mono"}),
        help_text="Their certificates in PEM form; of a proxy that looks into TLS as well.",
    )  # fmt: skip
    hours = forms.IntegerField(
        label="Hours", required=False, min_value=1, max_value=MOST_HOURS,
        help_text="Accepting any certificate ends by itself after so many hours. Until then an attacker's is accepted "
        "too, who then reads login and password.",
    )  # fmt: skip

    def initial_of(self, stored: Content) -> dict[str, Any]:
        """See Settings.initial_of."""
        return {"mode": stored["mode"], "bundle": stored["bundle"]}

    def content(self) -> Content:
        """See Settings.content. Without hours the end that was set stays."""
        said = self.cleaned_data
        until = self.stored["until"]
        if said["hours"]:
            until = format_instant(from_datetime(house.clock().now().replace(microsecond=0) + timedelta(hours=said["hours"])))  # fmt: skip
        bundle = said["bundle"].replace("\r\n", "\n").strip()
        return {
            "mode": said["mode"], "bundle": f"{bundle}\n" if bundle else "",
            "until": until if said["mode"] == "always" else "",
        }  # fmt: skip

    def check(self, content: Content) -> None:
        """See Settings.check."""
        try:
            check_tls(content, from_datetime(house.clock().now()))
        except FieldError as error:
            if error.field != "until":
                raise
            raise FieldError("hours", error.message, f"Say for how many hours, {MOST_HOURS} at most.") from error


def own_proxy(data: Any, stored: Content) -> ProxySettingsForm:
    """Return the form of a device's own proxy; `stored` is the device's content."""
    modes = {"inherit": INHERIT, "none": "none"}
    kept = DEFAULTS["proxy"] | stored.get("proxy", {})
    mode = modes.get(stored.get("proxy_mode", INHERIT), kept["mode"])
    return ProxySettingsForm(data, stored=kept | {"mode": mode}, own=True, prefix="proxy")


def own_tls(data: Any, stored: Content) -> TlsPolicyForm:
    """Return the form of a device's own TLS policy; `stored` is the device's content."""
    kept = stored.get("tls") or {"mode": INHERIT}
    return TlsPolicyForm(data, stored=dict(DEFAULTS["tls"]) | kept, own=True, prefix="tls")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
