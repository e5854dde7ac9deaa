"""Instants and spans as one would say them in the reader's language. Never reads a clock."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import formats
from django.utils.translation import gettext, gettext_noop, pgettext

# Django's own Chinese has no short weekdays: named here, they are in our catalogue, which goes before.
WEEKDAYS = (
    *(gettext_noop("Mon"), gettext_noop("Tue"), gettext_noop("Wed"), gettext_noop("Thu")),
    *(gettext_noop("Fri"), gettext_noop("Sat"), gettext_noop("Sun")),
)
_MINUTES_IN_HOUR = 60
_HOURS_IN_DAY = 24


def clock_time(local: datetime) -> str:
    """Hours and minutes: 19:20."""
    return f"{local:%H:%M}"


def day(on: date, *, today: date | None = None) -> str:
    """A day: "Tue 18 Nov", and "18 Nov 2025" where *today* is of another year."""
    if today is not None and on.year != today.year:
        return formats.date_format(on, pgettext("day with year, format of Django's date filter", "j M Y"))
    return formats.date_format(on, pgettext("day, format of Django's date filter", "D j M"))


def month(on: date) -> str:
    """A month without its year: "Nov"."""
    return formats.date_format(on, pgettext("month, format of Django's date filter", "M"))


def in_full(local: datetime) -> str:
    """Everything, to the second and with the zone."""
    shape = pgettext("full moment, format of Django's date filter", "D j M Y, H:i:s")
    return f"{formats.date_format(local, shape)} {local.tzname()}"


def in_words(local: datetime, *, now: datetime) -> str:
    """*local* as said at *now*, both in the reader's zone: the time alone if today, else with the day."""
    time, days = clock_time(local), (now.date() - local.date()).days
    if days == 0:
        return time
    if days == 1:
        return gettext("yesterday {time}").format(time=time)
    if days == -1:
        return gettext("tomorrow {time}").format(time=time)
    if local.year == now.year:
        return gettext("{day} {time}").format(day=day(local), time=time)
    shape = pgettext("day with year, format of Django's date filter", "j M Y")
    return gettext("{day} {time}").format(day=formats.date_format(local, shape), time=time)


def beside(at: datetime, *, local: datetime, zone: str) -> str:
    """The customer's own time where their *zone* is known and reads differently from *local*, else ""."""
    if not zone:
        return ""
    try:
        theirs = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return ""
    if theirs.utcoffset() == local.utcoffset():
        return ""
    time = clock_time(theirs) if theirs.date() == local.date() else f"{day(theirs)} {clock_time(theirs)}"
    return gettext("theirs {time}").format(time=time)


def left(span: timedelta) -> str:
    """A span in at most two units, rounded down: "1 h 52 min", "6 days". Never negative."""
    minutes = max(0, int(span.total_seconds() // 60))
    hours, minutes = divmod(minutes, _MINUTES_IN_HOUR)
    days, hours_of_day = divmod(hours, _HOURS_IN_DAY)
    if days > 1:
        return gettext("{days} days").format(days=days)
    if days == 1:
        return gettext("1 day {hours} h").format(hours=hours_of_day)
    if hours:
        return gettext("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    return gettext("{minutes} min").format(minutes=minutes)
