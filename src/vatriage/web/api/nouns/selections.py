"""One review for all alerts of a filter, with the count that its author confirmed."""

from typing import Annotated, Any

from ninja import Query, Schema
from pydantic import ConfigDict, Field

from vatriage.errors import UsageError
from vatriage.model.alert_filter import Decision
from vatriage.model.instant import format_instant
from vatriage.model.viewer import Right
from vatriage.usecases.reviews import REASON_LENGTH, ReviewForm
from vatriage.usecases.selections import (
    MOST_ALERTS,
    MOST_GROUPS,
    Confirmed,
    Cover,
    preview_selection,
    review_selection,
)
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.instants import instant_us
from vatriage.web.api.shapes import Instant, Sent
from vatriage.web.api.sight import check_zone
from vatriage.web.api.wanted import Wanted

_Stamp = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class SelectionShown(Schema):
    """What a filter selects now."""

    alerts: int
    groups: int
    in_groups: int = Field(description="All alerts of these groups.")
    verdicts: dict[str, int] = Field(description="Selected alerts by verdict.")
    reviewed: int = Field(description="Selected alerts with a review of their own, which a new one would replace.")
    until: Instant = Field(description="Alerts of this instant and later are not selected.")
    stamp: str = Field(description="Of the alerts, their verdicts and reviews; a review of the selection names it.")


class WantedSent(Wanted):
    """The same filter in a body."""

    model_config = ConfigDict(extra="forbid")


class SelectionReview(Sent):
    """What a person says of a selection, and the count that they confirm."""

    filter: Annotated[WantedSent, Field(strict=False)]
    covers: Annotated[
        Cover,
        Field(strict=False, description="alerts: these ones only; groups: all of their groups, later alerts too."),
    ]  # fmt: skip
    alerts: Annotated[int, Field(ge=1, le=MOST_ALERTS)]
    groups: Annotated[int, Field(ge=1, le=MOST_GROUPS)]
    until: Annotated[str, Field(max_length=40)]
    stamp: _Stamp
    decision: Annotated[Decision, Field(strict=False)]
    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH)]
    expires_at: Annotated[str, Field(max_length=40, description="Until when it holds; left out = for good.")] | None = (
        None
    )


class SelectionReviewed(Schema):
    """The reviews that were stored."""

    first: int
    last: int


@endpoint("GET", "/alert-selection", right=Right.READ, answer=SelectionShown)
def preview_a_selection(request: ApiRequest, wanted: Query[Wanted]) -> Any:
    """Count what a filter selects, to review it with POST /selection-reviews."""
    check_zone(request.viewer, wanted.zone)
    found = preview_selection(wanted.filter(), zones=request.viewer.zones, clock=house.clock())
    return {
        "alerts": found.alerts, "groups": found.groups, "in_groups": found.in_groups, "reviewed": found.reviewed,
        "verdicts": {verdict.name: number for verdict, number in found.by_verdict.items()},
        "until": format_instant(found.until_us), "stamp": found.stamp,
    }  # fmt: skip


@endpoint(
    "POST", "/selection-reviews", right=Right.REVIEW, answer=SelectionReviewed, status=201, errors=(409,), once=True,
    body=JSON,
)  # fmt: skip
def review_a_selection(request: ApiRequest, said: SelectionReview) -> Any:
    """Say the same of all alerts of a filter; nothing is stored if it selects anything but what you confirmed."""
    check_zone(request.viewer, said.filter.zone)
    until_us = instant_us(said.until)
    if not until_us:
        raise UsageError("`until` is no instant.", "Send the one that GET /alert-selection named.")
    form = ReviewForm(
        decision=said.decision, reason=said.reason, expires_at=(instant_us(said.expires_at) or 0) // 1_000_000
    )
    confirmed = Confirmed(alerts=said.alerts, groups=said.groups, stamp=said.stamp, until_us=until_us)
    first, last = review_selection(
        said.filter.filter(), said.covers, confirmed, form, who=request.viewer.who, zones=request.viewer.zones,
        clock=house.clock(),
    )  # fmt: skip
    return {"first": first, "last": last}
