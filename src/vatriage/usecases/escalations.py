"""Escalations as the faces show them."""

from typing import Any, NamedTuple

from vatriage.model.instant import DAY_US, format_instant
from vatriage.model.verdict import Verdict
from vatriage.store.alert_pages import messages_of
from vatriage.store.escalation_rows import count_escalations, escalations

Zones = frozenset[str] | None


class EscalationPage(NamedTuple):
    """Some escalations, and where the next page begins."""

    shown: list[dict[str, Any]]
    """Columns by name, with `message`, and the verdicts as words in `from`, `to` and `now`."""
    next: int
    """What `before` (or `since`) is for the next page; 0 = there is none."""


def escalation_page(zones: Zones, *, before: int = 0, since: int | None = None, size: int = 100) -> EscalationPage:
    """Return escalations of the zones that a viewer may see (None = all).

    Args:
        zones: the viewer's.
        before: only older ones, the newest first; 0 = from the newest on.
        since: only those with greater numbers, in their order: for who announces them. None = `before` counts.
        size: at most so many.
    """
    rows = escalations(zones, since=since, before=before, limit=size + 1)
    messages = messages_of([(row["gid"], row["sid"]) for row in rows])
    shown = [_shown(row, messages) for row in rows[:size]]
    return EscalationPage(shown, shown[-1]["id"] if len(rows) > size else 0)


def recent_escalations(zones: Zones, now_us: int) -> int:
    """Return how many there were in the last day."""
    return count_escalations(zones, now_us - DAY_US)


def _shown(row: dict[str, Any], messages: dict[tuple[int, int], str]) -> dict[str, Any]:
    return row | {
        "message": messages.get((row["gid"], row["sid"]), ""), "from": Verdict(row["before"]).name,
        "to": Verdict(row["after"]).name, "now": Verdict(row["verdict"]).name, "at": format_instant(row["at_us"]),
        "alert_at": format_instant(row["alert_at_us"]), "signature": f"{row['gid']}:{row['sid']}:{row['rev']}",
    }  # fmt: skip
