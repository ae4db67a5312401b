"""The geometry of charts: every alert is drawn in proportion, inside the picture; boxes do not touch each other."""

from hypothesis import given
from hypothesis import strategies as st

from vatriage.model.time_columns import Column, Step
from vatriage.model.verdict import Verdict
from vatriage.usecases.evidence_chain import Chain, Edge, Node, NodeKind
from vatriage.web.charts.chain import chain_picture
from vatriage.web.charts.columns import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, ceiling, column_chart
from vatriage.web.charts.timeline import timeline

_LEVELS = [level for level in Verdict if level is not Verdict.FALSE_POSITIVE]
_columns = st.lists(
    st.dictionaries(st.sampled_from(_LEVELS), st.integers(1, 10**7)), min_size=1, max_size=60
).map(lambda found: [Column(start=place * 86_400, alerts=alerts) for place, alerts in enumerate(found)])  # fmt: skip


@given(_columns)
def test_every_part_of_a_column_lies_in_the_picture_and_the_numbers_are_in_the_table(columns):
    chart = column_chart(columns, Step.DAY)
    drawn = {}
    for piece in chart.pieces:
        drawn[piece.x] = drawn.get(piece.x, 0) + piece.alerts
        assert LEFT <= piece.x <= piece.x + piece.width <= WIDTH
        assert TOP - 1 <= piece.y <= piece.y + piece.height <= HEIGHT - BOTTOM + 1

    assert sorted(drawn.values()) == sorted(column.total for column in columns if column.total)
    assert [column.total for column in columns] == [sum(numbers) for _, numbers in chart.rows]
    assert chart.verdicts == sorted(chart.verdicts, reverse=True)


@given(st.integers(0, 10**9))
def test_an_axis_ends_where_four_parts_of_it_are_whole_numbers(highest):
    end = ceiling(highest)

    assert end >= highest
    assert end % 4 == 0
    assert end < 2.5 * max(highest, 4)


_nodes = st.lists(
    st.builds(
        Node, id=st.uuids().map(str), kind=st.sampled_from([kind for kind in NodeKind if kind is not NodeKind.DECISION]),
        title=st.text(max_size=60), lines=st.lists(st.text(max_size=120), max_size=12).map(tuple),
    ),
    max_size=12,
)  # fmt: skip


@given(_nodes)
def test_boxes_of_a_chain_stand_apart_inside_the_picture_and_every_arrow_is_drawn(nodes):
    decision = Node(id="decision", kind=NodeKind.DECISION, title="UNKNOWN")
    edges = tuple(Edge(start=node.id, end="decision", label="") for node in nodes)
    picture = chain_picture(Chain(nodes=(*nodes, decision), edges=edges), {})
    by_column = {}
    for box in sorted(picture.boxes, key=lambda one: one.y):
        above = by_column.get(box.x)
        assert above is None or above.y + above.height < box.y
        assert 0 <= box.x <= box.x + box.width <= picture.width
        assert 0 <= box.y <= box.y + box.height <= picture.height + 0.1
        assert all(box.y < y <= box.y + box.height for y, _ in [*box.title, *box.lines])
        by_column[box.x] = box

    assert len(picture.arrows) == len(nodes)
    assert [node.id for node, _ in picture.rows] == [box.id for box in (*nodes, decision)]


def test_an_instant_in_a_box_is_written_for_people():
    node = Node(id="alert", kind=NodeKind.ALERT, title="Alert", lines=("2026-11-22T23:10:50.002100Z",))
    (box,) = chain_picture(Chain(nodes=(node,), edges=()), {"alert": "/there/"}).boxes

    assert (" ".join(text for _, text in box.lines), box.link) == ("2026-11-22 23:10:50 UTC", "/there/")


def test_a_timeline_has_a_lane_for_every_kind_and_a_point_for_every_instant():
    events = [
        {"kind": kind, "at": f"2026-11-{day:02}T00:00:00Z"}
        for kind, day in (("appeared", 1), ("fixed", 9), ("remote scan", 1), ("remote scan", 5), ("moved", 9))
    ]
    picture = timeline(events)

    assert [(lane.name, len(lane.points)) for lane in picture.lanes] == [
        ("Remote scan", 2), ("Finding appeared", 1), ("Finding fixed", 1), ("Moved", 1),
    ]  # fmt: skip
    assert [picture.labels[0][1], picture.labels[-1][1]] == ["2026-11-01", "2026-11-09"]
    assert timeline(events[:1]) is None
    assert timeline([]) is None
