"""Shadow mode: what hiding would have done, the samples that people judge, and hiding itself, on and off."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from vatriage.errors import UsageError
from vatriage.model.instant import US, format_instant
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Right
from vatriage.usecases.hiding import HidingForm, turn_off, turn_on
from vatriage.usecases.reviews import REASON_LENGTH
from vatriage.usecases.shadow_report import DAYS, MOST_DAYS, check_reported, shadow_report
from vatriage.usecases.shadow_samples import MOST, SIZE, SampleView, draw_sample, samples_of, show_sample
from vatriage.usecases.shadow_zones import zone_state, zone_states
from vatriage.web import house
from vatriage.web.api.alert_told import told_alert
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.instants import instant_us
from vatriage.web.api.nouns.alert_lists import AlertLine
from vatriage.web.api.shapes import Instant, Name, Sent

_Days = Annotated[int, Field(ge=1, le=MOST_DAYS, description="How far back alerts are taken.")]
_Reason = Annotated[str, Field(min_length=1, max_length=REASON_LENGTH)]
_Hideable = Literal["NOT_AFFECTED", "FALSE_POSITIVE"]


class ErrorShown(Schema):
    """How often hiding was wrong, with its exact (Clopper-Pearson) interval."""

    wrong: int
    of: int
    share: float | None = Field(description="null of nothing.")
    lower: float
    upper: float
    confidence: float


class DriftShown(Schema):
    """The share of NOT_AFFECTED in 24 hours against the 28 days before."""

    begin: Instant
    hidden: int
    alerts: int
    hidden_before: int
    alerts_before: int
    z: float
    trend: Literal["steady", "risen", "fallen", "too_few"]
    alarm: bool


class ReportShown(Schema):
    """What hiding NOT_AFFECTED would have done in a zone."""

    zone: str
    days: int
    made_at: Instant
    begin: Instant
    end: Instant
    alerts: int
    would_hide: int = Field(description="Alerts first judged NOT_AFFECTED.")
    raised_later: int
    confirmed_later: int
    confirmed_by_people: int
    confirmed_by_evidence: int
    reviewed: int = Field(description="Of would_hide, looked at by a person.")
    sampled: int
    error_of_sample: ErrorShown = Field(description="From the random samples: the estimate to go by.")
    error_of_seen: ErrorShown = Field(description="From all that is settled: biased by which ones people looked at.")
    drift: list[DriftShown]
    errors_rose: bool
    digest: str = Field(description="What POST /hiding wants, with made_at and days.")
    summary: str
    alarms: list[str] = Field(description="What speaks against hiding; with any, it cannot be turned on.")


class LastHiding(Schema):
    """The newest time that hiding was on."""

    verdict: _Hideable
    by: str
    at: Instant
    reason: str
    until: Instant
    digest: str
    off_at: Instant | None
    off_by: str | None
    off_why: str | None


class ZoneShadow(Schema):
    """A zone's policy and its drift."""

    zone: str
    hidden: _Hideable | None = Field(description="null = nothing is hidden: shadow mode.")
    last: LastHiding | None
    ended_by_itself: bool
    drift: list[DriftShown]
    alarm: bool


class ZoneShadowList(Schema):
    """Your zones, in order of name."""

    zones: list[ZoneShadow]


class SampleShown(Schema):
    """A random sample of what would have been hidden."""

    number: int
    zone: str
    seed: int
    begin: Instant
    end: Instant
    population: int
    size: int
    drawn_by: str
    drawn_at: Instant


class SampleList(Schema):
    """The samples of a zone, the newest first."""

    samples: list[SampleShown]


class SampleWhole(SampleShown):
    """The same with its alerts."""

    judged: int
    alerts: list[AlertLine]


class SampleNew(Sent):
    """A sample to draw."""

    zone: Name
    days: _Days = DAYS
    size: Annotated[int, Field(ge=1, le=MOST)] = SIZE


class HidingNew(Sent):
    """Hiding in a zone, on the report that the person has on screen."""

    zone: Name
    verdict: _Hideable
    days: _Days
    made_at: Annotated[str, Field(max_length=40, description="As the report has it.")]
    digest: Annotated[str, Field(max_length=64, description="As the report has it.")]
    reason: _Reason
    until: Annotated[str, Field(max_length=40, description="By when it is confirmed again; at most 90 days ahead.")]


class HidingEnd(Sent):
    """The end of hiding in a zone."""

    zone: Name
    reason: _Reason


@endpoint("GET", "/shadow-zones", right=Right.READ, answer=ZoneShadowList)
def list_shadow_zones(request: ApiRequest) -> Any:
    """List whether anything is hidden in your zones, and whether the share of NOT_AFFECTED drifts."""
    return {"zones": [state.told for state in zone_states(request.viewer.zones, house.clock())]}


@endpoint("GET", "/shadow-reports/{path:zone}", right=Right.READ, answer=ReportShown, errors=(404,))
def get_shadow_report(request: ApiRequest, zone: str, days: _Days = DAYS) -> Any:
    """Report what hiding NOT_AFFECTED would have done in a zone, and how often it would have been wrong."""
    check_reported(zone, request.viewer.zones)
    return shadow_report(zone, now_us=house.now_s() * US, days=days).told


@endpoint("GET", "/shadow-samples", right=Right.READ, answer=SampleList, errors=(404,))
def list_shadow_samples(request: ApiRequest, zone: Name, days: _Days = DAYS) -> Any:
    """List the samples that a report of so many days counts."""
    check_reported(zone, request.viewer.zones)
    return {"samples": [_sample(row) for row in samples_of(zone, now=house.now_s(), days=days)]}


@endpoint(
    "POST", "/shadow-samples", right=Right.REVIEW, answer=SampleWhole, status=201, errors=(404,), once=True, body=JSON
)
def draw_a_sample(request: ApiRequest, sent: SampleNew) -> Any:
    """Draw a random sample of what would have been hidden, for people to judge."""
    check_reported(sent.zone, request.viewer.zones)
    number = draw_sample(sent.zone, who=request.viewer.who, clock=house.clock(), days=sent.days, size=sent.size)
    return _whole(show_sample(number, zones=request.viewer.zones, now=house.now_s()))


@endpoint("GET", "/shadow-samples/{int:number}", right=Right.READ, answer=SampleWhole, errors=(404,))
def get_a_sample(request: ApiRequest, number: int) -> Any:
    """Show a sample with its alerts and their reviews in force."""
    return _whole(show_sample(number, zones=request.viewer.zones, now=house.now_s()))


@endpoint("POST", "/hiding", right=Right.ADMIN, answer=ZoneShadow, status=201, errors=(404, 409), once=True, body=JSON)
def turn_hiding_on(request: ApiRequest, sent: HidingNew) -> Any:
    """Hide in a zone's lists what its report is about; where it is on already, confirm it anew."""
    check_reported(sent.zone, request.viewer.zones)
    form = HidingForm(
        verdict=Verdict[sent.verdict], days=sent.days, made_us=_instant(sent.made_at), digest=sent.digest,
        reason=sent.reason, until=_instant(sent.until) // US,
    )  # fmt: skip
    turn_on(sent.zone, form, who=request.viewer.who, clock=house.clock())
    return zone_state(sent.zone, house.clock()).told


@endpoint("POST", "/hiding-ends", right=Right.REVIEW, answer=ZoneShadow, errors=(404,), once=True, body=JSON)
def turn_hiding_off(request: ApiRequest, sent: HidingEnd) -> Any:
    """Show everything in a zone's lists again, at once."""
    check_reported(sent.zone, request.viewer.zones)
    turn_off(sent.zone, reason=sent.reason, who=request.viewer.who, clock=house.clock())
    return zone_state(sent.zone, house.clock()).told


def _instant(text: str) -> int:
    found = instant_us(text)
    if found is None:
        raise UsageError("A time is missing.", "Send it as the report has it.")
    return found


def _whole(view: SampleView) -> dict[str, Any]:
    told = _sample(view.sample | {"size": len(view.rows)})
    return told | {"judged": view.judged, "alerts": list(map(told_alert, view.rows))}


def _sample(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["id"], "zone": row["zone"], "seed": row["seed"], "begin": format_instant(row["from_us"]),
        "end": format_instant(row["until_us"]), "population": row["population"], "size": row["size"],
        "drawn_by": row["drawn_by"], "drawn_at": format_instant(row["drawn_at"] * US),
    }  # fmt: skip
