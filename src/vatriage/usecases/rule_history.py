"""What became of runs: the last ones of a rule, or of all, with each device's pull."""

from typing import Any

from vatriage.store.update_rules import RuleRun, RunPull


def runs_of(rule: str | None = None, *, most: int = 20, before: int | None = None) -> list[dict[str, Any]]:
    """Return runs, newest first.

    Args:
        rule: of one rule, by name; None = of all rules and devices.
        most: how many.
        before: only runs whose number is lower, for the next page.

    Returns:
        run (number), rule, due, local_date, state, started_at, finished_at, error, requested_by, pulls; instants are
        seconds or None; `requested_by` is None for the schedule. A pull is device, state, pull (number in the ledger or
        None), attempts, doing, waiting_until, error, finished_at.
    """
    rows = RuleRun.objects.order_by("-pk").prefetch_related("pulls")
    if rule is not None:
        rows = rows.filter(rule_name=rule)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_run(row) for row in rows[:most]]


def pulls_under_way() -> list[dict[str, Any]]:
    """Return the pulls that have not ended: what is being done, what waits and until when."""
    rows = RunPull.objects.filter(finished_at=0).select_related("run").order_by("device_name")
    return [_pull(row) | {"run": row.run_id, "rule": row.run.rule_name or None} for row in rows]


def _run(row: RuleRun) -> dict[str, Any]:
    return {
        "run": row.pk, "rule": row.rule_name or None, "due": row.due, "local_date": row.local_date, "state": row.state,
        "started_at": row.started_at or None, "finished_at": row.finished_at or None, "error": row.error or None,
        "requested_by": row.requested_by or None,
        "pulls": sorted((_pull(item) for item in row.pulls.all()), key=lambda item: str(item["device"])),
    }  # fmt: skip


def _pull(row: RunPull) -> dict[str, Any]:
    return {
        "device": row.device_name, "state": row.state, "pull": row.pull or None, "attempts": row.attempts,
        "doing": row.doing or None, "waiting_until": row.waiting_until or None, "error": row.error or None,
        "finished_at": row.finished_at or None,
    }  # fmt: skip
