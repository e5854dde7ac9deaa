"""Whether a definition can go live: its own faults and those that only other rooms can see."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from huifang.customers.errors import ScanTooLargeError, SlowSegmentError, UnknownSegmentError
from huifang.customers.queries import segment, segment_count
from huifang.customers.records import SegmentChoice
from huifang.decisions.calendars import NO_HOLIDAYS
from huifang.decisions.policy import Policy
from huifang.decisions.windows import next_open
from huifang.delivery.errors import PlaceholderBrokenError, PlaceholderUnknownError
from huifang.delivery.queries import policy
from huifang.delivery.services import check_template
from huifang.plans import one_tap
from huifang.plans.models import CouponCode
from huifang.plans.records import Fault, PlanDefinition, PrizeKind, StepKind, TriggerKind
from huifang.plans.rules import faults_of
from huifang.questionnaires.errors import NotPublishedError, UnknownQuestionnaireError
from huifang.questionnaires.queries import definition as definition_of
from huifang.questionnaires.queries import published, questionnaire
from huifang.questionnaires.records import QuestionnaireChoice

_MONDAY = datetime(2025, 3, 10, tzinfo=UTC)
_WEEK = 7
_FIXED_HOUR = (TriggerKind.DATE, TriggerKind.PULSE)


def faults(definition: PlanDefinition) -> list[Fault]:
    """Every fault, in the order in which the plan is read."""
    return [
        *faults_of(definition),
        *_faults_of_segment(definition),
        *_faults_of_questionnaire(definition),
        *_faults_of_templates(definition),
        *faults_of_hours(definition, policy()),
        *_faults_of_pools(definition),
    ]


def _faults_of_segment(definition: PlanDefinition) -> Iterator[Fault]:
    trigger = definition.trigger
    if trigger.kind is not TriggerKind.SEGMENT or trigger.segment_id is None:
        return
    try:
        chosen = segment(segment_id=trigger.segment_id)
    except UnknownSegmentError:
        yield Fault(code="segment_unknown", facts={})
    else:
        if chosen.is_archived:
            yield Fault(code="segment_archived", facts={"name": chosen.name})
        yield from _faults_of_finding(chosen)


def _faults_of_finding(chosen: SegmentChoice) -> Iterator[Fault]:
    try:
        segment_count(segment_id=chosen.id)
    except (SlowSegmentError, ScanTooLargeError):
        yield Fault(code="segment_too_slow", facts={"name": chosen.name})


def faults_of_hours(definition: PlanDefinition, holds: Policy) -> Iterator[Fault]:
    """Steps for which the contact policy leaves no minute: on no day of a week, wherever the customer lives.

    Where the trigger has an hour of its own, only what that hour and the plan's time leave is looked at.
    """
    at = definition.delay
    for number, step in enumerate(definition.steps, start=1):
        at += step.after if step.kind is not StepKind.FALLBACK else timedelta(0)
        hours = holds.hours.get(step.channel)
        spans = (*hours.weekday, *hours.weekend, *hours.holiday) if hours else ()
        is_open = bool(spans)
        if hours and spans and definition.trigger.kind in _FIXED_HOUR:
            hour = timedelta(hours=definition.trigger.at.hour, minutes=definition.trigger.at.minute)
            starts = [_MONDAY + timedelta(days=day) + hour + at for day in range(_WEEK)]
            zone = ZoneInfo("UTC")
            is_open = any(
                next_open(start, zone, hours, NO_HOLIDAYS, until=start + definition.valid_for)
                for start in starts
            )
        if not is_open:
            yield Fault(code="hours_never_open", step=number, facts={"channel": step.channel})


def _faults_of_pools(definition: PlanDefinition) -> Iterator[Fault]:
    prizes = definition.incentive.prizes if definition.incentive else ()
    for number, prize in enumerate(prizes, start=1):
        if prize.kind is PrizeKind.COUPON and prize.pool:
            left = CouponCode.objects.filter(pool=prize.pool, reward_id=None)
            if not left.exists():
                yield Fault(code="pool_empty", facts={"number": str(number), "pool": prize.pool})


def _faults_of_questionnaire(definition: PlanDefinition) -> Iterator[Fault]:
    if definition.questionnaire_id is None:
        return
    try:
        choice = published(questionnaire_id=definition.questionnaire_id)
        is_archived = questionnaire(questionnaire_id=definition.questionnaire_id).is_archived
    except (NotPublishedError, UnknownQuestionnaireError):
        yield Fault(code="questionnaire_not_published", facts={})
    else:
        if is_archived:
            yield Fault(code="questionnaire_archived", facts={})
        yield from _faults_of_one_tap(definition, choice)


def _faults_of_one_tap(definition: PlanDefinition, choice: QuestionnaireChoice) -> Iterator[Fault]:
    """Messages with the answers as buttons, where the first question has none to show."""
    wanted = [number for number, step in enumerate(definition.steps, start=1) if one_tap.is_wanted(step)]
    if wanted and not one_tap.has_choices(definition_of(version_id=choice.version_id)):
        for number in wanted:
            yield Fault(code="answers_missing", step=number, facts={"placeholder": one_tap.PLACEHOLDER})


def _faults_of_templates(definition: PlanDefinition) -> Iterator[Fault]:
    for number, step in enumerate(definition.steps, start=1):
        for texts in (step.subject, step.body):
            try:
                check_template(texts=texts)
            except PlaceholderUnknownError as error:
                facts = {"placeholder": str(error.facts["placeholder"])}
                yield Fault(code="placeholder_unknown", step=number, facts=facts)
            except PlaceholderBrokenError as error:
                yield Fault(code="placeholder_broken", step=number, facts={"near": str(error.facts["near"])})
