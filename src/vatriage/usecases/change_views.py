"""Pending changes as people see them, without secrets."""

from dataclasses import dataclass
from typing import Any

from vatriage.store.changes import PendingChange
from vatriage.usecases.config_kind import NAME, SECRET, ConfigKind, Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A pending change, as people see it."""

    kind: str
    subject: str
    action: str
    """added, changed or deleted."""
    before: Content | None
    after: Content | None
    """Both without secrets; a changed secret shows as "changed"."""
    by: str
    at: int
    """Seconds."""
    to_confirm: int | None
    """Addresses to confirm before it acts, 0 = as many as asset groups hold, None = nothing to confirm."""

    @property
    def differences(self) -> list[tuple[str, Any, Any]]:
        """The fields that change: name, before, after."""
        before, after = self.before or {}, self.after or {}
        names = [*before, *(name for name in after if name not in before)]
        return [(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


def waiting(row: PendingChange, config_kind: ConfigKind) -> Waiting:
    """Return a pending change as people see it."""
    acting = config_kind.current(row.subject)
    before, after = before_after(config_kind, acting, row.content, row.subject)
    return Waiting(
        kind=row.kind, subject=row.subject, action=action(acting, row.content), before=before, after=after,
        by=row.submitted_by, at=row.submitted_at,
        to_confirm=None if row.content is None else config_kind.to_confirm(row.content),
    )  # fmt: skip


def before_after(
    config_kind: ConfigKind, before: Content | None, after: Content | None, subject: str = ""
) -> tuple[Content | None, Content | None]:
    """Return both as they may be shown; what differs only in its secret is marked, and a new name told."""
    if after is not None and NAME in after:
        before = None if before is None else {NAME: subject} | before
    was = None if before is None else config_kind.shown(before)
    will = None if after is None else config_kind.shown(after)
    if before and after and any(before.get(name) != after.get(name) for name in after if name.endswith(SECRET)):
        will = (will or {}) | {"password": "changed"}
    return was, will


def action(before: Content | None, after: Content | None) -> str:
    """Return what a change does to its subject: added, changed or deleted."""
    if before is None:
        return "added"
    return "deleted" if after is None else "changed"
