"""Admin > Topology/Monitored Device Update Scheduler: the list of update rules; tick rules, then a button, as in MARS."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import NotFoundError, VatriageError
from vatriage.model.viewer import Right
from vatriage.usecases.rule_history import pulls_under_way, runs_of
from vatriage.usecases.rule_views import check_reach, check_rule, device_names, visible_rule, visible_rules
from vatriage.usecases.run_now import controller_runs, run_rule_now
from vatriage.usecases.update_rules import KIND, add_rule, offered_rule, pause_rule, remove_rule
from vatriage.web import house
from vatriage.web.page import Menu, PageRequest, page, show
from vatriage.web.pages.activate import waiting_for

TITLE = "Topology/Monitored Device Update Scheduler"


@page("scheduler/", name="scheduler", right=Right.READ, menu=Menu("Admin", TITLE, 6))
def scheduler(request: PageRequest, **_values: Any) -> HttpResponse:
    """List the rules; where none is yet, offer the daily one."""
    lines = visible_rules(request.viewer, house.clock())
    offered = offered_rule() if request.viewer.may(Right.ADMIN) and request.viewer.zones is None else None
    values = {
        "lines": lines, "offered": offered and offered[0], "controller": controller_runs(house.clock()),
        "pulls": _pulls(request), "title": TITLE,
    }  # fmt: skip
    return show(request, "scheduler/list.html", values)


@page("scheduler/running/", name="scheduler-running", right=Right.READ)
def running(request: PageRequest, **_values: Any) -> HttpResponse:
    """Show what is being pulled: a piece that refreshes itself."""
    return show(request, "scheduler/parts_running.html", {"pulls": _pulls(request)})


@page("scheduler/rule/<path:name>/", name="rule", right=Right.READ)
def rule(request: PageRequest, **values: Any) -> HttpResponse:
    """Show a rule and its last runs."""
    name, desk = str(values["name"]), house.changes()
    line = visible_rule(name, request.viewer, house.clock())
    whole = request.viewer.zones is None
    shown = {
        "line": line, "title": TITLE, "pending": waiting_for(KIND, name) if whole else None, "whole": whole,
        "versions": desk.versions(KIND, name)[:5] if whole else [], "stamp": desk.stamp(KIND, name),
        "runs": _runs(request, name),
    }  # fmt: skip
    return show(request, "scheduler/rule.html", shown)


@page("scheduler/runs/<path:name>/", name="rule-runs", right=Right.READ)
def rule_runs(request: PageRequest, **values: Any) -> HttpResponse:
    """Show a rule's last runs: a piece that refreshes itself."""
    line = visible_rule(str(values["name"]), request.viewer, house.clock())
    return show(request, "scheduler/parts_runs.html", {"runs": _runs(request, line.name), "line": line})


@page("scheduler/do/", name="scheduler-do", right=Right.ADMIN, methods=("POST",))
def do(request: PageRequest, **_values: Any) -> HttpResponse:
    """Do what the button says with the ticked rules: Run Now, pause, resume; edit and delete have pages of their own."""
    ticked = request.POST.getlist("rule")
    if not ticked:
        messages.error(request, "Tick a rule first: nothing was ticked.")
        return HttpResponseRedirect(reverse("scheduler"))
    if "delete" in request.POST:
        return HttpResponseRedirect(f"{reverse('scheduler-delete')}?{urlencode({'rule': ticked}, doseq=True)}")
    if "edit" in request.POST:
        if len(ticked) == 1:
            return HttpResponseRedirect(reverse("rule-edit", kwargs={"name": ticked[0]}))
        messages.error(request, "Tick one rule: Edit works on one at a time.")
        return HttpResponseRedirect(reverse("scheduler"))
    for name in ticked:
        _try(request, name)
    return HttpResponseRedirect(reverse("scheduler"))


@page("scheduler/delete/", name="scheduler-delete", right=Right.ADMIN, methods=("GET", "POST"))
def delete(request: PageRequest, **_values: Any) -> HttpResponse:
    """Ask whether the named rules shall go, and submit their removal."""
    desk = house.changes()
    if request.method == "POST":
        names = request.POST.getlist("rule")
        for name in names:
            check_rule(request.viewer, name, desk)
        for name in names:
            remove_rule(name, changes=desk, who=request.viewer.who)
            waits = desk.submitted(KIND, name) is None and waiting_for(KIND, name) is not None
            said = "will be deleted once that is activated" if waits else "never acted, and is gone"
            messages.success(request, f"Update rule {name!r} {said}. Its runs stay in the history.")
        return HttpResponseRedirect(reverse("scheduler"))
    lines = [visible_rule(name, request.viewer, house.clock()) for name in request.GET.getlist("rule")]
    if not lines:
        raise NotFoundError("No rule is named to be deleted.", "Tick rules in the list first.")
    return show(request, "scheduler/delete.html", {"lines": lines, "title": TITLE})


@page("scheduler/offered/", name="scheduler-offered", right=Right.ADMIN, methods=("POST",))
def offered(request: PageRequest, **_values: Any) -> HttpResponse:
    """Submit the daily rule that is offered while there is none."""
    found = offered_rule()
    if found is None:
        messages.info(request, "There is an update rule already: the daily one is not offered any more.")
        return HttpResponseRedirect(reverse("scheduler"))
    name, content = found
    check_reach(request.viewer, content)
    add_rule(name, content, changes=house.changes(), who=request.viewer.who)
    messages.success(request, f"Update rule {name!r} is submitted. Nothing acts on it before it is activated.")
    return HttpResponseRedirect(reverse("rule", kwargs={"name": name}))


def _try(request: PageRequest, name: str) -> None:
    """Do one button's work with one rule; what speaks against it is told, and the others go on."""
    who, clock = request.viewer.who, house.clock()
    try:
        check_rule(request.viewer, name, house.changes())
        if "run" in request.POST:
            messages.success(request, f"Update rule {name!r}: {run_rule_now(name, who=who, clock=clock).value}.")
        else:
            paused = "pause" in request.POST
            pause_rule(name, paused=paused, who=who, clock=clock)
            messages.success(request, f"Update rule {name!r} is {'paused' if paused else 'resumed'}.")
    except VatriageError as error:
        messages.error(request, f"{error.message} {error.hint}")


def _pulls(request: PageRequest) -> list[dict[str, Any]]:
    seen = set(device_names(request.viewer))
    return [pull for pull in pulls_under_way() if request.viewer.zones is None or pull["device"] in seen]


def _runs(request: PageRequest, name: str) -> list[dict[str, Any]]:
    """Return the last runs, with the pulls that the viewer may see."""
    runs = runs_of(name, most=10)
    if request.viewer.zones is None:
        return runs
    seen = set(device_names(request.viewer))
    return [run | {"error": "", "pulls": [pull for pull in run["pulls"] if pull["device"] in seen]} for run in runs]
