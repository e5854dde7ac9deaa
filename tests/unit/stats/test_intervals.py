from math import inf, sqrt

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from huifang.stats.errors import EmptySampleError
from huifang.stats.intervals import (
    Interval,
    ces,
    csat,
    mean_interval,
    mean_interval_of,
    nps,
    nps_of,
    uplift,
    wilson,
)

HAIR = 1e-9


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_bounds(successes: int, total: int, low: float, high: float) -> None:
    interval = wilson(successes, total)

    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)
    assert interval.base == total


@pytest.mark.parametrize(("successes", "total"), [(0, 1), (1, 1), (3, 7), (50, 100), (999, 1000), (7, 10**6)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_wilson_agrees_with_statsmodels(successes: int, total: int, confidence: float) -> None:
    expected = proportion_confint(successes, total, alpha=1 - confidence, method="wilson")

    interval = wilson(successes, total, confidence=confidence)

    assert (interval.low, interval.high) == pytest.approx(expected, abs=HAIR)


@pytest.mark.parametrize("total", [3, 10, 16, 27])
def test_wilson_ends_exactly_at_none_and_all(total: int) -> None:
    """For these totals rounding alone would end beside 0 and 1."""
    assert wilson(0, total).low == 0.0
    assert wilson(total, total).high == 1.0


@pytest.mark.parametrize(
    ("treated", "holdout", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_uplift_gives_the_published_bounds(
    treated: tuple[int, int], holdout: tuple[int, int], low: float, high: float
) -> None:
    interval = uplift(treated, holdout)

    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)
    assert interval.base == treated[1] + holdout[1]


def test_uplift_agrees_with_statsmodels() -> None:
    expected = confint_proportions_2indep(420, 1000, 61, 170, method="newcomb", compare="diff", alpha=0.1)

    interval = uplift((420, 1000), (61, 170), confidence=0.9)

    assert (interval.low, interval.high) == pytest.approx(expected, abs=HAIR)


def test_uplift_turned_round_is_its_mirror() -> None:
    there, back = uplift((56, 70), (48, 80)), uplift((48, 80), (56, 70))

    assert (back.estimate, back.low, back.high) == pytest.approx((-there.estimate, -there.high, -there.low))


def test_nps_is_promoters_less_detractors_with_the_multinomial_variance() -> None:
    """p = 0.6, d = 0.1: variance 0.7 - 0.25 = 0.45, standard error sqrt(0.45 / 100)."""
    interval = nps(60, 30, 10)

    half = 100 * 1.959963984540054 * sqrt(0.45 / 100)
    assert interval.estimate == 50
    assert (interval.low, interval.high) == pytest.approx((50 - half, 50 + half))
    assert interval.base == 100


def test_nps_is_the_mean_of_answers_worth_plus_and_minus_one_hundred() -> None:
    values = [100] * 20 + [0] * 15 + [-100] * 5
    expected = DescrStatsW(values, ddof=0)

    interval = nps(20, 15, 5)

    assert interval.estimate == pytest.approx(expected.mean)
    assert interval.high - interval.estimate == pytest.approx(1.959963984540054 * expected.std / sqrt(40))


def test_nps_stays_on_its_scale() -> None:
    assert nps(9, 1, 0).high == 100
    assert nps(9, 1, 0).low > 0
    assert nps(0, 1, 9).low == -100
    assert nps(0, 1, 9).high < 0


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((1, 0, 0), Interval(estimate=100, low=-58.69, high=100, base=1)),
        ((0, 0, 1), Interval(estimate=-100, low=-100, high=58.69, base=1)),
        ((0, 10, 0), Interval(estimate=0, low=-27.75, high=27.75, base=10)),
    ],
)
def test_equal_answers_claim_no_certainty(answers: tuple[int, int, int], expected: Interval) -> None:
    interval = nps(*answers)

    assert interval.estimate == expected.estimate
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=0.01)


def test_nps_sorts_scores_into_classes_at_seven_and_nine() -> None:
    assert nps_of({10: 3, 9: 2, 8: 1, 7: 1, 6: 2, 0: 1}) == nps(5, 2, 3)


def test_csat_is_the_share_of_four_and_five() -> None:
    assert csat({1: 2, 2: 1, 3: 7, 4: 20, 5: 10}) == wilson(30, 40)


def test_ces_is_the_mean_on_seven_points_with_students_interval() -> None:
    values = [1] * 2 + [5] * 10 + [6] * 8 + [7] * 4
    low, high = DescrStatsW(values).tconfint_mean()

    interval = ces({1: 2, 5: 10, 6: 8, 7: 4})

    assert interval.estimate == pytest.approx(128 / 24)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=HAIR)


def test_ces_stays_on_its_scale_and_claims_no_certainty() -> None:
    assert ces({7: 2, 6: 1}).high == 7
    assert ces({4: 1}).low < 2.5
    assert ces({4: 1}).high > 5.5


def test_a_mean_has_students_interval() -> None:
    values = [3.1, 4.5, 2.2, 5.9, 4.4]
    expected = DescrStatsW(values).tconfint_mean(alpha=0.1)

    interval = mean_interval(values, confidence=0.9)

    assert (interval.low, interval.high) == pytest.approx(expected, abs=HAIR)


def test_a_mean_may_come_from_a_database() -> None:
    assert mean_interval_of(3, 2.0, 1.0) == mean_interval([1, 2, 3])


def test_one_value_says_nothing_of_the_spread() -> None:
    assert mean_interval([4.0]) == Interval(estimate=4.0, low=-inf, high=inf, base=1)


@pytest.mark.parametrize(
    "measure",
    [
        lambda: wilson(0, 0),
        lambda: uplift((1, 2), (0, 0)),
        lambda: uplift((0, 0), (1, 2)),
        lambda: nps(0, 0, 0),
        lambda: nps_of({}),
        lambda: csat({3: 0}),
        lambda: ces({}),
        lambda: mean_interval([]),
        lambda: mean_interval_of(0, 0.0, 0.0),
    ],
)
def test_nobody_has_no_measure(measure) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EmptySampleError):
        measure()


@pytest.mark.parametrize(
    "measure",
    [
        lambda: wilson(3, 2),
        lambda: wilson(-1, 2),
        lambda: wilson(1, 2, confidence=1.0),
        lambda: wilson(1, 2, confidence=95),
        lambda: nps(-1, 2, 2),
        lambda: nps_of({11: 1}),
        lambda: csat({0: 1}),
        lambda: csat({5: -1}),
        lambda: ces({8: 1}),
        lambda: mean_interval_of(2, 0.0, -1.0),
    ],
)
def test_counts_that_cannot_be_are_refused(measure) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"lie|not negative|scale"):
        measure()
