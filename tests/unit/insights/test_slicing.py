"""What a screen counts, read from the URL; nonsense falls back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from huifang.console import periods
from huifang.insights.slicing import read_by, read_slice, read_unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 10, 20, 0, tzinfo=UTC)  # the 11th, four in the morning there


def period(query: str):
    """The period that *query* asks for."""
    return periods.read(QueryDict(query).dict(), now=NOW, zone=SHANGHAI)


@pytest.mark.parametrize(("query", "unit"), [("days=7", "day"), ("days=28", "week"), ("days=365", "month")])
def test_a_trend_has_neither_few_nor_many_points(query: str, unit: str):
    assert read_unit(QueryDict(""), period(query)) == unit
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
