"""Axis and rows of a band chart: round ends that hold every interval, within the scale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huifang.insights.charts import axis, band, heat
from huifang.insights.measures import Measure
from huifang.insights.metrics.reaching import Hour
from huifang.insights.metrics.readings import Doubt, Reading, Unit, change, share
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
    points = [
        Reading(group="2026-05-01", unit=Unit.SHARE, value=None),
        Reading(group="2026-05-02", unit=Unit.SHARE, value=value),
    ]
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


def test_an_hour_with_few_contacts_is_left_empty_but_counted():
    drawn = heat(
        [
            Hour(weekday=1, hour=18, reading=share("", 20, 40)),
            Hour(weekday=7, hour=20, reading=share("", 29, 29)),
        ]
    )
    assert (drawn.hours, drawn.low, drawn.high, drawn.is_drawn) == ([18, 19, 20], "50", "60", True)
    assert [cell.value for _, cells in drawn.rows for cell in cells if cell.value] == ["50"]
    assert (drawn.rows[6][1][2].value, drawn.rows[6][1][2].contacted) == ("", 29)


def test_nothing_contacted_draws_nothing():
    assert (heat([]).hours, heat([]).is_drawn) == ([], False)


@pytest.mark.parametrize(
    ("part", "whole", "doubt"),
    [(0, 1, Doubt.FEW), (29, 29, Doubt.FEW), (15, 30, Doubt.WIDE), (30, 30, None), (500, 1000, None)],
)
def test_a_small_base_or_a_wide_interval_is_doubted(part, whole, doubt):
    assert share("", part, whole).doubt is doubt


def test_of_nobody_there_is_no_reading_and_no_doubt():
    nobody = share("", 0, 0)
    assert (nobody.value, nobody.doubt, nobody.base) == (None, None, 0)
    assert change(nobody, share("", 3, 4)).difference is None


def test_all_or_none_of_them_is_never_certain():
    every, none = share("", 40, 40), share("", 0, 40)
    assert (every.value.high, none.value.low) == (1.0, 0.0)
    assert every.value.low == pytest.approx(0.912, abs=0.001)
    assert change(every, none).direction == 1
