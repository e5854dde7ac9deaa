"""What cannot be true together in a definition: its trigger, notices, quotas, incentive and breaker. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from huifang.decisions.buckets import BUCKETS
from huifang.decisions.policy import ContactClass
from huifang.kernel.texts import LANGUAGES
from huifang.plans.definition import (
    Incentive,
    IncentiveKind,
    PlanDefinition,
    Prize,
    PrizeKind,
    PulsePeriod,
    QuotaCell,
    StepKind,
    Trigger,
    TriggerKind,
)
from huifang.plans.records import Fault

DAYS_MAX = 366
REWARD_DAYS_MAX = 3650
EVENT = "event:"
EVENT_PLACEHOLDERS = ("amount", "currency", "merchant")
NOTICE_PLACEHOLDERS = ("when",)
_QUARTER = timedelta(days=90)
_BREAKER_WINDOW_MAX = timedelta(days=30)
_EXEMPT = (ContactClass.CASE, ContactClass.SECURITY)
_WITH_PROPERTIES = (TriggerKind.EVENT, TriggerKind.FACT)
_FITTING = {
    IncentiveKind.COUPON: (PrizeKind.COUPON,),
    IncentiveKind.POINTS: (PrizeKind.POINTS,),
    IncentiveKind.RANDOM: tuple(PrizeKind),
}


def contradictions_of(definition: PlanDefinition) -> Iterator[Fault]:
    """Every one of them, in the order in which the plan is read."""
    yield from _of_trigger(definition)
    yield from _of_event_words(definition)
    yield from _of_notices(definition)
    yield from _of_quotas(definition)
    if definition.incentive is not None:
        yield from _of_incentive(definition.incentive)
    yield from _of_breaker(definition)


def pulse_length(trigger: Trigger) -> timedelta:
    """From one pulse to the next, at least."""
    return _QUARTER if trigger.period is PulsePeriod.QUARTER else timedelta(days=trigger.every_days)


def _fault(code: str, *, step: int = 0, **facts: object) -> Fault:
    return Fault(code=code, step=step, facts={name: str(value) for name, value in facts.items()})


def _of_trigger(definition: PlanDefinition) -> Iterator[Fault]:
    trigger = definition.trigger
    if trigger.kind is TriggerKind.DATE:
        if not trigger.trait.strip():
            yield _fault("trait_missing")
        if abs(trigger.offset_days) > DAYS_MAX:
            yield _fault("offset_out_of_range")
    elif trigger.kind is TriggerKind.PULSE:
        yield from _of_pulse(definition)
    elif trigger.kind is TriggerKind.FACT:
        if not trigger.fact.strip():
            yield _fault("fact_missing")
    elif trigger.kind is not TriggerKind.EVENT:
        yield from _of_campaign(trigger)


def _of_campaign(trigger: Trigger) -> Iterator[Fault]:
    if trigger.kind is TriggerKind.SEGMENT and trigger.segment_id is None:
        yield _fault("segment_missing")
    if not 0 <= trigger.spread_hours <= DAYS_MAX * 24:
        yield _fault("spread_out_of_range")
    if trigger.per_day_max < 0:
        yield _fault("per_day_negative")


def _of_pulse(definition: PlanDefinition) -> Iterator[Fault]:
    trigger = definition.trigger
    if trigger.period is PulsePeriod.DAYS and not 1 <= trigger.every_days <= DAYS_MAX:
        yield _fault("pulse_out_of_range")
    elif definition.cooldown > pulse_length(trigger) and definition.contact_class not in _EXEMPT:
        yield _fault(
            "cooldown_longer_than_pulse",
            cooldown_days=definition.cooldown.days,
            pulse_days=pulse_length(trigger).days,
        )


def _of_event_words(definition: PlanDefinition) -> Iterator[Fault]:
    """Conditions and placeholders that look at an event where none starts the plan."""
    if definition.trigger.kind not in _WITH_PROPERTIES:
        conditions = [*definition.conditions, *(one for step in definition.steps for one in step.conditions)]
        for field in dict.fromkeys(one.field for one in conditions if one.field.startswith(EVENT)):
            yield _fault("event_without_event", field=field.removeprefix(EVENT))
    for number, step in enumerate(definition.steps, start=1):
        text = "".join((*step.subject.values(), *step.body.values()))
        if definition.trigger.kind not in _WITH_PROPERTIES:
            for name in EVENT_PLACEHOLDERS:
                if f"{{{name}}}" in text:
                    yield _fault("placeholder_without_event", step=number, placeholder=f"{{{name}}}")
        if step.kind is not StepKind.NOTICE:
            for name in NOTICE_PLACEHOLDERS:
                if f"{{{name}}}" in text:
                    yield _fault("variable_missing", step=number, placeholder=f"{{{name}}}")


def _of_notices(definition: PlanDefinition) -> Iterator[Fault]:
    steps = definition.steps
    for number, step in enumerate(steps, start=1):
        if step.kind is not StepKind.NOTICE:
            continue
        announced = steps[number] if number < len(steps) else None
        if announced is None or announced.kind in (StepKind.NOTICE, StepKind.FALLBACK):
            yield _fault("notice_announces_nothing", step=number)
        if step.channel == "phone":
            yield _fault("notice_by_phone", step=number)


def _of_quotas(definition: PlanDefinition) -> Iterator[Fault]:
    seen = set()
    for number, quota in enumerate(definition.quotas, start=1):
        if quota.limit < 1:
            yield _fault("quota_not_positive", number=number)
        if quota.cell is QuotaCell.ALL and quota.only:
            yield _fault("quota_only_of_all", number=number, only=quota.only)
        same = (quota.of, quota.cell, quota.only, quota.per)
        if same in seen:
            yield _fault("quota_twice", number=number)
        seen.add(same)
    if definition.quotas and definition.contact_class in _EXEMPT:
        yield _fault("quota_in_exempt_class", contact_class=definition.contact_class)


def _of_incentive(incentive: Incentive) -> Iterator[Fault]:
    if not incentive.prizes:
        yield _fault("prizes_missing")
    if incentive.kind is not IncentiveKind.RANDOM and len(incentive.prizes) > 1:
        yield _fault("prizes_too_many")
    for number, prize in enumerate(incentive.prizes, start=1):
        yield from _of_prize(incentive, prize, number)
    if incentive.per_customer < 1:
        yield _fault("per_customer_not_positive")
    if not timedelta(0) < incentive.window <= timedelta(days=REWARD_DAYS_MAX):
        yield _fault("reward_window_out_of_range")
    if not 1 <= incentive.valid_days <= REWARD_DAYS_MAX:
        yield _fault("reward_days_out_of_range")


def _of_prize(incentive: Incentive, prize: Prize, number: int) -> Iterator[Fault]:
    if prize.kind not in _FITTING[incentive.kind]:
        yield _fault("prize_kind_unfit", number=number, kind=incentive.kind.value)
    for language in LANGUAGES:
        if not prize.name.get(language, "").strip():
            yield _fault("prize_name_missing", number=number, language=language)
    if prize.weight < 1:
        yield _fault("prize_weight", number=number)
    if prize.kind is PrizeKind.POINTS and prize.points < 1:
        yield _fault("prize_points", number=number)
    if prize.cost < 0:
        yield _fault("prize_cost", number=number)
    elif prize.kind is PrizeKind.NOTHING and prize.cost:
        yield _fault("prize_nothing_costs", number=number)
    elif prize.cost > incentive.budget:
        yield _fault("budget_below_prize", number=number)


def _of_breaker(definition: PlanDefinition) -> Iterator[Fault]:
    breaker = definition.breaker
    shares = (breaker.failed_basis_points, breaker.refused_basis_points)
    fits = (
        all(0 < share <= BUCKETS for share in shares)
        and breaker.base_min >= 1
        and timedelta(0) < breaker.window <= _BREAKER_WINDOW_MAX
    )
    if breaker.is_on and not fits:
        yield _fault("breaker_out_of_range")
