"""Alerts: the list, its groups, and the filters that a person keeps."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from vatriage.errors import VatriageError
from vatriage.model.alert_filter import AlertFilter, Decision
from vatriage.model.viewer import Right
from vatriage.usecases.alert_groups import show_group
from vatriage.usecases.alert_lists import AlertPage, count_listed, list_alerts, list_groups
from vatriage.usecases.hidden_alerts import as_listed
from vatriage.usecases.reviews import ReviewForm, review_group
from vatriage.usecases.saved_filters import delete_filter, save_filter, saved_filters
from vatriage.web import house
from vatriage.web.errors import shown_forbidden, status_of
from vatriage.web.forms.alert_filter import AlertFields, ReviewFields
from vatriage.web.page import Menu, PageRequest, page, show


@page("alerts/", name="alerts", right=Right.READ, menu=Menu("Alerts", "Alerts", 10))
def alerts(request: PageRequest, **_values: Any) -> HttpResponse:
    """List alerts one by one."""
    return _listed(request, list_alerts, "alerts/list.html", "alerts")


@page("alert-groups/", name="alert-groups", right=Right.READ, menu=Menu("Alerts", "Alerts by signature and pair", 20))
def alert_groups(request: PageRequest, **_values: Any) -> HttpResponse:
    """List alerts by signature, source and target."""
    return _listed(request, list_groups, "alerts/groups.html", "alert-groups")


def _listed(request: PageRequest, listing: Any, template: str, name: str) -> HttpResponse:
    form = AlertFields(request.viewer, request.GET)
    valid = form.is_valid()
    wanted = form.wanted() if valid else AlertFilter(zones=frozenset())
    after = request.GET.get("after")
    hidden = as_listed(
        wanted, zones=request.viewer.zones, clock=house.clock(), show=request.GET.get("hidden") == "show"
    )
    found: AlertPage = listing(
        hidden.wanted, zones=request.viewer.zones, now=house.now_s(), order=form.sorting(), after=after
    )  # fmt: skip
    asked = form.asked(request.GET)
    kept = [(row["name"], urlencode(row["query"], doseq=True)) for row in saved_filters(request.viewer.name)]
    values = {
        "form": form, "rows": found.rows, "next": found.following, "after": after, "asked": urlencode(asked, doseq=True),
        "narrowed": bool(asked.keys() - {"order"}), "saved": kept, "here": name, "hidden": hidden,
        "asked_marked": urlencode(asked | {"tuning": ["yes"]}, doseq=True), **_marked(request, wanted),
    }  # fmt: skip
    return show(request, template, values, status=200 if valid else 400)


def _marked(request: PageRequest, wanted: AlertFilter) -> dict[str, Any]:
    """Return how many alerts a list leaves out because tuning rules mark them."""
    if wanted.marked is not False:
        return {}
    number, more = count_listed(replace(wanted, marked=True), zones=request.viewer.zones, now=house.now_s())
    return {"hidden_count": number, "hidden_more": more}


@page("alert-filters/", name="alert-filters", right=Right.REVIEW, methods=("POST",))
def alert_filters(request: PageRequest, **_values: Any) -> HttpResponse:
    """Keep the filter of a list under a name, or delete one; go back to the list."""
    asked = QueryDict(request.POST.get("query", "")[:4_000])
    here = request.POST.get("here", "")
    name, back = request.POST.get("name", ""), reverse(here if here in ("alerts", "alert-groups") else "alerts")
    try:
        if request.POST.get("deed") == "delete":
            delete_filter(request.viewer.name, name)
            messages.success(request, f"The filter {name!r} is deleted.")
        else:
            query = AlertFields(request.viewer, asked).asked(asked)
            save_filter(request.viewer.name, name, query, house.clock())
            messages.success(request, f"The filter {name!r} is saved.")
    except VatriageError as error:
        messages.error(request, f"{error.message} {error.hint}")
    return HttpResponseRedirect(f"{back}?{asked.urlencode()}" if asked else back)


@page("alert-groups/<str:group>/", name="alert-group", right=Right.READ, methods=("GET", "POST"))
def alert_group(request: PageRequest, **values: Any) -> HttpResponse:
    """Show one group with its alerts; a POST is its review."""
    if request.method == "POST" and not request.viewer.may(Right.REVIEW):
        return shown_forbidden(request)
    view = show_group(values["group"], zones=request.viewer.zones, now=house.now_s())
    form = ReviewFields(request.POST or None, initial={"seen": view.newest_review, "saw": view.group["worst"]})
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                review_group(
                    values["group"], review_form(form), who=request.viewer.who, zones=request.viewer.zones,
                    clock=house.clock(), seen=form.cleaned_data["seen"], saw=form.cleaned_data["saw"],
                )  # fmt: skip
            except VatriageError as error:
                form.add_error(None, f"{error.message} {error.hint}")
                status = status_of(error)
            else:
                messages.success(request, "The review is stored. It stands beside the verdicts of the group.")
                return HttpResponseRedirect(reverse("alert-group", args=[values["group"]]))
    after = request.GET.get("after")
    found = list_alerts(
        replace(AlertFilter(), group_id=values["group"]), zones=request.viewer.zones, now=house.now_s(), after=after
    )
    shown = {"view": view, "form": form, "rows": found.rows, "next": found.following, "after": after}
    return show(request, "alerts/group.html", shown, status=status)


def review_form(form: ReviewFields) -> ReviewForm:
    """Return what a valid form says."""
    said = form.cleaned_data
    return ReviewForm(
        decision=Decision(said["decision"]), reason=said["reason"], expires_at=said.get("expires_at") or 0
    )
