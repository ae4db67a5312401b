"""Pieces of the device form: the URL explained as it is typed, the builder, Test Connectivity, the account's appliances.

None of them starts a scan. A stored password is used only for the server and login it was stored for.
"""

from typing import Any

from django.http import HttpResponse

from vatriage.errors import UsageError, VatriageError
from vatriage.model.secret import Secret
from vatriage.model.viewer import Right
from vatriage.usecases.changes import Content
from vatriage.usecases.device_overview import device_line
from vatriage.usecases.devices import stored_password
from vatriage.web import calling, house
from vatriage.web.forms.device import QualysDeviceForm, UrlBuilder
from vatriage.web.page import PageRequest, page, show
from vatriage.web.pages.device_forms import explained


@page("devices/url/", name="device-url", right=Right.ADMIN)
def device_url(request: PageRequest, **_values: Any) -> HttpResponse:
    """Explain a URL."""
    return show(request, "devices/parts_url.html", {"explained": explained(request.GET.get("url", ""))})


@page("devices/build/", name="device-build", right=Right.ADMIN)
def device_build(request: PageRequest, **_values: Any) -> HttpResponse:
    """Build a URL from what was chosen, fill it in and explain it."""
    url = UrlBuilder(request.GET).built_url()
    return show(request, "devices/parts_build.html", {"url": url, "explained": explained(url)})


@page("devices/test/", name="device-test", right=Right.ADMIN, methods=("POST",))
def device_test(request: PageRequest, **_values: Any) -> HttpResponse:
    """Test Connectivity with what the form holds, stored or not."""
    try:
        calling.test(*_account(request))
    except VatriageError as error:
        return show(request, "devices/parts_test.html", {"error": error})
    return show(request, "devices/parts_test.html", {})


@page("devices/test/<path:name>/", name="device-test-stored", right=Right.ADMIN, methods=("POST",))
def device_test_stored(request: PageRequest, **values: Any) -> HttpResponse:
    """Test Connectivity of a device as it is."""
    name = str(values["name"])
    device = device_line(name, request.viewer.zones).device
    password = house.vault().unlock(device.password_token, device.name)
    try:
        calling.test(device.url, device.login, password, device.ca_file)
    except VatriageError as error:
        return show(request, "devices/parts_test.html", {"error": error, "tested": name})
    return show(request, "devices/parts_test.html", {"tested": name})


@page("devices/appliances/", name="device-appliances", right=Right.ADMIN, methods=("POST",))
def device_appliances(request: PageRequest, **_values: Any) -> HttpResponse:
    """List the Scanner Appliances of the account that the form names."""
    try:
        names = calling.lists_of(*_account(request)).appliances()
    except VatriageError as error:
        return show(request, "devices/parts_appliances.html", {"error": error})
    return show(request, "devices/parts_appliances.html", {"names": names})


def _account(request: PageRequest) -> tuple[str, str, Secret, str]:
    """Return URL, login, password and CA file of a form that need not be whole. Raises: UsageError: something is missing."""
    name, stored = request.POST.get("stored", ""), None
    if name:
        device_line(name, request.viewer.zones)
        stored = house.changes().submitted("device", name)
    data = request.POST.copy()
    data["url"] = data.get("url") or data.get("build_server", "")
    form = QualysDeviceForm(data, viewer=request.viewer, stored=stored, named=name)
    form.is_valid()
    wrong = [
        f"{form[field].label}: {form.errors[field][0]}"
        for field in ("url", "login", "password", "ca_file")
        if field in form.errors
    ]
    if wrong:
        raise UsageError(" ".join(wrong), "Nothing was sent.")
    said = form.cleaned_data
    return said["url"], said["login"], _password(form, stored, name), said["ca_file"]


def _password(form: QualysDeviceForm, stored: Content | None, name: str) -> Secret:
    typed = form.typed_password()
    if typed is not None:
        return typed
    if stored is None:
        raise UsageError("The account's password is missing.", "Nothing was sent.")
    return stored_password(stored, name, house.vault())
