"""What update rules will ask of the accounts, before one is submitted; and the rule that is offered while there is none."""

from typing import Any

from ninja import Schema
from pydantic import Field

from vatriage.model.viewer import Right
from vatriage.usecases.instants_told import told
from vatriage.usecases.quota_plan import quota_plan
from vatriage.usecases.update_rules import offered_rule
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.nouns.rules import RuleNew
from vatriage.web.api.shapes import Instant
from vatriage.web.api.sight import check_all_zones
from vatriage.wiring import servers


class PlanLine(Schema):
    """What is asked of an account's resource."""

    account: str
    resource: str
    hosts: int
    calls_needed: int = Field(description="In the busiest window of the next 35 days.")
    calls_allowed: int
    window_s: int
    busiest_at: Instant | None = Field(description="When that window begins; null = nothing is due.")
    calls_a_day: int
    told_by_server: bool


class Plan(Schema):
    """What all rules together will ask."""

    lines: list[PlanLine]
    warnings: list[str]
    too_much: bool


class OfferedRule(Schema):
    """A rule that may be submitted as it is, by POST /rules."""

    name: str
    selectors: list[dict[str, str]]
    schedule: dict[str, Any]


class OfferedRules(Schema):
    """The daily rule, as long as there is no rule at all."""

    rules: list[OfferedRule]


@endpoint("POST", "/quota-plans", right=Right.ADMIN, answer=Plan, body=JSON)
def plan_a_rule(request: ApiRequest, rule: RuleNew) -> Any:
    """Say what all rules would ask of the accounts with this one among them; nothing is submitted."""
    check_all_zones(request.viewer)
    plan = quota_plan(
        servers.qualys_calls(), servers.account_of, page_hosts=house.config().page_hosts, clock=house.clock(),
        candidate=(rule.name, rule.model_dump(exclude={"name"})),
    )  # fmt: skip
    lines = [line | {"busiest_at": line["busiest_at"] or None} for line in told(plan.to_dict())["lines"]]
    return {"lines": lines, "warnings": plan.warnings, "too_much": plan.is_too_much}


@endpoint("GET", "/rule-offers", right=Right.ADMIN, answer=OfferedRules)
def list_offered_rules(request: ApiRequest) -> Any:
    """Show the daily rule that is offered while there is none."""
    check_all_zones(request.viewer)
    found = offered_rule()
    return {"rules": [] if found is None else [{"name": found[0], **found[1]}]}
