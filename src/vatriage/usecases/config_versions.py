"""Every version of a subject that was activated: one is kept at each activation, and can be restored."""

from dataclasses import dataclass

from vatriage.errors import NotFoundError
from vatriage.store.changes import ConfigVersion, PendingChange
from vatriage.usecases.config_kind import ConfigKind, Content
from vatriage.usecases.renaming import own_secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What was activated once, without secrets."""

    number: int
    content: Content | None
    submitted_by: str
    activated_by: str
    activated_at: int


def versions(config_kind: ConfigKind, subject: str) -> list[Version]:
    """Return every version of a subject that was activated, newest first."""
    return [
        Version(
            number=row.number, content=None if row.content is None else config_kind.shown(row.content),
            submitted_by=row.submitted_by, activated_by=row.activated_by, activated_at=row.activated_at,
        )
        for row in ConfigVersion.objects.filter(kind=config_kind.name, subject=subject).order_by("-number")
    ]  # fmt: skip


def content_of(kind: str, subject: str, number: int) -> Content | None:
    """Return a version's content with its secrets' tokens, None = deleted. Raises: NotFoundError: there is none."""
    row = ConfigVersion.objects.filter(kind=kind, subject=subject, number=number).first()
    if row is None:
        raise NotFoundError(f"The {kind} {subject!r} has no version {number}.", "Its page lists the versions.")
    content: Content | None = row.content
    return content


def last_number(kind: str, subject: str) -> int:
    """Return the number of a subject's newest version, 0 without any."""
    newest = ConfigVersion.objects.filter(kind=kind, subject=subject).order_by("-number").first()
    return newest.number if newest else 0


def keep(row: PendingChange, before: Content | None, content: Content | None, activated_by: str, now: int) -> None:
    """Keep what a change makes of its subject as its next version.

    Args:
        row: the change.
        before: what acted so far; it is kept as well where the subject is older than its versions.
        content: what acts now.
        activated_by: a person's name.
        now: seconds.
    """
    number = last_number(row.kind, row.subject)
    if number == 0 and before is not None:
        number += 1
        _keep_one(row, number, before, "before versions were kept", now)
    _keep_one(row, number + 1, content, activated_by, now)


def _keep_one(row: PendingChange, number: int, content: Content | None, activated_by: str, now: int) -> None:
    ConfigVersion.objects.create(
        kind=row.kind, subject=row.subject, number=number, content=content, submitted_by=row.submitted_by,
        activated_by=activated_by, activated_at=now,
    )  # fmt: skip


def move_versions(kind: str, subject: str, new: str) -> None:
    """Give the versions of a subject to its new name, behind those of a deleted one that was called so before."""
    offset = last_number(kind, new)
    for row in ConfigVersion.objects.filter(kind=kind, subject=subject).order_by("number"):
        content = None if row.content is None else own_secrets(row.content, subject)
        ConfigVersion.objects.filter(pk=row.pk).update(subject=new, number=row.number + offset, content=content)


def past_contents(kind: str, subject: str) -> list[Content | None]:
    """Return what a subject was, with its secrets' tokens, newest first; None = it was deleted then."""
    rows = ConfigVersion.objects.filter(kind=kind, subject=subject).order_by("-number")
    return list(rows.values_list("content", flat=True))
