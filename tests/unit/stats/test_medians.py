"""The median's interval by order statistics, against the published table of ranks."""

from math import inf

import pytest

from huifang.stats.errors import EmptySampleError
from huifang.stats.medians import median_of, median_of_counts, median_ranks


@pytest.mark.parametrize(
    ("number", "ranks"),
    [(5, None), (6, (1, 6)), (10, (2, 9)), (20, (6, 15)), (25, (8, 18)), (50, (18, 33)), (100, (40, 61))],
)
def test_ranks_are_those_of_the_binomial_table(number: int, ranks: tuple[int, int] | None):
    """The ranks of the sign test at 95 %, as its tables give them."""
    assert median_ranks(number) == ranks


def test_the_approximation_joins_the_exact_ranks():
    """At 201 the exact binomial ranks are 87 and 115."""
    low, high = median_ranks(201) or (0, 0)
    assert abs(low - 87) <= 1
    assert abs(high - 115) <= 1


def test_the_median_stands_between_its_bounds():
    found = median_of([float(value) for value in range(1, 21)])
    assert (found.estimate, found.low, found.high, found.base) == (10.5, 6.0, 15.0, 20)


def test_one_value_is_a_median_without_bounds():
    found = median_of([7.0])
    assert (found.estimate, found.low, found.high) == (7.0, -inf, inf)


def test_nobody_has_no_median():
    with pytest.raises(EmptySampleError):
        median_of([])


def test_counted_values_have_the_median_of_the_values():
    values = [3.0, 3.0, 5.0, 8.0, 8.0, 8.0, 9.0, 12.0]
    assert median_of_counts({3.0: 2, 5.0: 1, 8.0: 3, 9.0: 1, 12.0: 1}) == median_of(values)
    with pytest.raises(EmptySampleError):
        median_of_counts({})
