from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from huifang.decisions.calendars import NO_HOLIDAYS, Calendar, calendar_around
from huifang.decisions.policy import DEFAULT_POLICY, Hours, Span
from huifang.decisions.windows import closed_reason, is_open, next_open

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
CALLS = DEFAULT_POLICY.hours["phone"]
MONTH = timedelta(days=30)


def daily(*spans: tuple[time, time]) -> Hours:
    every = tuple(Span(start=start, end=end) for start, end in spans)
    return Hours(weekday=every, weekend=every, holiday=every)


def in_shanghai(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)


def opening(
    at: datetime, hours: Hours, zone: ZoneInfo = SHANGHAI, calendar: Calendar = NO_HOLIDAYS
) -> datetime:
    found = next_open(at, zone, hours, calendar, until=at + MONTH)
    assert found is not None
    return found.astimezone(zone)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (in_shanghai(2025, 9, 24, 12, 0), True),
        (in_shanghai(2025, 9, 24, 11, 59, 59), False),
        (in_shanghai(2025, 9, 24, 13, 29, 59), True),
        (in_shanghai(2025, 9, 24, 13, 30), False),
        (in_shanghai(2025, 9, 27, 10, 0), True),  # Saturday
        (in_shanghai(2025, 9, 27, 12, 30), False),
        (in_shanghai(2025, 9, 28, 10, 0), False),  # Sunday, worked
        (in_shanghai(2025, 9, 28, 12, 0), True),
        (in_shanghai(2025, 10, 1, 12, 0), False),  # National Day
        (in_shanghai(2025, 10, 4, 10, 0), False),  # Saturday of that week
    ],
)
def test_calls_keep_to_the_hours_of_the_kind_of_day(at: datetime, expected: bool) -> None:
    assert is_open(at, SHANGHAI, CALLS, calendar_around("CN", at)) is expected


def test_the_zone_of_the_customer_decides_not_that_of_the_instant() -> None:
    at = datetime(2025, 9, 24, 4, 30, tzinfo=UTC)

    assert is_open(at, SHANGHAI, CALLS, NO_HOLIDAYS)
    assert not is_open(at, NEW_YORK, CALLS, NO_HOLIDAYS)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        is_open(datetime(2025, 9, 24, 12), SHANGHAI, CALLS, NO_HOLIDAYS)  # noqa: DTZ001


def test_an_open_instant_is_its_own_next_opening() -> None:
    at = in_shanghai(2025, 9, 24, 12, 0)

    assert opening(at, CALLS) == at


def test_the_next_opening_is_later_the_same_day() -> None:
    assert opening(in_shanghai(2025, 9, 24, 13, 30), CALLS) == in_shanghai(2025, 9, 24, 18)


def test_the_next_opening_passes_over_a_whole_holiday() -> None:
    at = in_shanghai(2025, 9, 30, 20, 30)

    assert opening(at, CALLS, calendar=calendar_around("CN", at)) == in_shanghai(2025, 10, 9, 12)


def test_no_opening_at_or_after_until_is_given() -> None:
    at, noon = in_shanghai(2025, 9, 24, 9), in_shanghai(2025, 9, 24, 12)

    assert next_open(at, SHANGHAI, CALLS, NO_HOLIDAYS, until=noon) is None
    assert next_open(at, SHANGHAI, CALLS, NO_HOLIDAYS, until=noon + timedelta(microseconds=1)) == noon
    assert next_open(noon, SHANGHAI, CALLS, NO_HOLIDAYS, until=noon) is None


def test_hours_that_never_open_end_the_search() -> None:
    never = Hours(weekday=(), weekend=(), holiday=())
    at = in_shanghai(2025, 9, 24, 9)

    assert next_open(at, SHANGHAI, never, NO_HOLIDAYS, until=datetime.max.replace(tzinfo=UTC)) is None


def test_hours_on_holidays_alone_are_found_months_ahead() -> None:
    hours = Hours(weekday=(), weekend=(), holiday=(Span(start=time(10), end=time(11)),))
    calendar = Calendar(holidays=frozenset({date(2026, 5, 1)}))
    at = in_shanghai(2025, 9, 24, 9)

    found = next_open(at, SHANGHAI, hours, calendar, until=at + timedelta(days=365))

    assert found == in_shanghai(2026, 5, 1, 10)


def test_a_start_that_the_clock_skips_opens_as_the_clock_goes_on() -> None:
    """In New York 2:00 became 3:00 on 9 March 2025."""
    at = datetime(2025, 3, 9, 1, tzinfo=NEW_YORK)

    assert opening(at, daily((time(2, 30), time(5))), NEW_YORK) == datetime(2025, 3, 9, 3, tzinfo=NEW_YORK)


def test_a_span_that_the_clock_skips_whole_waits_for_the_next_day() -> None:
    at = datetime(2025, 3, 9, 1, tzinfo=NEW_YORK)

    found = opening(at, daily((time(2, 15), time(2, 45))), NEW_YORK)

    assert found == datetime(2025, 3, 10, 2, 15, tzinfo=NEW_YORK)


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    """In New York 2:00 became 1:00 on 2 November 2025."""
    hours = daily((time(1, 30), time(1, 45)))
    between = datetime(2025, 11, 2, 5, 50, tzinfo=UTC)

    assert is_open(datetime(2025, 11, 2, 5, 30, tzinfo=UTC), NEW_YORK, hours, NO_HOLIDAYS)
    assert not is_open(between, NEW_YORK, hours, NO_HOLIDAYS)
    assert opening(between, hours, NEW_YORK).astimezone(UTC) == datetime(2025, 11, 2, 6, 30, tzinfo=UTC)


def test_a_clock_that_goes_back_into_a_span_opens_it_there() -> None:
    hours = daily((time(0, 30), time(1, 30)))
    after = datetime(2025, 11, 2, 5, 45, tzinfo=UTC)

    assert opening(after, hours, NEW_YORK).astimezone(UTC) == datetime(2025, 11, 2, 6, 0, tzinfo=UTC)


def test_a_date_that_never_was_is_passed_over() -> None:
    """Samoa went from 29 to 31 December 2011."""
    apia = ZoneInfo("Pacific/Apia")
    at = datetime(2011, 12, 29, 22, tzinfo=apia)

    assert opening(at, daily((time(9), time(21))), apia) == datetime(2011, 12, 31, 9, tzinfo=apia)


def test_a_start_on_a_date_that_never_was_hides_no_earlier_one_of_the_next_day() -> None:
    """Samoa had no 30 December 2011: noon of that Friday would be noon of the Saturday."""
    apia = ZoneInfo("Pacific/Apia")
    noon = Hours(
        weekday=(Span(start=time(12), end=time(13)),),
        weekend=(Span(start=time(0), end=time(14)),),
        holiday=(),
    )
    at = datetime(2011, 12, 30, 9, 45, tzinfo=UTC)
    found = next_open(at, apia, noon, NO_HOLIDAYS, until=at + timedelta(hours=2))
    assert found == datetime(2011, 12, 30, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (in_shanghai(2025, 9, 24, 15), "working_hours"),
        (in_shanghai(2025, 9, 24, 9), "working_hours"),
        (in_shanghai(2025, 9, 24, 8, 59), "quiet_hours"),
        (in_shanghai(2025, 9, 24, 21), "quiet_hours"),
        (in_shanghai(2025, 9, 27, 12, 30), "quiet_hours"),
        (in_shanghai(2025, 9, 28, 15), "working_hours"),
        (in_shanghai(2025, 10, 1, 15), "holiday"),
    ],
)
def test_a_closed_instant_says_what_closed_it(at: datetime, reason: str) -> None:
    assert closed_reason(at, SHANGHAI, CALLS, calendar_around("CN", at)) == reason


def test_an_hour_closed_on_a_holiday_with_hours_is_a_quiet_one() -> None:
    at = in_shanghai(2025, 10, 1, 22)

    assert (
        closed_reason(at, SHANGHAI, DEFAULT_POLICY.hours["sms"], calendar_around("CN", at)) == "quiet_hours"
    )


def test_a_clock_that_goes_back_over_midnight_takes_up_yesterday_again() -> None:
    """In St. John's 0:01 on 29 October 2006, a Sunday, became 23:01 on Saturday."""
    st_johns = ZoneInfo("America/St_Johns")
    saturdays = Calendar(weekend=frozenset({5}))
    hours = Hours(weekday=(), weekend=(Span(start=time(23), end=time(0)),), holiday=())
    sunday = datetime(2006, 10, 29, 2, 30, 30, tzinfo=UTC)

    assert sunday.astimezone(st_johns).date() == date(2006, 10, 29)
    assert not is_open(sunday, st_johns, hours, saturdays)
    assert opening(sunday, hours, st_johns, saturdays).astimezone(UTC) == datetime(
        2006, 10, 29, 2, 31, tzinfo=UTC
    )


def test_a_change_of_clocks_two_days_ahead_is_not_taken_for_an_earlier_opening() -> None:
    """On Chatham 2:45 became 3:45 on Sunday, 28 September 2025; that Sunday opens at 0:30."""
    chatham = ZoneInfo("Pacific/Chatham")
    hours = Hours(
        weekday=(Span(start=time(9), end=time(10)),),
        weekend=(Span(start=time(0, 30), end=time(5)),),
        holiday=(),
    )
    calendar = Calendar(holidays=frozenset({date(2025, 9, 27)}))
    friday = datetime(2025, 9, 26, 11, tzinfo=chatham)

    assert opening(friday, hours, chatham, calendar) == datetime(2025, 9, 28, 0, 30, tzinfo=chatham)
