"""Shapes that many endpoints share. Answers are those of the command line's --json (docs/reference/json.md)."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field

from vatriage.web.api.endpoint import MOST

Limit = Annotated[int, Field(ge=1, le=MOST, description=f"Items of a page, at most {MOST}.")]
After = Annotated[str, Field(max_length=200, description="The `next` of the page before; empty = from the beginning.")]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Next = Annotated[str | None, Field(description="What to send as `after` for the next page; null = this is the last.")]
Instant = Annotated[str, Field(description="ISO 8601, UTC.")]
Content = dict[str, Any]
"""What a subject of a change is set to, without secrets; its fields are those of its kind."""


class Sent(Schema):
    """What a client sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class FieldProblem(Schema):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(Schema):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    hint: str
    """What to do."""
    errors: list[FieldProblem]
    """What is wrong with which field; empty for errors that are about no field."""
    exit_code: int
    """With which the command line ends on this error."""
