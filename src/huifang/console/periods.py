"""Which days a screen shows, read from the URL. Bad values fall back, never fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = (7, 28, 84, 365)
_DEFAULT = 28
_DAYS_MAX = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Local days from *start* until before *end*; *days* as chosen, 0 where two dates were."""

    days: int
    start: datetime
    end: datetime

    @property
    def length(self) -> int:
        """How many whole days it lasts."""
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day in it."""
        return (self.end - timedelta(microseconds=1)).date()

    def before(self) -> "Period":
        """The time of the same length right before."""
        return Period(days=self.days, start=self.start - (self.end - self.start), end=self.start)


def read(query: Mapping[str, str], *, now: datetime, zone: ZoneInfo, prefix: str = "") -> Period:
    """From ``from`` to ``to`` (days, both included; without ``to`` until today), else the last ``days``.

    Four weeks where the URL names nothing that can be. *prefix* comes before these names where a screen
    shows two periods.
    """
    local = now.astimezone(zone)
    first, last = _date(query.get(f"{prefix}from", "")), _date(query.get(f"{prefix}to", ""))
    if first and not last:
        last = max(first, local.date())
    if first and last and first <= last and (last - first).days < _DAYS_MAX:
        return Period(days=0, start=_midnight(first, zone), end=_midnight(last + timedelta(days=1), zone))
    asked = query.get(f"{prefix}days", "")
    days = next((days for days in DAYS if asked == str(days)), _DEFAULT)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(days=days, start=midnight - timedelta(days=days - 1), end=local)


def has_dates(query: Mapping[str, str], prefix: str) -> bool:
    """Whether *query* names two days of its own after *prefix*."""
    first, last = _date(query.get(f"{prefix}from", "")), _date(query.get(f"{prefix}to", ""))
    return bool(first and last and first <= last)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None
