"""The chain of evidence as a picture: where its boxes and arrows stand; `charts/chain.html` draws them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from vatriage.usecases.evidence_chain import COLUMNS, Chain, Edge, Node

BOX, GAP = 152, 66
"""Width of a box and of the space between two columns, in units of the picture."""
_LINE, _PAD, _BETWEEN, _MARGIN = 15, 9, 16, 6
_FLOOR = 14
"""How far below all boxes an arrow runs that passes a column."""
_LETTERS = 22
"""Letters in a line of a box."""
_PIECE = 19
"""Letters of a piece of a word that is too long for a line: such words hold digits, which are wide."""
_LONG_WORD = re.compile(rf"\S{{{_LETTERS + 1},}}")
_MOST_LINES = 6
_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9:]{8})(?:\.[0-9]+)?Z")
"""An instant as records write it; a box shows it to the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A node with its place."""

    node: Node
    x: float
    y: float
    height: float
    title: list[tuple[float, str]]
    """Lines of the title, each with its y."""
    lines: list[tuple[float, str]]
    link: str = ""
    """Where one can check it, "" if nowhere."""

    @property
    def width(self) -> int:
        """Its width."""
        return BOX

    @property
    def text_x(self) -> float:
        """Where its lines begin."""
        return self.x + _PAD

    @property
    def style(self) -> str:
        """Its class: kind and polarity."""
        polarity = {"+": " for", "-": " against", "0": " neither"}.get(self.node.polarity, "")
        return f"box box-{self.node.kind}{polarity}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """An edge with its path."""

    edge: Edge
    path: str
    label_x: float
    label_y: float

    @property
    def style(self) -> str:
        """Its class."""
        polarity = {"+": " for", "-": " against"}.get(self.edge.polarity, "")
        return f"arrow{polarity}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainPicture:
    """Everything that is drawn, and the same as rows of a table."""

    boxes: list[Box]
    arrows: list[Arrow]
    rows: list[tuple[Node, list[tuple[Node, str]]]]
    """Every step, in order, with the steps it comes from and how."""
    width: int
    height: float


def chain_picture(chain: Chain, links: Mapping[str, str]) -> ChainPicture:
    """Return the picture of a chain.

    Args:
        chain: the argument.
        links: by a node's id, where one can check it.
    """
    columns: dict[int, list[Node]] = {}
    for node in chain.nodes:
        columns.setdefault(COLUMNS[node.kind], []).append(node)
    tallest = max(_height(nodes) for nodes in columns.values())
    floor = tallest + _MARGIN + _FLOOR
    boxes = {
        box.node.id: box for place, nodes in columns.items() for box in _stacked(nodes, place, tallest, links)
    }  # fmt: skip
    by_id = {node.id: node for node in chain.nodes}
    rows = [
        (node, [(by_id[edge.start], edge.label) for edge in chain.edges if edge.end == node.id]) for node in chain.nodes
    ]
    return ChainPicture(
        boxes=list(boxes.values()), arrows=[_arrow(edge, boxes, floor) for edge in chain.edges], rows=rows,
        width=5 * BOX + 4 * GAP + 2 * _MARGIN, height=floor + _MARGIN,
    )  # fmt: skip


def _texts(node: Node) -> tuple[list[str], list[str]]:
    title = wrap(node.title, _LETTERS - 3) or [""]
    lines = [part for line in node.lines for part in wrap(_broken(_INSTANT.sub(r"\1 \2 UTC", line)), _LETTERS)]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1][: _LETTERS - 1] + "…"]
    return title, lines


def _broken(line: str) -> str:
    """Return a line with blanks in words that are too long."""
    return _LONG_WORD.sub(
        lambda word: " ".join(word[0][at : at + _PIECE] for at in range(0, len(word[0]), _PIECE)), line
    )


def _box_height(node: Node) -> float:
    title, lines = _texts(node)
    return 2 * _PAD + _LINE * (len(title) + len(lines))


def _height(nodes: Sequence[Node]) -> float:
    return sum(map(_box_height, nodes)) + _BETWEEN * (len(nodes) - 1)


def _stacked(nodes: Sequence[Node], column: int, tallest: float, links: Mapping[str, str]) -> list[Box]:
    """Return the boxes of a column, one below the other, in the middle of the picture's height."""
    boxes, y = [], _MARGIN + (tallest - _height(nodes)) / 2
    for node in nodes:
        title, lines = _texts(node)
        texts = [(y + _PAD + _LINE * place + 12, text) for place, text in enumerate([*title, *lines])]
        boxes.append(
            Box(
                node=node, x=_MARGIN + column * (BOX + GAP), y=y, height=_box_height(node), title=texts[: len(title)],
                lines=texts[len(title) :], link=links.get(node.id, ""),
            )
        )  # fmt: skip
        y += _box_height(node) + _BETWEEN
    return boxes


def _arrow(edge: Edge, boxes: Mapping[str, Box], floor: float) -> Arrow:
    start, end = boxes[edge.start], boxes[edge.end]
    x1, y1 = start.x + BOX, start.y + start.height / 2
    x2, y2 = end.x - 7, end.y + end.height / 2
    if COLUMNS[end.node.kind] - COLUMNS[start.node.kind] > 1:
        return Arrow(
            edge=edge, path=_below((x1, y1), (x2, y2), floor), label_x=round(x1 + GAP), label_y=round(floor - 5)
        )
    bend = (x2 - x1) / 2
    path = f"M{x1:.0f} {y1:.0f} C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    return Arrow(edge=edge, path=path, label_x=round((x1 + x2) / 2), label_y=round((y1 + y2) / 2 - 5))


def _below(start: tuple[float, float], end: tuple[float, float], floor: float) -> str:
    """Return the path of an arrow that passes below the boxes between its ends."""
    (x1, y1), (x2, y2) = start, end
    return (
        f"M{x1:.0f} {y1:.0f} C{x1 + GAP / 2:.0f} {y1:.0f} {x1 + GAP / 4:.0f} {floor:.0f} {x1 + GAP:.0f} {floor:.0f} "
        f"L{x2 - GAP:.0f} {floor:.0f} C{x2 - GAP / 4:.0f} {floor:.0f} {x2 - GAP / 2:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    )
