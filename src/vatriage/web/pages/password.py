"""One's own password, for every role."""

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
from vatriage.web import house
from vatriage.web.page import PageRequest, page, show


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
        update_session_auth_hash(request, user)
        messages.success(request, "Your password is changed.")
        return HttpResponseRedirect(reverse("account"))
    return show(request, "password.html", {"form": form, "first": user.must_change_password})


@page("account/", name="account", right=Right.OWN)
def account(request: PageRequest, **_values: Any) -> HttpResponse:
    """Show who is logged in, with which rights."""
    return show(request, "account.html", {"rights": sorted(request.viewer.role.rights)})
