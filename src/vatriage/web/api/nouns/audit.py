"""The audit log: who changed what. It tells of every zone, so only who sees all of them reads it."""

from typing import Annotated, Any, Literal

from django.http import StreamingHttpResponse
from ninja import Schema
from pydantic import Field

from vatriage.model.instant import format_instant
from vatriage.model.viewer import Right
from vatriage.store.audit_rows import AuditSearch
from vatriage.usecases.audit_log import export, log_page
from vatriage.web import house
from vatriage.web.api.endpoint import FILE, LINES, ApiRequest, endpoint, key_of
from vatriage.web.api.instants import AsOf, instant_us
from vatriage.web.api.shapes import After, Content, Instant, Limit, Next

CSV = "text/csv"
_Part = Annotated[str, Field(max_length=200, description="A part of it, in any case; empty = any.")]


class AuditLineShown(Schema):
    """What somebody did; secrets are left out."""

    id: int
    at: Instant
    actor: str
    address: str
    action: str
    subject: str
    before: Content | None
    after: Content | None


class AuditPage(Schema):
    """A page of the log, newest first."""

    lines: list[AuditLineShown]
    next: Next


@endpoint("GET", "/audit", right=Right.ADMIN, answer=AuditPage)
def list_audit_lines(
    request: ApiRequest,
    actor: _Part = "",
    action: _Part = "",
    subject: _Part = "",
    text: _Part = "",
    begin: AsOf = None,
    end: AsOf = None,
    after: After = "",
    limit: Limit = 100,
) -> Any:
    """Read the audit log; `begin` is the first instant, `end` the one after the last."""
    search = _search(actor, action, subject, text, begin, end)
    found = log_page(search, key_of(after), viewer=request.viewer, size=limit)
    lines = [line._asdict() | {"at": format_instant(line.at * 1_000_000)} for line in found.lines]
    return {"lines": lines, "next": str(found.next) if found.next else None}


@endpoint("GET", "/audit-export", right=Right.ADMIN, answer=FILE, media=(CSV, LINES))
def export_the_audit_log(
    request: ApiRequest,
    form: Literal["csv", "jsonl"] = "csv",
    actor: _Part = "",
    action: _Part = "",
    subject: _Part = "",
    text: _Part = "",
    begin: AsOf = None,
    end: AsOf = None,
) -> StreamingHttpResponse:
    """Send what is searched for as a file, oldest line first; that it was exported is noted."""
    search = _search(actor, action, subject, text, begin, end)
    pieces = export(search, form, viewer=request.viewer, now=house.now_s())
    answer = StreamingHttpResponse(pieces, content_type=CSV if form == "csv" else LINES)
    answer["Content-Disposition"] = f'attachment; filename="vatriage-audit.{form}"'
    return answer


def _search(
    actor: str, action: str, subject: str, text: str, begin: str | None, end: str | None
) -> AuditSearch:  # fmt: skip
    return AuditSearch(
        actor=actor, action=action, subject=subject, text=text, begin=(instant_us(begin) or 0) // 1_000_000,
        end=(instant_us(end) or 0) // 1_000_000,
    )  # fmt: skip
