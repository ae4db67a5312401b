"""One alert: the verdict as an argument and as a picture, what the sensor wrote, what people say of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import VatriageError
from vatriage.model.review_scope import Scope
from vatriage.model.verdict import VerdictRecord
from vatriage.model.viewer import Right
from vatriage.usecases.alert_page import AlertView, show_alert
from vatriage.usecases.explain import known_then
from vatriage.usecases.reviews import review_alert, review_group, review_signature
from vatriage.web import house
from vatriage.web.charts.chain import ChainPicture, chain_picture
from vatriage.web.errors import shown_forbidden, status_of
from vatriage.web.forms.alert_filter import ScopedReviewFields
from vatriage.web.page import PageRequest, page, show
from vatriage.web.pages.alerts import review_form


@page("alerts/<str:alert>/", name="alert", right=Right.READ, methods=("GET", "POST"))
def alert(request: PageRequest, **values: Any) -> HttpResponse:
    """Show one alert; a POST is its review."""
    if request.method == "POST" and not request.viewer.may(Right.REVIEW):
        return shown_forbidden(request)
    view = show_alert(values["alert"], zones=request.viewer.zones, now=house.now_s(), archive=house.config().archive)
    seen = {
        "seen": view.newest_review(of_group=False), "saw": view.alert["verdict"],
        "seen_group": view.newest_review(of_group=True), "saw_group": view.group["worst"],
    }  # fmt: skip
    form = ScopedReviewFields(request.POST or None, reaches=view.reaches, initial=seen | {"scope": "alert"})
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                _store(request, form, view)
            except VatriageError as error:
                form.add_error(None, f"{error.message} {error.hint}")
                status = status_of(error)
            else:
                messages.success(request, "The review is stored. It stands beside the verdict.")
                return HttpResponseRedirect(reverse("alert", args=[values["alert"]]))
    shown = {
        "view": view, "form": form, "picture": _picture(view.newest, view.chain), "earlier": view.verdicts[-2::-1],
        "then": known_then(view.verdicts), "inputs": _inputs(view.newest),
    }  # fmt: skip
    return show(request, "alerts/alert.html", shown, status=status)


@page("alerts/<str:alert>/event/", name="alert-event", right=Right.READ)
def alert_event(request: PageRequest, **values: Any) -> HttpResponse:
    """Send the event as the sensor wrote it."""
    view = show_alert(values["alert"], zones=request.viewer.zones, now=house.now_s(), archive=house.config().archive)
    answer = HttpResponse(view.event, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{values["alert"]}.json"'
    return answer


def _store(request: PageRequest, form: ScopedReviewFields, view: AlertView) -> None:
    said = form.cleaned_data
    who, zones, clock = request.viewer.who, request.viewer.zones, house.clock()
    if said["scope"] in set(Scope):
        scope = Scope(said["scope"])
        review_signature(
            view.group["id"], scope, review_form(form), who=who, zones=zones, clock=clock, seen=said[f"seen_{scope}"],
            saw=said[f"saw_{scope}"],
        )  # fmt: skip
    elif said["scope"] == "group":
        group, seen, saw = view.group["id"], said["seen_group"], said["saw_group"]
        review_group(group, review_form(form), who=who, zones=zones, clock=clock, seen=seen, saw=saw)
    else:
        alert, seen, saw = view.alert["id"], said["seen"], said["saw"]
        review_alert(alert, review_form(form), who=who, zones=zones, clock=clock, seen=seen, saw=saw)


def _picture(record: VerdictRecord, chain: Any) -> ChainPicture:
    """Return the picture, with links to where a step can be checked."""
    gid, sid, _rev = record.signature.split(":")
    links = {"signature": f"{reverse('alert-groups')}?signature={gid}:{sid}"}
    for name, target in (("target", record.target), ("other target", record.other_target)):
        if target is not None and target.address and target.host:
            links[f"{name}'s host"] = f"{reverse('host', args=[target.address])}?as_of={record.timestamp}"
    for claim in record.claims:
        links[f"claim {claim.id}"] = f"{reverse('knowledge')}?text={claim.id}"
    return chain_picture(chain, links)


def _inputs(record: VerdictRecord) -> list[tuple[str, str]]:
    return [
        ("Policy", record.inputs.policy), ("Signatures", record.inputs.signatures),
        ("KnowledgeBase", record.inputs.knowledge_base), ("Snapshot", record.inputs.snapshot),
        ("Known exploited", record.inputs.known_exploited or "none"), ("EPSS", record.inputs.epss or "not loaded"),
    ]  # fmt: skip
