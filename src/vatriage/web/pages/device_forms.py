"""Adding, editing and cloning a device. Submit stores; nothing acts on it before it is activated."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.viewer import Right
from vatriage.usecases.changes import ConflictError
from vatriage.usecases.config_kind import Content
from vatriage.usecases.device_overview import device_line
from vatriage.usecases.devices import DEVICE_TYPE, add_device, clone_device, edit_device
from vatriage.usecases.query_words import explain_url
from vatriage.vendors.interface import VendorError
from vatriage.web import house
from vatriage.web.forms.device import QualysDeviceForm
from vatriage.web.forms.url_builder import UrlBuilder
from vatriage.web.page import PageRequest, page, show
from vatriage.web.pages.activate import waiting_for
from vatriage.wiring import servers


@page("devices/add/", name="device-add", right=Right.ADMIN, methods=("GET", "POST"))
def device_add(request: PageRequest, **_values: Any) -> HttpResponse:
    """Ask for the Device Type first, then for the device."""
    if request.method == "GET" and request.GET.get("type") != "qualys":
        return show(request, "devices/type.html", {"types": [("qualys", DEVICE_TYPE)]})
    form = QualysDeviceForm(request.POST or None, viewer=request.viewer)

    def submit() -> str:
        return add_device(
            form.cleaned_data["name"],
            form.filled(),
            vault=house.vault(),
            changes=house.changes(),
            who=request.viewer.who,
        ).name

    return _answered(request, form, "Add a device", submit)


@page("devices/edit/<path:name>/", name="device-edit", right=Right.ADMIN, methods=("GET", "POST"))
def device_edit(request: PageRequest, **values: Any) -> HttpResponse:
    """Change a device; what was activated goes on acting until the change is activated."""
    name = str(values["name"])
    stored = _submitted(request, name)
    form = QualysDeviceForm(
        request.POST or None,
        viewer=request.viewer,
        stored=stored,
        named=name,
        seen=house.changes().stamp("device", name),
    )

    def submit() -> str:
        return edit_device(
            name, form.filled(), vault=house.vault(), changes=house.changes(), who=request.viewer.who,
            seen=form.cleaned_data["seen"],
        ).name  # fmt: skip

    return _answered(request, form, f"Edit {name}", submit, subject=name)


@page("devices/clone/<path:name>/", name="device-clone", right=Right.ADMIN, methods=("GET", "POST"))
def device_clone(request: PageRequest, **values: Any) -> HttpResponse:
    """Add a device that begins as another one is; its password comes along unseen."""
    name = str(values["name"])
    form = QualysDeviceForm(request.POST or None, viewer=request.viewer, stored=_submitted(request, name), source=name)

    def submit() -> str:
        return clone_device(
            name, form.cleaned_data["name"], form.filled(), vault=house.vault(), changes=house.changes(),
            who=request.viewer.who,
        ).name  # fmt: skip

    return _answered(request, form, f"Clone {name}", submit)


def _submitted(request: PageRequest, name: str) -> Content:
    """Return what a device will be. Raises: NotFoundError: it is not there, or is to be deleted."""
    device_line(name, request.viewer.zones)
    content = house.changes().submitted("device", name)
    if content is None:
        raise NotFoundError(
            f"Device {name!r} is to be deleted once that is activated.",
            "Discard its deletion on the Activate page first.",
        )
    return content


def _answered(
    request: PageRequest, form: QualysDeviceForm, title: str, submit: Callable[[], str], subject: str = ""
) -> HttpResponse:  # fmt: skip
    """Submit a whole form and go to the device's page, or show the form with what is wrong beside its fields."""
    if "build" in request.POST:
        return _shown(request, _with_built_url(request, form), title)
    if request.method != "POST" or not form.is_valid():
        return _shown(request, form, title)
    name = subject or form.cleaned_data["name"]
    try:
        name = submit()
    except ConflictError as error:
        form.add_error(None, str(error))
        return _shown(request, _on_top(form, name), title, other=name, status=409)
    except UsageError as error:
        form.add_error(None, str(error))
        return _shown(request, form, title)
    messages.success(request, f"Device {name!r} is submitted. Nothing acts on it before it is activated.")
    return HttpResponseRedirect(reverse("device", kwargs={"name": name}))


def _on_top(form: QualysDeviceForm, name: str) -> QualysDeviceForm:
    """Let the form be sent once more, on top of the change it now shows."""
    form.data = {**form.data, "seen": house.changes().stamp("device", name)}
    return form


def _with_built_url(request: PageRequest, form: QualysDeviceForm) -> QualysDeviceForm:
    """Put the builder's URL into a form that a browser without scripts has sent; nothing is checked yet."""
    sent = request.POST.copy()
    sent["url"] = UrlBuilder(request.POST).built_url() or sent.get("url", "")
    form.initial = {
        **form.initial,
        **{name: sent.get(name, "") for name in form.fields if name not in ("password", "access_ip")},
    }
    form.is_bound = False
    return form


def _shown(
    request: PageRequest, form: QualysDeviceForm, title: str, other: str = "", status: int = 200
) -> HttpResponse:
    url = str(form["url"].value() or "")
    values = {
        "form": form, "title": title, "builder": UrlBuilder(request.POST if "build" in request.POST else None),
        "explained": explained(url),
        "other": waiting_for("device", other) if other else None,
    }  # fmt: skip
    return show(request, "devices/form.html", values, status=status)


def explained(url: str) -> dict[str, Any]:
    """Return what a template says of a URL: its explanation, or what is wrong with it; nothing of an empty one."""
    if not url.strip():
        return {}
    try:
        return {"explanation": explain_url(servers.qualys_calls(), url.strip())}
    except VendorError as error:
        return {"wrong": error}


def result(request: PageRequest, piece: str, values: dict[str, Any]) -> HttpResponse:
    """Return a piece to a browser that puts it into the page, or a page around it to one without scripts."""
    if request.htmx:
        return show(request, piece, values)
    return show(request, "devices/result.html", values | {"piece": piece})
