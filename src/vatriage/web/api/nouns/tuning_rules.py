"""Tuning rules: what they would mark, and the rules themselves. They mark alerts in views and change no verdict."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from vatriage.model.alert_filter import Decision
from vatriage.model.instant import format_instant
from vatriage.model.tuning import REASON_LENGTH, TuningRule
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Right
from vatriage.usecases.tuning_preview import Preview
from vatriage.usecases.tuning_rules import (
    Consent,
    change_rule,
    list_rules,
    make_rule,
    show_rule,
    switch_rule,
    try_rule,
)
from vatriage.web import house
from vatriage.web.api.alert_told import told_alert
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.instants import instant_us
from vatriage.web.api.nouns.alert_lists import AlertLine
from vatriage.web.api.shapes import Instant, Name, Sent
from vatriage.web.api.wanted import VerdictName

_Number = Annotated[int, Field(ge=1, lt=1 << 53)]


class TuningContent(Sent):
    """What a rule says: it marks alerts that have all that is given."""

    zone: Name
    signature: Annotated[
        str, Field(pattern=r"^([0-9]{1,10}:[0-9]{1,18})?$", description="gid:sid; empty = any signature.")
    ] = ""
    source: Annotated[str, Field(max_length=49, description="The attacker's network; empty = any.")] = ""
    target: Annotated[str, Field(max_length=49, description="The target's network; empty = any.")] = ""
    bound: Annotated[VerdictName, Field(description="The worst verdict that is marked.")] = "UNKNOWN"
    mark: Annotated[Decision, Field(strict=False, description="noise or confirmed_false_positive.")] = Decision.NOISE
    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH)]
    expires_at: Annotated[str, Field(max_length=40)]
    affected_named: bool = Field(
        default=False, description="Alerts of AFFECTED and worse are meant expressly; for administrators."
    )

    def rule(self) -> TuningRule:
        """Return it as the use cases have it."""
        gid, _, sid = self.signature.partition(":")
        return TuningRule(
            zone=self.zone, gid=int(gid) if sid else -1, sid=int(sid) if sid else -1, source=self.source,
            target=self.target, bound=Verdict[self.bound], mark=self.mark, reason=self.reason,
            expires_at=(instant_us(self.expires_at) or 0) // 1_000_000,
        )  # fmt: skip


class TuningNew(TuningContent):
    """A rule, and what its author saw in the preview."""

    marked: Annotated[int, Field(ge=0, lt=1 << 53, description="How many alerts the preview said it would mark.")]


class TuningChange(TuningNew):
    """The same for a rule that is here."""

    seen: Annotated[int, Field(ge=1, lt=1 << 31, description="Number of the revision that you saw.")]


class TuningSwitch(Sent):
    """Whether a rule shall act."""

    rule: _Number
    on: bool
    reason: Annotated[str, Field(max_length=REASON_LENGTH)] = ""
    seen: Annotated[int, Field(ge=1, lt=1 << 31, description="Number of the revision that you saw.")]


class TuningRevision(Schema):
    """A rule as it is, or was."""

    rule: int
    revision: int
    zone: str
    signature: str | None
    source: str | None
    target: str | None
    bound: str
    mark: str
    reason: str
    enabled: bool
    expires_at: Instant
    by: str
    at: Instant


class TuningShort(TuningRevision):
    """A rule of a list."""

    acting: bool


class TuningList(Schema):
    """The rules of your zones, newest first."""

    rules: list[TuningShort]


class TuningProblem(Schema):
    """Why a rule is refused."""

    field: str
    message: str


class TuningMatches(Schema):
    """What a rule matches among the stored alerts."""

    verdicts: dict[str, int] = Field(description="Alerts by verdict, whatever the rule's bound.")
    groups: int
    marked: int = Field(description="No worse than the bound.")
    left: int = Field(description="Worse than the bound: they stay as they are.")
    affected_or_worse: int
    outcomes: int = Field(description="With a sign that the attack worked.")
    zone_alerts: int
    worst: list[AlertLine] = Field(description="The ten worst.")
    problems: list[TuningProblem] = Field(description="Empty: it may be stored.")


class TuningShown(TuningShort):
    """A rule with its history and what it matches now."""

    history: list[TuningRevision]
    now: TuningMatches


@endpoint("GET", "/tuning-rules", right=Right.READ, answer=TuningList)
def list_tuning_rules(request: ApiRequest) -> Any:
    """List the rules of your zones, those that do not act any more too."""
    return {"rules": [_short(row) for row in list_rules(request.viewer, house.clock())]}


@endpoint("GET", "/tuning-rules/{int:rule}", right=Right.READ, answer=TuningShown, errors=(404,))
def get_a_tuning_rule(request: ApiRequest, rule: int) -> Any:
    """Show one rule, every revision of it, and what it matches now."""
    return _shown(request, rule)


@endpoint("POST", "/tuning-previews", right=Right.REVIEW, answer=TuningMatches, body=JSON)
def preview_a_tuning_rule(request: ApiRequest, said: TuningContent) -> Any:
    """Tell what a rule would mark; nothing is stored."""
    return _matches(
        try_rule(said.rule(), viewer=request.viewer, clock=house.clock(), affected_named=said.affected_named)
    )


@endpoint(
    "POST", "/tuning-rules", right=Right.REVIEW, answer=TuningShown, status=201, errors=(409,), once=True, body=JSON
)  # fmt: skip
def make_a_tuning_rule(request: ApiRequest, said: TuningNew) -> Any:
    """Make a rule that was previewed; an over-broad one is refused."""
    consent = Consent(marked=said.marked, affected_named=said.affected_named)
    return _shown(request, make_rule(said.rule(), consent, viewer=request.viewer, clock=house.clock()))


@endpoint("PUT", "/tuning-rules/{int:rule}", right=Right.REVIEW, answer=TuningShown, errors=(404, 409), body=JSON)
def change_a_tuning_rule(request: ApiRequest, rule: int, said: TuningChange) -> Any:
    """Change what a rule says; its earlier revisions stay."""
    consent = Consent(marked=said.marked, affected_named=said.affected_named)
    change_rule(rule, said.rule(), consent, seen=said.seen, viewer=request.viewer, clock=house.clock())
    return _shown(request, rule)


@endpoint(
    "POST", "/tuning-switches", right=Right.REVIEW, answer=TuningShown, status=200, errors=(404, 409), once=True,
    body=JSON,
)  # fmt: skip
def switch_a_tuning_rule(request: ApiRequest, said: TuningSwitch) -> Any:
    """Switch a rule off, or on again."""
    switch_rule(
        said.rule, on=said.on, reason=said.reason, seen=said.seen, viewer=request.viewer, clock=house.clock()
    )  # fmt: skip
    return _shown(request, said.rule)


def _shown(request: ApiRequest, rule: int) -> dict[str, Any]:
    view = show_rule(rule, request.viewer, house.clock())
    return _short(view.rule) | {"history": list(map(_revision, view.history)), "now": _matches(view.now)}


def _revision(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "rule": row["rule"], "revision": row["revision"], "zone": row["zone"],
        "signature": f"{row['gid']}:{row['sid']}" if row["sid"] >= 0 else None,
        "source": row["source_network"] or None, "target": row["target_network"] or None,
        "bound": Verdict(row["bound"]).name, "mark": row["mark"], "reason": row["reason"],
        "enabled": bool(row["enabled"]), "expires_at": format_instant(row["expires_at"] * 1_000_000),
        "by": row["author"], "at": format_instant(row["at"] * 1_000_000),
    }  # fmt: skip


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return _revision(row) | {"acting": row["acting"]}


def _matches(found: Preview) -> dict[str, Any]:
    return {
        "verdicts": {verdict.name: number for verdict, number in found.by_verdict.items()}, "groups": found.groups,
        "marked": found.marked, "left": found.left, "affected_or_worse": found.dangerous, "outcomes": found.outcomes,
        "zone_alerts": found.total, "worst": list(map(told_alert, found.worst)),
        "problems": [{"field": field, "message": text} for field, text in found.problems],
    }  # fmt: skip
