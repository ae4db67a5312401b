"""A form that asks why something is to count no more, and what becomes of it: alike wherever people withdraw a word."""

from collections.abc import Callable
from typing import NamedTuple

from django import forms

from vatriage.errors import VatriageError
from vatriage.usecases.said_form import REASON_LENGTH
from vatriage.web.errors import status_of
from vatriage.web.page import PageRequest


class ReasonFields(forms.Form):
    """Why something counts no more."""

    reason = forms.CharField(label="Reason", max_length=REASON_LENGTH, widget=forms.Textarea({"rows": 3}))


class Asked(NamedTuple):
    """The form as it is to be shown."""

    form: ReasonFields
    status: int
    done: bool
    """It was sent, and what it asks for is done: there is nothing to show."""


def ask_why(request: PageRequest, withdraw: Callable[[str], None]) -> Asked:
    """Return the form of a page; where it was sent whole, call `withdraw` with the reason first."""
    form = ReasonFields(request.POST or None, label_suffix="")
    if request.method != "POST":
        return Asked(form, 200, done=False)
    if not form.is_valid():
        return Asked(form, 400, done=False)
    try:
        withdraw(form.cleaned_data["reason"])
    except VatriageError as error:
        form.add_error(None, f"{error.message} {error.hint}")
        return Asked(form, status_of(error), done=False)
    return Asked(form, 200, done=True)
