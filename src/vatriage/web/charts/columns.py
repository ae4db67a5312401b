"""Alerts over time as stacked columns: the geometry; `charts/columns.html` draws it, with a table of the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vatriage.model.time_columns import Column, Step
from vatriage.model.verdict import Verdict

WIDTH, HEIGHT = 960, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 8, 10, 28
_LABELS = 8
"""Labels below the axis, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One verdict's part of a column."""

    verdict: Verdict
    alerts: int
    x: float
    y: float
    width: float
    height: float
    said: str
    """What it stands for, as a sentence."""

    @property
    def style(self) -> str:
        """Its class."""
        return f"fill-{self.verdict.name.lower().replace('_', '-')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A line or a label of an axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChart:
    """Everything that is drawn."""

    pieces: list[Piece]
    lines: list[Mark]
    labels: list[Mark]
    verdicts: list[Verdict]
    """Those that occur, the worst first: the legend, and the table's columns."""
    rows: list[tuple[str, list[int]]]
    """The same numbers as a table: the column's name, alerts by verdict."""
    width: int = WIDTH
    height: int = HEIGHT
    right: int = WIDTH - RIGHT
    left: int = LEFT


def column_chart(columns: Sequence[Column], step: Step) -> ColumnChart:
    """Return the chart of some columns, oldest on the left; within a column the worst verdict stands at the bottom."""
    levels = [level for level in reversed(Verdict) if any(column.alerts.get(level) for column in columns)]
    highest = ceiling(max((column.total for column in columns), default=0))
    wide = (WIDTH - LEFT - RIGHT) / max(1, len(columns))
    pieces = [
        piece
        for place, column in enumerate(columns)
        for piece in _stacked(column, levels, LEFT + place * wide + wide * 0.1, wide * 0.8, highest, step)
    ]
    every = max(1, -(-len(columns) // _LABELS))
    labels = [
        Mark(x=LEFT + (place + 0.5) * wide, y=HEIGHT - 8, text=_short(column.start, step))
        for place, column in enumerate(columns)
        if place % every == every // 2
    ]
    lines = [
        Mark(x=LEFT, y=_y(highest * part / 4, highest), text=f"{highest * part // 4:,}")
        for part in range(5)
        if highest >= 4 or part in (0, 4)
    ]
    rows = [(named(column.start, step), [column.alerts.get(level, 0) for level in levels]) for column in columns]
    return ColumnChart(pieces=pieces, lines=lines, labels=labels, verdicts=levels, rows=rows)


def _stacked(
    column: Column, levels: Sequence[Verdict], x: float, width: float, highest: int, step: Step
) -> list[Piece]:
    pieces, below = [], 0
    for level in levels:
        alerts = column.alerts.get(level, 0)
        if alerts:
            top = _y(below + alerts, highest)
            said = f"{named(column.start, step)}: {alerts:,} {level.name.replace('_', ' ')}"
            pieces.append(
                Piece(
                    verdict=level, alerts=alerts, x=round(x, 1), y=top, width=round(width, 1),
                    height=max(1.0, round(_y(below, highest) - top, 1)), said=said,
                )
            )  # fmt: skip
            below += alerts
    return pieces


def ceiling(highest: int) -> int:
    """Return the end of an axis: the first of 4, 8, 20, 40, 80, 200, ... that is not less than the highest column."""
    step = 4
    while True:
        for factor in (1, 2, 5):
            if step * factor >= highest:
                return step * factor
        step *= 10


def _y(alerts: float, highest: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * alerts / highest, 1)


def named(start: int, step: Step) -> str:
    """Return the name of a column: its day, or its hour."""
    return datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%d" if step is Step.DAY else "%Y-%m-%d %H:00 UTC")


def _short(start: int, step: Step) -> str:
    return datetime.fromtimestamp(start, UTC).strftime("%b %d" if step is Step.DAY else "%d %b %H:00")
