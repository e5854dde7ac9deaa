"""What a screen counts and by what it cuts it, read from the URL. Bad values fall back, never fail."""

from zoneinfo import ZoneInfo

from django.http import QueryDict

from huifang.console.periods import Period
from huifang.insights.metrics.cuts import CUTS, TIMES, Slice, can_be

_BY_DAY_MAX, _BY_WEEK_MAX = 14, 150


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
    """The span of time of a trend; unasked one that gives neither three points nor three hundred."""
    asked = query.get("unit", "")
    if asked in TIMES:
        return asked
    return "day" if period.length <= _BY_DAY_MAX else "week" if period.length <= _BY_WEEK_MAX else "month"
