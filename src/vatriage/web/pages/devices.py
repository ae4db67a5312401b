"""Admin > System Setup > Security and Monitor Devices: the list; tick a row, then a button, as in MARS."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import NotFoundError
from vatriage.model.viewer import Right
from vatriage.usecases.device_overview import device_line, device_lines
from vatriage.usecases.devices import DEVICE_TYPE, delete_device
from vatriage.usecases.update_rules import offered_rule
from vatriage.web import house
from vatriage.web.errors import shown_forbidden
from vatriage.web.page import Menu, PageRequest, page, show
from vatriage.web.pages.device_forms import explained


@page(
    "devices/",
    name="devices",
    right=Right.READ,
    methods=("GET", "POST"),
    menu=Menu("Admin", "Security and Monitor Devices", 10, "System Setup"),
)
def devices(request: PageRequest, **_values: Any) -> HttpResponse:
    """List the devices; a button goes to its page with what was ticked."""
    if request.method == "POST":
        return _to_button(request) if request.viewer.may(Right.ADMIN) else shown_forbidden(request)
    lines = [(line, explained(line.device.url)) for line in device_lines(request.viewer.zones)]
    offered = offered_rule() if lines and request.viewer.may(Right.ADMIN) and request.viewer.zones is None else None
    values = {"lines": lines, "device_type": DEVICE_TYPE, "offered": offered and offered[0]}
    return show(request, "devices/list.html", values)


@page("devices/delete/", name="devices-delete", right=Right.ADMIN, methods=("GET", "POST"))
def devices_delete(request: PageRequest, **_values: Any) -> HttpResponse:
    """Ask whether the named devices shall go, and submit their deletion."""
    desk = house.changes()
    if request.method == "POST":
        named = list(zip(request.POST.getlist("device"), request.POST.getlist("seen"), strict=False))
        for name, _seen in named:
            device_line(name, request.viewer.zones)
        for name, seen in named:
            acts = delete_device(name, changes=desk, who=request.viewer.who, seen=seen)
            said = "will be deleted once that is activated" if acts else "never acted, and is gone"
            messages.success(request, f"Device {name!r} {said}. Its history is kept.")
        return HttpResponseRedirect(reverse("devices"))
    lines = [device_line(name, request.viewer.zones) for name in request.GET.getlist("device")]
    if not lines:
        raise NotFoundError("No device is named to be deleted.", "Tick devices in the list first.")
    asked = [(line, desk.stamp("device", line.device.name)) for line in lines]
    return show(request, "devices/delete.html", {"asked": asked})


def _to_button(request: PageRequest) -> HttpResponse:
    """Return the way to the page of the button that was pressed."""
    ticked = request.POST.getlist("device")
    if "delete" in request.POST and ticked:
        address = f"{reverse('devices-delete')}?{urlencode({'device': ticked}, doseq=True)}"
        return HttpResponseRedirect(address)
    for button in ("edit", "clone"):
        if button in request.POST and len(ticked) == 1:
            return HttpResponseRedirect(reverse(f"device-{button}", kwargs={"name": ticked[0]}))
    wanted = "one device" if ticked else "a device"
    messages.error(
        request, f"Tick {wanted} first: {'the button works on one at a time' if ticked else 'nothing was ticked'}."
    )
    return HttpResponseRedirect(reverse("devices"))
