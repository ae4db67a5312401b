"""Read only: what was left out of reports and kept: which record, where, why."""

from typing import Any

from vatriage.errors import NotFoundError
from vatriage.model.instant import format_instant
from vatriage.store.lookup_rows import count_rejects, has_pull, rejects_of


def list_rejects(pull: int | None, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Return kept rejects, those of the newest pull or import first, and how many there are in all.

    Args:
        pull: of this pull or import only; None = of all.
        limit: so many at most.

    Raises:
        NotFoundError: there is no such pull or import.
    """
    if pull is not None and not has_pull(pull):
        raise NotFoundError(f"There is no pull or import {pull}.", "`vatriage rejects` without --pull shows all.")
    rejects = [
        {"pull": number, "origin": origin, "device": device, "at": format_instant(at * 1_000_000), "place": place,
         "subject": subject, "problem": problem, "raw": bytes(raw)}
        for number, origin, device, at, place, subject, problem, raw in rejects_of(pull, limit)
    ]  # fmt: skip
    return rejects, count_rejects(pull)
