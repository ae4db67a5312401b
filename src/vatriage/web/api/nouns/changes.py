"""Submitted changes: what waits, activation, versions."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from vatriage.errors import NotFoundError
from vatriage.model.instant import format_instant
from vatriage.model.scan_ceiling import MOST_ADDRESSES
from vatriage.model.viewer import Right, Viewer
from vatriage.usecases.change_views import Waiting
from vatriage.usecases.changes_seen import sees_versions, visible_changes
from vatriage.usecases.config_kind import Subject
from vatriage.usecases.config_versions import Version
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.shapes import Content, Instant, Name, Sent

_MOST_VERSIONS = 2**31 - 1
"""What a column of the store holds."""
_Addresses = Annotated[int, Field(ge=1, le=MOST_ADDRESSES)]


class WaitingShown(Schema):
    """A change that waits for its activation."""

    kind: str
    subject: str
    action: str = Field(description="added, changed or deleted.")
    before: Content | None
    after: Content | None
    by: str
    at: Instant
    stamp: str = Field(description="Send it as `seen` when you activate or discard what you read here.")
    to_confirm: int | None = Field(description="Addresses to confirm, 0 = unknown, null = nothing to confirm.")


class WaitingList(Schema):
    """All changes that wait, in the order in which they would be applied."""

    changes: list[WaitingShown]


class SubjectNamed(Sent):
    """A subject by its kind and name."""

    kind: Name
    subject: Name
    seen: (
        Annotated[str, Field(max_length=40, pattern=r"^[0-9]+\.[0-9]+$", description="The `stamp` that you read.")]
        | None
    ) = None


class ToActivate(Sent):
    """What is to act."""

    only: list[SubjectNamed] | None = Field(None, max_length=1000, description="These subjects; left out = all.")
    confirmed: dict[str, _Addresses] = Field(
        default={}, max_length=1000,
        description="By device, how many addresses it may scan at every pull; * = any device.",
    )  # fmt: skip
    groups: bool = Field(default=False, description="Let devices scan their asset groups, however large.")
    partly: bool = Field(default=False, description="Activate what can be, where something speaks against the rest.")


class ToDiscard(Sent):
    """What is to be dropped."""

    only: list[SubjectNamed] | None = Field(None, max_length=1000, description="These subjects; left out = all.")


class RefusedShown(Schema):
    """A change that was not activated."""

    kind: str
    subject: str
    message: str
    hint: str


class Activated(Schema):
    """What acts now; `activated` as `vatriage activate --json` has it."""

    activated: list[str]
    refused: list[RefusedShown]


class Discarded(Schema):
    """What was dropped."""

    discarded: list[str]


class VersionShown(Schema):
    """What was activated once."""

    number: int
    content: Content | None = Field(description="null = it was deleted.")
    submitted_by: str
    activated_by: str
    activated_at: Instant


class VersionList(Schema):
    """Every version of a subject, newest first."""

    versions: list[VersionShown]


class ToRestore(SubjectNamed):
    """An old version that is to be submitted again."""

    number: Annotated[int, Field(ge=1, le=_MOST_VERSIONS)]


@endpoint("GET", "/changes", right=Right.ADMIN, answer=WaitingList)
def list_changes(request: ApiRequest) -> Any:
    """List the changes that wait for their activation."""
    return {"changes": [_shown(item) for item in _waiting(request.viewer)]}


@endpoint("POST", "/changes/activate", right=Right.ADMIN, answer=Activated, errors=(404, 409), once=True, body=JSON)
def activate_changes(request: ApiRequest, what: ToActivate) -> Any:
    """Make changes act, all or none (or `partly`)."""
    subjects = _chosen(request.viewer, what.only)
    done = house.changes().activate(
        request.viewer.who, confirmed=what.confirmed, groups=what.groups, only=subjects, partly=what.partly,
        seen=_seen(what.only),
    )  # fmt: skip
    refused = [
        {"kind": kind, "subject": subject, "message": error.message, "hint": error.hint}
        for (kind, subject), error in done.refused
    ]
    return {"activated": [subject for _, subject in done.activated], "refused": refused}


@endpoint("POST", "/changes/discard", right=Right.ADMIN, answer=Discarded, errors=(404, 409), once=True, body=JSON)
def discard_changes(request: ApiRequest, what: ToDiscard) -> Any:
    """Drop changes; what acts goes on acting."""
    dropped = house.changes().discard(
        request.viewer.who, _chosen(request.viewer, what.only), seen=_seen(what.only)
    )  # fmt: skip
    return {"discarded": [subject for _, subject in dropped]}


@endpoint("GET", "/versions/{str:kind}/{path:subject}", right=Right.ADMIN, answer=VersionList, errors=(404,))
def list_versions(request: ApiRequest, kind: str, subject: str) -> Any:
    """List what a subject was set to, newest first."""
    return {"versions": [_version(item) for item in _versions(request.viewer, kind, subject)]}


@endpoint("POST", "/versions/restore", right=Right.ADMIN, answer=WaitingList, errors=(404, 409), once=True, body=JSON)
def restore_a_version(request: ApiRequest, what: ToRestore) -> Any:
    """Submit an old version again; answers the changes that wait then."""
    _versions(request.viewer, what.kind, what.subject)
    house.changes().restore(what.kind, what.subject, what.number, who=request.viewer.who, seen=what.seen)
    return {"changes": [_shown(item) for item in _waiting(request.viewer)]}


def _waiting(viewer: Viewer) -> list[Waiting]:
    return visible_changes(viewer, house.changes())


def _chosen(viewer: Viewer, only: list[SubjectNamed] | None) -> list[Subject]:
    """Return the waiting subjects that a caller means. Raises: NotFoundError: one does not wait."""
    mine = [(item.kind, item.subject) for item in _waiting(viewer)]
    if only is None:
        return mine
    wanted = [(item.kind, item.subject) for item in only]
    if gone := [subject for subject in wanted if subject not in mine]:
        raise NotFoundError(f"No change of the {gone[0][0]} {gone[0][1]!r} waits.", "GET /changes lists those that do.")
    return wanted


def _seen(only: list[SubjectNamed] | None) -> dict[Subject, str]:
    """Return the stamps that a caller says they read."""
    return {(item.kind, item.subject): item.seen for item in only or [] if item.seen is not None}


def _versions(viewer: Viewer, kind: str, subject: str) -> list[Version]:
    desk = house.changes()
    versions = desk.versions(kind, subject) if kind in desk.kinds else []
    if not versions or not sees_versions(viewer, desk, kind, subject):
        raise NotFoundError(
            f"There is no version of a {kind[:40]} {subject[:80]!r}.", "It may never have been activated."
        )
    return versions


def _shown(item: Waiting) -> dict[str, Any]:
    return {
        "kind": item.kind, "subject": item.subject, "action": item.action, "before": item.before, "after": item.after,
        "by": item.by, "at": format_instant(item.at * 1_000_000), "to_confirm": item.to_confirm,
        "stamp": house.changes().stamp(item.kind, item.subject),
    }  # fmt: skip


def _version(item: Version) -> dict[str, Any]:
    return {
        "number": item.number, "content": item.content, "submitted_by": item.submitted_by,
        "activated_by": item.activated_by, "activated_at": format_instant(item.activated_at * 1_000_000),
    }  # fmt: skip
