"""Topics by size and change, each with three verbatims; one topic over time; two selections compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.http.response import HttpResponseBase
from django.shortcuts import render

from huifang.console import periods
from huifang.console.periods import Period
from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.textanalysis import charts, choices, queries, sparks
from huifang.textanalysis.errors import UnknownTopicError
from huifang.textanalysis.records import ComparedTopic, FindingFilter, TopicLine
from huifang.textanalysis.sparks import Spark
from huifang.textanalysis.views import exports, frame
from huifang.textanalysis.views.frame import Frame

LOW_BASE = 30
_BY_DAY_MAX = 60
_VOICES = 20
_SPAN_DAYS = 28
_ORDERS = ("change", "size", "mood")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One topic as it is drawn: the ends of its moods along the bar, in parts of the largest topic."""

    line: TopicLine
    spark: Spark | None
    bad: float
    mid: float
    good: float

    @property
    def is_few(self) -> bool:
        """Whether there are too few texts to lean on."""
        return self.line.count < LOW_BASE

    @property
    def direction(self) -> int:
        """1 or -1 where the share clearly went up or down, else 0."""
        low, high = self.line.change_low, self.line.change_high
        if low is None or high is None:
            return 0
        return 1 if low > 0 else -1 if high < 0 else 0


@screen(permission="feedback.view")
def topic_list(request: Request) -> HttpResponseBase:
    """Topics of a period, what clearly changed first."""
    shown = frame.read(request, without=("topic",))
    lines = queries.topics(found=shown.found)
    if kind := request.GET.get("export", ""):
        return exports.reply(request, "topics", exports.topics(lines), shown, kind=kind)
    order = request.GET.get("order", "")
    order = order if order in _ORDERS else "change"
    rows = _ordered(_rows(lines, shown), order)
    findings = [each for line in lines for each in line.verbatims]
    sums = sparks.sums(shown.found)
    context = {
        "frame": shown,
        "rows": [row for row in rows if row.line.count],
        "empty": [row.line for row in rows if not row.line.count],
        "sums": sums,
        "waiting": 0 if sums.total else queries.progress()["waiting"],
        "newest": None if sums.total or shown.is_narrowed else _newest(shown),
        "order": order,
        "orders": _ORDERS,
        "rising": [row.line for row in rows if row.line.is_rising],
        "may_export": "feedback.export" in request.permissions,
        **shown.for_voices(findings),
    }
    template = "textanalysis/topics.html#table" if request.htmx else "textanalysis/topics.html"
    return render(request, template, context)


def _newest(shown: Frame) -> tuple[date, date] | None:
    """Four weeks that end with the newest text, for a reader who looks where none are."""
    newest = choices.newest_at()
    if newest is None:
        return None
    last = newest.astimezone(shown.zone).date()
    return last - timedelta(days=_SPAN_DAYS - 1), last


def _rows(lines: Sequence[TopicLine], shown: Frame) -> Iterator[Row]:
    drawn = sparks.drawn(shown.found, end=shown.period.end, zone=shown.zone)
    tempers = sparks.moods(shown.found)
    most = sparks.largest(tempers)
    for line in lines:
        temper = tempers.get(line.code, {})
        bad, good, whole = temper.get("negative", 0), temper.get("positive", 0), sum(temper.values())
        yield Row(
            line=line,
            spark=drawn.get(line.code),
            bad=bad / most,
            mid=(whole - good) / most,
            good=whole / most,
        )


def _ordered(rows: Iterator[Row], order: str) -> list[Row]:
    """By what clearly rose and how much, by size, or by how many are not content."""
    if order == "size":
        return sorted(rows, key=lambda row: -row.line.count)
    if order == "mood":
        return sorted(rows, key=lambda row: (-row.bad, -row.line.count))
    return sorted(rows, key=_by_change)


def _by_change(row: Row) -> tuple[bool, float, int]:
    """What rises first, then what clearly grew, then by size; what clearly shrank is last."""
    clear = (row.line.change or 0.0) if row.direction else 0.0
    return not row.line.is_rising, -clear, -row.line.count


def _unit_of(period: Period) -> str:
    """The span of time of a trend."""
    return "day" if period.length <= _BY_DAY_MAX else "week"


@screen(permission="feedback.view")
def topic(request: Request, code: str) -> HttpResponseBase:
    """One topic: how it goes over time, and its verbatims."""
    shown = frame.read(request, without=("topic",))
    if code not in shown.topics:
        raise UnknownTopicError(topic=code)
    found = replace(shown.found, topic=code)
    by = request.GET.get("by", "")
    by = by if by in {"day", "week"} else _unit_of(shown.period)
    points = queries.trend(found=shown.found, topic=code, by=by)
    if kind := request.GET.get("export", ""):
        return _topic_export(request, code, shown, kind)
    page = queries.search(found=found, after=request.GET.get("after", "")[:80], limit=_VOICES)
    lines = {each.code: each for each in queries.topics(found=shown.found, only=code)}
    context = {
        "frame": shown,
        "code": code,
        "about": code,
        "name": shown.topics[code],
        "line": lines.get(code),
        "band": charts.band(points),
        "by": by,
        "alerts": [each for each in queries.alerts(open_only=True) if each.topic == code],
        "page": page,
        "may_export": "feedback.export" in request.permissions,
        **shown.for_voices(page.findings),
    }
    return render(request, "textanalysis/topic.html", context)


def _topic_export(request: Request, code: str, shown: Frame, kind: str) -> HttpResponseBase:
    if request.GET.get("what") == "trend":
        by = "week" if request.GET.get("by") == "week" else "day"
        points = queries.trend(found=shown.found, topic=code, by=by)
        return exports.reply(request, f"trend-{code}", exports.trend(points), shown, kind=kind)
    found = replace(shown.found, topic=code)
    return exports.reply(request, f"texts-{code}", exports.texts(found), shown, kind=kind)


@screen(permission="feedback.view")
def compare(request: Request) -> HttpResponseBase:
    """Topics in two periods or in two segments, with the interval of each difference."""
    shown = frame.read(request, without=("topic",))
    cut = request.GET.get("cut", "")
    cut = cut if cut in choices.CUTS else ""
    offered = frame.cut_choices(cut, choices.values()[cut]) if cut else []
    one, other = _sides(request, shown, cut, [value for value, _ in offered])
    lines = queries.compare(first=one, second=other)
    if kind := request.GET.get("export", ""):
        return exports.reply(request, "compare", exports.compared(lines), shown, kind=kind)
    names = dict(offered)
    second = periods.read(request.GET.dict(), now=clock.now(), zone=shown.zone, prefix="also_")
    has_dates = periods.has_dates(request.GET.dict(), "also_")
    context = {
        "frame": shown,
        "cut": cut,
        "cuts": [(each, frame.cut_title(each)) for each in choices.CUTS],
        "offered_values": offered,
        "one": getattr(one, cut) if cut else "",
        "other": getattr(other, cut) if cut else "",
        "one_name": names.get(getattr(one, cut), "") if cut else "",
        "other_name": names.get(getattr(other, cut), "") if cut else "",
        "second": second if has_dates else shown.period.before(),
        "lines": [each for each in lines if each.first.count or each.second.count],
        "reach": _reach(lines),
        "bases": (lines[0].first.total, lines[0].second.total) if lines else (0, 0),
        "low_base": LOW_BASE,
        "may_export": "feedback.export" in request.permissions,
    }
    return render(request, "textanalysis/compare.html", context)


def _sides(
    request: Request, shown: Frame, cut: str, values: Sequence[str]
) -> tuple[FindingFilter, FindingFilter]:
    """The two selections: two values of *cut*, else the period and another one, by default the one before."""
    if cut and values:
        one, other = request.GET.get("one", ""), request.GET.get("other", "")
        one = one if one in values else values[0]
        other = other if other in values else next((each for each in values if each != one), one)
        return frame.narrowed(shown.found, cut, one), frame.narrowed(shown.found, cut, other)
    query = request.GET.dict()
    if periods.has_dates(query, "also_"):
        second = periods.read(query, now=clock.now(), zone=shown.zone, prefix="also_")
    else:
        second = shown.period.before()
    return shown.found, replace(shown.found, start=second.start, end=second.end)


def _reach(lines: Sequence[ComparedTopic]) -> float:
    """How far the axis of differences goes to either side, in points."""
    ends = [end for each in lines for end in (each.difference_low, each.difference_high)]
    return max(5.0, *(abs(end) for end in ends if end is not None), 0.0)
