"""Records as JSON has them: instants as text."""

from typing import Any

from vatriage.model.instant import format_instant

_INSTANTS = ("last_run", "next_run", "due", "started_at", "finished_at", "waiting_until", "busiest_at")


def told(record: dict[str, Any]) -> dict[str, Any]:
    """Return a rule, run, pull of a run or quota plan with its instants (seconds) as text."""
    shown = {
        name: format_instant(value * 1_000_000) if name in _INSTANTS and value else value
        for name, value in record.items()
    }
    for name in ("pulls", "lines"):
        if name in record:
            shown[name] = [told(item) for item in record[name]]
    return shown
