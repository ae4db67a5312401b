"""What a tuning rule may say, and what is too broad for one."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.model.address import pack_address
from vatriage.model.alert_filter import Decision
from vatriage.model.tuning import (
    FEW,
    GREATEST_SHARE,
    MOST_DAYS,
    TuningRule,
    cannot_be_meant,
    network_of,
    span_of,
    too_broad,
)
from vatriage.model.verdict import Verdict

NOW = 1_795_478_400
DAY = 86_400
RULE = TuningRule(zone="default", gid=1, sid=7, reason="our own scanner", expires_at=NOW + DAY)


def fields(problems):
    """Return the fields that are complained of."""
    return [field for field, _ in problems]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, []),
        ({"mark": Decision.CONFIRMED_POSITIVE}, ["mark"]),
        ({"mark": Decision.WITHDRAWN}, ["mark"]),
        ({"reason": ""}, ["reason"]),
        ({"reason": "x" * 2_001}, ["reason"]),
        ({"expires_at": 0}, ["expires_at"]),
        ({"expires_at": NOW}, ["expires_at"]),
        ({"expires_at": NOW + MOST_DAYS * DAY}, []),
        ({"expires_at": NOW + MOST_DAYS * DAY + 1}, ["expires_at"]),
        ({"bound": Verdict.FALSE_POSITIVE}, ["bound"]),
        ({"gid": -1, "sid": -1}, ["signature"]),
        ({"gid": -1, "sid": -1, "target": "10.0.0.0/23"}, ["signature"]),
        ({"gid": -1, "sid": -1, "target": "10.0.0.0/24"}, []),
        ({"gid": -1, "sid": -1, "source": "10.0.0.0/8", "target": "10.0.0.7/32"}, []),
        ({"gid": -1, "sid": -1, "source": "2001:db8::/119"}, ["signature"]),
        ({"gid": -1, "sid": -1, "source": "2001:db8::/120"}, []),
        ({"source": "0.0.0.0/0"}, []),
    ],
)
def test_a_rule_must_end_have_a_reason_and_be_about_something(change, wrong):
    assert fields(cannot_be_meant(replace(RULE, **change), NOW)) == wrong


@pytest.mark.parametrize(
    ("named", "administrator", "wrong"),
    [(False, False, ["bound"]), (True, False, ["bound"]), (False, True, ["bound"]), (True, True, [])],
)
@pytest.mark.parametrize("bound", [Verdict.AFFECTED, Verdict.COMPROMISE_INDICATED])
def test_only_an_administrator_who_says_so_expressly_marks_affected_targets(bound, named, administrator, wrong):
    rule = replace(RULE, bound=bound)
    asked = too_broad(rule, {}, 10, affected_named=named, administrator=administrator)

    assert fields(asked) == wrong


@pytest.mark.parametrize("administrator", [False, True])
@pytest.mark.parametrize(
    ("marked", "total", "wrong"),
    [
        (FEW, FEW, []),
        (FEW + 1, FEW + 1, ["signature"]),
        (250, 1_000, []),
        (251, 1_000, ["signature"]),
        (100_000, 10_000_000, []),
    ],
)
def test_a_rule_that_marks_a_great_part_of_a_zone_is_refused_to_everybody(marked, total, wrong, administrator):
    counts = {Verdict.UNKNOWN: marked, Verdict.AFFECTED: total}
    asked = too_broad(RULE, counts, total, affected_named=True, administrator=administrator)

    assert fields(asked) == wrong


def test_the_bounds_are_those_that_the_pages_tell():
    assert (GREATEST_SHARE, FEW, MOST_DAYS) == (0.25, 100, 180)


@given(
    network=st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).flatmap(
        lambda address: st.integers(0, address.max_prefixlen).map(lambda length: (str(address), length))
    ),
    other=st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)),
)
def test_an_address_lies_in_the_stretch_of_a_network_exactly_if_the_network_holds_it(network, other):
    address, length = network
    asked = ip_network(f"{address}/{length}", strict=False)
    low, high = span_of(network_of(str(asked)))
    mapped = getattr(other, "ipv4_mapped", None)
    holds = other in asked if mapped is None or asked.version == 6 else mapped in asked

    for one, held in ((str(other), holds), (str(asked.network_address), True), (str(asked.broadcast_address), True)):
        if held:
            assert low <= pack_address(one).hex() <= high
        elif asked.version == other.version:
            assert not low <= pack_address(one).hex() <= high


@pytest.mark.parametrize("text", ["10.0.0.1/24", "10.0.0", "x", "10.0.0.0/33", "::/129"])
def test_what_is_no_network_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        network_of(text)
