"""Filters of the alert list that a person keeps under a name. Only their owner sees them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.name import checked_name
from vatriage.store.bulk import plain
from vatriage.store.reviews import SavedFilter

MOST = 100
"""Filters of one person."""


def saved_filters(owner: str) -> list[dict[str, Any]]:
    """Return a person's filters by name: name, query (the list's parameters), saved_at (seconds)."""
    rows = SavedFilter.objects.filter(owner=owner).values("name", "query", "saved_at")
    return sorted((dict(row) for row in rows), key=lambda row: str(row["name"]).casefold())


def save_filter(owner: str, name: str, query: Mapping[str, Sequence[str]], clock: Clock) -> None:
    """Keep a filter; one of the same name is replaced.

    Raises: UsageError: that cannot be a name, the filter asks for nothing, or there are too many.
    """
    named = checked_name("filter name", plain(name.strip()))
    asked = {key: [plain(value) for value in values if value] for key, values in query.items() if any(values)}
    if not asked:
        raise UsageError("The filter asks for nothing.", "Choose something to filter by, then save it.")
    with transaction.atomic():
        mine = SavedFilter.objects.filter(owner=owner)
        if mine.exclude(name=named).count() >= MOST:
            raise UsageError(f"There are {MOST} saved filters already.", "Delete one first.")
        values = {"query": asked, "saved_at": now_us(clock) // 1_000_000}
        SavedFilter.objects.update_or_create(owner=owner, name=named, defaults=values)


def delete_filter(owner: str, name: str) -> None:
    """Delete a filter. Raises: NotFoundError: there is none of that name."""
    deleted, _ = SavedFilter.objects.filter(owner=owner, name=name).delete()
    if not deleted:
        raise NotFoundError(f"You have no filter named {name!r}.", "The alert list shows yours.")
