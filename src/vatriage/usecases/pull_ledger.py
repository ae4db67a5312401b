"""Read only: the ledger of pulls and imports, newest first."""

from collections.abc import Collection
from typing import Any

from vatriage.errors import NotFoundError
from vatriage.model.instant import format_instant
from vatriage.store.pull_hosts import count_missing, missing_hosts
from vatriage.store.pull_list import PageTotals, PullSearch, page_totals
from vatriage.store.pulls import Pull

MISSING_SHOWN = 1_000
"""Missing hosts that are named."""


def pulls_page(
    zones: Collection[str] | None, below: int, limit: int, search: PullSearch | None = None
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of the ledger, and what `below` is for the next one, 0 = there is none.

    Args:
        zones: of these zones; None = all.
        below: pulls of lower numbers only, 0 = from the newest.
        limit: so many at most.
        search: which ones; None = all.
    """
    rows = _seen(zones).filter(**_asked(search or PullSearch())).order_by("-pk")
    found = list((rows.filter(pk__lt=below) if below else rows)[: limit + 1])
    return [_shown(row) for row in found[:limit]], found[limit - 1].pk if len(found) > limit else 0


def pull_shown(number: int, zones: Collection[str] | None) -> dict[str, Any]:
    """Return one pull or import. Raises: NotFoundError: there is none of that number in these zones."""
    row = _seen(zones).filter(pk=number).first() if number < 1 << 63 else None
    if row is None:
        raise NotFoundError(f"There is no pull or import {number}.", "The list of pulls shows all.")
    return _shown(row) | _told_of_one(row)


def _told_of_one(row: Pull) -> dict[str, Any]:
    """Return what is told of one pull only: how many hosts came, and which did not."""
    totals = page_totals([row.pk]).get(row.pk, PageTotals())
    return {
        "hosts_received": totals.received, "rejects": totals.rejects, "hosts_missing": count_missing(row.pk),
        "missing": [
            {"id": host.vendor_id, "address": host.address, "reason": host.reason}
            for host in missing_hosts(row.pk, MISSING_SHOWN)
        ],
    }  # fmt: skip


def _asked(search: PullSearch) -> dict[str, Any]:
    asked = {
        "device__name": search.device, "zone__name": search.zone, "state": search.state, "origin": search.origin,
        "started_at__gte": search.begin, "started_at__lt": search.end,
    }  # fmt: skip
    return {name: value for name, value in asked.items() if value}


def _seen(zones: Collection[str] | None) -> Any:
    rows = Pull.objects.select_related("device", "zone", "account")
    return rows if zones is None else rows.filter(zone__name__in=zones)


def _shown(row: Pull) -> dict[str, Any]:
    return {
        "pull": row.pk, "origin": row.origin, "device": row.device.name if row.device else None, "zone": row.zone.name,
        "account": row.account.name, "state": row.state, "whole": row.whole, "started_at": _instant(row.started_at),
        "finished_at": _instant(row.finished_at), "error": row.error or None, "counts": row.counts,
    }  # fmt: skip


def _instant(seconds: int) -> str | None:
    return format_instant(seconds * 1_000_000) if seconds else None
