"""Axis and rows of a band chart: round ends that hold every interval, within the scale."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huifang.insights.charts import axis, band
from huifang.insights.measures import Measure, Point
from huifang.stats.intervals import Interval

scores = st.floats(-100, 100).map(lambda score: round(score, 4))


@given(scores, scores)
def test_an_axis_holds_what_it_shows_and_stays_on_the_scale(one, other):
    least, most = min(one, other), max(one, other)
    low, high, step = axis(least, most, bounds=(-100.0, 100.0))
    assert low <= least
    assert most <= max(high, low + step)
    assert low >= -100.0
    assert (high - low) / step <= 6


@pytest.mark.parametrize(
    ("least", "most", "bounds", "expected"),
    [
        (30.9, 63.6, (0.0, 100.0), (30.0, 70.0, 10.0)),
        (3.8, 5.1, (1.0, 7.0), (3.5, 5.5, 0.5)),
        (-100.0, 100.0, (-100.0, 100.0), (-100.0, 100.0, 50.0)),
    ],
)
def test_ends_are_round(least, most, bounds, expected):
    assert axis(least, most, bounds=bounds) == expected


def test_days_without_answers_are_left_out():
    value = Interval(estimate=0.5, low=0.25, high=0.75, base=12)
    points = [Point(day=date(2026, 5, 1), value=None), Point(day=date(2026, 5, 2), value=value)]
    drawn = band("csat", points)
    assert [(row.label, row.value, row.low, row.high, row.base) for row in drawn.rows] == [
        ("5/2", "50", "25", "75", 12)
    ]
    assert (drawn.unit, drawn.low, drawn.high) == ("%", "20", "80")


def interval(low, high, base=100):
    return Interval(estimate=(low + high) / 2, low=low, high=high, base=base)


@pytest.mark.parametrize(
    ("now", "before", "differs"),
    [
        (interval(0.6, 0.7), interval(0.4, 0.5), 1),
        (interval(0.4, 0.5), interval(0.6, 0.7), -1),
        (interval(0.4, 0.6), interval(0.5, 0.7), 0),
        (interval(0.6, 0.7), None, 0),
        (None, interval(0.6, 0.7), 0),
    ],
)
def test_a_change_is_claimed_only_where_intervals_part(now, before, differs):
    assert Measure(metric="csat", value=now, before=before).differs == differs


def test_a_small_base_is_marked():
    assert Measure(metric="nps", value=interval(0, 10, base=29)).is_low_base
    assert not Measure(metric="nps", value=interval(0, 10, base=30)).is_low_base
