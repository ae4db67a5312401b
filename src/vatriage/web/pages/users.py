"""Admin > User Management: who may log in, as what, to see which zones."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import UsageError
from vatriage.model.secret import Secret
from vatriage.model.viewer import Right, Role, Viewer
from vatriage.usecases import user_changes
from vatriage.usecases.sessions import sessions_of
from vatriage.usecases.sight import zones_seen
from vatriage.usecases.user_changes import UserForm, facts_of, roles_for, user_for, users_for
from vatriage.usecases.users import login_of
from vatriage.web import house
from vatriage.web.page import Menu, PageRequest, page, show

_WHAT = {
    Role.ADMIN: "everything",
    Role.ANALYST: "reads all, reviews alerts, makes Notifications Only users",
    Role.OPERATOR: "reads only",
    Role.NOTIFIED: "no pages but their own account; is notified",
}


class UserFields(forms.Form):
    """What is asked of a user."""

    login = forms.CharField(label="Login", max_length=64, strip=False, help_text="Capital letters count.")
    role = forms.ChoiceField(label="Role")
    email = forms.EmailField(label="E-mail", required=False, help_text="Where to notify the user.")
    zones = forms.MultipleChoiceField(
        label="Zones", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Whose hosts and alerts the user sees; none ticked = all.",
    )  # fmt: skip
    active = forms.BooleanField(label="Active", required=False, initial=True, help_text="May log in.")

    def __init__(
        self, viewer: Viewer, *, is_new: bool, data: Any = None, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.fields["role"].choices = [(role.value, f"{role.label}: {_WHAT[role]}") for role in roles_for(viewer)]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["zones"].choices = [(name, name) for name in zones_seen(viewer.zones)]  # type: ignore[attr-defined] # the same
        del self.fields["active" if is_new else "login"]

    def form(self) -> UserForm:
        """Return what was said."""
        said = self.cleaned_data
        return UserForm(
            role=Role(said["role"]), email=said["email"], zones=frozenset(said["zones"]),
            active=said.get("active", True),
        )  # fmt: skip


@page(
    "users/", name="users", right=Right.NOTIFIED_USERS,
    menu=Menu("Admin", "User Management", 70),
)  # fmt: skip
def users(request: PageRequest, **_values: Any) -> HttpResponse:
    """List the users whom the viewer may change."""
    rows = [facts_of(user) | {"number": user.pk, "last_login": user.last_login} for user in users_for(request.viewer)]
    return show(request, "users/list.html", {"users": rows})


@page("users/add/", name="user-add", right=Right.NOTIFIED_USERS, methods=("GET", "POST"))
def user_add(request: PageRequest, **_values: Any) -> HttpResponse:
    """Add a user; the one-time password is shown once, on the page that answers."""
    form = UserFields(request.viewer, is_new=True, data=request.POST or None, initial={"role": Role.NOTIFIED.value})
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["login"]
        try:
            password = user_changes.create_user(name, form.form(), viewer=request.viewer, clock=house.clock())
        except UsageError as error:
            form.add_error("login" if "login" in error.message or "user named" in error.message else None, str(error))
        else:
            return _shown_once(request, name, password, "is added")
    return show(request, "users/edit.html", {"form": form, "number": None})


@page("users/<int:number>/", name="user", right=Right.NOTIFIED_USERS, methods=("GET", "POST"))
def user(request: PageRequest, **values: Any) -> HttpResponse:
    """Show and change a user."""
    number: int = values["number"]
    name = login_of(number)
    row = user_for(request.viewer, name)
    form = UserFields(request.viewer, is_new=False, data=request.POST or None, initial=facts_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            user_changes.change_user(name, form.form(), viewer=request.viewer, clock=house.clock())
        except UsageError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"User {name} is changed.")
            return HttpResponseRedirect(reverse("users"))
    shown = {
        "form": form, "number": number, "name": name, "own": name == request.viewer.name, "facts": facts_of(row),
        "sessions": sessions_of(row, here=0, now=house.now_s()), "failed": user_changes.failed_logins(name),
    }  # fmt: skip
    return show(request, "users/edit.html", shown)


@page("users/<int:number>/password/", name="user-password", right=Right.NOTIFIED_USERS, methods=("POST",))
def user_password(request: PageRequest, **values: Any) -> HttpResponse:
    """Set a new one-time password and show it once."""
    number: int = values["number"]
    name = login_of(number)
    password = user_changes.new_password(name, viewer=request.viewer, clock=house.clock())
    return _shown_once(request, name, password, "has a new password, and all their sessions are ended")


@page("users/<int:number>/sessions/end/", name="user-sessions-end", right=Right.NOTIFIED_USERS, methods=("POST",))
def user_sessions_end(request: PageRequest, **values: Any) -> HttpResponse:
    """End all sessions of a user."""
    number: int = values["number"]
    ended = user_changes.end_all_sessions(login_of(number), viewer=request.viewer, clock=house.clock())
    messages.success(request, f"{ended} session{'' if ended == 1 else 's'} ended.")
    return HttpResponseRedirect(reverse("user", kwargs={"number": number}))


@page("users/<int:number>/unlock/", name="user-unlock", right=Right.NOTIFIED_USERS, methods=("POST",))
def user_unlock(request: PageRequest, **values: Any) -> HttpResponse:
    """Let a login in again that failed too often."""
    number: int = values["number"]
    user_changes.unlock(login_of(number), viewer=request.viewer, clock=house.clock())
    messages.success(request, "The login may be tried again.")
    return HttpResponseRedirect(reverse("user", kwargs={"number": number}))


@page("users/<int:number>/delete/", name="user-delete", right=Right.NOTIFIED_USERS, methods=("POST",))
def user_delete(request: PageRequest, **values: Any) -> HttpResponse:
    """Delete a user; the audit log keeps what they did."""
    number: int = values["number"]
    name = login_of(number)
    user_changes.delete_user(name, viewer=request.viewer, clock=house.clock())
    messages.success(request, f"User {name} is deleted.")
    return HttpResponseRedirect(reverse("users"))


def _shown_once(request: PageRequest, name: str, password: Secret, done: str) -> HttpResponse:
    values = {"name": name, "done": done, "password": password.reveal()}
    return show(request, "users/password_once.html", values)
