import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage_simulator.number_set import address_number, of_ranges, parse_addresses, parse_ids

RANGES = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)).map(lambda pair: (pair[0], sum(pair))))


@given(RANGES)
def test_a_set_holds_exactly_the_numbers_of_its_ranges(ranges):
    found = of_ranges(ranges)

    expected = {number for low, high in ranges for number in range(low, high + 1)}
    assert {number for number in range(80) if number in found} == expected


@given(RANGES.filter(bool))
def test_what_is_written_is_read(ranges):
    written = ",".join(f"{low}" if low == high else f"{low}-{high}" for low, high in ranges)

    assert parse_ids(written) == of_ranges(ranges)


@pytest.mark.parametrize("written", ["", "0", "-1", "1-", "a", "3-1", "1,,2", "1-2-3", "\uff19"])
def test_what_is_no_id_set_is_refused(written):
    with pytest.raises(ValueError, match=r"^"):
        parse_ids(written)


def test_addresses_of_both_families_do_not_meet():
    found = parse_addresses("10.0.0.1-10.0.0.3, 2001:db8::1")

    assert address_number("10.0.0.2") in found
    assert address_number("2001:db8::1") in found
    assert address_number("::10.0.0.2") not in found


@pytest.mark.parametrize("written", ["", "10.0.0", "10.0.0.9-10.0.0.1", "10.0.0.0/24", "www.example"])
def test_what_is_no_address_set_is_refused(written):
    with pytest.raises(ValueError, match=r"^"):
        parse_addresses(written)
