"""Admin > Destinations: where verdicts are sent."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import VatriageError
from vatriage.model.viewer import Right
from vatriage.usecases.destination_tests import send_test
from vatriage.usecases.destinations import (
    add_destination,
    change_destination,
    destinations,
    find_destination,
    remove_destination,
    shown,
)
from vatriage.usecases.sight import check_all_zones
from vatriage.web import house
from vatriage.web.errors import status_of
from vatriage.web.forms.destination import DestinationForm
from vatriage.web.page import Menu, PageRequest, page, show
from vatriage.wiring.sending import destination_opening


@page("destinations/", name="destinations", right=Right.ADMIN, menu=Menu("Admin", "Destinations", 26, "System Setup"))
def list_of_destinations(request: PageRequest, **_values: Any) -> HttpResponse:
    """List the destinations."""
    check_all_zones(request.viewer)
    return show(request, "destinations/list.html", {"destinations": destinations()})


@page("destinations/add/", name="destination-add", right=Right.ADMIN, methods=("GET", "POST"))
def add(request: PageRequest, **_values: Any) -> HttpResponse:
    """Add a destination."""
    check_all_zones(request.viewer)
    form = DestinationForm(request.POST or None)

    def save() -> str:
        name = form.cleaned_data["name"]
        add_destination(name, form.said, vault=house.vault(), who=request.viewer.who, clock=house.clock())
        return f"Verdicts are sent to {name!r} from now on."

    return _answer(request, form, save, "Add a destination")


@page("destinations/edit/<path:name>/", name="destination-edit", right=Right.ADMIN, methods=("GET", "POST"))
def edit(request: PageRequest, **values: Any) -> HttpResponse:
    """Change a destination."""
    check_all_zones(request.viewer)
    name = str(values["name"])
    form = DestinationForm(request.POST or None, shown=shown(find_destination(name)))

    def save() -> str:
        change_destination(name, form.said, vault=house.vault(), who=request.viewer.who, clock=house.clock())
        return f"Destination {name!r} is changed."

    return _answer(request, form, save, f"Destination {name}")


@page("destinations/remove/", name="destination-remove", right=Right.ADMIN, methods=("POST",))
def remove(request: PageRequest, **_values: Any) -> HttpResponse:
    """Remove a destination, and what waits for it."""
    check_all_zones(request.viewer)
    name = request.POST.get("name", "")
    remove_destination(name, who=request.viewer.who, clock=house.clock())
    messages.success(request, f"Destination {name!r} is removed.")
    return HttpResponseRedirect(reverse("destinations"))


@page("destinations/test/", name="destination-test", right=Right.ADMIN, methods=("POST",))
def test(request: PageRequest, **_values: Any) -> HttpResponse:
    """Send a test message, and tell how far it got."""
    check_all_zones(request.viewer)
    name = request.POST.get("name", "")
    find_destination(name)
    try:
        opening = destination_opening(house.config(), house.clock())
        messages.success(request, send_test(name, opening, who=request.viewer.who, clock=house.clock()))
    except VatriageError as error:
        messages.error(request, f"{error.message} {error.hint}")
    return HttpResponseRedirect(reverse("destinations"))


def _answer(request: PageRequest, form: DestinationForm, save: Callable[[], str], title: str) -> HttpResponse:
    """Save what a form holds, or show it (again)."""
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                messages.success(request, save())
                return HttpResponseRedirect(reverse("destinations"))
            except VatriageError as error:
                form.add_error(None, f"{error.message} {error.hint}")
                status = status_of(error)
    return show(request, "destinations/form.html", {"form": form, "title": title}, status=status)
