"""What people say of hosts: it stands beside the evidence and lowers no verdict."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from vatriage.model.identity import Said
from vatriage.model.instant import US
from vatriage.model.viewer import Right
from vatriage.usecases.host_statements import TEXT_LENGTH, StatementForm, state_of_host, withdraw_statement
from vatriage.usecases.said_form import REASON_LENGTH
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.instants import instant_us
from vatriage.web.api.shapes import Sent

Reason = Annotated[str, Field(min_length=1, max_length=REASON_LENGTH, description="How you know.")]
When = Annotated[str, Field(max_length=40)] | None


class Number(Schema):
    """What was added."""

    number: int


class StatementNew(Sent):
    """What a person says of a host."""

    host: Annotated[int, Field(ge=1, lt=1 << 53, description="The host's `number`, as GET /hosts/{address} has it.")]
    kind: Annotated[Said, Field(strict=False)]
    text: Annotated[str, Field(max_length=TEXT_LENGTH)] = ""
    reason: Reason
    valid_from: Annotated[When, Field(description="Left out = from now.")] = None
    valid_until: Annotated[When, Field(description="Compulsory for all but not_one_host.")] = None


class Withdrawal(Sent):
    """Why something counts no more."""

    reason: Reason


@endpoint(
    "POST", "/host-statements", right=Right.REVIEW, answer=Number, status=201, errors=(404,), once=True, body=JSON
)
def state(request: ApiRequest, said: StatementNew) -> Any:
    """Say something of a host, with its expiry."""
    form = StatementForm(
        kind=said.kind, text=said.text, reason=said.reason, valid_from=seconds(said.valid_from),
        valid_until=seconds(said.valid_until),
    )  # fmt: skip
    viewer, place = request.viewer, house.config().snapshots
    number = state_of_host(said.host, form, who=viewer.who, zones=viewer.zones, clock=house.clock(), snapshots=place)
    return {"number": number}


@endpoint(
    "POST", "/host-statements/{int:number}/withdrawal", right=Right.REVIEW, answer=None, status=204, errors=(404,),
    body=JSON,
)  # fmt: skip
def withdraw_a_statement(request: ApiRequest, number: int, why: Withdrawal) -> None:
    """Let a statement count no more; it stays on record."""
    viewer, place = request.viewer, house.config().snapshots
    withdraw_statement(
        number, why.reason, who=viewer.who, zones=viewer.zones, clock=house.clock(), snapshots=place
    )  # fmt: skip


def seconds(text: str | None) -> int:
    """Return an instant in seconds, 0 for none. Raises: UsageError: it is no time."""
    return (instant_us(text) or 0) // US
