"""The dashboard's numbers: alerts by verdict, now and over time, and MARS's lists."""

from dataclasses import asdict
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from vatriage.inventory.zone_freshness import ZoneFreshness
from vatriage.model.instant import US, format_instant
from vatriage.model.time_columns import Step
from vatriage.model.viewer import Right
from vatriage.usecases.alert_lists import MARS_LISTS
from vatriage.usecases.dashboard import data_age, review_counts, totals, verdicts_over_time
from vatriage.usecases.escalations import recent_escalations
from vatriage.web import house
from vatriage.web.api.endpoint import ApiRequest, endpoint
from vatriage.web.api.shapes import Instant


class Column(Schema):
    """The alerts of one hour or day."""

    start: Instant
    verdicts: dict[str, int]


class ReasonCount(Schema):
    """How many alerts have a reason."""

    reason: str
    alerts: int


class ZoneAge(Schema):
    """How old what verdicts are made of is, of one zone."""

    zone: str
    hosts: int
    fresh: int = Field(description="Hosts with a scan whose silence counts now.")
    newest_scan: Instant | None
    oldest_scan: Instant | None = Field(description="Of the host that was looked at longest ago.")
    agent: int = Field(description="Hosts by their best scan.")
    authenticated: int
    remote: int
    never: int


class Dashboard(Schema):
    """Counts of the stored alerts of your zones."""

    alerts: int
    decided: int = Field(description="Decided by VA data, one way or the other.")
    verdicts: dict[str, int]
    reasons: list[ReasonCount]
    lists: dict[str, int] = Field(description="Alerts of each of MARS's lists.")
    contradicted: int = Field(description="Alerts whose evidence contradicts what a person said of them.")
    marked: int = Field(description="Alerts that a tuning rule marks.")
    over_time: list[Column] = Field(description="Oldest first.")
    data_age: list[ZoneAge]
    escalations: int = Field(description="Stored alerts whose verdict rose in the last day.")


@endpoint("GET", "/dashboard", right=Right.READ, answer=Dashboard)
def get_dashboard(
    request: ApiRequest, step: Step = Step.HOUR, columns: Annotated[int, Field(ge=1, le=366)] = 24
) -> Any:
    """Count the stored alerts by verdict, reason and time."""
    zones, now = request.viewer.zones, house.now_s()
    found, counts = totals(zones), review_counts(zones, now)
    return {
        "alerts": found.alerts, "decided": found.decided,
        "verdicts": {verdict.name: number for verdict, number in found.by_verdict.items()},
        "reasons": [{"reason": code, "alerts": number} for code, number in found.by_reason],
        "lists": {name: counts[name] for name in MARS_LISTS},
        "contradicted": counts["contradicted"], "marked": counts["marked"],
        "escalations": recent_escalations(zones, now * US),
        "data_age": [_age(line) for line in data_age(house.config().snapshots, zones, now)],
        "over_time": [
            {
                "start": format_instant(column.start * 1_000_000),
                "verdicts": {verdict.name: number for verdict, number in column.alerts.items()},
            }
            for column in verdicts_over_time(zones, step, columns, now)
        ],
    }  # fmt: skip


def _age(line: ZoneFreshness) -> dict[str, Any]:
    instants = {
        name: format_instant(at * 1_000_000) if at else None
        for name, at in (("newest_scan", line.newest_scan), ("oldest_scan", line.oldest_scan))
    }
    return asdict(line) | instants
