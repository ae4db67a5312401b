"""A proportion with its uncertainty: exact intervals, and whether two proportions differ by more than chance.

Nothing here says "0 %" of a few cases: none of *n* wrong leaves an upper bound of 3.7/n (Clopper-Pearson, two-sided 95 %; the
"rule of three", 3/n, is the one-sided bound: Hanley and Lippman-Hand, JAMA 249, 1983).
"""

from dataclasses import dataclass
from math import comb, exp, lgamma, log, log1p, sqrt

CONFIDENCE = 0.95
"""Of every interval, two-sided."""
_STEPS = 80
"""Halvings of a search in 0 to 1: far below what a double can tell apart."""
_TERMS = 20_000
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Proportion:
    """So many of so many: `0 <= part <= whole`."""

    part: int
    whole: int

    def __post_init__(self) -> None:
        if not 0 <= self.part <= self.whole:
            raise ValueError(f"{self.part} of {self.whole} is no proportion")

    @property
    def share(self) -> float | None:
        """The observed share, 0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        """The exact 95 % interval of the share (Clopper and Pearson, Biometrika 26, 1934); of nothing it is 0 to 1.

        It never covers the truth in less than 95 of 100 cases, whatever the truth is; narrower ones (Wilson's) sometimes do.
        """
        return exact_interval(self.part, self.whole)


def exact_interval(part: int, whole: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval of Clopper and Pearson for `part` of `whole`, two-sided, both ends 0 to 1."""
    tail = (1 - confidence) / 2
    lower = 0.0 if part == 0 else _quantile(tail, part, whole - part + 1)
    upper = 1.0 if part == whole else _quantile(1 - tail, part + 1, whole - part)
    return lower, upper


def z_of_two(one: Proportion, other: Proportion) -> float:
    """Return the pooled two-proportion z: how many standard errors the first share lies above the second; 0 of nothing."""
    if not (one.whole and other.whole):
        return 0.0
    pooled = (one.part + other.part) / (one.whole + other.whole)
    spread = sqrt(pooled * (1 - pooled) * (1 / one.whole + 1 / other.whole))
    return (one.part / one.whole - other.part / other.whole) / spread if spread else 0.0


def chance_of_more(one: Proportion, other: Proportion) -> float:
    """Return Fisher's exact one-sided p: how likely chance alone gives the first at least its part, were both shares the same.

    For small numbers, where `z_of_two` is not to be trusted. Both wholes together must stay below some thousands.
    """
    part, whole = one.part + other.part, one.whole + other.whole
    most = min(part, one.whole)
    ways = sum(comb(one.whole, k) * comb(other.whole, part - k) for k in range(one.part, most + 1))
    return ways / comb(whole, part)


def _quantile(wanted: float, a: float, b: float) -> float:
    """Return x with I_x(a, b) = wanted, by halving."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _beta(middle, a, b) < wanted else (low, middle)
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), for 0 < x < 1 (NIST DLMF 8.17.4, 8.17.22)."""
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on one side only; the other is its mirror
        return 1.0 - _beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """Return 1 over the continued fraction of DLMF 8.17.22 by the modified Lentz method."""
    value, numerator, denominator = 1.0, 1.0, 0.0
    for place in range(1, _TERMS):
        half = place // 2
        if place % 2:
            term = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            term = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        denominator = 1 / (1 + term * denominator or _TINY)
        numerator = 1 + term / numerator or _TINY
        step = numerator * denominator
        value *= step
        if abs(step - 1) < 1e-15:
            break
    return 1 / value
