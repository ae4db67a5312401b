"""The size of pages: halved down to one, grown back slowly, restored where one record was to blame."""

from hypothesis import given
from hypothesis import strategies as st

from vatriage.usecases.page_size import GROW_AFTER, PageSize


def test_it_halves_down_to_one_and_not_further():
    size, seen = PageSize(500), []
    for _ in range(11):
        seen.append(size.now)
        size.failed(size.now)

    assert seen == [500, 250, 125, 62, 31, 15, 7, 3, 1, 1, 1]


def test_it_doubles_after_some_pages_in_a_row_and_stays_below_the_most():
    size = PageSize(100)
    size.failed(100)
    for _ in range(GROW_AFTER - 1):
        size.came()
    before = size.now
    size.came()

    assert (before, size.now) == (50, 100)
    for _ in range(3 * GROW_AFTER):
        size.came()
    assert size.now == 100


def test_a_large_page_is_no_reason_to_ask_for_more():
    size = PageSize(100)
    size.failed(100)
    for _ in range(3 * GROW_AFTER):
        size.came(large=True)

    assert size.now == 50


def test_where_one_record_was_to_blame_the_size_is_what_it_was_before():
    size = PageSize(64)
    while size.now > 1:
        size.failed(size.now)
    size.culprit_found()

    assert size.now == 64


@given(st.integers(1, 10_000), st.lists(st.sampled_from(["failed", "came", "large", "culprit"]), max_size=60))
def test_it_is_never_below_one_nor_above_the_most(most, events):
    size = PageSize(most)
    for event in events:
        match event:
            case "failed":
                size.failed(size.now)
            case "culprit":
                size.culprit_found()
            case _:
                size.came(large=event == "large")
        assert 1 <= size.now <= most
