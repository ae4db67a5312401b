"""Alerts > False Positives: MARS's lists as views, and the confirming of several groups at once."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import VatriageError
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Right
from vatriage.usecases.alert_lists import LISTS, list_groups, mars_list
from vatriage.usecases.dashboard import review_counts
from vatriage.usecases.reviews import review_groups
from vatriage.web import house
from vatriage.web.errors import shown_forbidden, status_of
from vatriage.web.forms.alert_filter import ReviewFields
from vatriage.web.page import Menu, PageRequest, page, show
from vatriage.web.pages.alerts import review_form


@page(
    "false-positives/", name="false-positives", right=Right.READ, methods=("GET", "POST"),
    menu=Menu("Alerts", "False Positives", 30),
)  # fmt: skip
def false_positives(request: PageRequest, **_values: Any) -> HttpResponse:
    """List the groups of one of MARS's lists; a POST reviews those that were ticked."""
    name = request.GET.get("list", "unconfirmed")
    if request.method == "POST" and not request.viewer.may(Right.REVIEW):
        return shown_forbidden(request)
    form, ticked, status = ReviewFields(request.POST or None), request.POST.getlist("group"), 200
    if request.method == "POST":
        status = 400
        if not ticked:
            form.add_error(None, "No group is ticked.")
        elif form.is_valid():
            try:
                _store(request, form, ticked)
            except VatriageError as error:
                form.add_error(None, f"{error.message} {error.hint}")
                status = status_of(error)
            else:
                messages.success(request, f"{len(ticked)} group{'s' * (len(ticked) > 1)} reviewed.")
                return HttpResponseRedirect(f"{reverse('false-positives')}?list={name}")
    return _shown(request, name, form, ticked, status)


def _shown(request: PageRequest, name: str, form: ReviewFields, ticked: list[str], status: int) -> HttpResponse:
    zones, now = request.viewer.zones, house.now_s()
    found = list_groups(mars_list(name), zones=zones, now=now, after=request.GET.get("after"))
    counts = review_counts(zones, now)
    values = {
        "name": name, "title": LISTS[name][0], "meaning": LISTS[name][1], "rows": found.rows,
        "next": found.following, "after": request.GET.get("after"), "form": form, "ticked": ticked,
        "lists": [(one, title, counts[one]) for one, (title, _text, _filter) in LISTS.items()],
    }  # fmt: skip
    return show(request, "alerts/false_positives.html", values, status=status)


def _store(request: PageRequest, form: ReviewFields, ticked: list[str]) -> None:
    """Review the ticked groups, all or none; each carries the newest review and the worst verdict that were shown."""
    seen = {name: request.POST.get(f"seen-{name}", "0") for name in ticked}
    numbers = {name: int(text) if text.isdecimal() and len(text) < 19 else 0 for name, text in seen.items()}
    shown = {name: request.POST.get(f"saw-{name}", "") for name in ticked}
    saw = {name: _VERDICTS[text] for name, text in shown.items() if text in _VERDICTS}
    review_groups(
        numbers, review_form(form), who=request.viewer.who, zones=request.viewer.zones, clock=house.clock(), saw=saw
    )


_VERDICTS = {str(int(level)): level for level in Verdict}
