"""Ninety days of one customer as lanes: where each moment stands, drawn to scale. Pure geometry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from huifang.insights.records import Moment, MomentKind

DAYS = 90
_LEFT = 7.0  # the labels stand in the first seven hundredths of the width
_LANE_HEIGHT = 18
_FIRST_LANE = 9
_NAMED_MAX = 90.0  # the word "today" stands at the right end
_DRAWN_MAX = 120  # a lane of more marks than this is a bar; the newest are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One moment in a lane; *x* is a length for SVG."""

    x: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One kind of moment; *y* in pixels, its middle."""

    kind: MomentKind
    y: int
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The first day of a month within the ninety days; *is_named* unless its name would touch "today"."""

    x: str
    label_x: str
    first: date
    is_named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """The whole drawing; *height* in pixels, *bottom* where the lanes end, *view* the part listed below."""

    lanes: Sequence[Lane]
    months: Sequence[Month]
    bottom: int
    height: int
    view_x: str
    view_width: str


def _place(at: datetime, *, start: datetime, now: datetime) -> float:
    part = (at - start) / (now - start)
    return _LEFT + (100 - _LEFT) * min(max(part, 0.0), 1.0)


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def draw(moments: Iterable[Moment], *, shown_since: datetime, now: datetime, zone: ZoneInfo) -> Lanes:
    """Place *moments* of the last ninety days; those after *shown_since* lie in the tinted view."""
    start = now - timedelta(days=DAYS)
    marks: dict[MomentKind, list[Mark]] = {kind: [] for kind in MomentKind}
    for moment in moments:
        lane = marks[moment.kind]
        if moment.at >= start and len(lane) < _DRAWN_MAX:
            lane.append(Mark(x=_percent(_place(moment.at, start=start, now=now)), at=moment.at))
    lanes = [
        Lane(kind=kind, y=_FIRST_LANE + number * _LANE_HEIGHT, marks=marks[kind])
        for number, kind in enumerate(MomentKind)
    ]
    bottom = len(lanes) * _LANE_HEIGHT
    view = _place(max(shown_since, start), start=start, now=now)
    return Lanes(
        lanes=lanes,
        months=_months(start, now, zone),
        bottom=bottom,
        height=bottom + _LANE_HEIGHT,
        view_x=_percent(view),
        view_width=_percent(100 - view),
    )


def _months(start: datetime, now: datetime, zone: ZoneInfo) -> list[Month]:
    found = []
    day = start.astimezone(zone).date().replace(day=1)
    while day <= now.astimezone(zone).date():
        at = datetime(day.year, day.month, day.day, tzinfo=zone)
        if at > start:
            x = _place(at, start=start, now=now)
            found.append(Month(x=_percent(x), label_x=_percent(x + 0.5), first=day, is_named=x < _NAMED_MAX))
        day = (day + timedelta(days=32)).replace(day=1)
    return found
