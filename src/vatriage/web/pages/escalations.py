"""Escalations: stored alerts whose verdict rose when they were judged again."""

from typing import Any

from django.http import HttpResponse

from vatriage.model.viewer import Right
from vatriage.usecases.escalations import escalation_page
from vatriage.web.fields import key_of
from vatriage.web.page import Menu, PageRequest, page, show


@page("escalations/", name="escalations", right=Right.READ, menu=Menu("Alerts", "Escalations", 15))
def escalations(request: PageRequest, **_values: Any) -> HttpResponse:
    """List them, the newest first."""
    found = escalation_page(request.viewer.zones, before=key_of(request))
    values = {"rows": found.shown, "next": found.next, "after": key_of(request)}
    return show(request, "alerts/escalations.html", values)
