"""Pulls > Pulls: the ledger of every pull and import, live while one runs; its pages, its rejects, what broke it off."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse

from vatriage.model.viewer import Right, Viewer
from vatriage.store.pull_list import PullSearch
from vatriage.usecases.pull_control import pull_again, request_cancel
from vatriage.usecases.pull_views import (
    LiveView,
    device_names,
    find_pull,
    list_pulls,
    look_at_pull,
    pages_of,
    rejects_page,
)
from vatriage.usecases.pull_waits import waits_seen
from vatriage.usecases.raw_pages import raw_page
from vatriage.usecases.run_now import Asked, controller_runs
from vatriage.usecases.sight import zones_seen
from vatriage.web import house
from vatriage.web.fields import InstantField, key_of
from vatriage.web.page import Menu, PageRequest, page, show
from vatriage.wiring import servers

_ASKED = {
    Asked.ASKED: "the pull is asked for.",
    Asked.WAITS: "a pull was asked for already, and waits.",
    Asked.RUNS: "a pull runs already.",
}
_RAW_SHOWN = 2_000
"""Bytes of a rejected record that the page shows."""


class PullFields(forms.Form):
    """What the list is narrowed by."""

    device = forms.ChoiceField(label="Device", required=False)
    zone = forms.ChoiceField(label="Zone", required=False)
    state = forms.ChoiceField(
        label="State", required=False, choices=[(name, name or "any") for name in ("", "running", "complete", "incomplete", "failed")]
    )  # fmt: skip
    origin = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[("", "any"), ("pull", "pulls"), ("import", "imports of files"), ("replay", "replays")],
    )
    begin = InstantField("From (UTC)")
    end = InstantField("To (UTC)", ends=True)

    def __init__(self, viewer: Viewer, data: Any) -> None:
        super().__init__(data)
        for name, choices in (("device", device_names(viewer)), ("zone", zones_seen(viewer.zones))):
            self.fields[name].choices = [("", "any"), *((item, item) for item in choices)]  # type: ignore[attr-defined] # a ChoiceField


@page("pulls/", name="pulls", right=Right.READ, menu=Menu("Pulls", "Pulls", 10))
def pulls(request: PageRequest, **_values: Any) -> HttpResponse:
    """List pulls and imports, newest first."""
    form = PullFields(request.viewer, request.GET)
    search = PullSearch(**form.cleaned_data) if form.is_valid() else PullSearch()
    after = key_of(request)
    found = list_pulls(search, after, viewer=request.viewer, calls=servers.qualys_calls(), now=house.now_s())
    narrowed = any(request.GET.get(name) for name in form.fields)
    values: dict[str, Any] = {
        "form": form,
        "pulls": found.pulls,
        "next": found.next,
        "after": after,
        "narrowed": narrowed,
    }
    if not after:
        values["waits"] = waits_seen(request.viewer)
    return show(request, "pulls/list.html", values, status=200 if form.is_valid() else 400)


@page("pulls/<int:number>/", name="pull", right=Right.READ)
def pull(request: PageRequest, **values: Any) -> HttpResponse:
    """Show one pull: how it stands, its pages, what broke it off."""
    number: int = values["number"]
    live, above = _look(request, number), key_of(request)
    pages, following = pages_of(number, above)
    shown = {"live": live, "view": live.view, "pages": pages, "next": following, "after": above}
    return show(request, "pulls/pull.html", shown)


@page("pulls/<int:number>/live/", name="pull-live", right=Right.READ, live=True)
def pull_live(request: PageRequest, **values: Any) -> HttpResponse:
    """Return the part of a pull's page that changes while it runs; the whole page once when it has ended."""
    live = _look(request, values["number"])
    answer = show(request, "pulls/live.html", {"live": live, "view": live.view})
    if not live.live:
        answer["HX-Refresh"] = "true"
    return answer


@page("pulls/<int:number>/rejects/", name="pull-rejects", right=Right.READ)
def pull_rejects(request: PageRequest, **values: Any) -> HttpResponse:
    """List what was left out of a pull's pages, and why."""
    number: int = values["number"]
    row, above = find_pull(number, viewer=request.viewer), key_of(request)
    lines, following = rejects_page(number, above)
    rejects = [(line, line.raw[:_RAW_SHOWN].decode(errors="backslashreplace")) for line in lines]
    return show(request, "pulls/rejects.html", {"row": row, "rejects": rejects, "next": following, "after": above})


@page("pulls/<int:number>/pages/<int:page>/<str:form>/", name="pull-raw", right=Right.ADMIN)
def pull_raw(request: PageRequest, **values: Any) -> HttpResponse:
    """Send a raw page: `raw` as the server sent it, `zst` as it is kept."""
    compressed = values["form"] == "zst"
    raw = raw_page(
        values["number"], values["page"], folder=house.config().pages, compressed=compressed, viewer=request.viewer,
        now=house.now_s(),
    )  # fmt: skip
    answer = StreamingHttpResponse(raw.pieces, content_type="application/zstd" if compressed else "application/xml")
    answer["Content-Disposition"] = f'attachment; filename="{raw.name}"'
    return answer  # type: ignore[return-value] # a streaming answer is an HttpResponseBase; Django takes it all the same


@page("pulls/<int:number>/cancel/", name="pull-cancel", right=Right.ADMIN, methods=("POST",))
def pull_cancel(request: PageRequest, **values: Any) -> HttpResponse:
    """Ask that a pull under way ends."""
    device = request_cancel(values["number"], viewer=request.viewer, clock=house.clock())
    messages.success(request, f"The pull of {device} ends after what it does at present; what was fetched is kept.")
    return HttpResponseRedirect(reverse("pull", kwargs={"number": values["number"]}))


@page("pulls/<int:number>/again/", name="pull-again", right=Right.ADMIN, methods=("POST",))
def pull_again_now(request: PageRequest, **values: Any) -> HttpResponse:
    """Ask that the device is pulled again now."""
    device, asked = pull_again(values["number"], viewer=request.viewer, clock=house.clock())
    messages.success(request, f"{device}: {_ASKED[asked]}")
    if not controller_runs(house.clock()):
        messages.warning(request, "No controller runs at present; the pull begins once one does.")
    return HttpResponseRedirect(reverse("pulls"))


def _look(request: PageRequest, number: int) -> LiveView:
    return look_at_pull(number, viewer=request.viewer, calls=servers.qualys_calls(), now=house.now_s())
