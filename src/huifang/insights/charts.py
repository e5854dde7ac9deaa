"""The scale of a chart's axis and the rows of the table from which it is drawn. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from huifang.insights.measures import Point

_BOUNDS = {"csat": (0.0, 100.0), "nps": (-100.0, 100.0), "ces": (1.0, 7.0)}
_STEPS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
_TICKS_MAX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One day of a band chart, in the unit of the axis."""

    label: str
    value: str
    low: str
    high: str
    base: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A line with its interval; axis from *low* to *high* by *step*. Days without answers are left out."""

    metric: str
    rows: Sequence[Row]
    low: str
    high: str
    step: str
    unit: str


def band(metric: str, points: Sequence[Point]) -> Band:
    """The band chart of *metric* over *points*."""
    scale = 100.0 if metric == "csat" else 1.0
    places = 1 if metric == "ces" else 0
    seen = [(point.day, point.value) for point in points if point.value is not None]
    rows = [
        Row(
            label=f"{day.month}/{day.day}",
            value=f"{value.estimate * scale:.{places}f}",
            low=f"{value.low * scale:.{places}f}",
            high=f"{value.high * scale:.{places}f}",
            base=value.base,
        )
        for day, value in seen
    ]
    least = min((value.low * scale for _, value in seen), default=_BOUNDS[metric][0])
    most = max((value.high * scale for _, value in seen), default=_BOUNDS[metric][1])
    low, high, step = axis(least, most, bounds=_BOUNDS[metric])
    unit = "%" if metric == "csat" else ""
    return Band(metric=metric, rows=rows, low=f"{low:g}", high=f"{high:g}", step=f"{step:g}", unit=unit)


def axis(least: float, most: float, *, bounds: tuple[float, float]) -> tuple[float, float, float]:
    """Round ends and the step of an axis that holds *least* to *most*, within *bounds*."""
    step = next((each for each in _STEPS if (most - least) / each <= _TICKS_MAX), _STEPS[-1])
    low = max(bounds[0], floor(least / step) * step)
    high = min(bounds[1], ceil(most / step) * step)
    return low, max(high, low + step), step
