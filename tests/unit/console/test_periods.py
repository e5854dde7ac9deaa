"""The period of a screen: whole local days, today included; nonsense in the URL falls back."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from huifang.console import periods

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 10, 20, 0, tzinfo=UTC)  # the 11th, four in the morning there


def period(query: str) -> periods.Period:
    """The period that *query* asks for."""
    return periods.read(QueryDict(query).dict(), now=NOW, zone=SHANGHAI)


def test_seven_days_end_today_in_the_readers_zone() -> None:
    found = period("days=7")
    assert found.start.isoformat() == "2026-05-05T00:00:00+08:00"
    assert (found.end, found.last) == (NOW, date(2026, 5, 11))


@pytest.mark.parametrize(
    "query",
    ["", "days=", "days=-7", "days=9999", "days=seven", "days=7;drop", "from=9999-01-01", "from=x&to=y"],
)
def test_nonsense_falls_back_to_four_weeks(query: str) -> None:
    assert period(query).days == 28


def test_two_dates_are_whole_days_of_the_reader_the_last_one_too() -> None:
    found = period("from=2018-01-01&to=2018-12-31&days=7")
    assert found.start.isoformat() == "2018-01-01T00:00:00+08:00"
    assert found.end.isoformat() == "2019-01-01T00:00:00+08:00"
    assert (found.days, found.last, found.length) == (0, date(2018, 12, 31), 365)
    assert period("from=2018-12-31&to=2018-01-01").days == 28


def test_a_first_day_alone_is_until_today() -> None:
    found = period("from=2026-05-02")
    assert (found.days, found.last, found.length) == (0, date(2026, 5, 11), 10)


def test_a_second_period_has_names_of_its_own() -> None:
    query = {"from": "2026-01-01", "to": "2026-01-31", "also_from": "2026-02-01", "also_to": "2026-02-28"}
    assert periods.read(query, now=NOW, zone=SHANGHAI, prefix="also_").last == date(2026, 2, 28)
    assert periods.has_dates(query, "also_")
    assert not periods.has_dates({"also_from": "2026-02-01"}, "also_")


def test_the_time_before_ends_where_this_begins() -> None:
    found = period("days=7")
    assert found.before().end == found.start
    assert found.before().end - found.before().start == found.end - found.start
