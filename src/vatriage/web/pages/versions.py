"""Every activated version of one subject, newest first; an old one can be submitted again."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import NotFoundError
from vatriage.model.viewer import Right
from vatriage.usecases.changes_seen import sees_versions
from vatriage.web import house
from vatriage.web.page import PageRequest, page, show


@page("versions/", name="versions", right=Right.READ)
def versions(request: PageRequest, **_values: Any) -> HttpResponse:
    """Show the versions of the subject that the address names."""
    kind, subject = request.GET.get("kind", ""), request.GET.get("subject", "")
    desk = house.changes()
    found = desk.versions(kind, subject) if kind in desk.kinds else []
    if not found or not sees_versions(request.viewer, desk, kind, subject):
        raise NotFoundError(f"Nothing named {subject!r} was ever activated.", "A version is kept at every activation.")
    values = {"kind": kind, "subject": subject, "versions": found, "stamp": desk.stamp(kind, subject)}
    return show(request, "activate/versions.html", values)


@page("versions/restore/", name="version-restore", right=Right.ADMIN, methods=("POST",))
def version_restore(request: PageRequest, **_values: Any) -> HttpResponse:
    """Submit an old version again."""
    sent, desk = request.POST, house.changes()
    kind, subject, number = sent.get("kind", ""), sent.get("subject", ""), sent.get("number", "")
    if not number.isdigit() or not sees_versions(request.viewer, desk, kind, subject):
        raise NotFoundError(f"Nothing named {subject!r} has a version {number!r}.", "Its page lists the versions.")
    desk.restore(kind, subject, int(number), who=request.viewer.who, seen=sent.get("seen") or None)
    messages.success(request, f"Version {number} of {kind} {subject!r} is submitted. It acts once it is activated.")
    return HttpResponseRedirect(f"{reverse('versions')}?{urlencode({'kind': kind, 'subject': subject})}")
