"""What every screen of Insights shares: the period, the slice, its filters, up to when the facts go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from huifang.console import lists, periods
from huifang.console.periods import Period
from huifang.console.screens import Request
from huifang.insights import choices, slicing
from huifang.insights.facts import duck
from huifang.insights.metrics import register
from huifang.insights.metrics.cuts import CUTS, Slice
from huifang.insights.wording import CUT_TITLES, Names
from huifang.kernel import clock

_BEHIND = timedelta(minutes=30)
# What is chosen beside the filters, and stays when these change.
_KEPT = ("unit", "by", "over", "metric", "who", "least", "most", "cut", "one", "other")
_TABS = ("insights:insights", "insights:compare", "insights:features")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One page of Insights with the filters of this one."""

    url: str
    label: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One screen: what it shows and how it was asked for."""

    now: datetime
    zone: ZoneInfo
    period: Period
    only: Slice
    state: lists.State
    names: Names
    values: Mapping[str, list[str]]
    as_of: datetime | None
    tabs: list[Tab]
    kept: Mapping[str, str]

    @property
    def is_behind(self) -> bool:
        """Whether the facts are older than they should be."""
        return self.as_of is None or self.now - self.as_of > _BEHIND * max(1.0, clock.speed())

    @property
    def has_facts(self) -> bool:
        """Whether there is anything to choose from at all."""
        return any(self.values.values())


def read(request: Request) -> Frame:
    """The frame that the URL asks for."""
    now = clock.now()
    zone = timezone.get_current_timezone()
    assert isinstance(zone, ZoneInfo)
    period = periods.read(request.GET.dict(), now=now, zone=zone)
    only = slicing.read_slice(request.GET, period, zone=zone)
    names, values = Names(), choices.values()
    filters = [_filter(cut, only, values[cut], names) for cut in CUTS if values[cut] or cut in only.chosen]
    listing = lists.Listing(sorts={"base": ("base",)}, sort="base", filters=filters)
    return Frame(
        now=now,
        zone=zone,
        period=period,
        only=only,
        state=lists.read(request.GET, listing),
        names=names,
        values=values,
        as_of=duck.as_of(register.TOPICS),
        tabs=_tabs(request),
        kept={name: request.GET.get(name, "") for name in _KEPT},
    )


def _filter(cut: str, only: Slice, values: list[str], names: Names) -> lists.Filter:
    known = values if getattr(only, cut) in ("", *values) else [*values, getattr(only, cut)]
    return lists.Filter(
        name=cut, label=gettext(CUT_TITLES[cut]), choices=[(each, names.of(cut, each)) for each in known]
    )


def _tabs(request: Request) -> list[Tab]:
    query = request.GET.copy()
    for name in ("export", "format", "page", "metric", "who"):
        query.pop(name, None)
    labels = (gettext("Overview"), gettext("Compare"), gettext("Features"))
    return [
        Tab(
            url=reverse(name) + (f"?{query.urlencode()}" if query else ""),
            label=label,
            is_current=request.path == reverse(name),
        )
        for name, label in zip(_TABS, labels, strict=True)
    ]
