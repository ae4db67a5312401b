"""Pending changes as a viewer may see them: who sees some zones only sees, activates and drops what lies in them.

A device has a zone; a zone is one; an update rule counts with all that it selects; proxy, DNS and TLS settings hold for
all zones, so only who sees all of them sees their changes.
"""

from vatriage.errors import UsageError
from vatriage.model.viewer import Viewer
from vatriage.store.changes import PendingChange
from vatriage.usecases.change_views import Waiting
from vatriage.usecases.changes import Changes
from vatriage.usecases.config_kind import Content
from vatriage.usecases.config_versions import past_contents
from vatriage.usecases.rule_views import check_reach


def visible_changes(viewer: Viewer, changes: Changes) -> list[Waiting]:
    """Return the changes that wait for their activation, as far as a viewer sees them."""
    waiting = changes.pending()
    if viewer.zones is None:
        return waiting
    return [item for item in waiting if _sees(viewer, changes, item.kind, item.subject)]


def count_visible(viewer: Viewer, changes: Changes) -> int:
    """Return how many changes wait that a viewer sees."""
    if viewer.zones is None:
        return PendingChange.objects.count()
    rows = PendingChange.objects.values_list("kind", "subject")
    return sum(_sees(viewer, changes, kind, subject) for kind, subject in rows)


def sees_versions(viewer: Viewer, changes: Changes, kind: str, subject: str) -> bool:
    """Whether a viewer sees all that a subject ever was; a device that was in another zone once is not all theirs."""
    if viewer.zones is None:
        return True
    past = [content for content in past_contents(kind, subject) if content is not None]
    if kind == "device" and not all(viewer.sees(content["zone"]) for content in past):
        return False
    return _sees(viewer, changes, kind, subject, *past)


def _sees(viewer: Viewer, changes: Changes, kind: str, subject: str, *more: Content) -> bool:
    contents = [*more, changes.current(kind, subject), changes.submitted(kind, subject)]
    known = [content for content in contents if content is not None]
    match kind:
        case "device":
            return any(viewer.sees(content["zone"]) for content in known)
        case "zone":
            return viewer.sees(subject)
        case "update rule":
            return all(_reaches_only_seen(viewer, content) for content in known)
        case _:
            return False


def _reaches_only_seen(viewer: Viewer, content: Content) -> bool:
    try:
        check_reach(viewer, content)
    except UsageError:
        return False
    return True
