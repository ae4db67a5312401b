"""Escalations: stored alerts whose verdict rose when they were judged again."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from vatriage.model.viewer import Right
from vatriage.usecases.escalations import escalation_page
from vatriage.web.api.endpoint import ApiRequest, endpoint, key_of
from vatriage.web.api.shapes import After, Instant, Limit, Next


class EscalationShown(Schema):
    """One alert's rise."""

    id: int = Field(description="Grows in the order in which they were stored.")
    at: Instant
    zone: str
    alert: str
    alert_at: Instant
    signature: str
    message: str
    target: str | None
    before: str = Field(description="The verdict until then.")
    after: str = Field(description="The verdict from then on.")
    now: str = Field(description="The newest verdict.")
    cause: Literal["evidence", "outcome"]
    snapshot: str
    pull: int | None = Field(description="The newest pull or import that had ended by then.")


class EscalationList(Schema):
    """A page of them."""

    escalations: list[EscalationShown]
    next: Next


@endpoint("GET", "/escalations", right=Right.READ, answer=EscalationList)
def list_escalations(
    request: ApiRequest,
    since: Annotated[
        int | None,
        Field(
            ge=0, le=10**18, description="Only those with greater numbers, in their order; `next` is the next `since`."
        ),
    ] = None,
    after: After = "",
    limit: Limit = 100,
) -> Any:
    """List stored alerts whose verdict rose, the newest first; with `since`, those that came after a number."""
    found = escalation_page(request.viewer.zones, before=key_of(after), since=since, size=limit)
    return {"escalations": [_told(row) for row in found.shown], "next": str(found.next) if found.next else None}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    same = ("id", "at", "zone", "alert_at", "signature", "message", "now", "cause", "snapshot")
    return {name: row[name] for name in same} | {
        "alert": row["alert_id"], "target": row["target_address"] or None, "before": row["from"], "after": row["to"],
        "pull": row["pull"] or None,
    }  # fmt: skip
