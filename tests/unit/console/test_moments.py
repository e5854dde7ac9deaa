"""How instants and spans are said."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from huifang.console import moments

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 18, 10, 24, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("local", "said"),
    [
        (datetime(2026, 11, 18, 0, 0, tzinfo=SHANGHAI), "00:00"),
        (datetime(2026, 11, 17, 23, 59, tzinfo=SHANGHAI), "yesterday 23:59"),
        (datetime(2026, 11, 19, 9, 5, tzinfo=SHANGHAI), "tomorrow 09:05"),
        (datetime(2026, 3, 2, 9, 5, tzinfo=SHANGHAI), "Mon 2 Mar 09:05"),
        (datetime(2025, 12, 31, 9, 5, tzinfo=SHANGHAI), "31 Dec 2025 09:05"),
    ],
)
def test_an_instant_is_said_as_near_as_it_is(local: datetime, said: str) -> None:
    with translation.override("en"):
        assert moments.in_words(local, now=NOW) == said


def test_a_day_of_another_year_has_its_year() -> None:
    with translation.override("en"):
        assert moments.day(date(2026, 3, 2), today=NOW.date()) == "Mon 2 Mar"
        assert moments.day(date(2025, 5, 8), today=NOW.date()) == "8 May 2025"


def test_the_customers_time_stands_beside_where_it_differs() -> None:
    at = datetime(2026, 11, 18, 2, 24, tzinfo=UTC)
    with translation.override("en"):
        assert moments.beside(at, local=at.astimezone(SHANGHAI), zone="Asia/Urumqi") == "theirs 08:24"


def test_the_customers_day_is_told_where_it_is_another() -> None:
    at = datetime(2026, 11, 18, 2, 24, tzinfo=UTC)
    with translation.override("en"):
        said = moments.beside(at, local=at.astimezone(SHANGHAI), zone="America/New_York")
    assert said == "theirs Tue 17 Nov 21:24"


@pytest.mark.parametrize("zone", ["", "Asia/Hong_Kong", "Nowhere/Land", "../etc/passwd"])
def test_nothing_stands_beside_the_same_or_an_unknown_zone(zone: str) -> None:
    at = datetime(2026, 11, 18, 2, 24, tzinfo=UTC)
    assert moments.beside(at, local=at.astimezone(SHANGHAI), zone=zone) == ""


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(minutes=38, seconds=59), "38 min"),
        (timedelta(hours=1, minutes=52), "1 h 52 min"),
        (timedelta(days=1, hours=3), "1 day 3 h"),
        (timedelta(days=6, hours=23), "6 days"),
        (timedelta(seconds=-5), "0 min"),
    ],
)
def test_what_is_left_has_at_most_two_units(span: timedelta, said: str) -> None:
    with translation.override("en"):
        assert moments.left(span) == said
