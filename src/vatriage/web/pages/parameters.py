"""Admin > System Parameters: Proxy Settings, DNS Settings, TLS Policy (SSL/SSH Settings), accepted certificates."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.model.viewer import Right
from vatriage.store.parameters import all_pins
from vatriage.usecases.changes import ConflictError
from vatriage.usecases.config_kind import Content
from vatriage.usecases.parameters import APPLIANCE, accept_certificate, acting, filled_proxy, shown
from vatriage.web import house
from vatriage.web.forms.parameters import DnsSettingsForm, ProxySettingsForm, Settings, TlsPolicyForm
from vatriage.web.page import Menu, PageRequest, page, show
from vatriage.web.pages.activate import waiting_for

SECTION = "System Parameters"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One kind of settings."""

    name: str
    title: str
    form: type[Settings]
    filled: Callable[[Any, Content], Content]
    """Makes the new content of a valid form and the stored content."""


def _filled_proxy(form: ProxySettingsForm, stored: Content) -> Content:
    return filled_proxy(stored, form.filled(), vault=house.vault())


_PROXY = _Kind(name="proxy", title="Proxy Settings", form=ProxySettingsForm, filled=_filled_proxy)
_DNS = _Kind(name="dns", title="DNS Settings", form=DnsSettingsForm, filled=lambda form, _stored: form.content())
_TLS = _Kind(name="tls", title="TLS Policy", form=TlsPolicyForm, filled=lambda form, _stored: form.content())


def _declare(kind: _Kind, label: str, order: int) -> None:
    """Declare the page of a kind of settings, with its label and its order in the menu."""

    @page(
        f"system/{kind.name}/", name=f"system-{kind.name}", right=Right.ADMIN, methods=("GET", "POST"),
        menu=Menu("Admin", label, order, SECTION),
    )  # fmt: skip
    def settings(request: PageRequest, **_values: Any) -> HttpResponse:
        return _settings(request, kind)


_declare(_PROXY, "Proxy Settings", 31)
_declare(_DNS, "DNS Settings", 32)
_declare(_TLS, "TLS Policy (SSL/SSH Settings)", 33)


@page("system/tls/accept/", name="certificate-accept", right=Right.ADMIN, methods=("POST",))
def certificate_accept(request: PageRequest, **_values: Any) -> HttpResponse:
    """Accept the changed certificate that a server shows, by the fingerprint that was read."""
    server, sha256 = request.POST.get("server", ""), request.POST.get("sha256", "")
    before = accept_certificate(server, sha256 or "0", who=request.viewer.who, clock=house.clock())
    messages.success(request, f"The new certificate of {before.server} is accepted.")
    return HttpResponseRedirect(reverse("system-tls"))


def _settings(request: PageRequest, kind: _Kind) -> HttpResponse:
    """Show one kind of settings and submit what was said."""
    desk = house.changes()
    stored = desk.submitted(kind.name, APPLIANCE) or acting(kind.name)
    form = kind.form(request.POST or None, stored=stored, seen=desk.stamp(kind.name, APPLIANCE))
    if request.method == "POST" and form.is_valid():
        try:
            content, seen = kind.filled(form, stored), form.cleaned_data["seen"]
            desk.submit(kind.name, APPLIANCE, content, who=request.viewer.who, seen=seen)
        except ConflictError as error:
            form.add_error(None, str(error))
            form.data = {**form.data, "seen": desk.stamp(kind.name, APPLIANCE)}
            return _shown(request, kind, form, status=409)
        messages.success(request, f"{kind.title}: submitted. Nothing acts on it before it is activated.")
        return HttpResponseRedirect(reverse(f"system-{kind.name}"))
    return _shown(request, kind, form)


def _shown(request: PageRequest, kind: _Kind, form: Settings, status: int = 200) -> HttpResponse:
    values = {
        "form": form, "title": kind.title, "kind": kind.name, "subject": APPLIANCE,
        "acting": shown(kind.name, acting(kind.name)), "pending": waiting_for(kind.name, APPLIANCE),
        "pins": all_pins() if kind is _TLS else [], "versions": house.changes().versions(kind.name, APPLIANCE)[:1],
    }  # fmt: skip
    return show(request, "system/settings.html", values, status=status)
