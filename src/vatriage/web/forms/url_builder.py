"""Chooses what a device's URL asks for."""

from typing import Any

from django import forms

from vatriage.vendors.interface import QueryKind
from vatriage.wiring import servers

BUILT_KINDS = [
    (QueryKind.CURRENT.value, "Modern detections (recommended: their silence counts)"),
    (QueryKind.LAST_SAVED.value, "Last saved report"),
    (QueryKind.REAL_TIME.value, "Real-time report (each pull starts a scan)"),
]


class UrlBuilder(forms.Form):
    """Chooses what a URL asks for."""

    build_kind = forms.ChoiceField(
        label="Report",
        choices=BUILT_KINDS,
        initial=QueryKind.LAST_SAVED.value,
        widget=forms.RadioSelect,
        required=False,
    )
    build_server = forms.CharField(
        label="Server",
        required=False,
        max_length=300,
        widget=forms.TextInput(
            attrs={"placeholder": "qualysapi.qualys.com", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    build_addresses = forms.CharField(
        label="Addresses",
        required=False,
        max_length=1900,
        help_text="Real-time report only. Addresses and ranges, comma separated: 192.0.2.1-192.0.2.5,192.0.2.9",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    build_appliance = forms.CharField(
        label="Scanner Appliance",
        required=False,
        max_length=255,
        help_text="Real-time report only. Private addresses need one.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "appliances"}),
    )

    def __init__(self, data: Any = None, **values: Any) -> None:
        super().__init__(data, label_suffix="", **values)

    def built_url(self) -> str:
        """Return the URL of what was chosen, "" where nothing can be built yet."""
        said = self.cleaned_data if self.is_valid() else {}
        server = str(said.get("build_server", "")).strip()
        if not server:
            return ""
        return servers.qualys_calls().written_url(
            QueryKind(said["build_kind"] or QueryKind.LAST_SAVED),
            server,
            said["build_addresses"],
            said["build_appliance"],
        )
