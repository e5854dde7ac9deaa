"""Measures over the API: the same slices, groups and differences as on the screens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from math import isfinite
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import field_validator, model_validator

from huifang.api.frame import require
from huifang.api.instants import Instant
from huifang.insights.facts import duck
from huifang.insights.metrics import activity, reaching, readings, register
from huifang.insights.metrics.cuts import CUTS, Slice, can_be
from huifang.insights.metrics.readings import Change, Reading
from huifang.insights.metrics.register import METRICS, Metric
from huifang.kernel import clock
from huifang.stats.intervals import Interval

router = Router(tags=["insights"])
_DAYS = 28
By = Literal[
    "",
    "plan",
    "channel",
    "wallet",
    "version",
    "region",
    "language",
    "event",
    "questionnaire",
    "day",
    "week",
    "month",
]


class SliceIn(Schema):
    """What is counted; without *start* the last 28 days up to *end*, without *end* up to now."""

    start: Instant | None = None
    end: Instant | None = None
    zone: str = Field("UTC", description="IANA zone in which days and weeks begin")
    plan: str = Field("", description="id of a plan")
    channel: str = ""
    wallet: str = Field("", description="soft or hard")
    version: str = Field("", description="version of the wallet's app")
    region: str = ""
    language: str = ""
    event: str = Field("", description="the event that triggered the follow-up")
    questionnaire: str = Field("", description="id of a questionnaire")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("Not a zone of the IANA database.")
        return zone

    @field_validator("plan", "questionnaire")
    @classmethod
    def _whole(cls, number: str) -> str:
        if number and not can_be("plan", number):
            raise ValueError("Not an id.")
        return number

    def read(self) -> Slice:
        """The slice that is meant."""
        end = (self.end or clock.now()).astimezone(ZoneInfo(self.zone))
        start = (self.start or end - timedelta(days=_DAYS)).astimezone(ZoneInfo(self.zone))
        cuts = {cut: getattr(self, cut) for cut in CUTS}
        return Slice(start=start, end=end, zone=self.zone, **cuts)


class ComparedIn(SliceIn):
    """What is compared: the groups *one* and *other* of *cut*, or this period and the one before."""

    metric: str = "nps"
    cut: Literal[
        "", "plan", "channel", "wallet", "version", "region", "language", "event", "questionnaire"
    ] = ""
    one: str = ""
    other: str = ""

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.cut and not (can_be(self.cut, self.one) and can_be(self.cut, self.other)):
            raise ValueError("A plan and a questionnaire are compared by their ids.")
        return self


class IntervalOut(Schema):
    """An estimate with its 95 % interval; *low* and *high* are null where there are too few for one."""

    estimate: float
    low: float | None
    high: float | None


class ReadingOut(Schema):
    """One measure of one group. *value* is null where *base* is 0; *caution* is "few", "wide" or ""."""

    group: str
    value: IntervalOut | None
    part: int | None
    base: int
    caution: str


class MeasureOut(Schema):
    """One measure by groups. *unit*: share (of 1), nps (-100 to 100), mean (1 to 7) or seconds."""

    metric: str
    unit: str
    start: datetime
    end: datetime
    as_of: datetime | None = Field(description="up to when the facts are complete; null: not written yet")
    by: str
    readings: list[ReadingOut]


class StepOut(Schema):
    """One step of the funnel, with its share of the step before."""

    step: str
    count: int
    share: IntervalOut | None


class LoadOut(Schema):
    """So many *customers* of one class ("" for all together) had *contacts* in thirty days."""

    contact_class: str
    contacts: int
    customers: int


class PressureOut(Schema):
    """Contacts per customer in the thirty days up to *end*, and the share with more than *over*, by class."""

    over: int
    shares: list[ReadingOut]
    loads: list[LoadOut]


class HourOut(Schema):
    """Response rate of contacts at one hour of one weekday (1 Monday) by the customer's clock."""

    weekday: int
    hour: int
    reading: ReadingOut


class ComparisonOut(Schema):
    """*one* beside *other*. *direction* is 1, -1, or 0: no clear difference."""

    metric: str
    unit: str
    one: ReadingOut
    other: ReadingOut
    difference: IntervalOut | None
    direction: int


Asked = Annotated[SliceIn, Query()]


def _interval(found: Interval | None) -> IntervalOut | None:
    if found is None:
        return None
    low, high = (end if isfinite(end) else None for end in (found.low, found.high))
    return IntervalOut(estimate=found.estimate, low=low, high=high)


def _reading(found: Reading) -> ReadingOut:
    return ReadingOut(
        group=found.group,
        value=_interval(found.value),
        part=found.part,
        base=found.base,
        caution=found.doubt or "",
    )


def _measure(metric: Metric, only: Slice, by: str, found: list[Reading]) -> MeasureOut:
    return MeasureOut(
        metric=metric.name,
        unit=metric.unit,
        start=only.start,
        end=only.end,
        as_of=duck.as_of(metric.topics),
        by=by,
        readings=[_reading(each) for each in found],
    )


def _endpoint(metric: Metric) -> Callable[[HttpRequest, Asked, By], MeasureOut]:
    def read_measure(request: HttpRequest, asked: Asked, by: By = "") -> MeasureOut:
        require("insights.view")(request)
        only = asked.read()
        return _measure(metric, only, by, register.read(metric.name, only, by=by))

    read_measure.__doc__ = f"{metric.title}: {metric.about}; its base counts {metric.base}."
    return read_measure


for _metric in METRICS.values():
    if _metric.name != "usage":
        router.get(
            f"/insights/{_metric.name.replace('_', '-')}",
            response=MeasureOut,
            summary=_metric.title,
            operation_id=f"insights_{_metric.name}",
        )(_endpoint(_metric))


@router.get("/insights/usage", response=MeasureOut, summary="Feature usage rate")
def read_usage(request: HttpRequest, asked: Asked, feature: str = "", by: By = "") -> MeasureOut:
    """Share of the active customers who did each thing; of one *feature*, also cut *by* something."""
    require("insights.view")(request)
    only = asked.read()
    found = activity.usage(only, by=by, feature=feature)
    return _measure(METRICS["usage"], only, by if feature else "feature", found)


@router.get("/insights/funnel", response=list[StepOut], summary="From eligible to finished")
def read_funnel(request: HttpRequest, asked: Asked) -> list[StepOut]:
    """Follow-ups begun in the slice, holdouts left out, and how far each came."""
    require("insights.view")(request)
    return [
        StepOut(step=step.name, count=step.count, share=_interval(step.share))
        for step in reaching.funnel(asked.read())
    ]


@router.get("/insights/pressure", response=PressureOut, summary="Contacts per customer")
def read_pressure(
    request: HttpRequest, asked: Asked, over: Annotated[int, Query(ge=0, le=100)] = reaching.OVER
) -> PressureOut:
    """Plan, channel, wallet, region and language narrow it; the other filters do not."""
    require("insights.view")(request)
    found = reaching.pressure(asked.read(), over=over)
    return PressureOut(
        over=over,
        shares=[_reading(found.share_over(each)) for each in ("", *found.classes)],
        loads=[
            LoadOut(contact_class=each.contact_class, contacts=each.contacts, customers=each.customers)
            for each in found.loads
        ],
    )


@router.get("/insights/hours", response=list[HourOut], summary="When contacts are answered")
def read_hours(request: HttpRequest, asked: Asked) -> list[HourOut]:
    """Every hour at which anybody was contacted; mind the base of each."""
    require("insights.view")(request)
    return [
        HourOut(weekday=each.weekday, hour=each.hour, reading=_reading(each.reading))
        for each in reaching.hours(asked.read())
    ]


@router.get("/insights/compare", response=ComparisonOut, summary="Two groups or periods beside each other")
def read_comparison(request: HttpRequest, asked: Annotated[ComparedIn, Query()]) -> ComparisonOut:
    """*metric* of the groups *one* and *other* of *cut*; without *cut*, this period beside the one before."""
    require("insights.view")(request)
    wanted, only = register.metric(asked.metric), asked.read()
    sides = (
        (only.narrowed(asked.cut, asked.one), only.narrowed(asked.cut, asked.other))
        if asked.cut
        else (only, only.before())
    )
    one, other = (register.one(asked.metric, each) for each in sides)
    return _comparison(wanted, readings.change(one, other))


def _comparison(metric: Metric, found: Change) -> ComparisonOut:
    return ComparisonOut(
        metric=metric.name,
        unit=metric.unit,
        one=_reading(found.one),
        other=_reading(found.other),
        difference=_interval(found.difference),
        direction=found.direction,
    )
