"""The last four weeks of each topic as a small line over its usual range, and the sums above the list."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import ceil, floor
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, DateTimeField, F, Func, IntegerField, Q, TextField, Value

from huifang.textanalysis import selecting
from huifang.textanalysis.records import FindingFilter, Sentiment

_SHOWN, _USUAL, _LATE = 28, 56, 7
_WIDE, _HIGH, _EDGE = 100.0, 28.0, 3.0
_DAYS_MIN = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """Points for an SVG of 100 by 28. *low* to *high* texts a day are usual; both None where days are few."""

    points: str
    low: int | None
    high: int | None
    top: str
    height: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Texts of a period: all, those without a topic, those whose mood is unsure."""

    total: int
    bare: int
    unsure: int


def sums(found: FindingFilter) -> Sums:
    """The sums of *found*, whatever its topic."""
    rows = selecting.filtered(replace(found, topic=""))
    counted = rows.aggregate(
        total=Count("pk"),
        bare=Count("pk", filter=Q(topics=[])),
        unsure=Count("pk", filter=Q(sentiment=Sentiment.UNSURE)),
    )
    return Sums(**counted)


def moods(found: FindingFilter) -> dict[str, dict[str, int]]:
    """For each topic, how many of its texts have which mood; "" is all texts whatever their topics."""
    rows = selecting.filtered(replace(found, topic=""))
    named = rows.annotate(code=Func(F("topics"), function="unnest", output_field=TextField()))
    table: dict[str, dict[str, int]] = {}
    for code, mood, count in named.values_list("code", "sentiment").annotate(count=Count("pk")).order_by():
        table.setdefault(code, {})[mood] = count
    return table


def drawn(found: FindingFilter, *, end: datetime, zone: ZoneInfo) -> dict[str, Spark]:
    """A spark of each topic that has texts, up to the last whole day before *end*."""
    last = end.astimezone(zone).date() - timedelta(days=1)
    days = [last - timedelta(days=back) for back in range(_USUAL + _LATE - 1, -1, -1)]
    midnights = [datetime.combine(day, time(), zone) for day in [*days, last + timedelta(days=1)]]
    wide = replace(found, topic="", start=midnights[0], end=midnights[-1])
    # To look a time up among midnights is several times quicker than to tell its date in a zone.
    bounds = Value(midnights, output_field=ArrayField(DateTimeField()))
    number = Func(F("at"), bounds, function="width_bucket", output_field=IntegerField())
    rows = selecting.filtered(wide).annotate(day=number).values_list("topics", "day")
    table: dict[str, Counter[date]] = defaultdict(Counter)
    first: date | None = None
    for codes, place, count in rows.annotate(count=Count("pk")).order_by():
        day = days[place - 1]
        for code in codes:
            table[code][day] += count
            first = min(first or day, day)
    kept = [day for day in days if first and day >= first]
    return {code: _spark([counts.get(day, 0) for day in kept]) for code, counts in table.items()}


def _spark(counts: Sequence[int]) -> Spark:
    usual, shown = sorted(counts[:-_LATE]), counts[-_SHOWN:]
    low = high = None
    if len(usual) >= _DAYS_MIN:
        low, high = usual[floor(0.1 * (len(usual) - 1))], usual[ceil(0.9 * (len(usual) - 1))]
    most = max([*shown, high or 0, 1])
    step = _WIDE / max(len(shown) - 1, 1)
    points = " ".join(f"{place * step:.2f},{_y(count, most):.2f}" for place, count in enumerate(shown))
    top = _y(high or 0, most)
    late = sum(counts[-_LATE:]) / _LATE if len(counts) > _LATE else 0
    tone = "" if low is None or high is None else "up" if late > high else "down" if late < low else ""
    height = max(_y(low or 0, most) - top, 1.0)
    return Spark(points=points, low=low, high=high, top=f"{top:.2f}", height=f"{height:.2f}", tone=tone)


def _y(count: float, most: float) -> float:
    return _HIGH - _EDGE - (_HIGH - 2 * _EDGE) * count / most


def largest(lines: Mapping[str, Mapping[str, int]]) -> int:
    """The size of the largest topic, for the length of bars."""
    return max((sum(each.values()) for each in lines.values()), default=1)
