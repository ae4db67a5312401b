"""How a page is declared: its address, its name, the right it asks for, its place in the menu.

Nothing is reachable that is not declared here; the gate checks the right before the page is called.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from vatriage.model.viewer import Right, Viewer


class PageRequest(HttpRequest):
    """A request that passed the gate."""

    viewer: Viewer
    """Who asks. On a public page (login) nobody is logged in, and this is not set."""
    htmx: HtmxDetails
    """True where a piece of a page is asked for."""


class View(Protocol):
    """Answers a request; what the route names comes as keywords."""

    def __call__(self, request: PageRequest, **values: Any) -> HttpResponse:
        """Return the answer. VatriageErrors may be raised: they become a page with a sentence and a remedy."""


@dataclass(frozen=True, slots=True)
class Menu:
    """A page's place in the menu."""

    group: str
    """Dashboard, Alerts, Inventory, Pulls, or Admin."""
    label: str
    order: int = 50
    section: str = ""
    """Heading inside the group: "System Setup", "System Parameters"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A declared page."""

    route: str
    name: str
    right: Right | None
    """None = public."""
    methods: tuple[str, ...]
    menu: Menu | None
    view: Callable[..., HttpResponse]
    live: bool = False
    """It is asked for by itself every few seconds: that keeps no session awake."""


PAGES: dict[str, Page] = {}
"""Every page by its name; filled when `vatriage.web.pages.*` are imported."""


def page(
    route: str,
    *,
    name: str,
    right: Right | None,
    methods: tuple[str, ...] = ("GET",),
    menu: Menu | None = None,
    live: bool = False,
) -> Callable[[View], View]:
    """Declare a page.

    Args:
        route: Django's route, without a slash in front: "devices/<str:name>/".
        name: for links: {% url 'device' name=device.name %}.
        right: what its visitor must be allowed.
        methods: that are answered; GET answers HEAD as well.
        menu: its place there, None = none.
        live: a piece of a page that is asked for by itself every few seconds.
    """

    def declare(view: View) -> View:
        if name in PAGES:
            raise ValueError(f"two pages are named {name}")
        setattr(view, "page_name", name)  # noqa: B010 - functions take attributes; the gate reads it
        PAGES[name] = Page(route=route, name=name, right=right, methods=methods, menu=menu, view=view, live=live)
        return view

    return declare


def page_of(view: Callable[..., HttpResponse]) -> Page | None:
    """Return the page that a view was declared as, None if it is none of ours."""
    return PAGES.get(getattr(view, "page_name", ""))


def show(
    request: HttpRequest, template: str, values: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Return a page made from a template in `web/templates`."""
    return render(request, template, dict(values or {}), status=status)
