"""The scale of a trend's axis and the rows of the table from which it is drawn. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from huifang.textanalysis.records import TrendPoint

LOW_BASE = 30
_STEPS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0)
_TICKS_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One span of time of a trend, in per cent; *is_few*: its base is small."""

    label: str
    count: int
    value: str
    low: str
    high: str
    base: int
    is_few: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A line with its interval; the axis goes from 0 to *high* by *step*. Empty spans are left out."""

    rows: Sequence[Point]
    high: str
    step: str


def band(points: Sequence[TrendPoint]) -> Band:
    """The chart of *points*."""
    seen = [each for each in points if each.total]
    rows = [
        Point(
            label=f"{each.day.month}/{each.day.day}",
            count=each.count,
            value=f"{100 * each.share:.1f}",
            low=f"{100 * each.low:.1f}",
            high=f"{100 * each.high:.1f}",
            base=each.total,
            is_few=each.total < LOW_BASE,
        )
        for each in seen
    ]
    most = 100 * max((each.high for each in seen), default=0.1)
    step = next((each for each in _STEPS if most / each <= _TICKS_MAX), _STEPS[-1])
    return Band(rows=rows, high=f"{min(100.0, ceil(most / step) * step):g}", step=f"{step:g}")
