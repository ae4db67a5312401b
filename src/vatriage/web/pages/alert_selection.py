"""One review for all alerts of a filter: the count is stated, and the person confirms it."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import VatriageError
from vatriage.model.viewer import Right
from vatriage.usecases.selections import Confirmed, Cover, Selection, preview_selection, review_selection
from vatriage.web import house
from vatriage.web.errors import shown_forbidden, status_of
from vatriage.web.forms.alert_filter import AlertFields, ReviewFields
from vatriage.web.page import PageRequest, page, show
from vatriage.web.pages.alerts import review_form


class SelectionFields(ReviewFields):
    """A review, what it covers, and the count that is confirmed."""

    covers = forms.ChoiceField(label="Applies to", widget=forms.RadioSelect, initial="alerts")
    alerts = forms.IntegerField(min_value=0, max_value=1_000_000_000, widget=forms.HiddenInput)
    groups = forms.IntegerField(min_value=0, max_value=1_000_000_000, widget=forms.HiddenInput)
    until_us = forms.IntegerField(min_value=0, max_value=(1 << 63) - 1, widget=forms.HiddenInput)
    stamp = forms.CharField(max_length=32, widget=forms.HiddenInput)
    confirmed = forms.BooleanField()
    field_order = ("decision", "covers", "reason", "expires_at", "confirmed")

    def __init__(self, found: Selection, data: Any = None) -> None:
        initial = {
            "alerts": found.alerts, "groups": found.groups, "until_us": found.until_us, "stamp": found.stamp,
            "covers": "alerts",
        }  # fmt: skip
        super().__init__(data, initial=initial)
        del self.fields["seen"], self.fields["saw"]
        count = (
            f"{found.alerts:,} alert{'s' * (found.alerts != 1)} in {found.groups:,} group{'s' * (found.groups != 1)}"
        )
        self.fields["covers"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (str(Cover.ALERTS), f"these {found.alerts:,} alerts as they are now, and nothing that comes later"),
            (
                str(Cover.GROUPS),
                f"their {found.groups:,} groups whole ({found.in_groups:,} alerts), later ones too unless they are worse",
            ),
        ]
        self.fields["confirmed"].label = f"I mean {count}"


@page("alert-selection/", name="alert-selection", right=Right.READ, methods=("GET", "POST"))
def alert_selection(request: PageRequest, **_values: Any) -> HttpResponse:
    """Show what a filter selects; a POST reviews all of it, or nothing."""
    if request.method == "POST" and not request.viewer.may(Right.REVIEW):
        return shown_forbidden(request)
    fields = AlertFields(request.viewer, request.GET)
    if not fields.is_valid():
        return HttpResponseRedirect(f"{reverse('alerts')}?{request.GET.urlencode()}")
    asked = urlencode(fields.asked(request.GET), doseq=True)
    found = preview_selection(fields.wanted(), zones=request.viewer.zones, clock=house.clock())
    form, status = SelectionFields(found), 200
    if request.method == "POST":
        form, status = SelectionFields(found, request.POST), 400
        if form.is_valid():
            try:
                first, last = _store(request, fields, form)
            except VatriageError as error:
                form, status = SelectionFields(found, _renewed(request, found)), status_of(error)
                form.add_error(None, f"{error.message} {error.hint}")
            else:
                messages.success(request, f"{last - first + 1:,} review{'s' * (last > first)} stored.")
                return HttpResponseRedirect(f"{reverse('alerts')}?{asked}")
    return show(request, "alerts/selection.html", {"found": found, "form": form, "asked": asked}, status=status)


def _renewed(request: PageRequest, found: Selection) -> Any:
    """Return what was sent with the present count, which must be confirmed anew."""
    data = request.POST.copy()
    for name in ("alerts", "groups", "until_us", "stamp"):
        data[name] = str(getattr(found, name))
    data.pop("confirmed", None)
    return data


def _store(request: PageRequest, fields: AlertFields, form: SelectionFields) -> tuple[int, int]:
    said = form.cleaned_data
    confirmed = Confirmed(
        alerts=said["alerts"], groups=said["groups"], stamp=said["stamp"], until_us=said["until_us"]
    )  # fmt: skip
    first, last = review_selection(
        fields.wanted(), Cover(said["covers"]), confirmed, review_form(form), who=request.viewer.who,
        zones=request.viewer.zones, clock=house.clock(),
    )  # fmt: skip
    return first, last
