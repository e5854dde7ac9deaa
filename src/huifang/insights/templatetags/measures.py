"""Readings and differences in words, for the screens of Insights."""

from collections.abc import Sequence

from django import template
from django.urls import reverse
from django.utils.translation import gettext

from huifang.insights import wording
from huifang.insights.dashboard import Line
from huifang.insights.metrics.readings import Change, Reading

register = template.Library()


@register.filter
def told(reading: Reading) -> str:
    """The estimate: "40.3%"; a dash where nobody is in the base."""
    return wording.figure(reading.value.estimate, reading.unit) if reading.value else "–"


@register.filter
def told_interval(reading: Reading) -> str:
    """The interval: "38.8–41.8%"."""
    return wording.bounds(reading.value.low, reading.value.high, reading.unit) if reading.value else ""


@register.filter
def told_doubt(reading: Reading) -> str:
    """Why it should not be leaned on, "" where it may."""
    return wording.doubt(reading)


@register.filter
def told_difference(change: Change) -> str:
    """The difference with its sign: "+3.1%"."""
    found = change.difference
    return wording.figure(found.estimate, change.one.unit, signed=True) if found else "–"


@register.filter
def told_difference_interval(change: Change) -> str:
    """The interval of the difference."""
    found = change.difference
    return wording.bounds(found.low, found.high, change.one.unit, signed=True) if found else ""


@register.filter
def told_verdict(change: Change) -> str:
    """Whether it is clearly more, clearly less, or cannot be told."""
    return wording.verdict(change)


@register.filter
def cut_title(cut: str) -> str:
    """What a cut is called."""
    return gettext(wording.CUT_TITLES[cut]) if cut in wording.CUT_TITLES else cut


@register.filter
def step_title(name: str) -> str:
    """What a step of the funnel is called."""
    return gettext(wording.STEP_TITLES[name]) if name in wording.STEP_TITLES else name


@register.filter
def unit_title(unit: str) -> str:
    """By what span of time: "by week"."""
    return gettext(wording.UNIT_TITLES[unit]) if unit in wording.UNIT_TITLES else unit


@register.filter
def times(value: float, factor: float) -> float:
    """*value* times *factor*: the other end of an axis."""
    return value * factor


@register.filter
def both(line: Line) -> Sequence[Reading]:
    """The two readings that a line compares."""
    return line.change.one, line.change.other


@register.simple_tag(takes_context=True)
def people_url(context: template.RequestContext, metric: str, cut: str = "", value: str = "") -> str:
    """Where the people behind a number are, with the filters of this page and *value* of *cut*."""
    query = context["request"].GET.copy()
    for name in ("page", "who", "export", "format"):
        query.pop(name, None)
    query["metric"] = metric
    if cut:
        query[cut] = value
    return f"{reverse('insights:people')}?{query.urlencode()}"
