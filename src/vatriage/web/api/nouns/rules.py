"""Update rules: which devices are pulled, and when. They reach across zones: who sees some zones only, changes none."""

from functools import partial
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Header, Schema
from pydantic import Field

from vatriage.model.viewer import Right
from vatriage.usecases.instants_told import told
from vatriage.usecases.quota_plan import quota_plan
from vatriage.usecases.rule_history import runs_of
from vatriage.usecases.run_now import controller_runs, run_rule_now
from vatriage.usecases.update_rules import KIND, add_rule, all_rules, edit_rule, find_rule, pause_rule, remove_rule
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint, key_of
from vatriage.web.api.shapes import After, Instant, Limit, Name, Next, Sent
from vatriage.web.api.sight import check_all_zones
from vatriage.web.api.stamp import IF_MATCH, Stamp, etag, stamp_of
from vatriage.wiring import servers


class RuleShown(Schema):
    """A rule, as `vatriage rule list --json` has it."""

    name: str
    selectors: list[dict[str, Any]]
    schedule: dict[str, Any]
    selects: list[str]
    words: str
    devices: list[str]
    active: bool
    paused: bool
    pending: str | None
    last_run: Instant | None
    result: str | None
    error: str | None
    next_run: Instant | None
    running: bool


class RuleList(Schema):
    """All rules, in order of name."""

    rules: list[RuleShown]


class RulePlanned(RuleShown):
    """A rule that was submitted, with what all rules together will ask of the accounts."""

    plan: dict[str, Any]


class RuleContent(Sent):
    """What a rule selects and when it is due."""

    selectors: Annotated[list[dict[str, str]], Field(min_length=1, max_length=1000)]
    schedule: dict[str, Any]


class RuleNew(RuleContent):
    """A new rule."""

    name: Name


class RuleNamed(Sent):
    """The rule that something is done with."""

    rule: Name


class RulePause(RuleNamed):
    """Whether a rule rests."""

    paused: bool


class Run(Schema):
    """A run, with the pull of each device."""

    run: int
    rule: str | None
    due: Instant | None
    local_date: str | None
    state: str
    started_at: Instant | None
    finished_at: Instant | None
    error: str | None
    requested_by: str | None
    pulls: list[dict[str, Any]]


class RunList(Schema):
    """A page of runs, newest first."""

    runs: list[Run]
    next: Next


class RunAsked(Schema):
    """What became of Run Now."""

    rule: str
    asked: str = Field(description="asked, waits already or runs already.")
    controller: bool


class Paused(Schema):
    """Whether a rule rests, as `vatriage rule pause --json` has it."""

    name: str
    paused: bool


@endpoint("GET", "/rules", right=Right.READ, answer=RuleList)
def list_rules(request: ApiRequest) -> Any:
    """List the update rules."""
    check_all_zones(request.viewer)
    return {"rules": [told(line.to_dict()) for line in all_rules(house.clock())]}


@endpoint("POST", "/rules", right=Right.ADMIN, answer=RulePlanned, status=201, once=True, body=JSON)
def add_a_rule(request: ApiRequest, rule: RuleNew) -> Any:
    """Submit a new rule; the answer tells what all rules together will ask of the accounts."""
    check_all_zones(request.viewer)
    content = rule.model_dump(exclude={"name"})
    add_rule(rule.name, content, changes=house.changes(), who=request.viewer.who)
    return _planned(rule.name, content)


@endpoint("GET", "/rules/{path:name}", right=Right.READ, answer=RuleShown, errors=(404,))
def get_a_rule(request: ApiRequest, name: str, response: HttpResponse) -> Any:
    """Show one rule; its ETag is the stamp to change it with."""
    check_all_zones(request.viewer)
    shown = told(find_rule(name, house.clock()).to_dict())
    response["ETag"] = etag(KIND, name)
    return shown


@endpoint("PUT", "/rules/{path:name}", right=Right.ADMIN, answer=RulePlanned, errors=(404, 409), body=JSON)
def change_a_rule(
    request: ApiRequest,
    name: str,
    rule: RuleContent,
    seen: Annotated[Stamp, Header(alias="If-Match", description=IF_MATCH)],
) -> Any:
    """Submit a change of a rule."""
    check_all_zones(request.viewer)
    content = rule.model_dump()
    edit_rule(name, content, changes=house.changes(), who=request.viewer.who, seen=stamp_of(seen))
    return _planned(name, content)


@endpoint("DELETE", "/rules/{path:name}", right=Right.ADMIN, answer=None, status=204, errors=(404,))
def delete_a_rule(request: ApiRequest, name: str) -> None:
    """Submit the removal of a rule; the history of its runs stays."""
    check_all_zones(request.viewer)
    remove_rule(name, changes=house.changes(), who=request.viewer.who)


@endpoint("GET", "/rule-runs", right=Right.READ, answer=RunList)
def list_runs(
    request: ApiRequest,
    rule: Annotated[str | None, Field(min_length=1, max_length=64, description="Of this rule only.")] = None,
    after: After = "",
    limit: Limit = 100,
) -> Any:
    """List runs, newest first."""
    check_all_zones(request.viewer)
    runs = runs_of(rule, most=limit + 1, before=key_of(after) or None)
    following = runs[limit - 1]["run"] if len(runs) > limit else 0
    return {"runs": [told(run) for run in runs[:limit]], "next": str(following) if following else None}


@endpoint("POST", "/rule-runs", right=Right.ADMIN, answer=RunAsked, status=202, errors=(404,), once=True, body=JSON)
def run_a_rule(request: ApiRequest, named: RuleNamed) -> Any:
    """Run a rule now; asked twice, it runs once."""
    check_all_zones(request.viewer)
    asked = run_rule_now(named.rule, who=request.viewer.who, clock=house.clock())
    return {"rule": named.rule, "asked": asked.value, "controller": controller_runs(house.clock())}


@endpoint("POST", "/rule-pauses", right=Right.ADMIN, answer=Paused, errors=(404,), once=True, body=JSON)
def pause_a_rule(request: ApiRequest, pause: RulePause) -> Any:
    """Pause or resume a rule at once; Run Now still works."""
    check_all_zones(request.viewer)
    pause_rule(pause.rule, paused=pause.paused, who=request.viewer.who, clock=house.clock())
    return {"name": pause.rule, "paused": pause.paused}


def _planned(name: str, content: dict[str, Any]) -> dict[str, Any]:
    plan = quota_plan(
        servers.qualys_calls(), servers.account_of, page_hosts=house.config().page_hosts, clock=house.clock(),
        limits_of=partial(servers.limits_of, house.config()), full_every_s=house.config().full_pull_days * 86_400, candidate=(name, content),
    )  # fmt: skip
    return told(find_rule(name, house.clock()).to_dict()) | {"plan": told(plan.to_dict())}
