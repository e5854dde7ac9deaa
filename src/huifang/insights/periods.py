"""Which period and which cuts a screen shows, read from the URL. Bad values fall back, never fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict

from huifang.insights.metrics.cuts import CUTS, TIMES, Slice, can_be

DAYS = (7, 28, 84, 365)
_DEFAULT = 28
_BY_DAY_MAX, _BY_WEEK_MAX = 14, 150
_DAYS_MAX = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Local days from *start* until before *end*; *days* as chosen, 0 where two dates were."""

    days: int
    start: datetime
    end: datetime

    @property
    def unit(self) -> str:
        """The span of time that gives a trend neither three points nor three hundred."""
        length = (self.end - self.start).days
        return "day" if length <= _BY_DAY_MAX else "week" if length <= _BY_WEEK_MAX else "month"

    @property
    def last(self) -> date:
        """The last day in it."""
        return (self.end - timedelta(microseconds=1)).date()


def read_period(query: Mapping[str, str], *, now: datetime, zone: ZoneInfo) -> Period:
    """From ``from`` to ``to`` (days, both included), else the last ``days``, else four weeks."""
    local = now.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    first, last = _date(query.get("from", "")), _date(query.get("to", ""))
    if first and last and first <= last and (last - first).days < _DAYS_MAX:
        return Period(days=0, start=_midnight(first, zone), end=_midnight(last + timedelta(days=1), zone))
    asked = query.get("days", "")
    days = next((days for days in DAYS if asked == str(days)), _DEFAULT)
    return Period(days=days, start=midnight - timedelta(days=days - 1), end=local)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None


def read_slice(query: QueryDict, period: Period, *, zone: ZoneInfo) -> Slice:
    """What the screen counts: the period, narrowed by whatever cuts the URL names."""
    given = {cut: query.get(cut, "")[:200] for cut in CUTS}
    cuts = {cut: value for cut, value in given.items() if value and can_be(cut, value)}
    return Slice(start=period.start, end=period.end, zone=zone.key, **cuts)


def read_by(query: QueryDict, *, default: str = "plan") -> str:
    """What the table is cut by."""
    asked = query.get("by", "")
    return asked if asked in CUTS else default


def read_unit(query: QueryDict, period: Period) -> str:
    """The span of time of a trend."""
    asked = query.get("unit", "")
    return asked if asked in TIMES else period.unit
