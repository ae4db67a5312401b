"""Activate: what waits, who changed what, and the buttons that make it act or drop it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import UsageError, VatriageError
from vatriage.model.scan_ceiling import GROUPS, MOST_ADDRESSES
from vatriage.model.viewer import Right, Viewer
from vatriage.usecases.change_views import Waiting
from vatriage.usecases.changes import ActivationRefusedError, ConflictError
from vatriage.usecases.changes_seen import visible_changes
from vatriage.usecases.config_kind import Subject
from vatriage.usecases.quota_plan import QuotaPlan, quota_plan
from vatriage.usecases.update_rules import KIND
from vatriage.web import house
from vatriage.web.page import Menu, PageRequest, page, show
from vatriage.wiring import servers


@page("activate/", name="activate", right=Right.ADMIN, methods=("GET", "POST"), menu=Menu("Admin", "Activate", 5))
def activate(request: PageRequest, **_values: Any) -> HttpResponse:
    """Show the pending changes; activate all of them, the ticked ones, or drop the ticked ones."""
    if request.method == "POST":
        return _pressed(request)
    return _shown(request)


def waiting_for(kind: str, subject: str) -> Waiting | None:
    """Return the change of a subject that waits, None if none does."""
    return next((item for item in house.changes().pending() if (item.kind, item.subject) == (kind, subject)), None)


def _pressed(request: PageRequest) -> HttpResponse:
    """Do what a button says with the changes that were shown; others that came meanwhile are left alone."""
    sent, desk = request.POST, house.changes()
    stamps = dict(zip(sent.getlist("key"), sent.getlist("stamp"), strict=False))
    ticked = list(stamps) if "all" in sent else [key for key in sent.getlist("change") if key in stamps]
    if not ticked:
        messages.error(request, "Tick a change first: nothing was ticked.")
        return HttpResponseRedirect(reverse("activate"))
    mine = {_key(item): (item.kind, item.subject) for item in _waiting(request.viewer)}
    if gone := [key for key in ticked if key not in mine]:
        raise ConflictError(
            f"The change of {gone[0].replace(':', ' ', 1)!r} does not wait any more.",
            "Somebody activated or discarded it: open the page again.",
        )
    seen = {mine[key]: stamps[key] for key in ticked}
    if "discard" in sent:
        dropped = desk.discard(request.viewer.who, list(seen), seen=seen)
        messages.success(request, f"Discarded: {_named(dropped)}. What acted before goes on acting.")
        return HttpResponseRedirect(reverse("activate"))
    try:
        done = desk.activate(request.viewer.who, confirmed=_confirmed(request), only=list(seen), seen=seen)
    except ActivationRefusedError as error:
        return _shown(request, {f"{kind}:{name}": said for (kind, name), said in error.refused})
    messages.success(request, f"Activated: {_named(done.activated)}.")
    return HttpResponseRedirect(reverse("activate"))


def _confirmed(request: PageRequest) -> dict[str, int]:
    """Return how many addresses a person lets each device scan. Raises: UsageError: that is no number."""
    confirmed = {key.partition(":")[2]: GROUPS for key in request.POST.getlist("confirm_groups")}
    for key in request.POST.getlist("confirm"):
        said = request.POST.get(f"addresses:{key}", "").strip().replace(",", "")
        if not (said.isascii() and said.isdigit() and 0 < int(said) <= MOST_ADDRESSES):
            raise UsageError(
                f"{said!r} is no number of addresses.", "Nothing was activated. Type how many addresses may be scanned."
            )
        confirmed[key.partition(":")[2]] = int(said)
    return confirmed


def _shown(request: PageRequest, refused: Mapping[str, VatriageError] | None = None) -> HttpResponse:
    desk = house.changes()
    lines: list[dict[str, Any]] = [
        {
            "item": item, "key": _key(item), "stamp": desk.stamp(item.kind, item.subject),
            "refused": (refused or {}).get(_key(item)),
        }
        for item in _waiting(request.viewer)
    ]  # fmt: skip
    values = {"lines": lines, "refused": refused, "plan": _plan(request.viewer, [line["item"] for line in lines])}
    return show(request, "activate/list.html", values, status=409 if refused else 200)


def _plan(viewer: Viewer, waiting: Sequence[Waiting]) -> QuotaPlan | None:
    """Return what all rules will ask of the accounts once everything acts, where that will change."""
    if not any(item.kind in (KIND, "device") for item in waiting):
        return None
    return quota_plan(
        servers.qualys_calls(), servers.account_of, page_hosts=house.config().page_hosts, clock=house.clock(),
        pending=True, zones=viewer.zones, limits_of=partial(servers.limits_of, house.config()),
        full_every_s=house.config().full_pull_days * 86_400,
    )  # fmt: skip


def _waiting(viewer: Viewer) -> list[Waiting]:
    return visible_changes(viewer, house.changes())


def _key(item: Waiting) -> str:
    return f"{item.kind}:{item.subject}"


def _named(subjects: Sequence[Subject]) -> str:
    return ", ".join(f"{kind} {name!r}" for kind, name in subjects)
