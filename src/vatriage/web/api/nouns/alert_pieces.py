"""One group of alerts, reviews of several groups, and an alert's event as the sensor wrote it."""

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Schema
from pydantic import Field

from vatriage.model.alert_filter import Decision
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Right
from vatriage.usecases.alert_groups import show_group
from vatriage.usecases.alert_page import show_alert
from vatriage.usecases.reviews import REASON_LENGTH, ReviewForm, review_groups
from vatriage.web import house
from vatriage.web.api.alert_told import told_group, told_review
from vatriage.web.api.endpoint import BYTES, FILE, JSON, ApiRequest, endpoint
from vatriage.web.api.instants import instant_us
from vatriage.web.api.nouns.alert_lists import GroupLine, Review
from vatriage.web.api.shapes import Sent
from vatriage.web.api.wanted import VerdictName

_Id = Annotated[str, Field(pattern="^[0-9a-f]{1,64}$")]


class GroupShown(GroupLine):
    """A group with every review of it; its alerts are listed by GET /alerts?group=."""

    reviews: list[Review]


class GroupSeen(Sent):
    """A group, and how far its reviews were read."""

    group: _Id
    seen: Annotated[int, Field(ge=0, lt=1 << 53, description="Number of the newest review you saw, 0 = none.")] = 0
    verdict_seen: (
        Annotated[VerdictName, Field(description="Its worst verdict as you saw it; nothing worse is covered.")] | None
    ) = None


class GroupReviews(Sent):
    """What a person says of several groups."""

    groups: Annotated[list[GroupSeen], Field(min_length=1, max_length=500)]
    decision: Annotated[Decision, Field(strict=False)]
    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH)]
    expires_at: Annotated[str, Field(max_length=40, description="Until when it holds; left out = for good.")] | None = (
        None
    )


class Reviewed(Schema):
    """The reviews that were stored."""

    numbers: list[int]


@endpoint("GET", "/alert-groups/{str:group}", right=Right.READ, answer=GroupShown, errors=(404,))
def get_an_alert_group(request: ApiRequest, group: str) -> Any:
    """Show one group, with what people said of it."""
    view = show_group(group, zones=request.viewer.zones, now=house.now_s())
    said = {"review": view.review, "contradicted": view.contradicted, "marked": view.marked}
    return told_group(view.group | said) | {"reviews": list(map(told_review, view.reviews))}


@endpoint(
    "POST", "/group-reviews", right=Right.REVIEW, answer=Reviewed, status=201, errors=(404, 409), once=True, body=JSON
)  # fmt: skip
def review_several_groups(request: ApiRequest, said: GroupReviews) -> Any:
    """Say the same of several groups, all of them or none."""
    form = ReviewForm(
        decision=said.decision, reason=said.reason, expires_at=(instant_us(said.expires_at) or 0) // 1_000_000
    )
    seen = {one.group: one.seen for one in said.groups}
    saw = {one.group: Verdict[one.verdict_seen] for one in said.groups if one.verdict_seen is not None}
    numbers = review_groups(
        seen, form, saw=saw, who=request.viewer.who, zones=request.viewer.zones, clock=house.clock()
    )  # fmt: skip
    return {"numbers": numbers}


@endpoint("GET", "/alert-events/{str:alert}", right=Right.READ, answer=FILE, errors=(404,), media=(BYTES,))
def get_an_event(request: ApiRequest, alert: str) -> HttpResponse:
    """Send an alert's event as the sensor wrote it; the alert's id must be whole."""
    view = show_alert(
        alert, zones=request.viewer.zones, now=house.now_s(), archive=house.config().archive
    )  # fmt: skip
    return HttpResponse(view.event, content_type=BYTES)
