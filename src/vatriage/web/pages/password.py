"""One's own account, password and sessions, for every role."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.model.viewer import Right
from vatriage.store.audit import note
from vatriage.store.users import User
from vatriage.usecases.sessions import end_own_session, end_sessions, sessions_of
from vatriage.web import house
from vatriage.web.page import PageRequest, page, show
from vatriage.web.sessions import session_number


@page("account/password/", name="password", right=Right.OWN, methods=("GET", "POST"))
def password(request: PageRequest, **_values: Any) -> HttpResponse:
    """Change it; other sessions of the same person end."""
    user = User.objects.get(username=request.viewer.name)
    form = PasswordChangeForm(user, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            user.must_change_password = False
            form.save()
            note(request.viewer.who, house.now_s(), "password changed", user.get_username(), None, None)
            end_sessions(
                user, "password changed", who=request.viewer.who, now=house.now_s(), but=[session_number(request)]
            )
        update_session_auth_hash(request, user)
        messages.success(request, "Your password is changed.")
        return HttpResponseRedirect(reverse("account"))
    return show(request, "password.html", {"form": form, "first": user.must_change_password})


@page("account/", name="account", right=Right.OWN)
def account(request: PageRequest, **_values: Any) -> HttpResponse:
    """Show who is logged in, with which rights, and in how many sessions."""
    user = User.objects.get(username=request.viewer.name)
    sessions = sessions_of(user, here=session_number(request), now=house.now_s())
    return show(request, "account.html", {"rights": sorted(request.viewer.role.rights), "sessions": sessions})


@page("account/sessions/<int:number>/end/", name="session-end", right=Right.OWN, methods=("POST",))
def end_session(request: PageRequest, **values: Any) -> HttpResponse:
    """End one of one's own sessions."""
    number: int = values["number"]
    end_own_session(User.objects.get(username=request.viewer.name), number, who=request.viewer.who, now=house.now_s())
    messages.success(request, "The session is ended.")
    return HttpResponseRedirect(reverse("account"))
