"""Draws what one made-up customer lives through: day strips with allowed hours and contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext, gettext_noop
from msgspec.structs import replace

from huifang.console.names import named
from huifang.customers.records import Standing
from huifang.decisions.buckets import BUCKETS
from huifang.decisions.budget import Contact
from huifang.decisions.policy import MIDNIGHT, DayKind, Hours
from huifang.decisions.zones import find_zone
from huifang.kernel.ids import CustomerId
from huifang.plans.playing import Person, Playing, hour_of
from huifang.plans.records import Occurrence, PlanDefinition, Trigger, TriggerKind, VersionState
from huifang.plans.sentences import say_trigger
from huifang.plans.situations import LivePlan, Moment, Subject, subject_facts

DAYS_MAX = 10
# Whatever starts a plan, to the one customer of the example it happens.
_STARTS = Trigger(event="start", occurrence=Occurrence.EVERY)
_EVERY = frozenset({"*"})
_DAY_MINUTES = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A made-up customer: what they did, when by their own clock, and where."""

    zone: str
    weekday: int
    at: time
    note: str


EXAMPLES = (
    Example(
        zone="Asia/Shanghai", weekday=0, at=time(19, 42), note=gettext_noop("on a Monday evening in Shanghai")
    ),
    Example(
        zone="Asia/Shanghai", weekday=5, at=time(23, 15), note=gettext_noop("late on a Saturday in Shanghai")
    ),
    Example(
        zone="Europe/Berlin", weekday=3, at=time(8, 5), note=gettext_noop("on a Thursday morning in Berlin")
    ),
    Example(
        zone="America/New_York",
        weekday=4,
        at=time(12, 30),
        note=gettext_noop("at noon on a Friday in New York"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A span of the day, as SVG percentages."""

    x: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One thing that happens, where on the strip and what; *is_event* is the customer's own act."""

    x: str
    at: datetime
    text: str
    is_event: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One local day."""

    day: date
    open: Sequence[Bar]
    dots: Sequence[Dot]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What one customer lives through: strips in order, and when the same plan may ask again."""

    note: str
    strips: Sequence[Strip]
    zone: str
    again_at: datetime
    is_contacted: bool


def life_of(definition: PlanDefinition, *, moment: Moment, number: int) -> Life:
    """Play the plan for one of the `EXAMPLES`, who never answers, with the code that runs live."""
    example = EXAMPLES[number % len(EXAMPLES)]
    occurred_at = _last(example, moment.now, _hour(definition) or example.at)
    contacts = _contacts(definition, example, occurred_at, moment)
    zone = find_zone(example.zone)
    assert zone is not None
    channels = [contact.channel for contact in contacts]
    dots = [(occurred_at.astimezone(zone), say_trigger(definition.trigger), True)]
    dots += [(made.at.astimezone(zone), named("channel", made.channel), False) for made in contacts]
    hours = moment.policy.hours.get(_strictest(channels or [step.channel for step in definition.steps]))
    first, last = dots[0][0].date(), dots[-1][0].date()
    length = min((last - first).days + 2, DAYS_MAX)
    days = [first + timedelta(days=each) for each in range(length)]
    return Life(
        note=gettext(example.note),
        strips=[
            Strip(
                day=day,
                open=_bars(hours, day, moment),
                dots=[
                    Dot(x=_percent(at.hour * 60 + at.minute), at=at, text=text, is_event=is_event)
                    for at, text, is_event in dots
                    if at.date() == day
                ],
            )
            for day in days
        ],
        zone=example.zone,
        again_at=occurred_at + definition.cooldown,
        is_contacted=bool(channels),
    )


def _hour(definition: PlanDefinition) -> time | None:
    """The hour that the trigger itself names; None where the customer's own act gives it."""
    is_by_clock = definition.trigger.kind in (TriggerKind.DATE, TriggerKind.PULSE)
    return definition.trigger.at if is_by_clock else None


def _last(example: Example, now: datetime, hour: time) -> datetime:
    """The last such weekday that is past, at *hour* there."""
    zone = find_zone(example.zone)
    assert zone is not None
    local = now.astimezone(zone)
    day = local.date() - timedelta(days=(local.weekday() - example.weekday) % 7)
    at = datetime.combine(day, hour, zone)
    return (at if at <= now else at - timedelta(days=7)).astimezone(UTC)


def _contacts(
    definition: PlanDefinition, example: Example, occurred_at: datetime, moment: Moment
) -> tuple[Contact, ...]:
    free = replace(moment, policy=replace(moment.policy, global_holdout_basis_points=0))
    plain = replace(
        definition,
        trigger=_STARTS,
        conditions=(),
        steps=tuple(replace(step, conditions=()) for step in definition.steps),
        holdout_basis_points=0,
        sampling_basis_points=BUCKETS,
    )
    plan = LivePlan(
        plan_id=0,
        version_id=0,
        version=0,
        state=VersionState.ACTIVE,
        live_since=occurred_at,
        definition=plain,
    )
    person = Person(external_id="", first_at=occurred_at, hour=hour_of(occurred_at, example.zone))
    playing = Playing(plan, lambda now: replace(free, now=now))
    playing.see(person, _subject(example, definition), occurred_at)
    playing.finish()
    return person.contacts


def _subject(example: Example, definition: PlanDefinition) -> Subject:
    standing = Standing(
        customer_id=CustomerId(0),
        external_id="example",
        wallet_kind="soft",
        language=definition.fallback_language,
        time_zone=example.zone,
        region="",
        traits={},
        consented_channels=_EVERY,
        suppressed_channels=frozenset(),
        reachable_channels=frozenset({step.channel for step in definition.steps}),
    )
    facts = subject_facts(definition, standing, event_facts={}, activity={})
    return Subject(standing=standing, facts=facts, contacts=())


def _strictest(channels: Sequence[str]) -> str:
    """The channel whose hours are drawn: a call before a message, a message before the app."""
    order = ("phone", "sms", "push", "im", "email", "in_app", "webhook")
    return min(channels, key=order.index) if channels else "in_app"


def _bars(hours: Hours | None, day: date, moment: Moment) -> list[Bar]:
    if hours is None:
        return []
    bars = []
    spans = {
        DayKind.WEEKDAY: hours.weekday,
        DayKind.WEEKEND: hours.weekend,
        DayKind.HOLIDAY: hours.holiday,
    }
    for span in spans[moment.calendar.day_kind(day)]:
        start = span.start.hour * 60 + span.start.minute
        end = _DAY_MINUTES if span.end == MIDNIGHT else span.end.hour * 60 + span.end.minute
        bars.append(Bar(x=_percent(start), width=_percent(end - start)))
    return bars


def _percent(minutes: int) -> str:
    return f"{minutes * 100 / _DAY_MINUTES:.2f}%"
