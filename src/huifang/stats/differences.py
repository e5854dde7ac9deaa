"""Differences between two independent groups with their intervals: never a difference alone.

A difference is said to be clear only where its interval leaves out 0.
"""

from collections.abc import Mapping
from math import inf, sqrt

from huifang.stats import intervals
from huifang.stats.intervals import CONFIDENCE, Interval
from huifang.stats.quantiles import normal_two_sided


def difference(one: Interval, other: Interval) -> Interval:
    """*one* less *other*, with the interval recovered from both of theirs.

    The method of variance estimates recovery (MOVER): G. Y. Zou and A. Donner, Statistics in Medicine 27
    (2008) 1693-1702. Of two Wilson intervals it gives Newcombe's method 10. The base is that of both
    groups together. Bounds that are not finite stay so.
    """
    estimate = one.estimate - other.estimate
    low = _apart(one.estimate - one.low, other.high - other.estimate)
    high = _apart(one.high - one.estimate, other.estimate - other.low)
    return Interval(estimate=estimate, low=estimate - low, high=estimate + high, base=one.base + other.base)


def nps_difference(
    one: Mapping[int, int], other: Mapping[int, int], *, confidence: float = CONFIDENCE
) -> Interval:
    """NPS of *one* less that of *other*, each counted by score 0 to 10, in points.

    The variances of both multinomial estimates are added. Where all answers of a group are of one class
    its variance is 0 and would claim certainty: there the groups' own intervals are combined instead.
    Raises `EmptySampleError` where a group has no answers.
    """
    mine, theirs = (
        intervals.nps_of(one, confidence=confidence),
        intervals.nps_of(other, confidence=confidence),
    )
    variances = nps_variance(one), nps_variance(other)
    if 0 in variances:
        return difference(mine, theirs)
    half = normal_two_sided(confidence) * sqrt(sum(variances))
    estimate = mine.estimate - theirs.estimate
    return Interval(
        estimate=estimate, low=estimate - half, high=estimate + half, base=mine.base + theirs.base
    )


def nps_variance(counts: Mapping[int, int]) -> float:
    """Variance of an NPS in squared points: 100² (p + d - (p - d)²) / n of promoters p and detractors d."""
    total = sum(counts.values())
    promoters = sum(number for score, number in counts.items() if score >= intervals.NPS_PROMOTER) / total
    detractors = sum(number for score, number in counts.items() if score < intervals.NPS_PASSIVE) / total
    return 10_000 * max(0.0, promoters + detractors - (promoters - detractors) ** 2) / total


def direction(change: Interval) -> int:
    """1 clearly more, -1 clearly less, 0 no clear difference: the interval holds 0."""
    if change.low > 0:
        return 1
    return -1 if change.high < 0 else 0


def _apart(one: float, other: float) -> float:
    return inf if inf in (one, other) else sqrt(one * one + other * other)
