"""The first page: where a person with this role begins."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vatriage.model.viewer import Right
from vatriage.web.page import PAGES, PageRequest, page


@page("", name="home", right=Right.OWN)
def home(request: PageRequest, **_values: Any) -> HttpResponse:
    """Go to the dashboard, or to the account of who may not see it."""
    sees = "dashboard" in PAGES and request.viewer.may(Right.READ)
    return HttpResponseRedirect(reverse("dashboard" if sees else "account"))
