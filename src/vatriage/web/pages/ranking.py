"""Inventory > Ranking: which lists rank alerts of one verdict, and what targets are worth."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import VatriageError
from vatriage.model.viewer import Right, Viewer
from vatriage.usecases.asset_values import asset_values, clear_asset_value, set_asset_value
from vatriage.usecases.ranking import ranking_state
from vatriage.usecases.sight import zones_seen
from vatriage.web import house
from vatriage.web.errors import shown_forbidden, status_of
from vatriage.web.page import Menu, PageRequest, page, show

_VALUES = [(1, "1 - little"), (2, "2"), (3, "3 - as where nothing is said"), (4, "4"), (5, "5 - most")]


class AssetValueForm(forms.Form):
    """What targets in a network are worth."""

    zone = forms.ChoiceField()
    network = forms.CharField(
        max_length=49, widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off", "class": "mono"}),
        help_text="192.0.2.0/24 or one address. The narrowest that holds a target counts.",
    )  # fmt: skip
    value = forms.TypedChoiceField(label="Worth", choices=_VALUES, coerce=int, initial=5)

    def __init__(self, viewer: Viewer, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.fields["zone"] = forms.ChoiceField(choices=[(name, name) for name in zones_seen(viewer.zones)])


@page("ranking/", name="ranking", right=Right.READ, methods=("GET", "POST"), menu=Menu("Inventory", "Ranking", 40))
def ranking(request: PageRequest, **_values: Any) -> HttpResponse:
    """Show what alerts are ranked by; a POST says what targets in a network are worth."""
    if request.method == "POST" and not request.viewer.may(Right.ADMIN):
        return shown_forbidden(request)
    form, status = AssetValueForm(request.viewer, request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                _set(request, form)
            except VatriageError as error:
                form.add_error("network", f"{error.message} {error.hint}")
                status = status_of(error)
            else:
                return HttpResponseRedirect(reverse("ranking"))
    values = {
        "form": form, "values": asset_values(request.viewer.zones),
        "state": ranking_state(house.config().ranking, house.clock()),
    }  # fmt: skip
    return show(request, "ranking/show.html", values, status=status)


@page("ranking/clear/", name="asset-value-clear", right=Right.ADMIN, methods=("POST",))
def clear(request: PageRequest, **_values: Any) -> HttpResponse:
    """Take back what was said of a network."""
    zone, network = request.POST.get("zone", ""), request.POST.get("network", "")
    clear_asset_value(
        zone, network, snapshots=house.config().snapshots, who=request.viewer.who, zones=request.viewer.zones,
        clock=house.clock(),
    )  # fmt: skip
    messages.success(request, f"Nothing is said of {network} in {zone} any more.")
    return HttpResponseRedirect(reverse("ranking"))


def _set(request: PageRequest, form: AssetValueForm) -> None:
    said = form.cleaned_data
    stored = set_asset_value(
        said["zone"], said["network"], said["value"], snapshots=house.config().snapshots, who=request.viewer.who,
        zones=request.viewer.zones, clock=house.clock(),
    )  # fmt: skip
    messages.success(request, f"Targets in {stored['network']} are worth {stored['value']} of 5 from now on.")
