"""A host's history on an axis of time: the geometry; `charts/timeline.html` draws it, above the list of the same events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vatriage.model.instant import US, parse_instant

WIDTH, LEFT, RIGHT, LANE, AXIS = 960, 150, 16, 26, 26
_LANES = (
    ("agent scan", "Agent scan"), ("authenticated scan", "Authenticated scan"), ("remote scan", "Remote scan"),
    ("appeared", "Finding appeared"), ("reopened", "Finding reopened"), ("fixed", "Finding fixed"),
    ("gone", "Finding gone"),
)  # fmt: skip
_LABELS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One or more events of a kind at one place of the axis."""

    x: float
    y: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """All events of a kind."""

    name: str
    y: float
    points: list[Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Everything that is drawn."""

    lanes: list[Lane]
    labels: list[tuple[float, str]]
    height: float
    width: int = WIDTH
    left: int = LEFT
    right: int = WIDTH - RIGHT


def timeline(events: Sequence[dict[str, Any]]) -> Timeline | None:
    """Return the picture of events (kind, at as ISO text); None if there is nothing to see: fewer than two instants."""
    instants = [(str(event["kind"]), parse_instant(str(event["at"])) // US) for event in events]
    first, last = min((at for _, at in instants), default=0), max((at for _, at in instants), default=0)
    if first == last:
        return None
    known = dict(_LANES)
    others = sorted({kind for kind, _ in instants} - known.keys())
    lanes: list[Lane] = []
    for kind, name in (*_LANES, *((kind, kind.replace("_", " ").capitalize()) for kind in others)):
        mine = sorted(at for other, at in instants if other == kind)
        if mine:
            y = 14 + len(lanes) * LANE
            lanes.append(Lane(name=name, y=y, points=_points(mine, name, y, first, last)))
    span = last - first
    labels = [
        (_x(first + span * place // (_LABELS - 1), first, last), _day(first + span * place // (_LABELS - 1)))
        for place in range(_LABELS)
    ]
    return Timeline(lanes=lanes, labels=labels, height=len(lanes) * LANE + AXIS)


def _points(instants: Sequence[int], name: str, y: float, first: int, last: int) -> list[Point]:
    places: dict[float, list[int]] = {}
    for at in instants:
        places.setdefault(round(_x(at, first, last)), []).append(at)
    return [
        Point(x=x, y=y, said=f"{name}, {_day(here[0])}" + (f" (and {len(here) - 1} more)" if len(here) > 1 else ""))
        for x, here in places.items()
    ]


def _x(at: int, first: int, last: int) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * (at - first) / (last - first), 1)


def _day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
