from datetime import timedelta

import pytest
from statsmodels.stats.proportion import (
    power_proportions_2indep,
    proportion_confint,
    samplesize_confint_proportion,
)

from huifang.stats.samples import people_for_margin, people_for_uplift, time_until


def test_a_poll_within_three_points_needs_1068_people() -> None:
    assert people_for_margin(0.03) == 1068


def test_the_margin_agrees_with_statsmodels() -> None:
    assert people_for_margin(0.04, share=0.3, confidence=0.9) == -(
        -samplesize_confint_proportion(0.3, 0.04, alpha=0.1) // 1
    )


def test_the_margin_is_kept_by_so_many_people() -> None:
    people = people_for_margin(0.05)
    low, high = proportion_confint(people / 2, people)

    assert high - low == pytest.approx(0.1, abs=0.001)


def test_halves_need_the_number_in_the_manual_of_r() -> None:
    """``power.prop.test(p1 = .50, p2 = .75, power = .90)`` gives n = 76.7 in each group."""
    assert people_for_uplift(0.5, 0.25, power=0.9) == (77, 77)


def test_so_many_people_have_the_power_that_was_asked_for() -> None:
    treated, holdout = people_for_uplift(0.30, 0.03, holdout_share=0.1)

    reached = power_proportions_2indep(0.03, 0.30, treated, ratio=holdout / treated, return_results=False)

    assert 0.79 < reached < 0.81
    assert holdout / (treated + holdout) == pytest.approx(0.1, abs=0.001)


def test_a_difference_downwards_is_as_hard_to_see() -> None:
    assert people_for_uplift(0.5, -0.1) == people_for_uplift(0.5, 0.1)


@pytest.mark.parametrize(
    ("baseline", "difference", "holdout_share"),
    [(0.5, 0.0, 0.5), (0.9, 0.2, 0.5), (0.1, -0.2, 0.5), (0.5, 0.1, 0.0), (0.5, 0.1, 1.0), (-0.1, 0.2, 0.5)],
)
def test_an_uplift_that_cannot_be_is_refused(
    baseline: float, difference: float, holdout_share: float
) -> None:
    with pytest.raises(ValueError, match=r"rate|holdout"):
        people_for_uplift(baseline, difference, holdout_share=holdout_share)


@pytest.mark.parametrize("margin", [0.0, 1.0, -0.1])
def test_a_margin_that_cannot_be_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match="margin"):
        people_for_margin(margin)


@pytest.mark.parametrize(
    ("have", "per_day", "expected"),
    [
        (0, 10.0, timedelta(days=10)),
        (0, 10.1, timedelta(days=10)),
        (99, 10.0, timedelta(days=1)),
        (100, 0.0, timedelta(0)),
        (250, 3.0, timedelta(0)),
        (99, 0.0, None),
    ],
)
def test_the_wait_for_people_is_in_whole_days(have: int, per_day: float, expected: timedelta | None) -> None:
    assert time_until(100, have=have, per_day=per_day) == expected
