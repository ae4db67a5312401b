"""Pieces of the device form: the URL explained as it is typed, the builder, Test Connectivity, the account's appliances.

None of them starts a scan. A stored password is used only for the server and login it was stored for.
"""

from typing import Any

from django.http import HttpResponse

from vatriage.errors import UsageError, VatriageError
from vatriage.model.viewer import Right
from vatriage.store.devices import Device
from vatriage.usecases.device_overview import device_line
from vatriage.usecases.devices import drafted_device
from vatriage.web import calling, house
from vatriage.web.forms.device import QualysDeviceForm
from vatriage.web.forms.url_builder import UrlBuilder
from vatriage.web.page import PageRequest, page
from vatriage.web.pages.device_forms import explained, result


@page("devices/url/", name="device-url", right=Right.ADMIN)
def device_url(request: PageRequest, **_values: Any) -> HttpResponse:
    """Explain a URL."""
    said = {"explained": explained(request.GET.get("url", "")), "title": "What the URL asks for"}
    return result(request, "devices/parts_url.html", said)


@page("devices/build/", name="device-build", right=Right.ADMIN)
def device_build(request: PageRequest, **_values: Any) -> HttpResponse:
    """Build a URL from what was chosen, fill it in and explain it."""
    url = UrlBuilder(request.GET).built_url()
    said = {"url": url, "explained": explained(url), "title": "The URL that was built"}
    return result(request, "devices/parts_build.html", said)


@page("devices/test/", name="device-test", right=Right.ADMIN, methods=("POST",))
def device_test(request: PageRequest, **_values: Any) -> HttpResponse:
    """Test Connectivity with what the form holds, stored or not."""
    try:
        return result(request, "devices/parts_test.html", {"diagnosis": calling.test(_draft(request))})
    except VatriageError as error:
        return result(request, "parts/problem.html", {"text": error.message, "hint": error.hint})


@page("devices/test/<path:name>/", name="device-test-stored", right=Right.ADMIN, methods=("POST",))
def device_test_stored(request: PageRequest, **values: Any) -> HttpResponse:
    """Test Connectivity of a device as it is."""
    device = device_line(str(values["name"]), request.viewer.zones).device
    try:
        shown = {"diagnosis": calling.test(device), "tested": device.name}
    except VatriageError as error:
        return result(request, "parts/problem.html", {"text": error.message, "hint": error.hint})
    return result(request, "devices/parts_test.html", shown)


@page("devices/appliances/", name="device-appliances", right=Right.ADMIN, methods=("POST",))
def device_appliances(request: PageRequest, **_values: Any) -> HttpResponse:
    """List the Scanner Appliances of the account that the form names."""
    try:
        names = calling.lists_of(_draft(request)).appliances()
    except VatriageError as error:
        return result(request, "parts/problem.html", {"text": error.message, "hint": error.hint})
    return result(request, "devices/parts_appliances.html", {"names": names})


def _draft(request: PageRequest) -> Device:
    """Return what a form that need not be whole describes. Raises: UsageError: what a call needs is missing or wrong."""
    source, stored = request.POST.get("stored", ""), None
    if source:
        device_line(source, request.viewer.zones)
        stored = house.changes().submitted("device", source)
    data = request.POST.copy()
    data["url"] = data.get("url") or data.get("build_server", "")
    form = QualysDeviceForm(data, viewer=request.viewer, stored=stored, named=source)
    form.is_valid()
    if wrong := form.wrong_for_a_call():
        raise UsageError(" ".join(wrong), "Nothing was sent.")
    return drafted_device(source if stored else "", form.draft(), vault=house.vault(), changes=house.changes())
