"""Checks a plan's definition as a whole and names every fault; decides nothing about a customer."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from huifang.decisions.buckets import BUCKETS
from huifang.decisions.policy import CHANNELS, ContactClass
from huifang.kernel.texts import LANGUAGES
from huifang.plans.contradictions import contradictions_of
from huifang.plans.errors import UnreadableDefinitionError
from huifang.plans.records import Fault, PlanDefinition, Step, StepKind, Texts, TriggerKind

STEPS_MAX = 8
NAME_LENGTH_MAX = 80
DURATION_MAX = timedelta(days=366)
PRIORITY_MAX = 100
PURPOSES = ("service_follow_up", "marketing")
LINK = "{link}"


def read_definition(data: object) -> PlanDefinition:
    """The definition that *data* (JSON values) holds. Raises `UnreadableDefinitionError`."""
    try:
        return msgspec.convert(data, PlanDefinition)
    except msgspec.ValidationError as error:
        raise UnreadableDefinitionError(problem=error) from error


def write_definition(definition: PlanDefinition) -> dict[str, object]:
    """*definition* as JSON values; `read_definition` reads it back as it was."""
    built: dict[str, object] = msgspec.to_builtins(definition)
    return built


def faults_of(definition: PlanDefinition) -> list[Fault]:
    """Every contradiction and gap, in the order in which the plan is read. Empty: it can go live."""
    return [
        *_faults_of_name(definition),
        *_faults_of_trigger(definition),
        *_faults_of_asking(definition),
        *_faults_of_limits(definition),
        *_faults_of_steps(definition),
        *contradictions_of(definition),
    ]


def first_due_after(definition: PlanDefinition) -> timedelta:
    """From the event to the first contact's planned instant."""
    return definition.delay + (definition.steps[0].after if definition.steps else timedelta(0))


def has_ask(definition: PlanDefinition) -> bool:
    """Whether the plan asks something, so that each message must carry the link."""
    return definition.questionnaire_id is not None


def _fault(code: str, *, step: int = 0, **facts: object) -> Fault:
    return Fault(code=code, step=step, facts={name: str(value) for name, value in facts.items()})


def _missing_languages(texts: Texts) -> list[str]:
    return [language for language in LANGUAGES if not texts.get(language, "").strip()]


def _faults_of_name(definition: PlanDefinition) -> Iterator[Fault]:
    for language in _missing_languages(definition.name):
        yield _fault("name_missing", language=language)
    if any(len(name) > NAME_LENGTH_MAX for name in definition.name.values()):
        yield _fault("name_too_long", length_max=NAME_LENGTH_MAX)
    if definition.fallback_language not in LANGUAGES:
        yield _fault("fallback_language_unknown", language=definition.fallback_language)


def _faults_of_trigger(definition: PlanDefinition) -> Iterator[Fault]:
    trigger = definition.trigger
    if trigger.kind is not TriggerKind.EVENT:
        return
    if not trigger.event.strip():
        yield _fault("event_missing")
    if trigger.amount_at_least is not None and not trigger.amount_at_least > 0:
        yield _fault("amount_not_positive", amount=trigger.amount_at_least)


def _faults_of_asking(definition: PlanDefinition) -> Iterator[Fault]:
    if definition.questionnaire_id is None:
        yield _fault("questionnaire_missing")
    if definition.purpose not in PURPOSES:
        yield _fault("purpose_unknown", purpose=definition.purpose)
    if definition.contact_class not in set(ContactClass):
        yield _fault("contact_class_unknown", contact_class=definition.contact_class)
    elif definition.purpose == "marketing" and definition.contact_class != ContactClass.FOLLOW_UP:
        # Case and security contacts pass the caps, which marketing must never do.
        yield _fault("marketing_not_follow_up", contact_class=definition.contact_class)


def _faults_of_limits(definition: PlanDefinition) -> Iterator[Fault]:
    if not timedelta(0) <= definition.delay <= DURATION_MAX:
        yield _fault("delay_out_of_range")
    if not timedelta(0) <= definition.cooldown <= DURATION_MAX:
        yield _fault("cooldown_out_of_range")
    if not timedelta(0) < definition.valid_for <= DURATION_MAX:
        yield _fault("valid_for_out_of_range")
    if not 0 <= definition.priority <= PRIORITY_MAX:
        yield _fault("priority_out_of_range", priority=definition.priority)
    if not 0 < definition.sampling_basis_points <= BUCKETS:
        yield _fault("sampling_out_of_range")
    if not 0 <= definition.holdout_basis_points < BUCKETS:
        yield _fault("holdout_out_of_range")
    exempt = definition.contact_class in (ContactClass.CASE, ContactClass.SECURITY)
    if exempt and (definition.holdout_basis_points or definition.sampling_basis_points != BUCKETS):
        yield _fault("chance_in_exempt_class", contact_class=definition.contact_class)


def _faults_of_steps(definition: PlanDefinition) -> Iterator[Fault]:
    steps = definition.steps
    if not steps:
        yield _fault("steps_missing")
    if len(steps) > STEPS_MAX:
        yield _fault("steps_too_many", steps_max=STEPS_MAX)
    first = next((number for number, step in enumerate(steps, 1) if step.kind is not StepKind.NOTICE), 0)
    for number, step in enumerate(steps, start=1):
        if (step.kind is StepKind.FIRST) != (number == first):
            yield _fault("kind_out_of_place", step=number, kind=step.kind)
        yield from _faults_of_step(step, number)
        if has_ask(definition) and step.kind is not StepKind.NOTICE:
            yield from _faults_of_link(step, number)
    later = sum((step.after for step in steps[1:] if step.kind is not StepKind.FALLBACK), timedelta(0))
    if len(steps) > 1 and later >= definition.valid_for:
        yield _fault("deadline_before_last_step")


def _faults_of_step(step: Step, number: int) -> Iterator[Fault]:
    if step.channel not in CHANNELS:
        yield _fault("channel_unknown", step=number, channel=step.channel)
    if not timedelta(0) <= step.after <= DURATION_MAX:
        yield _fault("after_out_of_range", step=number)
    elif step.kind is StepKind.REMINDER and not step.after:
        yield _fault("reminder_at_once", step=number)
    for language in _missing_languages(step.body):
        yield _fault("body_missing", step=number, language=language)
    if step.channel == "email":
        for language in _missing_languages(step.subject):
            yield _fault("subject_missing", step=number, language=language)
    unknown = sorted({*step.body, *step.subject} - set(LANGUAGES))
    if unknown:
        yield _fault("language_unknown", step=number, language=unknown[0])


def _faults_of_link(step: Step, number: int) -> Iterator[Fault]:
    for language in LANGUAGES:
        if step.body.get(language, "").strip() and LINK not in step.body[language]:
            yield _fault("link_missing", step=number, language=language)
