"""When a schedule is due: the instants, with jitter added and blackout windows waited out.

Everything is a function of (schedule, key): the jitter is a hash of the rule's key and the tick, so that every process
computes the same instants.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from vatriage.model.cron import read_cron
from vatriage.model.local_time import both_instants, instant_of, local, seconds
from vatriage.model.schedule import Blackout, Schedule, ScheduleKind

DAY_S = 86_400
FARTHEST_DAYS = 9 * 366
"""29 February comes at least every eight years; a schedule that names nothing for so long names nothing."""


class Due(NamedTuple):
    """One run that is due."""

    at: int
    """The instant, seconds: jitter and blackout included."""
    day: date
    """The local day that the schedule names it for."""


def next_due(schedule: Schedule, key: str, after: int) -> Due | None:
    """Return the first run due strictly after an instant (seconds), None if there is none.

    Args:
        schedule: a checked one.
        key: names the rule; it decides the jitter.
        after: seconds, exclusive.
    """
    best: Due | None = None
    for tick, day in _ticks(schedule, _reach_back(schedule, after)):
        if best is not None and tick >= best.at:
            break
        at = _settled(schedule, key, tick)
        if at > after and (best is None or at < best.at):
            best = Due(at, day)
    return best


def due_between(schedule: Schedule, key: str, after: int, until: int) -> Iterator[Due]:
    """Yield the runs due after one instant (exclusive) up to another (inclusive), ascending, each instant once.

    Args:
        schedule: a checked one.
        key: names the rule.
        after: seconds, exclusive.
        until: seconds, inclusive.
    """
    due = next_due(schedule, key, after)
    while due is not None and due.at <= until:
        yield due
        due = next_due(schedule, key, due.at)


def last_due(schedule: Schedule, key: str, after: int, until: int) -> Due | None:
    """Return the last run due after one instant (exclusive) up to another (inclusive), however many there were."""
    for back in (3_600, DAY_S, 40 * DAY_S, 400 * DAY_S, FARTHEST_DAYS * DAY_S):
        found = None
        for due in due_between(schedule, key, max(after, until - back), until):
            found = due
        if found is not None or until - back <= after:
            return found
    return None


def _ticks(schedule: Schedule, begin: int) -> Iterator[tuple[int, date]]:
    """Yield the instants that a schedule names from one on, ascending, before jitter and blackouts."""
    if schedule.kind is ScheduleKind.ON_DEMAND:
        return
    if schedule.kind is ScheduleKind.EVERY:
        step = schedule.every_minutes * 60
        tick = -(-begin // step) * step
        while True:
            yield tick, local(tick, schedule.zone).date()
            tick += step
    first = local(begin, schedule.zone).date() - timedelta(days=1)
    for number in range(FARTHEST_DAYS):
        day = first + timedelta(days=number)
        if schedule.names(day):
            yield from ((tick, day) for tick in _instants(schedule, day) if tick >= begin)


def _instants(schedule: Schedule, day: date) -> list[int]:
    if schedule.kind is not ScheduleKind.CRON:
        found = {instant_of(day, at, schedule.zone) for at in schedule.times}
        return sorted(tick for tick in found if tick is not None)
    cron = read_cron(schedule.cron)
    if cron.every_hour:
        return sorted({tick for at in cron.times for tick in both_instants(day, at, schedule.zone)})
    found = {instant_of(day, at, schedule.zone) for at in cron.times}
    return sorted(tick for tick in found if tick is not None)


def _settled(schedule: Schedule, key: str, tick: int) -> int:
    """Return when a tick really runs."""
    at = tick + jitter_of(key, tick, schedule.jitter_s)
    window = _window_around(schedule.blackouts, schedule.zone, at)
    return at if window is None else window[1]


def jitter_of(key: str, tick: int, most_s: int) -> int:
    """Return how many seconds later a tick of a rule runs: 0 to `most_s`, always the same."""
    if not most_s:
        return 0
    digest = blake2b(f"{key}\0{tick}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % (most_s + 1)


def _reach_back(schedule: Schedule, after: int) -> int:
    """Return from which tick on one may run after an instant: jitter and a window that is under way delay it."""
    window = _window_around(schedule.blackouts, schedule.zone, after)
    return (after if window is None else window[0]) - schedule.jitter_s


def _window_around(blackouts: tuple[Blackout, ...], zone: str, instant: int) -> tuple[int, int] | None:
    """Return the blackout (begin, end), with those that follow on at once, that an instant lies in."""
    if not blackouts:
        return None
    for begin, end in _windows(blackouts, zone, local(instant, zone).date()):
        if begin <= instant < end:
            return begin, end
    return None


@lru_cache(maxsize=512)
def _windows(blackouts: tuple[Blackout, ...], zone: str, around: date) -> tuple[tuple[int, int], ...]:
    """Return the windows of a day and of eight days on either side, those that touch made one."""
    spans = sorted(
        _span(blackout, around + timedelta(days=shift), zone)
        for blackout in blackouts for shift in range(-8, 9)
        if (around + timedelta(days=shift)).weekday() in blackout.days
    )  # fmt: skip
    merged: list[tuple[int, int]] = []
    for begin, end in spans:
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)


def _span(blackout: Blackout, day: date, zone: str) -> tuple[int, int]:
    last = day if blackout.end > blackout.begin else day + timedelta(days=1)
    return _edge(day, blackout.begin, zone), _edge(last, blackout.end, zone)


def _edge(day: date, at: time, zone: str) -> int:
    """Return a window's edge; a day that the zone skips is as long as nothing."""
    instant = instant_of(day, at, zone)
    return seconds(datetime.combine(day, at), zone) if instant is None else instant
