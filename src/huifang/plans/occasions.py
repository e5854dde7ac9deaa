"""When a local day begins and ends on earth, and which day of a pulse is each customer's own. Pure.

A day here is what the customer's calendar shows. When that day has its hour is known only where the
customer's zone is known; who has none is told so by the rules, and not contacted.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from huifang.decisions.buckets import BUCKETS, bucket
from huifang.plans.definition import PulsePeriod, Trigger

_EPOCH = date(1970, 1, 1)
_DAY = timedelta(days=1)
_QUARTER_MONTHS = 3
# Where the first and the last of mankind begin a day, against UTC.
EARLIEST, LATEST = timedelta(hours=14), timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period of a pulse: its *name* is part of the key under which a customer enters once."""

    name: str
    start: date
    days: int


def days_begun(now: datetime, *, since: datetime) -> list[date]:
    """The local days that have begun somewhere on earth by *now*, from the first that could count *since*."""
    last = (now + EARLIEST).astimezone(UTC).date()
    first = (since - LATEST).astimezone(UTC).date()
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def is_over(day: date, now: datetime) -> bool:
    """Whether *day* is over everywhere."""
    return now >= datetime.combine(day + _DAY, datetime.min.time(), UTC) + LATEST


def instant_of(day: date, trigger: Trigger, zone: ZoneInfo) -> datetime:
    """When the trigger's hour is on *day* in *zone*. An hour that the clocks skip is the one after it."""
    local = datetime.combine(day, trigger.at, zone)
    return local.astimezone(UTC).astimezone(zone).astimezone(UTC)


def period_of(trigger: Trigger, day: date) -> Period:
    """The period of the pulse in which *day* lies."""
    if trigger.period is PulsePeriod.QUARTER:
        quarter = (day.month - 1) // _QUARTER_MONTHS
        start = date(day.year, quarter * _QUARTER_MONTHS + 1, 1)
        end = date(day.year + (quarter == 3), (quarter * _QUARTER_MONTHS + 3) % 12 + 1, 1)
        return Period(name=f"{day.year}-Q{quarter + 1}", start=start, days=(end - start).days)
    length = max(1, trigger.every_days)
    number = (day - _EPOCH).days // length
    return Period(name=f"{length}d-{number}", start=_EPOCH + number * length * _DAY, days=length)


def pulse_day(trigger: Trigger, *, plan_key: str, customer_key: str, day: date) -> date:
    """The customer's own day in the period of *day*: spread evenly, and the same place in each period."""
    period = period_of(trigger, day)
    place = bucket(f"pulse:{plan_key}", customer_key) * period.days // BUCKETS
    return period.start + timedelta(days=place)
