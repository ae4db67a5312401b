"""The form of a QualysGuard device: labels and order as in the MARS guide."""

from pathlib import Path
from typing import Any

from django import forms

from vatriage.errors import UsageError
from vatriage.model.name import checked_name
from vatriage.model.route import ProxyChoice
from vatriage.model.secret import Secret
from vatriage.model.viewer import Viewer
from vatriage.net.interface import NetError
from vatriage.store.devices import Device
from vatriage.usecases.device_kind import CHECKS
from vatriage.usecases.devices import ACCESS_IP, DEVICE_TYPE, DeviceForm
from vatriage.usecases.zones import zone_names
from vatriage.vendors.interface import VendorError
from vatriage.web import calling
from vatriage.web.forms.parameters import own_proxy, own_tls
from vatriage.wiring import servers

_CHECKS = {"yes": "Yes, all checks", "no": "No, some are left out", "unknown": "Not known"}


class QualysDeviceForm(forms.Form):
    """What a person says of a device.

    Args:
        data: what was sent, None for an empty form.
        viewer: who fills it in; only their zones are offered.
        stored: the content of the device that is edited or cloned, None for a new one.
        named: the name that the device has (an edit).
        source: the device that `stored` is of, where that is not the one that is named.
        seen: the stamp of what is edited.
    """

    device_type = forms.ChoiceField(label="Device Type", choices=[("qualys", DEVICE_TYPE)], required=False)
    name = forms.CharField(
        label="Device Name",
        max_length=64,
        strip=False,
        help_text="Unique. Reports, pulls and query results show it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    access_ip = forms.CharField(
        label="Access IP",
        required=False,
        initial=ACCESS_IP,
        widget=forms.TextInput(attrs={"readonly": True}),
        help_text=(
            "Always this, for every QualysGuard device: a compatibility label by which an update rule selects them all. "
            "Nothing is ever sent to it."
        ),
    )
    url = forms.CharField(
        label="URL",
        max_length=2000,
        help_text="Server and report query, without a scheme: qualysapi.example.com/msp/scan_report_list.php?last=yes",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    login = forms.CharField(
        label="Login", max_length=255, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label="Password",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    zone = forms.ChoiceField(label="Zone", help_text="The address space that the reports describe.")
    ca_file = forms.CharField(
        label="CA file",
        max_length=1000,
        required=False,
        help_text="PEM file of a private authority on this machine, for a server or proxy with a certificate of its own. "
        "Empty: the system's authorities.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    complete_checks = forms.ChoiceField(
        label="Complete checks",
        choices=[(value, _CHECKS[value]) for value in CHECKS],
        initial="unknown",
        help_text="Do the scans behind it run the whole set of checks? Only then does what they do not find count.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(
        self,
        data: Any = None,
        *,
        viewer: Viewer,
        stored: dict[str, Any] | None = None,
        named: str = "",
        source: str = "",
        seen: str = "",
    ) -> None:
        initial = {name: value for name, value in (stored or {}).items() if name != "password_token"}
        called = initial.get("name", named) if named else ""
        super().__init__(data, initial={"zone": "default"} | initial | {"name": called, "seen": seen}, label_suffix="")
        self.proxy = own_proxy(data, stored or {})
        self.tls = own_tls(data, stored or {})
        self.source = source or named
        self._stored = stored
        self._named = named
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)  # noqa: S101 - declared above; the checker knows only Field
        offered = {*zone_names(), *([initial["zone"]] if stored else [])}
        zone.choices = [(name, name) for name in sorted(offered) if viewer.sees(name)]
        if named:
            self.fields["name"].help_text = "Pulls, update rules and history follow another name once it is activated."
        if stored:
            self.fields["password"].help_text = "Blank keeps the stored one."

    def is_valid(self) -> bool:
        """See Form.is_valid; the device's own proxy and TLS policy count."""
        return all([super().is_valid(), self.proxy.is_valid(), self.tls.is_valid()])

    def clean_name(self) -> str:
        """Check that it can be a name, and that nobody has it."""
        name = str(self.cleaned_data["name"])
        _said(checked_name, "device name", name)
        if name != self._named and Device.objects.filter(name=name).exists():
            raise forms.ValidationError(f"A device named {name!r} is here already. Choose another name.")
        return name

    def clean_url(self) -> str:
        """Check that it asks for something that is known."""
        url = str(self.cleaned_data["url"]).strip()
        try:
            servers.qualys_calls().query(url)
        except VendorError as error:
            raise forms.ValidationError(str(error)) from error
        return url

    def clean_login(self) -> str:
        """Check that there is one."""
        login = str(self.cleaned_data["login"])
        if not login:
            raise forms.ValidationError("The account's login is missing: the server answers nobody without one.")
        _said(checked_name, "login", login, 255)
        return login

    def clean(self) -> dict[str, Any]:
        """Check what belongs together: a stored password is not sent to another server or for another login."""
        said = super().clean() or self.cleaned_data
        if not said.get("password") and "url" in said and "login" in said:
            if self._stored is None:
                self.add_error("password", "The account's password is missing.")
            elif not self._same_account(said["url"], said["login"]):
                self.add_error(
                    "password",
                    "Server or login changed: type the password again. The stored one is not sent elsewhere.",
                )
        if "url" in said and said.get("ca_file"):
            try:  # reads the file; sends nothing
                calling.check_authorities(said["url"], said["ca_file"])
            except NetError as error:
                self.add_error("ca_file", str(error))
        return said

    def filled(self) -> DeviceForm:
        """Return what was said, for the use case. A blank password keeps what is stored."""
        said = self.cleaned_data
        return DeviceForm(
            name=said["name"] if self._named else None, url=said["url"], login=said["login"],
            password=self.typed_password(), zone=said["zone"],
            ca_file=Path(said["ca_file"]), complete_checks=said["complete_checks"], **self.own_way(),
        )  # fmt: skip

    def draft(self) -> DeviceForm:
        """Return what a call to the server needs of a form that need not be whole."""
        said = self.cleaned_data
        return DeviceForm(
            url=said["url"], login=said["login"], password=self.typed_password(), ca_file=Path(said["ca_file"]),
            **self.own_way(),
        )  # fmt: skip

    def wrong_for_a_call(self) -> list[str]:
        """Return what keeps a call to the server from being made, a sentence each; see `draft`."""
        fields: list[tuple[forms.Form, str]] = [(self, name) for name in ("url", "login", "password", "ca_file")]
        fields += [(form, name) for form in (self.proxy, self.tls) for name in form.fields]
        return [f"{form[name].label}: {form.errors[name][0]}" for form, name in fields if name in form.errors]

    def own_way(self) -> dict[str, Any]:
        """Return what is said of the device's own proxy and TLS policy."""
        mode = self.proxy.cleaned_data["mode"]
        choice = mode if mode in (ProxyChoice.INHERIT, ProxyChoice.NONE) else ProxyChoice.OWN
        return {
            "proxy_mode": str(choice), "proxy": self.proxy.filled() if choice is ProxyChoice.OWN else None,
            "tls": {} if self.tls.inherits else self.tls.content(),
        }  # fmt: skip

    def typed_password(self) -> Secret | None:
        """Return the password that was typed, None for a blank."""
        typed = self.cleaned_data.get("password")
        return Secret(typed) if typed else None

    def _same_account(self, url: str, login: str) -> bool:
        query, stored = servers.qualys_calls().query, self._stored or {}
        try:
            return login == stored["login"] and query(url).server.lower() == query(stored["url"]).server.lower()
        except VendorError:
            return False


def _said(check: Any, *values: Any) -> None:
    """Run a check; what it says becomes the field's error."""
    try:
        check(*values)
    except UsageError as error:
        raise forms.ValidationError(str(error)) from error
