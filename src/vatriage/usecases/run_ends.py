"""How a run ends: with the last of its pulls."""

from vatriage.store.update_rules import CANCELLED, COMPLETE, FAILED, INCOMPLETE, JOINED, RuleRun, RunPull

_WORST = (FAILED, INCOMPLETE, CANCELLED, COMPLETE)


def close_if_done(run_id: int, now: int) -> None:
    """End a run whose pulls have all ended, in the caller's transaction; its state is the worst of theirs."""
    pulls = list(RunPull.objects.filter(run_id=run_id).order_by("device_name"))
    if any(not item.finished_at for item in pulls):
        return
    states = {COMPLETE if item.state == JOINED else item.state for item in pulls} or {COMPLETE}
    said = [f"{item.device_name}: {item.error}" for item in pulls if item.error]
    RuleRun.objects.filter(pk=run_id, finished_at=0).update(
        state=next(state for state in _WORST if state in states), finished_at=now, error=" ".join(said)
    )
