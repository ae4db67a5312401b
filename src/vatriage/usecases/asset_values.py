"""What targets are worth to a person: set, cleared and listed; it ranks alerts, and never moves a verdict."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.instant import format_instant
from vatriage.model.ranking import LEAST_VALUE, MOST_VALUE
from vatriage.model.viewer import Who
from vatriage.store.audit import note
from vatriage.store.places import AssetValue, Zone
from vatriage.usecases.snapshots import finish_snapshot, mark_behind
from vatriage.usecases.zone_kind import network_of

MOST = 10_000
"""Values that are kept."""


def asset_values(zones: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Return the values of some zones (None = of all), in order: zone, network, value, who, at (ISO)."""
    rows = AssetValue.objects.order_by("zone__name", "network")
    if zones is not None:
        rows = rows.filter(zone__name__in=zones)
    return [shown(row) for row in rows.select_related("zone")]


def set_asset_value(
    zone: str, network: str, value: int, *, snapshots: Path, who: Who, zones: Collection[str] | None, clock: Clock
) -> dict[str, Any]:
    """Say what targets in a network are worth; what was said of it before is replaced.

    Args:
        zone: the network's.
        network: `192.0.2.0/24`, or an address.
        value: 1 to 5.
        snapshots: folder of the snapshot, which follows.
        who: for the log.
        zones: that the person sees, None = all.
        clock: for the log.

    Raises:
        NotFoundError: there is no such zone among theirs.
        UsageError: that is no network, or no value; or there are too many.
    """
    place, text = _zone(zone, zones), str(network_of(network))
    if not LEAST_VALUE <= value <= MOST_VALUE:
        raise UsageError(f"{value} is no value of a target.", f"Choose {LEAST_VALUE} (little) to {MOST_VALUE} (most).")
    now = now_us(clock) // 1_000_000
    with transaction.atomic():
        row = AssetValue.objects.filter(zone=place, network=text).first()
        before = None if row is None else _noted(row)
        if row is None and AssetValue.objects.count() >= MOST:
            raise UsageError(f"There are {MOST:,} asset values already.", "Say it of wider networks.")
        said = {"value": value, "who": who.name[:255], "at": now}
        row, _ = AssetValue.objects.update_or_create(zone=place, network=text, defaults=said)
        note(who, now, "asset value set", f"{place.name} {text}", before, _noted(row))
        _let_follow(snapshots)
    return shown(row)


def clear_asset_value(
    zone: str, network: str, *, snapshots: Path, who: Who, zones: Collection[str] | None, clock: Clock
) -> None:
    """Take back what was said of a network. See `set_asset_value`. Raises: NotFoundError: nothing was."""
    place, text = _zone(zone, zones), str(network_of(network))
    with transaction.atomic():
        row = AssetValue.objects.filter(zone=place, network=text).first()
        if row is None:
            raise NotFoundError(f"Nobody said what {text} in {zone!r} is worth.", "`vatriage ranking show` lists all.")
        note(who, now_us(clock) // 1_000_000, "asset value cleared", f"{place.name} {text}", _noted(row), None)
        row.delete()
        _let_follow(snapshots)


def shown(row: AssetValue) -> dict[str, Any]:
    """Return a value as people see it."""
    return {
        "zone": row.zone.name, "network": row.network, "value": row.value, "who": row.who,
        "at": format_instant(row.at * 1_000_000),
    }  # fmt: skip


def _zone(name: str, zones: Collection[str] | None) -> Zone:
    found = Zone.objects.filter(name=name).first() if zones is None or name in zones else None
    if found is None:
        raise NotFoundError(f"There is no zone named {name!r}.", "`vatriage zone list` shows all.")
    return found


def _noted(row: AssetValue) -> dict[str, Any]:
    return {"value": row.value}


def _let_follow(snapshots: Path) -> None:
    """See that the snapshot follows once this is committed, whatever happens in between."""
    mark_behind(snapshots)
    transaction.on_commit(lambda: _finish(snapshots))


def _finish(snapshots: Path) -> None:
    finish_snapshot(snapshots)
