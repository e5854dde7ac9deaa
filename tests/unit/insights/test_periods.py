"""The period of a screen: whole local days, today included; nonsense in the URL falls back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from huifang.insights.measures import days_between
from huifang.insights.periods import read_cut, read_period

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 10, 20, 0, tzinfo=UTC)  # the 11th, four in the morning there


def test_seven_days_end_today_in_the_readers_zone():
    period = read_period(QueryDict("days=7"), now=NOW, zone=SHANGHAI)
    assert period.start.isoformat() == "2026-05-05T00:00:00+08:00"
    assert period.end == NOW
    assert len(days_between(period.start, period.end)) == 7


@pytest.mark.parametrize("query", ["", "days=", "days=-7", "days=9999", "days=seven", "days=7;drop"])
def test_nonsense_falls_back_to_four_weeks(query):
    assert read_period(QueryDict(query), now=NOW, zone=SHANGHAI).days == 28


def test_the_cut_takes_what_is_asked_and_ignores_the_rest():
    period = read_period(QueryDict("days=7"), now=NOW, zone=SHANGHAI)
    cut = read_cut(QueryDict("plan=12&channel=sms&wallet=hard"), period, zone=SHANGHAI)
    assert (cut.plan_id, cut.channel, cut.wallet_kind, cut.zone) == (12, "sms", "hard", "Asia/Shanghai")
    assert read_cut(QueryDict("plan=x"), period, zone=SHANGHAI).plan_id is None


def test_a_day_on_which_the_clock_changes_is_one_day():
    zone = ZoneInfo("Europe/London")
    start = datetime(2026, 3, 28, tzinfo=zone)
    assert len(days_between(start, datetime(2026, 3, 30, tzinfo=zone))) == 2
