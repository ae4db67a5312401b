"""One's own tokens for the REST API: made, seen once, revoked."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import UsageError
from vatriage.model.viewer import Right, Viewer
from vatriage.store.users import User
from vatriage.usecases.tokens import MOST_DAYS, NewToken, create_token, revoke_token, state_of, tokens_of
from vatriage.web import house
from vatriage.web.page import PageRequest, page, show


class TokenForm(forms.Form):
    """What a new token is called, may do, and how long."""

    name = forms.CharField(max_length=64, help_text="What will use it: a host, a script.")
    rights = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(min_value=1, max_value=MOST_DAYS, initial=90, help_text="Until it expires.")

    def __init__(self, viewer: Viewer, data: Any = None) -> None:
        super().__init__(data)
        choices = [(right.value, right.value) for right in Right if viewer.may(right)]
        self.fields["rights"] = forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, help_text="Of your own rights; never more than those."
        )


@page("account/tokens/", name="tokens", right=Right.READ, methods=("GET", "POST"))
def tokens(request: PageRequest, **_values: Any) -> HttpResponse:
    """List one's tokens; make one and show it this once."""
    form = TokenForm(request.viewer, request.POST or None)
    made = _made(request, form) if request.method == "POST" and form.is_valid() else None
    now = house.now_s()
    values = {
        "form": form if made is None else TokenForm(request.viewer),
        "tokens": [(token, state_of(token, now)) for token in tokens_of(_owner(request))],
        "made": made and made.token,
        "secret": made and made.secret.reveal(),
    }
    return show(request, "tokens/list.html", values)


@page("account/tokens/revoke/", name="token-revoke", right=Right.READ, methods=("POST",))
def revoke(request: PageRequest, **_values: Any) -> HttpResponse:
    """End a token at once."""
    token = revoke_token(
        _owner(request), request.POST.get("name", ""), who=request.viewer.who, clock=house.clock()
    )  # fmt: skip
    messages.success(request, f"The token {token.name!r} is revoked.")
    return HttpResponseRedirect(reverse("tokens"))


def _made(request: PageRequest, form: TokenForm) -> NewToken | None:
    given = form.cleaned_data
    try:
        return create_token(
            _owner(request), given["name"], scopes={Right(right) for right in given["rights"]}, days=given["days"],
            who=request.viewer.who, clock=house.clock(),
        )  # fmt: skip
    except UsageError as error:
        form.add_error("name", str(error))
        return None


def _owner(request: PageRequest) -> User:
    return User.objects.get(username=request.viewer.name)
