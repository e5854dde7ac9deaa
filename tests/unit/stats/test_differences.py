"""Differences with intervals, against published and hand-reckoned numbers."""

from math import inf, sqrt

import pytest

from huifang.stats.differences import difference, direction, nps_difference, nps_variance
from huifang.stats.errors import EmptySampleError
from huifang.stats.intervals import Interval, uplift, wilson


def test_of_two_shares_it_is_newcombes_published_interval():
    """56/70 against 48/80: R. G. Newcombe, Statistics in Medicine 17 (1998), table II, method 10."""
    found = difference(wilson(56, 70), wilson(48, 80))
    assert (round(found.estimate, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)
    assert found.base == 150


@pytest.mark.parametrize(("one", "other"), [((0, 10), (0, 20)), ((10, 10), (0, 10)), ((29, 29), (7, 31))])
def test_it_agrees_with_the_uplift_at_the_ends_too(one: tuple[int, int], other: tuple[int, int]):
    found, known = difference(wilson(*one), wilson(*other)), uplift(one, other)
    assert (found.low, found.high) == pytest.approx((known.low, known.high))


def test_nps_variances_add_up():
    """50 promoters, 30 passives, 20 detractors: (0.7 - 0.09) / 100; 40, 20, 40: 0.8 / 100."""
    one, other = {10: 50, 8: 30, 3: 20}, {9: 40, 7: 20, 6: 40}
    assert nps_variance(one) == pytest.approx(61.0)
    assert nps_variance(other) == pytest.approx(80.0)
    found = nps_difference(one, other)
    assert found.estimate == pytest.approx(30.0)
    assert found.high - found.estimate == pytest.approx(1.959964 * sqrt(141.0), abs=1e-4)
    assert direction(found) == 1


def test_all_of_one_class_claims_no_certainty():
    found = nps_difference({10: 5}, {10: 5})
    assert found.estimate == 0
    assert found.low < -20
    assert found.high > 20
    assert direction(found) == 0


def test_a_difference_with_nobody_is_refused():
    with pytest.raises(EmptySampleError):
        nps_difference({10: 5}, {})


def test_a_bound_at_zero_is_no_clear_difference():
    assert direction(Interval(estimate=0.1, low=0.0, high=0.2, base=9)) == 0
    assert direction(Interval(estimate=-0.1, low=-0.2, high=-0.001, base=9)) == -1


def test_a_single_value_leaves_the_difference_without_bounds():
    alone = Interval(estimate=5.0, low=-inf, high=inf, base=1)
    known = Interval(estimate=4.0, low=3.0, high=5.0, base=40)
    assert (difference(alone, known).low, difference(alone, known).high) == (-inf, inf)
