"""Which local dates are holidays and which weekends are worked.

The dates come from the `holidays` library, so a year that a government has not announced yet
knows its fixed holidays only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from huifang.decisions.errors import UnknownCalendarError
from huifang.decisions.policy import DayKind

_WEEKDAY, _WEEKEND, _HOLIDAY = DayKind.WEEKDAY, DayKind.WEEKEND, DayKind.HOLIDAY
_DAY = timedelta(days=1)
_SATURDAY_AND_SUNDAY = frozenset({5, 6})

# China announces each holiday as one run of days: the weekend that touches it belongs to it.
# https://www.gov.cn/gongbao/2024/issue_11726/202411/content_6989767.html
_WHOLE_RUNS = frozenset({"CN"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Holidays, weekends that are worked to make up for them, and the days of a weekend (Monday is 0)."""

    holidays: frozenset[date] = frozenset()
    working_weekends: frozenset[date] = frozenset()
    weekend: frozenset[int] = _SATURDAY_AND_SUNDAY

    def day_kind(self, day: date) -> DayKind:
        """What *day* is; a weekend that is worked is a weekday. *day* is no datetime."""
        if day in self.holidays:
            return _HOLIDAY
        if day.weekday() in self.weekend and day not in self.working_weekends:
            return _WEEKEND
        return _WEEKDAY


NO_HOLIDAYS = Calendar()


def calendar_for(country: str, years: Iterable[int]) -> Calendar:
    """Calendar of *country* ("CN", "DE-BY", "" for none) over *years* and one more on either side.

    Raises `UnknownCalendarError`.
    """
    wanted = set(years)
    return _load(country, tuple(sorted({year + step for year in wanted for step in (-1, 0, 1)})))


def calendar_around(country: str, at: datetime) -> Calendar:
    """Calendar that reaches from the year before *at* to two years after it.

    Raises `UnknownCalendarError`.
    """
    return calendar_for(country, (at.year, at.year + 1))


@lru_cache(maxsize=64)
def _load(country: str, years: tuple[int, ...]) -> Calendar:
    if not country:
        return NO_HOLIDAYS
    import holidays as published  # a third of a second, which commands that decide nothing do not pay

    name, _, part = country.partition("-")
    # The library would take the name of any of its classes as well.
    if name not in published.list_supported_countries(include_aliases=False):
        raise UnknownCalendarError(country)
    try:
        found = published.country_holidays(name, subdiv=part or None, years=years)
    except NotImplementedError as error:
        raise UnknownCalendarError(country) from error
    calendar = Calendar(
        holidays=frozenset(found),
        working_weekends=frozenset(found.weekend_workdays),
        weekend=frozenset(found.weekend),
    )
    return _with_whole_runs(calendar) if name in _WHOLE_RUNS else calendar


def _with_whole_runs(calendar: Calendar) -> Calendar:
    days = set(calendar.holidays)
    for holiday in calendar.holidays:
        for step in (-_DAY, _DAY):
            day = holiday + step
            while calendar.day_kind(day) is _WEEKEND:
                days.add(day)
                day += step
    return Calendar(
        holidays=frozenset(days),
        working_weekends=calendar.working_weekends,
        weekend=calendar.weekend,
    )
