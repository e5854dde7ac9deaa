"""The scale of a chart's axis and the rows of the table from which it is drawn. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from huifang.insights.metrics.reaching import Hour
from huifang.insights.metrics.readings import LOW_BASE, Reading, Unit

_BOUNDS = {Unit.SHARE: (0.0, 100.0), Unit.NPS: (-100.0, 100.0), Unit.MEAN: (1.0, 7.0)}
_STEPS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
_TICKS_MAX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One span of time of a band chart, in the unit of the axis; *is_few*: its base is small."""

    label: str
    value: str
    low: str
    high: str
    base: int
    is_few: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A line with its interval; axis from *low* to *high* by *step*. Spans without answers are left out."""

    metric: str
    rows: Sequence[Row]
    low: str
    high: str
    step: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One hour of one weekday. *value* in percent, "" where fewer than thirty contacts came."""

    value: str
    answered: int
    contacted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """Response rates by weekday and hour; colours run from *low* to *high* percent."""

    hours: Sequence[int]
    rows: Sequence[tuple[int, Sequence[Cell]]]
    low: str
    high: str

    @property
    def is_drawn(self) -> bool:
        """Whether any hour has enough contacts."""
        return any(cell.value for _, cells in self.rows for cell in cells)


def band(metric: str, readings: Sequence[Reading]) -> Band:
    """The band chart of *metric*; the group of each reading is the first day of its span."""
    unit = readings[0].unit if readings else Unit.SHARE
    scale, places = (100.0 if unit is Unit.SHARE else 1.0), (1 if unit is Unit.MEAN else 0)
    seen = [(each, each.value) for each in readings if each.value is not None]
    rows = [
        Row(
            label=label(each.group),
            value=f"{value.estimate * scale:.{places}f}",
            low=f"{value.low * scale:.{places}f}",
            high=f"{value.high * scale:.{places}f}",
            base=value.base,
            is_few=value.base < LOW_BASE,
        )
        for each, value in seen
    ]
    bounds = _BOUNDS[unit]
    least = min((value.low * scale for _, value in seen), default=bounds[0])
    most = max((value.high * scale for _, value in seen), default=bounds[1])
    low, high, step = axis(least, most, bounds=bounds)
    return Band(
        metric=metric,
        rows=rows,
        low=f"{low:g}",
        high=f"{high:g}",
        step=f"{step:g}",
        unit="%" if unit is Unit.SHARE else "",
    )


def label(day: str) -> str:
    """A day as the axis shows it: 2026-11-02 reads 11/2, with the year where it is a January."""
    year, month, date = (int(part) for part in day.split("-"))
    return f"{year}/{month}/{date}" if month == 1 else f"{month}/{date}"


def axis(least: float, most: float, *, bounds: tuple[float, float]) -> tuple[float, float, float]:
    """Round ends and the step of an axis that holds *least* to *most*, within *bounds*."""
    step = next((each for each in _STEPS if (most - least) / each <= _TICKS_MAX), _STEPS[-1])
    low = max(bounds[0], floor(least / step) * step)
    high = min(bounds[1], ceil(most / step) * step)
    return low, max(high, low + step), step


def heat(found: Sequence[Hour]) -> Heat:
    """Seven rows of weekdays, from the first to the last hour at which anybody was contacted."""
    known = {(each.weekday, each.hour): each.reading for each in found}
    hours = range(
        min((hour for _, hour in known), default=0), max((hour for _, hour in known), default=-1) + 1
    )
    shares = [
        100 * each.value.estimate for each in known.values() if each.value and each.value.base >= LOW_BASE
    ]
    low = floor(min(shares, default=0) / 10) * 10
    high = max(ceil(max(shares, default=100) / 10) * 10, low + 10)
    rows = [(day, [_cell(known.get((day, hour))) for hour in hours]) for day in range(1, 8)]
    return Heat(hours=list(hours), rows=rows, low=str(low), high=str(high))


def _cell(reading: Reading | None) -> Cell:
    if reading is None or reading.value is None:
        return Cell(value="", answered=0, contacted=0)
    enough = reading.value.base >= LOW_BASE
    return Cell(
        value=f"{100 * reading.value.estimate:.0f}" if enough else "",
        answered=reading.part or 0,
        contacted=reading.value.base,
    )
