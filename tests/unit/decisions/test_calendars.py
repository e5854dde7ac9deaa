"""Chinese dates are those that the State Council announced for 2025 and 2026 in its gazette."""

from datetime import UTC, date, datetime

import pytest

from huifang.decisions.calendars import NO_HOLIDAYS, calendar_around, calendar_for
from huifang.decisions.errors import UnknownCalendarError


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2025, 9, 28), "weekday"),  # a Sunday, worked for National Day
        (date(2025, 9, 30), "weekday"),
        (date(2025, 10, 1), "holiday"),
        (date(2025, 10, 4), "holiday"),  # a Saturday inside the announced run of eight days
        (date(2025, 10, 8), "holiday"),
        (date(2025, 10, 9), "weekday"),
        (date(2025, 10, 11), "weekday"),  # a Saturday, worked
        (date(2025, 10, 12), "weekend"),
        (date(2026, 2, 14), "weekday"),  # a Saturday, worked for the Spring Festival
        (date(2026, 2, 15), "holiday"),  # the Sunday on which the run of nine days begins
        (date(2026, 2, 17), "holiday"),
        (date(2026, 2, 23), "holiday"),
        (date(2026, 2, 24), "weekday"),
        (date(2026, 2, 28), "weekday"),  # a Saturday, worked
        (date(2026, 3, 1), "weekend"),
        (date(2026, 1, 3), "holiday"),
        (date(2026, 1, 4), "weekday"),
        (date(2025, 4, 6), "holiday"),  # Tomb-Sweeping Day: Friday to Sunday
    ],
)
def test_chinese_days_are_what_the_state_council_announced(day: date, kind: str) -> None:
    assert calendar_for("CN", [day.year]).day_kind(day) == kind


def test_a_weekend_elsewhere_does_not_join_the_holiday_beside_it() -> None:
    calendar = calendar_for("DE", [2025])

    assert calendar.day_kind(date(2025, 10, 3)) == "holiday"
    assert calendar.day_kind(date(2025, 10, 4)) == "weekend"


def test_a_part_of_a_country_has_its_own_holidays() -> None:
    epiphany = date(2025, 1, 6)

    assert calendar_for("DE-BY", [2025]).day_kind(epiphany) == "holiday"
    assert calendar_for("DE", [2025]).day_kind(epiphany) == "weekday"


def test_a_weekend_may_lie_on_other_days() -> None:
    friday, sunday = date(2025, 5, 2), date(2025, 5, 4)
    calendar = calendar_for("SA", [2025])

    assert (calendar.day_kind(friday), calendar.day_kind(sunday)) == ("weekend", "weekday")


def test_no_country_has_weekends_and_no_holidays() -> None:
    assert calendar_for("", [2025]) == NO_HOLIDAYS
    assert NO_HOLIDAYS.day_kind(date(2025, 10, 1)) == "weekday"
    assert NO_HOLIDAYS.day_kind(date(2025, 10, 4)) == "weekend"


@pytest.mark.parametrize("country", ["XX", "China", "DE-XX", "../CN"])
def test_an_unknown_calendar_is_refused_rather_than_empty(country: str) -> None:
    with pytest.raises(UnknownCalendarError):
        calendar_for(country, [2025])


def test_a_calendar_around_the_turn_of_the_year_knows_both_sides() -> None:
    calendar = calendar_around("CN", datetime(2025, 12, 31, 15, tzinfo=UTC))

    assert calendar.day_kind(date(2025, 10, 1)) == "holiday"
    assert calendar.day_kind(date(2026, 1, 1)) == "holiday"
    assert calendar.day_kind(date(2026, 10, 7)) == "holiday"


def test_a_calendar_knows_the_year_on_either_side() -> None:
    """A wait that begins in December ends in January."""
    calendar = calendar_for("CN", [2025])

    assert calendar.day_kind(date(2026, 1, 1)) == "holiday"
    assert calendar.day_kind(date(2024, 10, 1)) == "holiday"
