"""Ninety days drawn to scale."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from huifang.insights.lanes import draw
from huifang.insights.records import Moment, MomentKind

NOW = datetime(2026, 5, 10, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def moment(days_ago: float, kind: MomentKind = MomentKind.EVENT) -> Moment:
    return Moment(at=NOW - timedelta(days=days_ago), kind=kind, what=None)  # type: ignore[arg-type]


def places(*moments: Moment) -> dict[MomentKind, list[str]]:
    drawn = draw(moments, shown_since=NOW - timedelta(days=9), now=NOW, zone=ZONE)
    return {lane.kind: [mark.x for mark in lane.marks] for lane in drawn.lanes}


def test_now_stands_at_the_right_and_ninety_days_ago_at_the_labels():
    assert places(moment(0), moment(45), moment(90))[MomentKind.EVENT] == ["100.00%", "53.50%", "7.00%"]


def test_what_is_older_is_left_out_and_kinds_have_lanes_of_their_own():
    found = places(moment(91), moment(1, MomentKind.ANSWER))
    assert found[MomentKind.EVENT] == []
    assert len(found[MomentKind.ANSWER]) == 1


def test_the_part_listed_below_is_tinted():
    drawn = draw([], shown_since=NOW - timedelta(days=9), now=NOW, zone=ZONE)
    assert (drawn.view_x, drawn.view_width) == ("90.70%", "9.30%")


def test_each_first_of_a_month_is_marked():
    drawn = draw([], shown_since=NOW, now=NOW, zone=ZONE)
    assert [month.first.month for month in drawn.months] == [3, 4, 5]
