"""Medians and other quantiles with an interval that assumes nothing of the distribution."""

from collections.abc import Mapping, Sequence
from math import ceil, comb, floor, inf, sqrt

from huifang.stats.errors import EmptySampleError
from huifang.stats.intervals import CONFIDENCE, Interval
from huifang.stats.quantiles import normal_two_sided

_EXACT_MAX = 200


def median_ranks(number: int, *, confidence: float = CONFIDENCE) -> tuple[int, int] | None:
    """Which of *number* sorted values, counted from 1, bound the median; None where there are too few.

    Order statistics by the binomial distribution (W. J. Conover, Practical Nonparametric Statistics,
    3rd ed. 1999, section 3.2); over 200 values by its normal approximation.
    """
    if number > _EXACT_MAX:
        reach = normal_two_sided(confidence) * sqrt(number) / 2
        return max(1, floor(number / 2 - reach)), min(number, ceil(number / 2 + reach) + 1)
    tail, below = (1 - confidence) / 2, 0
    rank = 0
    while (below + comb(number, rank)) / 2**number <= tail:
        below += comb(number, rank)
        rank += 1
    return (rank, number + 1 - rank) if rank else None


def median_of(values: Sequence[float], *, confidence: float = CONFIDENCE) -> Interval:
    """The median of *values* with its interval; without bounds where there are too few for one.

    Raises `EmptySampleError`.
    """
    if not values:
        raise EmptySampleError
    ordered, number = sorted(values), len(values)
    middle = (ordered[(number - 1) // 2] + ordered[number // 2]) / 2
    ranks = median_ranks(number, confidence=confidence)
    low, high = (ordered[ranks[0] - 1], ordered[ranks[1] - 1]) if ranks else (-inf, inf)
    return Interval(estimate=middle, low=low, high=high, base=number)


def median_of_counts(counts: Mapping[float, int], *, confidence: float = CONFIDENCE) -> Interval:
    """As `median_of`, of values that are counted: *counts* by value. Raises `EmptySampleError`."""
    number = sum(counts.values())
    if not number:
        raise EmptySampleError
    ranks = median_ranks(number, confidence=confidence)
    ordered = sorted(counts.items())
    middle = (_at_rank(ordered, (number + 1) // 2) + _at_rank(ordered, number // 2 + 1)) / 2
    low, high = (_at_rank(ordered, ranks[0]), _at_rank(ordered, ranks[1])) if ranks else (-inf, inf)
    return Interval(estimate=middle, low=low, high=high, base=number)


def _at_rank(ordered: Sequence[tuple[float, int]], rank: int) -> float:
    for value, count in ordered:
        rank -= count
        if rank <= 0:
            return value
    return ordered[-1][0]
