"""Alerts > Tuning rules: standing words of people, each with a preview before it and a history behind it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import VatriageError
from vatriage.model.tuning import FEW, GREATEST_SHARE, MOST_DAYS, NARROWEST_V4, NARROWEST_V6
from vatriage.model.viewer import Right
from vatriage.usecases.tuning_preview import Preview
from vatriage.usecases.tuning_rules import (
    Consent,
    TooBroadError,
    change_rule,
    list_rules,
    make_rule,
    show_rule,
    switch_rule,
    try_rule,
)
from vatriage.web import house
from vatriage.web.errors import status_of
from vatriage.web.forms.tuning import TuningFields, told_rule
from vatriage.web.page import Menu, PageRequest, page, show

_BOUNDS = {
    "days": MOST_DAYS, "v4": NARROWEST_V4, "v6": NARROWEST_V6, "share": f"{GREATEST_SHARE:.0%}", "few": FEW,
}  # fmt: skip


@page("tuning-rules/", name="tuning-rules", right=Right.READ, menu=Menu("Alerts", "Tuning rules", 40))
def tuning_rules(request: PageRequest, **_values: Any) -> HttpResponse:
    """List the rules of the viewer's zones."""
    rows = list_rules(request.viewer, house.clock())
    return show(request, "tuning/list.html", {"rows": rows, "bounds": _BOUNDS})


@page("tuning-rules/add/", name="tuning-add", right=Right.REVIEW, methods=("GET", "POST"))
def tuning_add(request: PageRequest, **_values: Any) -> HttpResponse:
    """Preview a new rule, and store it."""
    names = ("zone", "signature", "source", "target")
    given = {name: request.GET[name] for name in names if name in request.GET}
    form = TuningFields(request.viewer, request.POST or None, initial=given)
    return _answer(request, form, {"title": "Add a tuning rule", "bounds": _BOUNDS}, None)


@page("tuning-rules/<int:rule>/", name="tuning-rule", right=Right.READ)
def tuning_rule(request: PageRequest, **values: Any) -> HttpResponse:
    """Show one rule, what it matches now, and its history."""
    view = show_rule(values["rule"], request.viewer, house.clock())
    return show(request, "tuning/rule.html", {"view": view, "found": view.now, "row": view.rule})


@page("tuning-rules/<int:rule>/edit/", name="tuning-edit", right=Right.REVIEW, methods=("GET", "POST"))
def tuning_edit(request: PageRequest, **values: Any) -> HttpResponse:
    """Preview what a rule is changed to, and store that."""
    view = show_rule(values["rule"], request.viewer, house.clock())
    form = TuningFields(
        request.viewer, request.POST or None, zone=view.rule["zone"], initial=told_rule(view.rule)
    )  # fmt: skip
    shown = {"title": f"Change tuning rule {values['rule']}", "rule": values["rule"], "bounds": _BOUNDS}
    return _answer(request, form, shown, values["rule"])


@page("tuning-rules/<int:rule>/switch/", name="tuning-switch", right=Right.REVIEW, methods=("POST",))
def tuning_switch(request: PageRequest, **values: Any) -> HttpResponse:
    """Switch a rule off, or on again."""
    on, text = request.POST.get("on") == "yes", request.POST.get("seen", "")
    seen = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    try:
        switch_rule(
            values["rule"], on=on, reason=request.POST.get("reason", ""), seen=seen, viewer=request.viewer,
            clock=house.clock(),
        )  # fmt: skip
        messages.success(request, f"Tuning rule {values['rule']} is switched {'on' if on else 'off'}.")
    except TooBroadError as error:
        messages.error(request, f"It was not switched on. {error.message}")
    return HttpResponseRedirect(reverse("tuning-rule", args=[values["rule"]]))


def _answer(request: PageRequest, form: TuningFields, shown: dict[str, Any], rule: int | None) -> HttpResponse:
    """Show the form, with a preview if it was sent; store the rule if its author saw one and says so."""
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                found = try_rule(
                    form.rule(), viewer=request.viewer, clock=house.clock(), affected_named=form.affected
                )  # fmt: skip
                if request.POST.get("deed") == "store" and form.was_previewed:
                    number = _store(request, form, rule)
                    messages.success(
                        request, f"Tuning rule {number} is stored. It marks alerts, and changes no verdict."
                    )
                    return HttpResponseRedirect(reverse("tuning-rule", args=[number]))
                shown["found"], status = found, 200
                _previewed(form, found)
            except TooBroadError as error:
                _refused(form, error.problems)
                shown["found"] = found
            except VatriageError as error:
                form.add_error(None, f"{error.message} {error.hint}")
                status = status_of(error)
    return show(request, "tuning/form.html", {"form": form, **shown}, status=status)


def _previewed(form: TuningFields, found: Preview) -> None:
    """Put what the person sees into the form that they send next."""
    form.data = {**dict(form.data.items()), "marked": str(found.marked), "previewed": form.content}
    _refused(form, found.problems)


def _refused(form: TuningFields, problems: list[tuple[str, str]]) -> None:
    for name, text in problems:
        form.add_error(name if name in form.fields else None, text)


def _store(request: PageRequest, form: TuningFields, rule: int | None) -> int:
    consent = Consent(marked=form.cleaned_data["marked"], affected_named=form.affected)
    if rule is None:
        return make_rule(form.rule(), consent, viewer=request.viewer, clock=house.clock())
    seen = form.cleaned_data["seen"] or 0
    return change_rule(rule, form.rule(), consent, seen=seen, viewer=request.viewer, clock=house.clock())
