"""Hiding as it is turned on and off, and samples: rows <-> records."""

from collections.abc import Iterable
from typing import Any

from vatriage.store.bulk import Target, execute, fetch_in, insert_many
from vatriage.store.shadow import Hiding, ShadowSample, ShadowSampleAlert

_SAMPLE_ALERTS = Target("shadow_sample_alerts", ("sample_id", "place", "alert_id", "at_us"))


def open_hidings() -> list[Hiding]:
    """Return the rows of zones where hiding is on."""
    return list(Hiding.objects.filter(off_at=0).order_by("zone"))


def newest_hidings() -> dict[str, Hiding]:
    """Return by zone the newest row, open or not."""
    return {row.zone: row for row in Hiding.objects.order_by("id")}


def hidings_of(zone: str) -> list[Hiding]:
    """Return every row of a zone, the newest first."""
    return list(Hiding.objects.filter(zone=zone).order_by("-id"))


def end_hiding(number: int, at: int, by: str, why: str) -> bool:
    """End a row that is open; return whether it was. Of several at once one does it."""
    return bool(Hiding.objects.filter(pk=number, off_at=0).update(off_at=at, off_by=by, off_why=why))


def move_marks(number: int, verdict_mark: int, review_mark: int) -> None:
    """Note up to where nothing contradicts a row; marks only grow."""
    execute(
        "UPDATE hiding SET verdict_mark = %s, review_mark = %s WHERE id = %s AND verdict_mark <= %s AND review_mark <= %s",
        [verdict_mark, review_mark, number, verdict_mark, review_mark],
    )


def save_sample(values: dict[str, Any], alerts: Iterable[tuple[str, int]]) -> int:
    """Keep a sample with its alerts in order; return its number. Must run in a transaction."""
    sample = ShadowSample.objects.create(**values)
    insert_many(_SAMPLE_ALERTS, [(sample.pk, place, name, at_us) for place, (name, at_us) in enumerate(alerts)])
    return int(sample.pk)


def samples_since(zone: str, at: int) -> list[dict[str, Any]]:
    """Return a zone's samples drawn since an instant (seconds), the newest first, each with `size`."""
    rows = list(ShadowSample.objects.filter(zone=zone, drawn_at__gte=at).order_by("-id").values())
    sql = "SELECT sample_id, COUNT(*) FROM shadow_sample_alerts WHERE sample_id IN ({keys}) GROUP BY sample_id"
    sizes = dict(fetch_in(sql, [row["id"] for row in rows]))
    return [row | {"size": int(sizes.get(row["id"], 0))} for row in rows]


def sample_row(number: int) -> dict[str, Any] | None:
    """Return a sample by its number, None if there is none."""
    rows = ShadowSample.objects.filter(pk=number).values()
    return next(map(dict, rows), None)


def alerts_of_samples(numbers: Iterable[int]) -> list[tuple[str, int]]:
    """Return id and instant of the alerts of some samples, in the order in which they were drawn."""
    rows = ShadowSampleAlert.objects.filter(sample_id__in=list(numbers)).order_by("sample_id", "place")
    return list(rows.values_list("alert_id", "at_us"))
