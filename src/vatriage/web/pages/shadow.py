"""Shadow mode: what hiding would have done, the random samples that people judge, and hiding, on and off."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import NotAllowedError, UsageError, VatriageError
from vatriage.model.instant import US
from vatriage.model.shadow import drift_said, error_said
from vatriage.model.time_columns import Step
from vatriage.model.viewer import Right
from vatriage.usecases.dashboard import verdicts_over_time
from vatriage.usecases.hiding import turn_off, turn_on
from vatriage.usecases.shadow_report import DAYS, check_reported, shadow_report
from vatriage.usecases.shadow_samples import SIZE, draw_sample, samples_of, show_sample
from vatriage.usecases.shadow_zones import zone_state, zone_states
from vatriage.web import house
from vatriage.web.charts.columns import column_chart
from vatriage.web.errors import status_of
from vatriage.web.forms.hiding import HidingFields
from vatriage.web.page import Menu, PageRequest, page, show

_CHOICES = (7, 30, 90, 365)


@page("shadow/", name="shadow", right=Right.READ, menu=Menu("Alerts", "Shadow mode", 40))
def shadow(request: PageRequest, **_values: Any) -> HttpResponse:
    """List the zones: whether anything is hidden, and whether the share of NOT_AFFECTED drifts."""
    return show(request, "shadow/list.html", {"states": zone_states(request.viewer.zones, house.clock())})


@page("shadow/reports/<path:zone>/", name="shadow-report", right=Right.READ)
def shadow_report_page(request: PageRequest, **values: Any) -> HttpResponse:
    """Show a zone's report, and the form that turns hiding on by it."""
    return _reported(request, str(values["zone"]))


@page("shadow/draw/<path:zone>/", name="shadow-draw", right=Right.REVIEW, methods=("POST",))
def shadow_draw(request: PageRequest, **values: Any) -> HttpResponse:
    """Draw a random sample, and show it."""
    zone = str(values["zone"])
    check_reported(zone, request.viewer.zones)
    number = draw_sample(
        zone, who=request.viewer.who, clock=house.clock(), days=_number(request.POST.get("days"), DAYS),
        size=_number(request.POST.get("size"), SIZE),
    )  # fmt: skip
    messages.success(request, "The sample is drawn. Judge each of its alerts, whatever you think of it at first sight.")
    return HttpResponseRedirect(reverse("shadow-sample", args=[number]))


@page("shadow/samples/<int:number>/", name="shadow-sample", right=Right.READ)
def shadow_sample(request: PageRequest, **values: Any) -> HttpResponse:
    """Show a sample with its alerts."""
    view = show_sample(int(values["number"]), zones=request.viewer.zones, now=house.now_s())
    return show(request, "shadow/sample.html", {"view": view, "sample": view.sample, "rows": view.rows})


@page("shadow/hide/<path:zone>/", name="hiding-on", right=Right.ADMIN, methods=("POST",))
def hiding_on(request: PageRequest, **values: Any) -> HttpResponse:
    """Turn hiding on by the report that was on screen; shown again, with the figures of now, if it cannot be."""
    zone = str(values["zone"])
    check_reported(zone, request.viewer.zones)
    form = HidingFields(_report(request, zone), request.POST)
    if not form.is_valid():
        return _reported(request, zone, form, 400)
    try:
        turn_on(zone, form.said(), who=request.viewer.who, clock=house.clock())
    except UsageError as error:
        form.add_error(None, f"{error.message} {error.hint}")
        return _reported(request, zone, form, status_of(error))
    messages.success(request, f"Hiding is on in zone {zone}. Lists say how many alerts they leave out.")
    return HttpResponseRedirect(reverse("shadow-report", args=[zone]))


@page("shadow/show/<path:zone>/", name="hiding-off", right=Right.REVIEW, methods=("POST",))
def hiding_off(request: PageRequest, **values: Any) -> HttpResponse:
    """Show everything in a zone again, at once."""
    zone = str(values["zone"])
    check_reported(zone, request.viewer.zones)
    try:
        turn_off(zone, reason=request.POST.get("reason", ""), who=request.viewer.who, clock=house.clock())
        messages.success(request, f"Hiding is off in zone {zone}: everything is shown.")
    except NotAllowedError:
        raise
    except VatriageError as error:
        messages.error(request, f"{error.message} {error.hint}")
    return HttpResponseRedirect(reverse("shadow-report", args=[zone]))


def _reported(request: PageRequest, zone: str, form: HidingFields | None = None, status: int = 200) -> HttpResponse:
    """Show the report of now; a form that was refused shows what was typed, with the figures of now."""
    check_reported(zone, request.viewer.zones)
    report, now = _report(request, zone), house.now_s()
    if form is not None:
        form.show(report)
    values = {
        "report": report, "form": form or HidingFields(report), "state": zone_state(zone, house.clock()), "choices": _CHOICES,
        "sample_said": error_said(report.sample_error), "seen_said": error_said(report.seen_error),
        "drifts": [(one, drift_said(one)) for one in report.drifts], "size": SIZE,
        "samples": samples_of(zone, now=now, days=report.days),
        "chart": column_chart(verdicts_over_time(frozenset({zone}), Step.DAY, 30, now), Step.DAY),
    }  # fmt: skip
    return show(request, "shadow/report.html", values, status=status)


def _report(request: PageRequest, zone: str) -> Any:
    days = _number((request.POST or request.GET).get("days"), DAYS)
    return shadow_report(zone, now_us=house.now_s() * US, days=days)


def _number(text: str | None, default: int) -> int:
    """Return a small number that somebody typed; the default for nothing, 0 (which is refused) for none."""
    if not text:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
