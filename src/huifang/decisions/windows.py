"""Whether an instant lies in allowed hours where the customer lives, and when the next such instant is.

Hours are what the customer's wall clock shows, so days on which clocks change need no special hours.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from huifang.decisions.calendars import Calendar
from huifang.decisions.policy import MIDNIGHT, DayKind, Hours, Span
from huifang.decisions.reasons import Reason

# Longer than any run of closed days that a year can hold.
SEARCH_DAYS_MAX = 400

# Looking a member up on its class costs as much as a whole comparison.
_WEEKDAY, _WEEKEND, _HOLIDAY = DayKind.WEEKDAY, DayKind.WEEKEND, DayKind.HOLIDAY
_SECOND, _HOUR, _DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
_NO_TIME = timedelta(0)
# It would silently be read in the server's own zone.
_NAIVE = "An instant has a zone."
# Names a reason and opens nothing: the hours alone do that.
_WORKING_DAY = Span(start=time(9), end=time(18))


def is_open(at: datetime, zone: ZoneInfo, hours: Hours, calendar: Calendar) -> bool:
    """Whether contact is allowed at the aware instant *at*."""
    if at.tzinfo is None:
        raise ValueError(_NAIVE)
    local = at.astimezone(zone)
    clock = local.time()
    # A loop, not any(): this is the hot path of every decision.
    for span in _spans(local.date(), hours, calendar):
        if span.start <= clock and (clock < span.end or span.end == MIDNIGHT):
            return True
    return False


def next_open(
    at: datetime, zone: ZoneInfo, hours: Hours, calendar: Calendar, *, until: datetime
) -> datetime | None:
    """Earliest allowed instant from *at* on and before *until*, in UTC; None where there is none.

    Looks no further than `SEARCH_DAYS_MAX` days ahead.
    """
    if at >= until:
        return None
    if is_open(at, zone, hours, calendar):
        return at.astimezone(UTC)
    # Begin a day early and take two days at a time: a clock that goes back over midnight
    # takes up yesterday once more after today has begun.
    day = _local(at, zone).date() - _DAY
    openings = _openings(day, zone, _spans(day, hours, calendar))
    for _ in range(min((until - at).days + 2, SEARCH_DAYS_MAX) + 2):
        day += _DAY
        following = _openings(day, zone, _spans(day, hours, calendar))
        for opening in sorted(openings + following):
            # A start that the wall clock skips opens nothing, so ask again.
            if opening > at and is_open(opening, zone, hours, calendar):
                return opening if opening < until else None
        openings = following
    return None


def closed_reason(at: datetime, zone: ZoneInfo, hours: Hours, calendar: Calendar) -> Reason:
    """Why *at*, which is not open, is closed: the day, the customer's work, or the hour."""
    local = _local(at, zone)
    kind = calendar.day_kind(local.date())
    if kind is _HOLIDAY and not hours.holiday:
        return Reason.HOLIDAY
    if kind is _WEEKDAY and _WORKING_DAY.holds(local.time()):
        return Reason.WORKING_HOURS
    return Reason.QUIET_HOURS


def steady_for(at: datetime, zone: ZoneInfo, every: Iterable[Hours], calendar: Calendar) -> timedelta:
    """How long from *at* on the wall clock shows the same hour, and nothing of *every* opens or closes.

    No time at all where clocks change meanwhile.
    """
    local = _local(at, zone)
    end = local.replace(minute=0, second=0, microsecond=0, tzinfo=None) + _HOUR
    day, clock = local.date(), local.time()
    for hours in every:
        for span in _spans(day, hours, calendar):
            for edge in (span.start, span.end):
                if edge > clock:
                    end = min(end, datetime.combine(day, edge))
    left = end - local.replace(tzinfo=None)
    return left if (at + left).astimezone(zone).utcoffset() == local.utcoffset() else _NO_TIME


def _spans(day: date, hours: Hours, calendar: Calendar) -> tuple[Span, ...]:
    kind = calendar.day_kind(day)
    if kind is _WEEKDAY:
        return hours.weekday
    return hours.weekend if kind is _WEEKEND else hours.holiday


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    if at.tzinfo is None:
        raise ValueError(_NAIVE)
    return at.astimezone(zone)


@lru_cache(maxsize=4096)
def _openings(day: date, zone: ZoneInfo, spans: tuple[Span, ...]) -> tuple[datetime, ...]:
    """Instants at which *day* may open: each start, twice where clocks go back, and the change itself."""
    if not spans:
        return ()
    starts = [datetime.combine(day, span.start, zone) for span in spans]
    found = {start.replace(fold=fold).astimezone(UTC) for start in starts for fold in (0, 1)}
    change = _clock_change(day, zone)
    if change and change.astimezone(zone).date() == day:
        found.add(change)
    # Of a day that a zone left out altogether, each start is an instant of another day.
    return tuple(start for start in found if start.astimezone(zone).date() == day)


def _clock_change(day: date, zone: ZoneInfo) -> datetime | None:
    """First instant with the new offset where clocks change on or about *day*, to the second."""
    noon = datetime.combine(day, time(12), UTC)
    # Zones lie between UTC-12 and UTC+14, so these two instants enclose the local day.
    before, after = noon - timedelta(hours=27), noon + timedelta(hours=27)
    old = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == old:
        return None
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
