"""What the screens of Insights show of one slice: measures, bands, a table by groups, a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext

from huifang.insights import charts, wording
from huifang.insights.charts import Band
from huifang.insights.metrics import answers, invitations, reaching, readings, register
from huifang.insights.metrics.cuts import Slice, can_be
from huifang.insights.metrics.readings import Change, Reading, Unit
from huifang.insights.metrics.register import METRICS, Metric
from huifang.insights.wording import Names

AXES = {Unit.SHARE: (0.0, 1.0), Unit.NPS: (-100.0, 100.0), Unit.MEAN: (1.0, 7.0)}
SCORES = ("csat", "nps", "ces")
COLUMNS = ("response_rate", *SCORES, "suggestions")
_GROUPS_MAX = 100
_DIFFERENCE_AXES = {Unit.SHARE: 0.3, Unit.NPS: 60.0, Unit.MEAN: 2.0, Unit.SECONDS: 6 * 3600.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measure beside another period or segment, with every number in words."""

    metric: Metric
    change: Change

    @property
    def reading(self) -> Reading:
        """The measure itself."""
        return self.change.one

    @property
    def title(self) -> str:
        """What it is called."""
        return gettext(self.metric.title)

    @property
    def about(self) -> str:
        """What it is of what."""
        return gettext(self.metric.about)

    @property
    def base_word(self) -> str:
        """What its base counts."""
        return gettext(self.metric.base)

    @property
    def axis(self) -> tuple[float, float] | None:
        """Ends of the scale, where it has any."""
        return AXES.get(self.metric.unit)

    @property
    def reach(self) -> float:
        """How far the axis of the difference goes to both sides of 0."""
        usual = _DIFFERENCE_AXES[self.metric.unit]
        change = self.change.difference
        ends = (abs(change.low), abs(change.high)) if change else ()
        known = [end for end in ends if end != float("inf")]
        return max([usual, *known])

    @property
    def doubt(self) -> str:
        """Why it should not be leaned on."""
        return wording.doubt(self.reading)

    @property
    def verdict(self) -> str:
        """What the difference amounts to."""
        return wording.verdict(self.change)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One group with its measures, in the order of `COLUMNS`."""

    value: str
    name: str
    readings: Sequence[Reading]

    @property
    def pairs(self) -> list[tuple[Metric, Reading]]:
        """Each measure with its reading."""
        return [(METRICS[name], each) for name, each in zip(COLUMNS, self.readings, strict=True)]

    @property
    def base(self) -> int:
        """The largest base in the row."""
        return max((each.base for each in self.readings), default=0)


def lines(one: Slice, other: Slice, *, names: Sequence[str] = register.OVERVIEW) -> list[Line]:
    """Every measure of *one* beside that of *other*."""
    return [
        Line(
            metric=METRICS[name],
            change=readings.change(register.one(name, one), register.one(name, other)),
        )
        for name in names
    ]


def bands(only: Slice, *, unit: str) -> list[Band]:
    """Each score and the response rate through time."""
    counted = answers.score_counts(only, by=unit)
    found = [
        charts.band(
            metric, [readings.score(metric, day, counts) for day, counts in sorted(groups.items()) if day]
        )
        for metric in SCORES
        if (groups := counted.get(metric))
    ]
    rates = [each for each in invitations.response_rate(only, by=unit) if each.group]
    return [*found, charts.band("response_rate", rates)] if rates else found


def groups(only: Slice, *, by: str, names: Names) -> list[GroupRow]:
    """The measures of each group, those with the largest base first."""
    counted = answers.score_counts(only, by=by)
    rates = {each.group: each for each in invitations.response_rate(only, by=by)}
    worded = {each.group: each for each in answers.words(only, by=by)}
    every = {*rates, *worded, *(value for found in counted.values() for value in found)}
    rows = [
        GroupRow(
            value=value,
            name=names.of(by, value),
            readings=[
                rates.get(value) or readings.share(value, 0, 0),
                *(readings.score(metric, value, counted.get(metric, {}).get(value, {})) for metric in SCORES),
                worded.get(value) or readings.share(value, 0, 0),
            ],
        )
        for value in every
    ]
    return sorted(rows, key=lambda row: (-row.base, row.name))[:_GROUPS_MAX]


def sides(query: QueryDict, only: Slice) -> tuple[Slice, Slice, str]:
    """The two slices that are compared, and the cut in which they differ ("" for the period before).

    ``cut``, ``one`` and ``other`` name two groups; without them it is this period and the one before.
    """
    cut, one, other = (query.get(name, "")[:200] for name in ("cut", "one", "other"))
    if cut not in wording.CUT_TITLES or not all(can_be(cut, each) for each in (one, other) if each):
        return only, only.before(), ""
    return only.narrowed(cut, one), only.narrowed(cut, other), cut


def pressure_rows(found: reaching.Pressure) -> list[tuple[str, Reading, list[tuple[int, int]]]]:
    """Each class ("" for all) with its share over the limit, and customers by number of contacts."""
    return [
        (
            each,
            found.share_over(each),
            [(load.contacts, load.customers) for load in found.loads if load.contact_class == each],
        )
        for each in ("", *found.classes)
    ]
