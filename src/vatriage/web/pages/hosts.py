"""Inventory > Hosts: the list, and one host now or as of another time."""

from typing import Any
from urllib.parse import quote

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from vatriage.model.alert_filter import AlertFilter, Order
from vatriage.model.instant import US
from vatriage.model.viewer import Right, Viewer
from vatriage.usecases.alert_lists import list_alerts
from vatriage.usecases.host_lists import SCANNED, host_page, show_hosts
from vatriage.usecases.lookups import canonical_address
from vatriage.usecases.sight import zones_seen
from vatriage.web import house
from vatriage.web.charts.timeline import timeline
from vatriage.web.fields import InstantField
from vatriage.web.page import Menu, PageRequest, page, show

_ALERTS = 10
"""Newest alerts that a host's page shows."""


class HostFields(forms.Form):
    """What the list is narrowed by."""

    text = forms.CharField(
        label="Address, name or OS",
        required=False,
        max_length=200,
        widget=forms.TextInput({"data-search": "", "size": 22}),
    )
    zone = forms.ChoiceField(label="Zone", required=False)
    scanned = forms.ChoiceField(
        label="Scanned", required=False, choices=[("", "any way"), *((name, name) for name in SCANNED)]
    )
    stale = forms.BooleanField(label="Without a fresh scan", required=False)
    gone = forms.ChoiceField(
        label="Hosts that are", required=False, choices=[("", "there"), ("yes", "gone"), ("all", "there or gone")]
    )

    def __init__(self, viewer: Viewer, data: Any) -> None:
        super().__init__(data)
        self.fields["zone"].choices = [("", "any"), *((name, name) for name in zones_seen(viewer.zones))]  # type: ignore[attr-defined] # a ChoiceField


class AsOfFields(forms.Form):
    """The instant as of which a host is shown."""

    as_of = InstantField("As of (UTC)", ends=True)


@page("hosts/", name="hosts", right=Right.READ, menu=Menu("Inventory", "Hosts", 10))
def hosts(request: PageRequest, **_values: Any) -> HttpResponse:
    """List the hosts of the zones that the viewer sees."""
    form = HostFields(request.viewer, request.GET)
    valid = form.is_valid()
    asked = form.cleaned_data
    zones = frozenset({asked["zone"]}) if asked.get("zone") else request.viewer.zones
    zones = zones if valid else frozenset()
    found = host_page(
        zones=zones, text=asked.get("text", ""), scanned=asked.get("scanned", ""), stale=bool(asked.get("stale")),
        gone={"yes": True, "all": None}.get(asked.get("gone", ""), False), now=house.now_s(),
        after=request.GET.get("after"),
    )  # fmt: skip
    narrowed = any(request.GET.get(name) for name in form.fields)
    values = {
        "form": form, "rows": found.rows, "next": found.following, "after": request.GET.get("after"),
        "narrowed": narrowed,
    }  # fmt: skip
    return show(request, "hosts/list.html", values, status=200 if valid else 400)


@page("hosts/<str:address>/", name="host", right=Right.READ)
def host(request: PageRequest, **values: Any) -> HttpResponse:
    """Show every host that held an address: facts, services, detections, coverage, history, alerts."""
    form = AsOfFields(request.GET)
    as_of = form.cleaned_data["as_of"] if form.is_valid() else 0
    address = canonical_address(values["address"])
    found = show_hosts(address, zones=request.viewer.zones, as_of_us=as_of * US or None)
    wanted = AlertFilter(address=address, until_us=(as_of + 1) * US if as_of else None)
    alerts = list_alerts(
        wanted, zones=request.viewer.zones, now=house.now_s(), order=Order.TIME, size=_ALERTS
    )  # fmt: skip
    shown = {
        "address": address, "form": form, "as_of": as_of, "hosts": [(one, timeline(one["timeline"])) for one in found],
        "rows": alerts.rows, "more": f"{reverse('alerts')}?address={quote(address)}" if alerts.following else "",
    }  # fmt: skip
    return show(request, "hosts/host.html", shown, status=200 if form.is_valid() else 400)
