"""The period of a screen: whole local days, today included; nonsense in the URL falls back."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from huifang.insights.periods import read_by, read_period, read_slice, read_unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 10, 20, 0, tzinfo=UTC)  # the 11th, four in the morning there


def period(query: str):
    """The period that *query* asks for."""
    return read_period(QueryDict(query).dict(), now=NOW, zone=SHANGHAI)


def test_seven_days_end_today_in_the_readers_zone():
    found = period("days=7")
    assert found.start.isoformat() == "2026-05-05T00:00:00+08:00"
    assert (found.end, found.last) == (NOW, date(2026, 5, 11))


@pytest.mark.parametrize(
    "query",
    ["", "days=", "days=-7", "days=9999", "days=seven", "days=7;drop", "from=2026-01-02", "from=x&to=y"],
)
def test_nonsense_falls_back_to_four_weeks(query: str):
    assert period(query).days == 28


def test_two_dates_are_whole_days_of_the_reader_the_last_one_too():
    found = period("from=2018-01-01&to=2018-12-31&days=7")
    assert found.start.isoformat() == "2018-01-01T00:00:00+08:00"
    assert found.end.isoformat() == "2019-01-01T00:00:00+08:00"
    assert (found.days, found.last, found.unit) == (0, date(2018, 12, 31), "month")
    assert period("from=2018-12-31&to=2018-01-01").days == 28


@pytest.mark.parametrize(("query", "unit"), [("days=7", "day"), ("days=28", "week"), ("days=365", "month")])
def test_a_trend_has_neither_few_nor_many_points(query: str, unit: str):
    assert period(query).unit == unit
    assert read_unit(QueryDict("unit=month"), period(query)) == "month"
    assert read_unit(QueryDict("unit=second"), period(query)) == unit


def test_the_slice_takes_what_is_asked_and_ignores_the_rest():
    only = read_slice(QueryDict("plan=12&channel=sms&wallet=hard"), period("days=7"), zone=SHANGHAI)
    assert only.chosen == {"plan": "12", "channel": "sms", "wallet": "hard"}
    assert only.zone == "Asia/Shanghai"
    assert read_slice(QueryDict("plan=x"), period("days=7"), zone=SHANGHAI).chosen == {}
    assert read_by(QueryDict("by=region")) == "region"
    assert read_by(QueryDict("by=shoe")) == "plan"


def test_the_time_before_has_the_same_length_and_ends_where_this_begins():
    only = read_slice(QueryDict("wallet=soft"), period("from=2026-03-01&to=2026-03-10"), zone=SHANGHAI)
    before = only.before()
    assert (before.end, before.wallet) == (only.start, "soft")
    assert before.start.isoformat() == "2026-02-19T00:00:00+08:00"
