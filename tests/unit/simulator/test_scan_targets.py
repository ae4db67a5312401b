import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage_simulator.scan_targets import BadTargetsError, parse_targets, private_part, written_ranges


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("123.123.123.1,123.123.123.4,123.123.123.5", 3),
        ("123.123.123.1-123.123.123.8", 8),
        ("123.123.123.1-123.123.123.5,194.90.90.3,194.90.90.9", 7),
        ("192.0.2.0/30", 4),
    ],
)
def test_the_three_examples_of_the_old_manual_and_a_block_are_read(written, size):
    assert parse_targets(written).size == size


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("ja.example", "Invalid value for 'ip' : ja.example. Invalid IP or range."),
        ("http://192.0.2.8/", "Invalid value for 'ip' : http://192.0.2.8/. Invalid CIDR format"),
        ("192.0.2.9-192.0.2.1", "Invalid value for 'ip' : 192.0.2.9-192.0.2.1. Invalid IP or range."),
        ("192.0.2.256", "Invalid value for 'ip' : 192.0.2.256. Invalid IP or range."),
        ("192.0.2.1, 192.0.2.2", "Invalid value for 'ip' :  192.0.2.2. Invalid IP or range."),
        ("192.0.2.1,,192.0.2.2", "Invalid value for 'ip' : . Invalid IP or range."),
        ("192.0.2.1-", "Invalid value for 'ip' : 192.0.2.1-. Invalid IP or range."),
    ],
)
def test_a_value_that_is_no_address_is_named(written, sentence):
    with pytest.raises(BadTargetsError, match="Invalid value") as caught:
        parse_targets(written)

    assert str(caught.value) == sentence


def test_every_bad_value_has_a_sentence_of_its_own():
    with pytest.raises(BadTargetsError) as caught:
        parse_targets("a,192.0.2.1,b")

    assert str(caught.value).splitlines() == [
        "Invalid value for 'ip' : a. Invalid IP or range.",
        "Invalid value for 'ip' : b. Invalid IP or range.",
    ]


def test_the_private_part_of_a_range_is_found():
    across = parse_targets("9.255.255.250-10.0.0.3,172.15.255.255-172.16.0.0,192.168.1.1,192.0.2.1")

    assert written_ranges(private_part(across)) == "10.0.0.0-10.0.0.3,172.16.0.0,192.168.1.1"


@given(st.lists(st.tuples(st.ip_addresses(v=4), st.integers(0, 300)), min_size=1, max_size=5))
def test_what_is_written_is_read_as_the_same_set(ranges):
    ends = [(first, ipaddress.IPv4Address(min(int(first) + more, 2**32 - 1))) for first, more in ranges]
    addresses = parse_targets(",".join(f"{first}-{last}" for first, last in ends))

    assert parse_targets(written_ranges(addresses)) == addresses
    assert all(addresses.holds(parse_targets(str(end))) for pair in ends for end in pair)
