"""One group of alerts: all of one signature between one attacker and one target."""

from dataclasses import dataclass
from typing import Any

from vatriage.errors import NotFoundError
from vatriage.store.alert_pages import group_row, messages_of
from vatriage.store.review_rows import contradicted_since, reviews_of, said_of
from vatriage.store.tuning_rows import marks_of


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """One group. Rows are columns of the store by name."""

    group: dict[str, Any]
    """With `message`."""
    reviews: list[dict[str, Any]]
    """Of the group as a whole and of its signature, the newest first."""
    review: dict[str, Any] | None
    """The one in force for its worst alert."""
    contradicted: dict[str, Any] | None
    """The one that the evidence of its worst alert speaks against, with `since_us`."""
    marked: dict[str, Any] | None
    """The tuning rule that marks all of it: `rule`, `mark`."""

    @property
    def newest_review(self) -> int:
        """The number of the newest review, 0 = none: what a form carries."""
        return max((int(row["id"]) for row in self.reviews if row["group_id"]), default=0)


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
    key, subject = (group["gid"], group["sid"]), [("", group_id, group["worst"])]
    said = said_of(subject, now)
    review, against = said.in_force.get(group_id), said.contradicted.get(group_id)
    return GroupView(
        group=group | {"message": messages_of([key]).get(key, "")},
        reviews=reviews_of("", group_id),
        review=review,
        contradicted=against and against | {"since_us": contradicted_since(against, "", group_id)},
        marked=None if review or against else marks_of(subject, now).get(group_id),
    )
