"""Ids as ranges, against sets of numbers."""

from hypothesis import given
from hypothesis import strategies as st

from vatriage.usecases.id_ranges import among, count_ids, ids_of

NUMBERS = st.integers(1, 60)
RANGES = st.lists(st.tuples(NUMBERS, NUMBERS).map(sorted).map(tuple), max_size=8)


@given(RANGES, st.sets(NUMBERS))
def test_ranges_hold_what_a_set_of_their_numbers_holds(ranges, ids):
    held = {number for first, last in ranges for number in range(first, last + 1)}

    assert among(ids, ranges) == ids & held
    assert list(ids_of(ranges)) == sorted(held)
    assert count_ids(ranges) == len(held)
