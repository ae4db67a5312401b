"""One group of alerts: all of one signature between one attacker and one target."""

from dataclasses import dataclass
from typing import Any

from vatriage.errors import NotFoundError
from vatriage.store.alert_pages import group_row, messages_of
from vatriage.store.review_rows import reviews_in_force, reviews_of


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """One group. Rows are columns of the store by name."""

    group: dict[str, Any]
    """With `message`."""
    reviews: list[dict[str, Any]]
    """Of the group as a whole, the newest first."""
    review: dict[str, Any] | None
    """The one in force for its worst alert."""

    @property
    def newest_review(self) -> int:
        """The number of the newest review, 0 = none: what a form carries."""
        return int(self.reviews[0]["id"]) if self.reviews else 0


def show_group(group_id: str, *, zones: frozenset[str] | None, now: int) -> GroupView:
    """Return one group.

    Args:
        group_id: whole.
        zones: names of the zones that the viewer may see, None = all.
        now: seconds; a review may have expired.

    Raises: NotFoundError: it is not here, or not theirs to see.
    """
    group = group_row(group_id, zones)
    if group is None:
        raise NotFoundError(
            f"No group of alerts has the id {group_id!r}.", "It may belong to a zone that is not yours."
        )
    key = (group["gid"], group["sid"])
    return GroupView(
        group=group | {"message": messages_of([key]).get(key, "")},
        reviews=reviews_of("", group_id),
        review=reviews_in_force([("", group_id, group["worst"])], now).get(group_id),
    )
