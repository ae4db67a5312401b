"""Admin > System Parameters > Zones: address spaces, and the networks of each."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.name import checked_name
from vatriage.model.viewer import Right
from vatriage.usecases.changes import ConflictError
from vatriage.usecases.config_kind import NAME
from vatriage.usecases.zone_kind import check_unused
from vatriage.usecases.zones import all_zones, shared_with, submit_zone, submitted_networks, zones_of
from vatriage.web import house
from vatriage.web.page import Menu, PageRequest, page, show

MENU = Menu("Admin", "Zones", 34, "System Parameters")


class ZoneForm(forms.Form):
    """A zone and its networks."""

    name = forms.CharField(
        label="Name", max_length=64, strip=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    networks = forms.CharField(
        label="Networks",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        help_text=(
            "One a line: 192.0.2.0/24, 192.0.2.7 or 2001:db8::/32. Inside one zone they may not overlap; another zone may "
            "have the same network, because it is another address space."
        ),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(
        self, data: Any = None, *, named: str = "", called: str = "", networks: str = "", seen: str = ""
    ) -> None:  # fmt: skip
        super().__init__(data, initial={"name": called or named, "networks": networks, "seen": seen}, label_suffix="")
        if named:
            self.fields["name"].help_text = (
                "Devices, hosts, pulls, users and update rules follow another name once it is activated. A zone in which "
                "alerts were judged keeps its name: their ids and verdicts are made of it."
            )

    def clean_name(self) -> str:
        """Check that it can be a name."""
        name = str(self.cleaned_data["name"])
        try:
            return checked_name("zone", name)
        except UsageError as error:
            raise forms.ValidationError(str(error)) from error

    @property
    def lines(self) -> list[str]:
        """The networks that were said, one a line."""
        return [line.strip() for line in self.cleaned_data["networks"].splitlines() if line.strip()]


@page("zones/", name="zones", right=Right.READ, menu=MENU)
def zones(request: PageRequest, **_values: Any) -> HttpResponse:
    """List the zones, and tell which one an address belongs to."""
    values: dict[str, Any] = {"zones": all_zones(request.viewer.zones), "address": request.GET.get("address", "")}
    if values["address"]:
        try:
            found = [zone for zone in zones_of(values["address"]) if request.viewer.sees(zone)]
            values |= {"found": found, "asked": True}
        except UsageError as error:
            values["problem"] = error
    return show(request, "zones/list.html", values)


@page("zones/add/", name="zone-add", right=Right.ADMIN, methods=("GET", "POST"))
def zone_add(request: PageRequest, **_values: Any) -> HttpResponse:
    """Submit a new zone."""
    _check_unlimited(request)
    form = ZoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        if house.changes().submitted("zone", name) is not None:
            form.add_error("name", f"A zone named {name!r} is here already. Edit it, or choose another name.")
        else:
            return _submitted(request, form, name, seen=None)
    return show(request, "zones/form.html", {"form": form, "title": "Add a zone"})


@page("zones/edit/<path:name>/", name="zone-edit", right=Right.ADMIN, methods=("GET", "POST"))
def zone_edit(request: PageRequest, **values: Any) -> HttpResponse:
    """Change a zone's networks."""
    name = str(values["name"])
    _check_seen(request, name)
    desk = house.changes()
    form = ZoneForm(
        request.POST or None, named=name, called=str((desk.submitted("zone", name) or {}).get(NAME, name)), networks="\n".join(submitted_networks(name, desk)),
        seen=desk.stamp("zone", name),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        return _submitted(request, form, name, seen=form.cleaned_data["seen"])
    return show(request, "zones/form.html", _values_of(form, name))


@page("zones/delete/<path:name>/", name="zone-delete", right=Right.ADMIN, methods=("GET", "POST"))
def zone_delete(request: PageRequest, **values: Any) -> HttpResponse:
    """Ask whether a zone shall go, and submit its deletion; one that is in use stays."""
    name = str(values["name"])
    _check_seen(request, name)
    desk = house.changes()
    submitted_networks(name, desk)
    check_unused(name)
    if request.method == "POST":
        desk.submit("zone", name, None, who=request.viewer.who, seen=request.POST.get("seen") or None)
        messages.success(request, f"The deletion of zone {name!r} is submitted. It acts once it is activated.")
        return HttpResponseRedirect(reverse("zones"))
    return show(request, "zones/delete.html", {"name": name, "stamp": desk.stamp("zone", name)})


def _check_seen(request: PageRequest, name: str) -> None:
    """Raise: NotFoundError: the zone is none of the viewer's."""
    if not request.viewer.sees(name):
        raise NotFoundError(f"There is no zone named {name!r}.", "The list of zones shows all that you may see.")


def _check_unlimited(request: PageRequest) -> None:
    """Raise: UsageError: the viewer is limited to some zones, and would not see a new one."""
    if request.viewer.zones is not None:
        raise UsageError("You see only some zones, so you cannot make another.", "Ask an administrator who sees all.")


def _submitted(request: PageRequest, form: ZoneForm, name: str, seen: str | None) -> HttpResponse:
    """Submit a zone, or show the form again with what speaks against it."""
    try:
        submit_zone(
            name, form.lines, changes=house.changes(), who=request.viewer.who, seen=seen, new_name=form.cleaned_data["name"]
        )  # fmt: skip
    except ConflictError:
        raise
    except UsageError as error:
        form.add_error("name" if form.cleaned_data["name"] != name else "networks", str(error))
        return show(request, "zones/form.html", _values_of(form, name if seen is not None else ""))
    messages.success(request, f"Zone {name!r} is submitted. Its networks count once that is activated.")
    return HttpResponseRedirect(reverse("zones"))


def _values_of(form: ZoneForm, name: str) -> dict[str, Any]:
    return {
        "form": form,
        "title": f"Edit zone {name}" if name else "Add a zone",
        "shared": shared_with(name).items(),
        "name": name,
    }
