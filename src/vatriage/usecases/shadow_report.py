"""What hiding NOT_AFFECTED would have done in a zone, and how often it would have been wrong. Reads only."""

from collections.abc import Iterable

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.drift import BASELINE_DAYS, RECENT_DAYS, Day, Drift, drift_of, errors_rose
from vatriage.model.instant import DAY_US, US
from vatriage.model.proportion import Proportion
from vatriage.model.shadow import Said, Settled, ShadowReport
from vatriage.store.alert_branches import alert_zones
from vatriage.store.hiding_rows import alerts_of_samples, samples_since
from vatriage.store.shadow_rows import Window, day_counts
from vatriage.usecases.shadow_history import ShadowHistory, StoredHistory
from vatriage.usecases.zones import zone_names

DAYS = 30
"""Of a report, unless somebody asks for others."""
MOST_DAYS = 365
GRAIN_US = 300 * US
"""Windows end at a multiple of this: what the sensors are just handing over does not change a report under its reader."""
HOUR_US = 3_600 * US
_DAY_HOURS = 24


def shadow_report(
    zone: str, *, now_us: int, days: int = DAYS, history: ShadowHistory | None = None
) -> ShadowReport:  # fmt: skip
    """Return the report of a zone as at an instant; the same instant and the same store give the same digest.

    Args:
        zone: its name.
        now_us: the instant.
        days: how far back alerts are taken, 1 to 365.
        history: where they are found, None = in the store.

    Raises: UsageError: so many days cannot be asked for.
    """
    if not 1 <= days <= MOST_DAYS:
        raise UsageError(f"A report of {days} days cannot be made.", f"Ask for 1 to {MOST_DAYS}.")
    history = history or StoredHistory()
    window = window_of(zone, now_us, days)
    alerts, would_hide, raised = history.count(window)
    settled = history.settled(window)
    sample = _sampled(window, now_us, days)
    return ShadowReport(
        zone=zone, days=days, made_us=now_us, from_us=window.from_us, until_us=window.until_us, alerts=alerts,
        would_hide=would_hide, raised=raised,
        confirmed=sum(one.wrong for one in settled),
        confirmed_by_people=sum(one.said is Said.WRONG for one in settled),
        confirmed_by_evidence=sum(one.escalated for one in settled),
        reviewed=sum(one.said is not Said.NOTHING for one in settled),
        seen_error=_error(settled), sampled=len(sample),
        sample_error=_error(one for one in settled if one.alert_id in sample),
        drifts=drifts(zone, now_us // HOUR_US), errors_rose=_errors_rose(settled, window.until_us),
    )  # fmt: skip


def window_of(zone: str, now_us: int, days: int) -> Window:
    """Return the stretch of time that a report made at an instant is about."""
    until_us = now_us // GRAIN_US * GRAIN_US
    return Window(zone, until_us - days * DAY_US, until_us)


def drifts(zone: str, end_hour: int) -> tuple[Drift, Drift]:
    """Return the drift of the 24 hours before the last ones, and of the last ones, up to an hour since 1970 (excluded)."""
    days = daily(zone, end_hour, BASELINE_DAYS + 2)
    return drift_of(days[:-1]), drift_of(days)


def daily(zone: str, end_hour: int, days: int) -> list[Day]:
    """Return the alerts of a zone by stretches of 24 hours that end at an hour, oldest first, and how many are NOT_AFFECTED.

    From the counters, hence by the newest verdict of each alert; no alert is read.
    """
    start = end_hour - days * _DAY_HOURS
    alerts, hidden = [0] * days, [0] * days
    for hour, number, unaffected in day_counts(zone, start, end_hour):
        place = (hour - start) // _DAY_HOURS
        alerts[place] += number
        hidden[place] += number * unaffected
    return [
        Day((start + place * _DAY_HOURS) * 3_600, alerts[place], hidden[place]) for place in range(days)
    ]  # fmt: skip


def reported_zones(zones: frozenset[str] | None) -> list[str]:
    """Return the names of the zones that there can be a report of, as far as a viewer sees them (None = all)."""
    return [zone for zone in sorted({*zone_names(), *alert_zones()}) if zones is None or zone in zones]


def check_reported(zone: str, zones: frozenset[str] | None) -> None:
    """Raise: NotFoundError: there is no such zone among those that a viewer sees."""
    if zone not in reported_zones(zones):
        raise NotFoundError(f"There is no zone named {zone!r}.", "The list of zones shows all that you may see.")


def _sampled(window: Window, now_us: int, days: int) -> set[str]:
    """Return the alerts of the window that are in any sample drawn in it: drawing again discards no answer."""
    samples = samples_since(window.zone, (now_us - days * DAY_US) // US)
    numbers = [row["id"] for row in samples if row["drawn_at"] <= now_us // US]
    return {name for name, at_us in alerts_of_samples(numbers) if window.from_us <= at_us < window.until_us}


def _error(settled: Iterable[Settled]) -> Proportion:
    wrong = [one.wrong for one in settled]
    return Proportion(sum(wrong), len(wrong))


def _errors_rose(settled: list[Settled], until_us: int) -> bool:
    since_us = until_us - RECENT_DAYS * DAY_US
    recent = _error(one for one in settled if one.at_us >= since_us)
    return errors_rose(recent, _error(one for one in settled if one.at_us < since_us))
