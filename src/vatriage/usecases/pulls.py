"""One pull of a device, from its lease to its snapshot; what is fetched is the matter of the query's kind.

A process that dies in between leaves whole pages and an incomplete pull, which refutes nothing; the next pull of the
device goes on with it, if that is soon enough and asks for the same.
"""

from typing import Any, NamedTuple

import pyarrow as pa
from django.db import transaction

from vatriage.clock import now_us
from vatriage.errors import UsageError, VatriageError
from vatriage.store import ledger
from vatriage.store.devices import Device
from vatriage.store.leases import give_back_device, take_device
from vatriage.store.ledger import OpenPull
from vatriage.store.page_rows import give_up, load_pages, reopen, scan_of, unfinished, who_cancels
from vatriage.store.progress import forget_standing
from vatriage.store.pull_hosts import held_ids, listed_ids, stored_hosts
from vatriage.store.turns import writers_turn
from vatriage.usecases.diagnosis_words import way_of, words_of
from vatriage.usecases.id_ranges import among
from vatriage.usecases.page_files import sweep
from vatriage.usecases.page_taker import PageTaker
from vatriage.usecases.parameters import loud
from vatriage.usecases.pull_current import fetch_current
from vatriage.usecases.pull_mode import Mode, Plan, choose, plan_of
from vatriage.usecases.pull_progress import Progress
from vatriage.usecases.pull_run import PullResult, PullRun
from vatriage.usecases.pull_saved import fetch_last_saved, fetch_saved
from vatriage.usecases.pull_scan import fetch_scan
from vatriage.usecases.pull_tools import PullCancelledError, PullTools
from vatriage.usecases.scan_confirmation import check_confirmed
from vatriage.usecases.snapshots import finish_snapshot, mark_behind
from vatriage.usecases.vouching import settle, vouch
from vatriage.vendors.interface import QueryKind

RESUME_WITHIN_S = 86_400
"""A pull that began earlier is not gone on with: what it fetched first is too old beside what would come last."""
_FETCH = {
    QueryKind.CURRENT: fetch_current,
    QueryKind.LAST_SAVED: fetch_last_saved,
    QueryKind.SAVED: fetch_saved,
    QueryKind.REAL_TIME: fetch_scan,
}


def pull_device(device: Device, account: str, tools: PullTools, mode: Mode | None = None) -> PullResult:
    """Pull one active device, or go on with a pull of it that was broken off.

    Args:
        device: an active one.
        account: its name in the inventory.
        tools: what to work with.
        mode: all hosts or only what changed; None = what is due (pull_mode).

    Raises: UsageError: the device is not active, its scan is not confirmed, or another process pulls it.
    """
    if not device.active:
        raise UsageError(f"Device {device.name!r} is submitted, not active.", "Run `vatriage activate` first.")
    query = tools.calls.query(device.url)
    check_confirmed(device, query)
    now = now_us(tools.clock) // 1_000_000
    take_device(device.pk, device.name, now)
    try:
        mark_behind(tools.snapshots)
        opened = _open(device, account, tools, now, mode if query.kind is QueryKind.CURRENT else Mode.FULL)
        result = PullResult(
            device=device.name, pull=opened.pull.id, state=ledger.RUNNING, whole=False, resumed=opened.resumed
        )
        if query.kind is QueryKind.CURRENT:
            result.mode, result.why_mode = opened.plan.mode, opened.plan.why
        result.notes.extend(loud(tools.route, tools.clock))
        progress = Progress(opened.pull.id, tools.clock, resumed=opened.resumed)
        tools.bell.listen(progress.waits_for_permit)
        tools.bell.watch(lambda: _check_wanted(opened.pull))
        taker = PageTaker(opened.pull, device.pk, tools, progress)
        _run(
            PullRun(
                device=device, query=query, opened=opened.pull, tools=tools, result=result, taker=taker,
                plan=opened.plan, started_at=opened.started_at,
            )
        )  # fmt: skip
    finally:
        give_back_device(device.pk)
    return result


def _check_wanted(opened: OpenPull) -> None:
    """Raise: PullCancelledError: somebody asked for the end while the pull waits."""
    if who := who_cancels(opened):
        raise PullCancelledError(f"The pull was cancelled by {who}.", "What was fetched is kept; pull again to go on.")


class _Opened(NamedTuple):
    pull: OpenPull
    plan: Plan
    started_at: int
    resumed: bool


def _open(device: Device, account: str, tools: PullTools, now: int, mode: Mode | None) -> _Opened:
    """Return the ledger of the pull to go on with, or a new one; give up what nobody goes on with."""
    request = {"url": device.url, "complete_checks": device.complete_checks}
    goes_on: _Opened | None = None
    with transaction.atomic():
        for pull, started_at, asked in unfinished(device.pk):
            plan = plan_of(asked)
            same = all(asked.get(name) == value for name, value in request.items()) and mode in (None, plan.mode)
            same = same and (pull.account, pull.zone) == (account, device.zone.name)
            if goes_on is None and same and now - RESUME_WITHIN_S <= started_at <= now:
                goes_on = _Opened(pull, plan, started_at, resumed=True)
                reopen(pull)
                continue
            give_up(pull)
            forget_standing(pull.id)
            settle(pull)
            sweep(tools.pages, pull.id, len(load_pages(pull)))
        if goes_on is not None:
            return goes_on
        request |= {"account": account, "zone": device.zone.name}
        plan = choose(device, mode, request, now, tools.full_every_s)
        opened = ledger.open_pull(
            zone=device.zone.name, account=account, origin="pull", started_at=now, device_id=device.pk,
            request=request | plan.to_dict(),
        )  # fmt: skip
    return _Opened(opened, plan, now, resumed=False)


def _run(run: PullRun) -> None:
    result = run.result
    try:
        _FETCH[run.query.kind](run)
        result.state, result.whole = ledger.COMPLETE, run.vouchable
    except PullCancelledError as error:
        result.state, result.error = ledger.INCOMPLETE, error.message
        raise
    except VatriageError as error:
        result.state, result.error = ledger.INCOMPLETE if run.taker.lines else ledger.FAILED, str(error)
        result.trouble = _trouble(run, error)
        raise
    finally:
        if result.state == ledger.RUNNING:
            result.state, result.error = ledger.INCOMPLETE, "interrupted"
        _close(run)
        run.taker.progress.end()


def _trouble(run: PullRun, error: VatriageError) -> dict[str, Any]:
    way = way_of(run.query.server, run.tools.route)
    return words_of(run.tools.calls).pulled(error, way).to_dict()


def _close(run: PullRun) -> None:
    """Vouch for a whole pull, end the ledger, and build the new snapshot."""
    result, now = run.result, now_us(run.tools.clock) // 1_000_000
    ended_in = run.taker.progress.stage
    run.sum_up()
    resumable = not run.fetched_all and bool(run.taker.lines or scan_of(run.opened))
    if result.whole:
        run.taker.progress.begins("vouching")
    with writers_turn():
        vouched = _still_vouched(run)
        if result.whole:
            vouch(
                run.opened, check_set=vouched, recorded_at=now, counts=result.changes, silent_hosts_at=None,
                gone=lambda: _gone(run),
            )  # fmt: skip
        if not resumable:
            settle(run.opened)
        ledger.close_pull(
            run.opened, state=result.state, finished_at=now, whole=result.whole, vouched_checks=vouched,
            counts=result.to_dict() | {"ended_in": ended_in}, error=result.error or "", resumable=resumable,
        )  # fmt: skip
    run.taker.progress.begins("snapshot")
    pa.default_memory_pool().release_unused()  # what the pages took; measured: 15 to 20 MB
    finish_snapshot(run.tools.snapshots)


def _still_vouched(run: PullRun) -> bool:
    """Return whether the scans' check set is vouched complete, when the pull ended as when it began.

    A device that was changed or removed meanwhile is not the one that was pulled: its silence does not count then.
    """
    device = Device.objects.filter(pk=run.device.pk).first()
    asked = ("url", "login", "zone_id", "active")
    if device is None or any(getattr(device, name) != getattr(run.device, name) for name in asked):
        if run.result.whole:
            run.result.notes.append("The device was changed while it was pulled: what is missing proves nothing.")
        run.result.whole = False
        return False
    return run.device.complete_checks == device.complete_checks == "yes"


def _gone(run: PullRun) -> list[int]:
    """Return the numbers of the hosts that the account does not hold any more: a delta asks for the ids of all."""
    listed = [(number, number) for number in listed_ids(run.opened)]
    stored = [host for host in stored_hosts(run.opened) if not host.gone]
    left = among((host.vendor_id for host in stored), listed + held_ids(run.opened))
    return [host.number for host in stored if host.vendor_id not in left]
