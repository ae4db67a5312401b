"""Random samples of what hiding would have hidden, for people to judge: the one estimate that nobody's choice bends."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.instant import US
from vatriage.model.sampling import drawn
from vatriage.model.viewer import Who
from vatriage.store.alert_pages import alert_row, messages_of
from vatriage.store.audit import note
from vatriage.store.bulk import plain
from vatriage.store.hiding_rows import alerts_of_samples, sample_row, samples_since, save_sample
from vatriage.store.shadow_rows import Window
from vatriage.usecases.alert_lists import say_of
from vatriage.usecases.shadow_history import ShadowHistory, StoredHistory
from vatriage.usecases.shadow_report import DAYS, MOST_DAYS, window_of

SIZE = 60
"""Of a sample: none wrong of so many leaves an upper bound of 6 %."""
MOST = 1_000
_SEED_BITS = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleView:
    """A sample with its alerts."""

    sample: dict[str, Any]
    """The columns of the store."""
    rows: list[dict[str, Any]]
    """As a list of alerts has them, in the order in which they were drawn."""

    @property
    def judged(self) -> int:
        """How many have a review in force."""
        return sum(row["review"] is not None for row in self.rows)


def draw_sample(
    zone: str, *, who: Who, clock: Clock, seed: int | None = None, days: int = DAYS, size: int = SIZE,
    history: ShadowHistory | None = None,
) -> int:  # fmt: skip
    """Draw a sample of a zone's alerts that would have been hidden; return its number.

    Args:
        zone: its name.
        who: asks for it.
        clock: tells when.
        seed: 0 to 2**63 - 1, None = a random one; kept with the sample: with the same alerts it gives the same one again.
        days: see `shadow_report`.
        size: 1 to 1,000; fewer are drawn where fewer are there.
        history: where the alerts are found, None = in the store.

    Raises: UsageError: nothing would have been hidden, or the numbers cannot be meant.
    """
    if not (1 <= size <= MOST and 1 <= days <= MOST_DAYS):
        raise UsageError(
            f"A sample of {size} alerts from {days} days cannot be drawn.",
            f"Ask for 1 to {MOST:,} alerts from 1 to {MOST_DAYS} days.",
        )
    at_us = now_us(clock)
    window = window_of(zone, at_us, days)
    history = history or StoredHistory()
    seed = secrets.randbits(_SEED_BITS) if seed is None else seed
    chosen = drawn(seed, history.candidates(window), size)
    if not chosen:
        raise UsageError(
            f"In {days} days nothing would have been hidden in the zone {zone!r}.", "There is nothing to judge."
        )
    return _save(window, seed, history.count(window)[1], chosen, who, at_us // US)


def _save(window: Window, seed: int, population: int, chosen: list[tuple[str, int]], who: Who, now: int) -> int:
    values = window._asdict() | {
        "seed": seed, "population": population, "drawn_by": plain(who.name), "drawn_at": now,
    }  # fmt: skip
    with transaction.atomic():
        number = save_sample(values, chosen)
        told = {"zone": window.zone, "seed": seed, "population": population, "size": len(chosen)}
        note(who, now, "shadow sample drawn", f"sample {number}", None, told)
    return number


def samples_of(zone: str, *, now: int, days: int = DAYS) -> list[dict[str, Any]]:
    """Return the samples that a report of so many days counts, the newest first; `now` in seconds."""
    return samples_since(zone, now - days * 86_400)


def show_sample(number: int, *, zones: frozenset[str] | None, now: int) -> SampleView:
    """Return a sample with its alerts.

    Args:
        number: the sample's.
        zones: names of the zones that the viewer may see, None = all.
        now: seconds; a review may have expired.

    Raises: NotFoundError: there is none of that number in those zones.
    """
    sample = sample_row(number)
    if sample is None or not (zones is None or sample["zone"] in zones):
        raise NotFoundError(f"There is no sample of the number {number}.", "It may be of a zone that is not yours.")
    found = (alert_row(name, zones) for name, _ in alerts_of_samples([number]))
    rows = [row for row in found if row is not None]
    say_of(rows, [(row["id"], row["group_id"], row["verdict"]) for row in rows], now)
    messages = messages_of([(row["gid"], row["sid"]) for row in rows])
    for row in rows:
        row["message"] = messages.get((row["gid"], row["sid"]), "")
    return SampleView(sample=sample, rows=rows)
