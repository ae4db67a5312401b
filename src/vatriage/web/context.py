"""What every page shows around its own matter: menu, who is logged in, changes that wait."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from vatriage.model.viewer import Right, Viewer
from vatriage.usecases.changes_seen import count_visible
from vatriage.web import house
from vatriage.web.page import PAGES

GROUPS = ("Dashboard", "Alerts", "Inventory", "Pulls", "Admin")
"""The menu's groups, in order."""


class Entry(NamedTuple):
    """A line of the menu."""

    label: str
    address: str
    section: str
    here: bool


class Group(NamedTuple):
    """A group of the menu that the viewer sees something of."""

    label: str
    entries: list[Entry]
    here: bool


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """Return the menu and the banner's number; nothing where nobody is logged in."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None:
        return {"viewer": None, "menu": [], "pending_changes": 0}
    waiting = count_visible(viewer, house.changes()) if viewer.may(Right.READ) else 0
    return {"viewer": viewer, "menu": menu_for(viewer, request), "pending_changes": waiting}


def menu_for(viewer: Viewer, request: HttpRequest) -> list[Group]:
    """Return the menu as far as the viewer may go."""
    shown = [
        page for page in PAGES.values()
        if page.menu is not None and page.right is not None and viewer.may(page.right)
    ]  # fmt: skip
    groups = []
    for label in GROUPS:
        pages = [(page.menu.order, page.menu, page.name) for page in shown if page.menu and page.menu.group == label]
        entries = [
            Entry(menu.label, reverse(name), menu.section, here=_is_here(request, reverse(name)))
            for _, menu, name in sorted(pages, key=lambda item: (item[0], item[2]))
        ]
        if entries:
            groups.append(Group(label, entries, here=any(entry.here for entry in entries)))
    return groups


def _is_here(request: HttpRequest, address: str) -> bool:
    return request.path == address or (address != "/" and request.path.startswith(address))
