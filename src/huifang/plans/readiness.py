"""The checks before a plan goes live: what stops it, what to look at, what is well."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext, ngettext

from huifang.console.names import named
from huifang.decisions.policy import CONTACT, ContactClass, Policy
from huifang.kernel.texts import pick
from huifang.plans import checks, phrases
from huifang.plans.records import (
    PlanDefinition,
    PlanLine,
    RehearsalRecord,
    StepKind,
    Trigger,
    TriggerKind,
    VersionState,
)

_WAYS_OUT = ("{preference_link}", "TD", "STOP", "退订")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line. *kind*: "good", "warn" (look at it) or "bad" (stops it). *clause* is where to mend it."""

    kind: str
    text: str
    clause: str = ""


def checks_of(
    line: PlanLine,
    *,
    others: Sequence[PlanLine],
    policy: Policy,
    rehearsed: RehearsalRecord | None,
    language: str,
) -> list[Check]:
    """Every check of the version shown, what stops it first."""
    definition = line.definition
    faults = [
        Check(kind="bad", text=phrases.say_fault(fault), clause=phrases.clause_of(fault))
        for fault in checks.faults(definition)
    ]
    if not faults:
        faults = [Check(kind="good", text=_languages(definition))]
    return [
        *faults,
        *_overlaps(line, others, language),
        *_manners(definition),
        *_budget(definition, policy),
        _rehearsed(line, rehearsed),
    ]


def _languages(definition: PlanDefinition) -> str:
    text = gettext("Every message exists in Chinese and English; the fallback is {language}.")
    return text.format(language=named("language", definition.fallback_language))


def _overlaps(line: PlanLine, others: Sequence[PlanLine], language: str) -> Iterator[Check]:
    definition = line.definition
    for other in others:
        same = _starts_together(other.definition.trigger, definition.trigger)
        if other.id == line.id or other.state is not VersionState.ACTIVE or not same:
            continue
        name = pick(other.name, language)
        if other.definition.priority > definition.priority:
            text = gettext("“{name}” starts on the same event and goes first.")
        elif other.definition.priority < definition.priority:
            text = gettext("“{name}” starts on the same event; this plan goes first.")
        else:
            text = gettext(
                "“{name}” starts on the same event with the same priority: who is due first goes first."
            )
        yield Check(kind="warn", text=text.format(name=name), clause="never")


def _starts_together(one: Trigger, other: Trigger) -> bool:
    """Whether one happening starts both: the same event, or the same segment."""
    if one.kind is not other.kind:
        return False
    if one.kind is TriggerKind.EVENT:
        return bool(one.event) and one.event == other.event
    is_same = one.segment_id is not None and one.segment_id == other.segment_id
    return one.kind is TriggerKind.SEGMENT and is_same


def _manners(definition: PlanDefinition) -> Iterator[Check]:
    """Whether each message outside the app names the sender and a way out; a push is the app's own."""
    for number, step in enumerate(definition.steps, start=1):
        if step.channel in ("in_app", "push", "webhook"):
            continue
        facts = {"number": number, "channel": named("channel", step.channel)}
        texts = [text for text in step.body.values() if text]
        named_there = all(
            "{wallet_name}" in text or "{wallet_name}" in step.subject.get(language, "")
            for language, text in step.body.items()
        )
        way_out = all(any(way in text for way in _WAYS_OUT) for text in texts)
        if texts and named_there and way_out:
            text = gettext("Step {number} ({channel}) names the sender and a way out.")
            yield Check(kind="good", text=text.format(**facts))
        if not named_there:
            text = gettext("Step {number} ({channel}) does not name the sender: use {{wallet_name}}.")
            yield Check(kind="warn", text=text.format(**facts), clause=f"step-{number}")
        if not way_out:
            text = gettext("Step {number} ({channel}) offers no way out: use {{preference_link}} or STOP.")
            yield Check(kind="warn", text=text.format(**facts), clause=f"step-{number}")


def _budget(definition: PlanDefinition, policy: Policy) -> Iterator[Check]:
    """Whether the plan's own steps fit into the contact budget."""
    if definition.contact_class != ContactClass.FOLLOW_UP:
        yield Check(
            kind="warn", text=gettext("These contacts are outside the contact budget."), clause="never"
        )
        return
    steps = [step for step in definition.steps if step.kind is not StepKind.FALLBACK]
    quick = 1 + sum(step.after < _DAY for step in steps[1:])
    tight = [cap for cap in policy.caps if cap.scope == CONTACT and cap.window <= _DAY and cap.limit < quick]
    closed = [step.channel for step in definition.steps if step.channel not in policy.hours]
    if tight:
        text = ngettext(
            "The budget allows %(limit)d contact a day, fewer than the plan's steps in one day.",
            "The budget allows %(limit)d contacts a day, fewer than the plan's steps in one day.",
            tight[0].limit,
        )
        yield Check(kind="warn", text=text % {"limit": tight[0].limit}, clause="step-2")
    for channel in closed:
        text = gettext("No contact hours are set for this channel: {channel}.")
        yield Check(kind="warn", text=text.format(channel=named("channel", channel)))
    if not tight and not closed and steps:
        yield Check(kind="good", text=gettext("The plan's steps fit into the contact budget and hours."))


def _rehearsed(line: PlanLine, rehearsed: RehearsalRecord | None) -> Check:
    version = line.draft_version or line.live_version
    if rehearsed is None or rehearsed.result is None:
        return Check(kind="warn", text=gettext("Not rehearsed yet: nobody knows how many people it reaches."))
    if rehearsed.version != version or rehearsed.created_at < line.edited_at:
        return Check(kind="warn", text=gettext("Changed since the last rehearsal."))
    return Check(kind="good", text=gettext("Rehearsed as it is now."))
