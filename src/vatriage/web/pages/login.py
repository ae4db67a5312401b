"""Logging in and out."""

from typing import Any

from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from vatriage.model.viewer import Right
from vatriage.web.address_lock import is_shut_out
from vatriage.web.errors import locked_out
from vatriage.web.page import PageRequest, page, show


@page("login/", name="login", right=None, methods=("GET", "POST"))
def login(request: PageRequest, **_values: Any) -> HttpResponse:
    """Ask for login and password; after too many failures the login, or the address, is shut out for a while."""
    if request.method == "POST" and is_shut_out(request):
        return locked_out(request)
    form = AuthenticationForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        start_session(request, form.get_user())
        return HttpResponseRedirect(_back(request))
    return show(request, "login.html", {"form": form, "next": request.GET.get("next", "")})


@page("logout/", name="logout", right=Right.OWN, methods=("POST",))
def logout(request: PageRequest, **_values: Any) -> HttpResponse:
    """End the session."""
    end_session(request)
    return HttpResponseRedirect(reverse("login"))


def _back(request: PageRequest) -> str:
    """Return the page the person came for, if it is ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours and wanted.startswith("/") else "/"
