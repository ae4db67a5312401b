"""What a viewer sees of the zones, as a condition in SQL: the query leaves the rest out, no page has to remember to."""

from collections.abc import Collection
from typing import NamedTuple

from vatriage.errors import NotAllowedError
from vatriage.model.viewer import Viewer
from vatriage.store.places import Zone


class Sight(NamedTuple):
    """A condition with `%s` placeholders and their values."""

    condition: str
    values: list[str]


def sight(zones: Collection[str] | None, column: str = "z.name") -> Sight:
    """Return the condition that a row's zone is one the viewer sees.

    Args:
        zones: `Viewer.zones`: their names; None = all; an empty collection = none.
        column: of the zone's name in the query.
    """
    if zones is None:
        return Sight("1 = 1", [])
    names = sorted(zones)
    if not names:
        return Sight("1 = 0", [])
    return Sight(f"{column} IN ({', '.join(['%s'] * len(names))})", names)


def check_all_zones(viewer: Viewer) -> None:
    """Raise: NotAllowedError: the viewer sees some zones only, and what they ask for reaches across all."""
    if viewer.zones is not None:
        raise NotAllowedError("This reaches across all zones, and you see some only.", "Ask who sees all of them.")


def zones_seen(zones: Collection[str] | None) -> list[str]:
    """Return the names of the zones that are there and that a viewer sees, in order."""
    return [name for name in sorted(Zone.objects.values_list("name", flat=True)) if zones is None or name in zones]
