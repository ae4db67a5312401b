"""Stored alerts in lists and groups, and what people say of them."""

from typing import Annotated, Any, Literal

from ninja import Query, Schema
from pydantic import ConfigDict, Field

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.address import format_address, pack_address
from vatriage.model.alert import Disposition
from vatriage.model.alert_filter import AlertFilter, Decision, Order
from vatriage.model.verdict import Reason, Verdict
from vatriage.model.viewer import Right
from vatriage.store.alert_counts import LEVELS
from vatriage.store.alert_pages import alert_row
from vatriage.usecases.alert_lists import MARS_LISTS, list_alerts, list_groups, mars_list
from vatriage.usecases.hidden_alerts import Hidden, as_listed
from vatriage.usecases.reviews import REASON_LENGTH, ReviewForm, review_alert, review_group, review_history
from vatriage.web import house
from vatriage.web.api.alert_told import told_alert, told_group, told_review
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.instants import AsOf, instant_us
from vatriage.web.api.shapes import After, Instant, Limit, Next, Sent
from vatriage.web.api.sight import check_zone

_Id = Annotated[str, Field(pattern="^[0-9a-f]{1,64}$")]
_VerdictName = Literal[
    "NOT_AFFECTED", "UNVERIFIABLE", "UNKNOWN", "POSSIBLY_AFFECTED", "AFFECTED", "COMPROMISE_INDICATED"
]  # fmt: skip
_Hidden = Annotated[
    Literal["show", "leave_out"],
    Field(
        description="Whether what is hidden on the pages is in the list. A list of a verdict, decision or group has it."
    ),
]
_ListName = Annotated[str | None, Field(description=f"One of MARS's lists: {', '.join(MARS_LISTS)}.")]


class Wanted(Schema):
    """Which alerts a list shows; what is left out asks for nothing."""

    model_config = ConfigDict(extra="ignore")
    verdict: list[_VerdictName] = Field(default=[], description="May be repeated.")
    zone: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    begin: AsOf = Field(default=None, description="The earliest time of an alert.")
    end: AsOf = Field(default=None, description="The time before which alerts are.")
    address: Annotated[str, Field(max_length=45, description="The target's or the attacker's.")] | None = None
    signature: Annotated[str, Field(max_length=200, description="sid, gid:sid, or a part of the message.")] = ""
    reason: Reason | None = None
    reviewed: bool | None = None
    decision: Decision | None = None
    disposition: Disposition | None = None
    group: _Id | None = None
    list: _ListName = None

    def filter(self) -> AlertFilter:
        """Return it as the use cases have it. Raises: UsageError: a value cannot be meant."""
        base = AlertFilter() if self.list is None else mars_list(self.list)
        return AlertFilter(
            verdicts=frozenset(Verdict[name] for name in self.verdict) or base.verdicts,
            zones=None if self.zone is None else frozenset({self.zone}),
            from_us=instant_us(self.begin), until_us=instant_us(self.end), address=_canonical(self.address),
            signature=self.signature, reason=self.reason or "",
            reviewed=base.reviewed if self.reviewed is None else self.reviewed,
            decisions=base.decisions if self.decision is None else frozenset({self.decision}),
            disposition=self.disposition or base.disposition, group_id=self.group or "",
        )  # fmt: skip


class Review(Schema):
    """What a person said."""

    number: int
    alert: str | None
    group: str | None
    decision: str
    reason: str
    verdict_seen: str
    by: str
    at: Instant
    expires_at: Instant | None
    superseded: bool


class AlertLine(Schema):
    """A stored alert with its newest verdict."""

    id: str
    zone: str
    at: Instant
    signature: str
    message: str
    source_address: str | None
    source_port: int | None
    destination_address: str | None
    destination_port: int | None
    protocol: str
    sensor: str
    disposition: str
    target_address: str | None
    target_port: int | None
    attacker_address: str | None
    host: str | None
    verdict: str
    priority: int
    conflict: bool
    reasons: list[str]
    group: str
    first_judged_at: Instant
    last_judged_at: Instant
    review: Review | None = Field(description="The review in force.")


class HiddenShown(Schema):
    """What of the alerts that fit is hidden in their zones (see /shadow-zones)."""

    alerts: int
    more: bool = Field(description="There are more than were counted.")
    left_out: bool = Field(description="They are not in the list.")


class AlertList(Schema):
    """A page of alerts."""

    alerts: list[AlertLine]
    next: Next
    hidden: HiddenShown


class GroupLine(Schema):
    """The alerts of a signature from one attacker on one target; counts are of all of them."""

    id: str
    zone: str
    signature: str
    message: str
    target_address: str | None
    attacker_address: str | None
    alerts: int
    first_at: Instant
    last_at: Instant
    worst: str
    verdicts: dict[str, int] = Field(description=f"Alerts by verdict: {', '.join(LEVELS)}.")
    review: Review | None


class GroupList(Schema):
    """A page of groups."""

    groups: list[GroupLine]
    next: Next
    hidden: HiddenShown


class ReviewList(Schema):
    """Reviews, newest first."""

    reviews: list[Review]


class ReviewNew(Sent):
    """What a person says of an alert or of a group: one of the two."""

    alert: _Id | None = None
    group: _Id | None = None
    decision: Annotated[Decision, Field(strict=False)]
    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH)]
    expires_at: Annotated[str, Field(max_length=40, description="Until when it holds; left out = for good.")] | None = (
        None
    )
    seen: (
        Annotated[int, Field(ge=0, lt=1 << 53, description="Number of the newest review you saw, 0 = none.")] | None
    ) = None
    verdict_seen: (
        Annotated[
            _VerdictName, Field(description="The verdict you saw, of a group its worst; nothing worse is covered.")
        ]
        | None
    ) = None


@endpoint("GET", "/alerts", right=Right.READ, answer=AlertList)
def list_stored_alerts(
    request: ApiRequest, wanted: Query[Wanted], order: Order = Order.RANK, after: After = "", limit: Limit = 100,
    hidden: _Hidden = "show",
) -> Any:  # fmt: skip
    """List the stored alerts of your zones, the most dangerous or (order=time) the newest first."""
    check_zone(request.viewer, wanted.zone)
    found = _as_listed(request, wanted, hidden)
    page = list_alerts(
        found.wanted, zones=request.viewer.zones, now=house.now_s(), order=order, after=after or None, size=limit
    )  # fmt: skip
    return {"alerts": list(map(told_alert, page.rows)), "next": page.following, "hidden": _told_hidden(found)}


@endpoint("GET", "/alert-groups", right=Right.READ, answer=GroupList)
def list_alert_groups(
    request: ApiRequest, wanted: Query[Wanted], order: Order = Order.RANK, after: After = "", limit: Limit = 100,
    hidden: _Hidden = "show",
) -> Any:  # fmt: skip
    """List the groups that hold an alert that is wanted."""
    check_zone(request.viewer, wanted.zone)
    found = _as_listed(request, wanted, hidden)
    page = list_groups(
        found.wanted, zones=request.viewer.zones, now=house.now_s(), order=order, after=after or None, size=limit
    )  # fmt: skip
    return {"groups": list(map(told_group, page.rows)), "next": page.following, "hidden": _told_hidden(found)}


@endpoint("GET", "/alerts/{str:alert}/reviews", right=Right.READ, answer=ReviewList, errors=(404,))
def list_reviews(request: ApiRequest, alert: str) -> Any:
    """List the reviews of an alert and of its group."""
    row = alert_row(alert, request.viewer.zones)
    if row is None:
        raise NotFoundError(f"No stored alert has the id {alert[:64]!r}.", "It may belong to a zone that is not yours.")
    return {"reviews": list(map(told_review, review_history(alert_id=row["id"], group_id=row["group_id"])))}


@endpoint("POST", "/reviews", right=Right.REVIEW, answer=Review, status=201, errors=(404, 409), once=True, body=JSON)
def review(request: ApiRequest, said: ReviewNew) -> Any:
    """Say what you know of an alert, or of all alerts of a group; it stands beside the verdict."""
    if (said.alert is None) == (said.group is None):
        raise UsageError("A review is of an alert or of a group.", "Name one of the two.")
    expires_at = (instant_us(said.expires_at) or 0) // 1_000_000
    form = ReviewForm(decision=said.decision, reason=said.reason, expires_at=expires_at)
    act, subject = (review_alert, said.alert) if said.alert else (review_group, said.group)
    number = act(
        str(subject), form, who=request.viewer.who, zones=request.viewer.zones, clock=house.clock(), seen=said.seen,
        saw=None if said.verdict_seen is None else Verdict[said.verdict_seen],
    )  # fmt: skip
    made = review_history(alert_id=said.alert or "", group_id=said.group or "")
    return next(told_review(row) for row in made if row["id"] == number)


def _as_listed(request: ApiRequest, wanted: Wanted, hidden: str) -> Hidden:
    """Return how a list is shown: programs get everything, unless they ask for what the pages show."""
    return as_listed(wanted.filter(), zones=request.viewer.zones, clock=house.clock(), show=hidden == "show")


def _told_hidden(found: Hidden) -> dict[str, Any]:
    return {"alerts": found.alerts, "more": found.more, "left_out": found.left_out}


def _canonical(address: str | None) -> str:
    if not address:
        return ""
    try:
        return format_address(pack_address(address))
    except ValueError as error:
        raise UsageError(f"{address!r} is no IP address.", "Write it like 10.0.0.5 or 2001:db8::5.") from error
