"""How many calls a pull will make, by resource: counted from the steps of its plan (usecases/pull_current).

What only a pull can tell - hosts that changed, hosts without findings, QIDs without an entry - is taken from the device's
last complete pull of the same mode; where there is none, one page of each is allowed for, and everything has changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vatriage.store.devices import Device
from vatriage.store.ledger import COMPLETE, OpenPull
from vatriage.store.page_rows import load_pages
from vatriage.store.pulls import Pull
from vatriage.usecases.pull_knowledge import MOST_QIDS
from vatriage.usecases.pull_listing import MOST_IDS
from vatriage.usecases.pull_mode import Mode, plan_of
from vatriage.vendors.interface import QueryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the number of calls hangs on."""

    hosts: int
    """Of the account."""
    page_hosts: int
    mode: Mode = Mode.FULL
    changed: int = 0
    """DELTA: hosts that the list of changed ones names."""
    unknown: int = 0
    """DELTA: hosts that are asked for beside them, because they are new."""
    silent: int = 0
    """Hosts that come without findings, and are asked for once more."""
    missing_qids: int = 0
    """That are asked for by number."""


def calls_needed(kind: QueryKind, figures: Figures) -> Mapping[str, int]:
    """Return the calls of one pull by resource, if nothing fails."""
    match kind:
        case QueryKind.CURRENT:
            own = _current(figures)
        case QueryKind.LAST_SAVED:
            own = {"scan_report_list": 1, "scan_report": 1}
        case QueryKind.SAVED:
            own = {"scan_report": 1}
        case QueryKind.REAL_TIME:
            own = {"scan": 1, "scan_running_list": 1, "scan_report_list": 1, "scan_report": 1}
    return own | {"knowledge_base": 1 + _pages(figures.missing_qids, MOST_QIDS)}


def _current(figures: Figures) -> dict[str, int]:
    size, again = figures.page_hosts, _pages(figures.silent, figures.page_hosts)
    if figures.mode is Mode.FULL:
        return {"host_list": max(_pages(figures.hosts, size), 1) + again, "detections": _pages(figures.hosts, size)}
    lists = max(_pages(figures.hosts, MOST_IDS), 1) + max(_pages(figures.changed, size), 1)
    return {
        "host_list": lists + _pages(figures.unknown, size) + again,
        "detections": _pages(figures.changed + figures.unknown, size),
    }


def expected_figures(device: Device | None, hosts: int, page_hosts: int) -> Mapping[Mode, Figures]:
    """Return what to expect of a device's next pulls, full and delta; without a complete pull, none is a delta.

    Args:
        device: a stored one; None: it is only submitted.
        hosts: known of its account; 0 = it was never pulled, and the least is expected.
        page_hosts: hosts of a page.
    """
    first = Figures(hosts=max(hosts, 1), page_hosts=page_hosts, silent=1, missing_qids=1)
    if device is None:
        return {Mode.FULL: first}
    past = {mode: _seen(device, mode, first) for mode in Mode}
    full = past[Mode.FULL]
    if full is None:
        return {Mode.FULL: first}
    delta = past[Mode.DELTA] or replace(full, mode=Mode.DELTA, changed=full.hosts)
    return {Mode.FULL: full, Mode.DELTA: delta}


def _seen(device: Device, mode: Mode, first: Figures) -> Figures | None:
    """Return what the device's last complete pull of a mode met, None if there is none."""
    for pull in Pull.objects.filter(device=device, state=COMPLETE).order_by("-pk")[:50]:
        if plan_of(pull.request).mode is not mode:
            continue
        lines = load_pages(OpenPull(int(pull.pk), 0, "", 0, ""))
        asked = {step: sum(len(line.asked) for line in lines if line.step == step) for step in _STEPS}
        changed = sum(line.counts["hosts"] for line in lines if line.step == "changed")
        return replace(
            first, mode=mode, changed=changed, unknown=asked["entries"], silent=asked["silent"],
            missing_qids=asked["missing"],
        )  # fmt: skip
    return None


_STEPS = ("entries", "silent", "missing")


def _pages(records: int, size: int) -> int:
    return -(-records // size)
