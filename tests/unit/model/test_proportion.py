"""Intervals and tests of proportions, against published values."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.model.proportion import Proportion, chance_of_more, exact_interval, z_of_two


@pytest.mark.parametrize(
    ("part", "whole", "lower", "upper"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0000, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_the_interval_is_that_of_newcombes_table(part, whole, lower, upper):
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 5 (Clopper-Pearson, "exact")."""
    found = exact_interval(part, whole)

    assert (round(found[0], 4), round(found[1], 4)) == (lower, upper)


@pytest.mark.parametrize("whole", [1, 10, 30, 300, 3_000, 3_000_000])
def test_none_wrong_leaves_the_closed_upper_bound_and_never_zero(whole):
    """None of n: 1 - 0.025 ** (1/n), about 3.7/n; the one-sided bound is the rule of three (Hanley, JAMA 249, 1983)."""
    lower, upper = exact_interval(0, whole)
    one_sided = exact_interval(0, whole, confidence=0.90)[1]

    assert lower == 0
    assert upper == pytest.approx(1 - 0.025 ** (1 / whole), rel=1e-9)
    assert upper > 0
    if whole >= 30:
        assert one_sided == pytest.approx(3 / whole, rel=0.06)


def test_of_nothing_nothing_is_known():
    empty = Proportion(0, 0)

    assert (empty.share, empty.interval) == (None, (0.0, 1.0))
    assert z_of_two(empty, Proportion(3, 4)) == 0
    assert chance_of_more(Proportion(0, 4), Proportion(0, 9)) == 1
    for part, whole in ((-1, 3), (4, 3)):
        with pytest.raises(ValueError, match="no proportion"):
            Proportion(part, whole)


@given(st.integers(1, 60).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_the_ends_are_where_the_binomial_tails_are_a_fortieth(case):
    part, whole = case
    lower, upper = exact_interval(part, whole)

    def tail(places, share):
        return sum(comb(whole, k) * share**k * (1 - share) ** (whole - k) for k in places)

    assert lower <= part / whole <= upper
    if part:
        assert tail(range(part, whole + 1), lower) == pytest.approx(0.025, rel=1e-6)
    if part < whole:
        assert tail(range(part + 1), upper) == pytest.approx(0.025, rel=1e-6)


def test_fishers_lady_tastes_three_of_four():
    """R. A. Fisher, The Design of Experiments (1935), chapter 2: 17 of 70."""
    assert chance_of_more(Proportion(3, 4), Proportion(1, 4)) == pytest.approx(17 / 70)


def test_z_is_the_root_of_pearsons_chi_square():
    """For a two-by-two table without correction, z squared is chi-square: N (ad - bc)^2 / (rows * columns)."""
    a, b, c, d = 83, 3, 70, 23
    chi = (a + b + c + d) * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))

    assert z_of_two(Proportion(a, a + b), Proportion(c, c + d)) == pytest.approx(chi**0.5)
    assert z_of_two(Proportion(c, c + d), Proportion(a, a + b)) == pytest.approx(-(chi**0.5))
    assert z_of_two(Proportion(4, 4), Proportion(9, 9)) == 0
