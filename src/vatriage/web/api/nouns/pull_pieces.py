"""One pull from inside: how it stands, its pages, what was left out of them, and the raw pages."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.http import StreamingHttpResponse
from ninja import Schema
from pydantic import Field

from vatriage.model.instant import US, format_instant
from vatriage.model.viewer import Right
from vatriage.usecases.pull_views import find_pull, look_at_pull, pages_of, rejects_page
from vatriage.usecases.pull_waits import waits_seen
from vatriage.usecases.raw_pages import raw_page
from vatriage.web import house
from vatriage.web.api.endpoint import BYTES, FILE, ApiRequest, endpoint, key_of
from vatriage.web.api.shapes import After, Instant, Next
from vatriage.wiring import servers

RAW_SHOWN = 2_000
"""Bytes of a rejected record that are shown."""


class Stage(Schema):
    """A stage of a pull."""

    stage: str
    state: str = Field(description="done, under way, waiting, failed, not yet or not reached.")


class Trouble(Schema):
    """What broke it off."""

    message: str
    stage: str
    came_back: str
    sentence: str
    hints: list[str]
    causes: list[str]


class Standing(Schema):
    """How a pull stands."""

    pull: int
    state: str
    live: bool = Field(description="Whether anything will change by itself.")
    abandoned: bool = Field(description="It is open, and no process works on it.")
    stages: list[Stage]
    seconds: int = Field(description="How long it took, or has taken so far.")
    bytes: int
    hosts_expected: int | None
    hosts_received: int
    hosts_rejected: int
    doing: str = Field(description="What is asked for at present, empty = nothing.")
    page: int = Field(description="Of which page, 0 = none.")
    waiting_until: Instant | None
    waiting_for: str = Field(description="Why it waits.")
    trouble: Trouble | None


class PageShown(Schema):
    """A committed page."""

    number: int
    resource: str
    sha256: str
    bytes: int
    hosts: int
    detections: int
    vulnerabilities: int
    rejects: int
    committed_at: Instant


class PageList(Schema):
    """Some pages of a pull, in order."""

    pages: list[PageShown]
    next: Next


class WaitShown(Schema):
    """A pull that the controller goes on with later."""

    device: str
    pull: int | None = Field(description="null = it did not get as far.")
    until: Instant
    reason: str
    attempts: int


class WaitList(Schema):
    """Pulls that wait; those that end first first."""

    waits: list[WaitShown]


class RejectShown(Schema):
    """A record, or a field of one, that was left out."""

    number: int
    place: str
    subject: str
    problem: str
    raw: str = Field(description=f"Its first {RAW_SHOWN:,} bytes.")


class RejectList(Schema):
    """Some rejects of a pull, in order."""

    rejects: list[RejectShown]
    next: Next


@endpoint("GET", "/pull-waits", right=Right.READ, answer=WaitList)
def list_waits(request: ApiRequest) -> Any:
    """List the pulls of your zones that the controller goes on with later."""
    waits = [
        {
            "device": one.device, "pull": one.pull or None, "until": format_instant(one.until * US),
            "reason": one.reason, "attempts": one.attempts,
        }
        for one in waits_seen(request.viewer)
    ]  # fmt: skip
    return {"waits": waits}


@endpoint("GET", "/pulls/{int:number}/progress", right=Right.READ, answer=Standing, errors=(404,))
def get_the_progress(request: ApiRequest, number: int) -> Any:
    """Show how a pull stands, stage by stage."""
    live = look_at_pull(_small(number), viewer=request.viewer, calls=servers.qualys_calls(), now=house.now_s())
    view, standing = live.view, live.standing
    waits = standing.waiting_until if standing else 0
    return {
        "pull": view.row.id, "state": view.row.state, "live": live.live, "abandoned": live.abandoned,
        "stages": [{"stage": one.label, "state": one.state.value} for one in live.stages], "seconds": view.seconds,
        "bytes": live.bytes, "hosts_expected": view.expected, "hosts_received": view.received,
        "hosts_rejected": view.rejected, "doing": standing.doing if standing else "",
        "page": standing.page if standing else 0, "waiting_until": format_instant(waits * US) if waits else None,
        "waiting_for": standing.reason if standing else "",
        "trouble": None if view.trouble is None else asdict(view.trouble),
    }  # fmt: skip


@endpoint("GET", "/pulls/{int:number}/pages", right=Right.READ, answer=PageList, errors=(404,))
def list_pages(request: ApiRequest, number: int, after: After = "") -> Any:
    """List the pages of a pull that are committed."""
    find_pull(_small(number), viewer=request.viewer)
    lines, following = pages_of(number, key_of(after))
    pages = [
        {
            "number": line.number, "resource": line.resource, "sha256": line.sha256, "bytes": line.size,
            "hosts": line.hosts, "detections": line.detections, "vulnerabilities": line.vulnerabilities,
            "rejects": line.rejects, "committed_at": format_instant(line.committed_at * US),
        }
        for line in lines
    ]  # fmt: skip
    return {"pages": pages, "next": str(following) if following else None}


@endpoint("GET", "/pulls/{int:number}/rejects", right=Right.READ, answer=RejectList, errors=(404,))
def list_rejects(request: ApiRequest, number: int, after: After = "") -> Any:
    """List what was left out of a pull's pages, and why."""
    find_pull(_small(number), viewer=request.viewer)
    lines, following = rejects_page(number, key_of(after))
    rejects = [
        {
            "number": line.id, "place": line.place, "subject": line.subject, "problem": line.problem,
            "raw": line.raw[:RAW_SHOWN].decode(errors="replace"),
        }
        for line in lines
    ]  # fmt: skip
    return {"rejects": rejects, "next": str(following) if following else None}


@endpoint(
    "GET", "/pulls/{int:number}/pages/{int:page}/raw", right=Right.ADMIN, answer=FILE, errors=(404,), media=(BYTES,)
)  # fmt: skip
def get_a_raw_page(
    request: ApiRequest,
    number: int,
    page: int,
    form: Annotated[
        Literal["raw", "zst"], Field(description="As the server sent it, or as it is kept (zstd).")
    ] = "raw",
) -> StreamingHttpResponse:
    """Send a raw page; the audit log notes who took it."""
    raw = raw_page(
        _small(number), _small(page), folder=house.config().pages, compressed=form == "zst", viewer=request.viewer,
        now=house.now_s(),
    )  # fmt: skip
    answer = StreamingHttpResponse(raw.pieces, content_type=BYTES)
    answer["Content-Disposition"] = f'attachment; filename="{raw.name}"'
    return answer


def _small(number: int) -> int:
    """Return a number that the store can hold: 0, which nothing has, for a greater one."""
    return number if number < 1 << 31 else 0
