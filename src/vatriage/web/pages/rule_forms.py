"""Adding and editing an update rule. Submit stores; nothing acts on it before it is activated."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.viewer import Right
from vatriage.usecases.changes import ConflictError
from vatriage.usecases.quota_plan import QuotaPlan, quota_plan
from vatriage.usecases.rule_views import check_rule, device_names, visible_rule
from vatriage.usecases.update_rules import KIND, add_rule, edit_rule
from vatriage.web import house
from vatriage.web.forms.update_rule import UpdateRuleForm
from vatriage.web.page import PageRequest, page, show
from vatriage.web.pages.activate import waiting_for
from vatriage.web.pages.scheduler import TITLE
from vatriage.wiring import servers


@page("scheduler/add/", name="rule-add", right=Right.ADMIN, methods=("GET", "POST"))
def rule_add(request: PageRequest, **_values: Any) -> HttpResponse:
    """Add a rule."""
    form = UpdateRuleForm(request.POST or None, viewer=request.viewer, devices=device_names(request.viewer))

    def submit() -> None:
        add_rule(form.cleaned_data["name"], form.content(), changes=house.changes(), who=request.viewer.who)

    return _answered(request, form, "Add", submit)


@page("scheduler/edit/<path:name>/", name="rule-edit", right=Right.ADMIN, methods=("GET", "POST"))
def rule_edit(request: PageRequest, **values: Any) -> HttpResponse:
    """Change a rule; what was activated goes on acting until the change is activated."""
    name, desk = str(values["name"]), house.changes()
    visible_rule(name, request.viewer, house.clock())
    check_rule(request.viewer, name, desk)
    stored = desk.submitted(KIND, name)
    if stored is None:
        raise NotFoundError(
            f"Update rule {name!r} is to be deleted once that is activated.",
            "Discard its deletion on the Activate page.",
        )
    form = UpdateRuleForm(
        request.POST or None, viewer=request.viewer, devices=device_names(request.viewer), stored=stored, named=name,
        seen=desk.stamp(KIND, name),
    )  # fmt: skip

    def submit() -> None:
        seen = form.cleaned_data["seen"]
        edit_rule(name, form.content(), changes=house.changes(), who=request.viewer.who, seen=seen)

    return _answered(request, form, f"Edit {name}", submit)


@page("scheduler/plan/", name="rule-plan", right=Right.ADMIN, methods=("POST",))
def rule_plan(request: PageRequest, **_values: Any) -> HttpResponse:
    """Show what the rule in the form would cost: a piece that follows the form."""
    named = request.POST.get("named", "")
    form = UpdateRuleForm(request.POST, viewer=request.viewer, devices=device_names(request.viewer), named=named)
    plan = _plan(request, form) if form.is_valid() and form.selected else None
    return show(request, "scheduler/parts_plan.html", {"plan": plan})


def _answered(request: PageRequest, form: UpdateRuleForm, title: str, submit: Callable[[], None]) -> HttpResponse:
    """Submit a whole form and go to the list, or show the form with what is wrong, or with the plan."""
    sent = request.POST
    if "add" in sent or "remove" in sent:
        form.add_target() if "add" in sent else form.drop_targets()
        form.errors.clear()  # what is not filled in yet is not wrong yet
        return _shown(request, form, title)
    if request.method != "POST" or not form.is_valid():
        return _shown(request, form, title)
    plan = _plan(request, form) if form.selected else None
    asks = plan is not None and plan.is_too_much and "anyway" not in sent
    if asks or "plan" in sent:
        return _shown(request, form, title, plan=plan, asks=asks, status=409 if asks else 200)
    return _submitted(request, form, title, submit)


def _submitted(request: PageRequest, form: UpdateRuleForm, title: str, submit: Callable[[], None]) -> HttpResponse:
    """Submit a checked form."""
    name = form.cleaned_data["name"]
    try:
        submit()
    except ConflictError as error:
        form.add_error(None, str(error))
        form.data = request.POST.copy()
        form.data["seen"] = house.changes().stamp(KIND, name)
        return _shown(request, form, title, other=name, status=409)
    except UsageError as error:
        form.add_error(None, str(error))
        return _shown(request, form, title)
    messages.success(request, f"Update rule {name!r} is submitted. Nothing acts on it before it is activated.")
    return HttpResponseRedirect(reverse("scheduler"))


def _plan(request: PageRequest, form: UpdateRuleForm) -> QuotaPlan | None:
    """Return the plan with the form's rule; None, and the reason in the form, where that cannot be meant."""
    try:
        candidate = (form.cleaned_data["name"], form.content())
        return quota_plan(
            servers.qualys_calls(), servers.account_of, page_hosts=house.config().page_hosts, clock=house.clock(),
            limits_of=partial(servers.limits_of, house.config()), full_every_s=house.config().full_pull_days * 86_400,
            candidate=candidate, zones=request.viewer.zones,
        )  # fmt: skip
    except UsageError as error:
        form.add_error(None, str(error))
        return None


def _shown(
    request: PageRequest, form: UpdateRuleForm, title: str, *, plan: QuotaPlan | None = None, asks: bool = False,
    other: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    values = {
        "form": form, "title": title, "list_title": TITLE, "plan": plan, "asks": asks,
        "other": waiting_for(KIND, other) if other else None,
    }  # fmt: skip
    return show(request, "scheduler/form.html", values, status=status)
