"""The form of one contact, and taking one out."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from huifang.console.names import CHANNELS
from huifang.delivery.records import TemplateRecord
from huifang.plans.durations import say_duration
from huifang.plans.forms.conditions import ConditionsMixin
from huifang.plans.forms.fields import ClauseForm, DurationField, both, replace
from huifang.plans.records import PlanDefinition, Step, StepKind

# Calls come with the call desk.
_CHANNELS = ("in_app", "push", "sms", "email", "im", "webhook")
_KINDS = {
    StepKind.REMINDER: gettext_lazy("After silence"),
    StepKind.FALLBACK: gettext_lazy("Where the step before cannot be made"),
    StepKind.NOTICE: gettext_lazy("As a notice of the step after it, saying what for"),
}


class StepForm(ConditionsMixin, ClauseForm):
    """One contact."""

    channel = forms.ChoiceField(label=gettext_lazy("How"), choices=[])
    kind = forms.ChoiceField(
        label=gettext_lazy("When it is taken"),
        choices=[(kind.value, text) for kind, text in _KINDS.items()],
        required=False,
    )
    after = DurationField(label=gettext_lazy("How long after the step before"))
    subject_zh = forms.CharField(label=gettext_lazy("Subject in Chinese"), required=False, max_length=200)
    subject_en = forms.CharField(label=gettext_lazy("Subject in English"), required=False, max_length=200)
    body_zh = forms.CharField(
        label=gettext_lazy("Message in Chinese"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000
    )
    body_en = forms.CharField(
        label=gettext_lazy("Message in English"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text=gettext_lazy(
            "Filled when it is sent: {link}, {wallet_name}, {plan_name}, {seconds}, {amount}, {currency}, "
            "{merchant}, {preference_link}, {scale} (the answers to the first question, as buttons). "
            "In a notice also {when}."
        ),
    )

    def __init__(self, *args: Any, definition: PlanDefinition, number: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.number = number
        step = definition.steps[number - 1] if number <= len(definition.steps) else None
        used = {step.channel} if step else set()
        names = [*_CHANNELS, *sorted(used - set(_CHANNELS))]
        self.fields["channel"].choices = [(code, gettext(CHANNELS[code])) for code in names]  # type: ignore[attr-defined]
        if is_first(definition, number):
            kinds = [("", gettext("First")), (StepKind.NOTICE.value, _KINDS[StepKind.NOTICE])]
            self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        if number == 1:
            self.fields["after"].label = gettext("How long after the wait")
        self.add_rows(step.conditions if step else ())

    @staticmethod
    def initial_of_step(definition: PlanDefinition, number: int) -> dict[str, Any]:
        """Values to start from."""
        if number > len(definition.steps):
            return {"after": say_duration(timedelta(days=1 if number > 1 else 0))}
        step = definition.steps[number - 1]
        return {
            "channel": step.channel,
            "kind": "" if step.kind is StepKind.FIRST else step.kind.value,
            "after": say_duration(step.after),
            "subject_zh": step.subject.get("zh-Hans", ""),
            "subject_en": step.subject.get("en", ""),
            "body_zh": step.body.get("zh-Hans", ""),
            "body_en": step.body.get("en", ""),
        }

    def take_words(self, template: TemplateRecord) -> None:
        """Start from the channel and words of a message template instead."""
        self.initial.update(
            {
                "channel": template.channel,
                "subject_zh": template.subject.get("zh-Hans", ""),
                "subject_en": template.subject.get("en", ""),
                "body_zh": template.body.get("zh-Hans", ""),
                "body_en": template.body.get("en", ""),
            }
        )

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """The step written, or added at the end."""
        data = self.cleaned_data
        step = Step(
            channel=data["channel"],
            kind=StepKind(data["kind"]) if data["kind"] else StepKind.FIRST,
            after=data["after"],
            subject=both(data["subject_zh"], data["subject_en"]),
            body=both(data["body_zh"], data["body_en"]),
            conditions=self.read,
        )
        steps = [*definition.steps[: self.number - 1], step, *definition.steps[self.number :]]
        return replace(definition, steps=in_order(steps))


def is_first(definition: PlanDefinition, number: int) -> bool:
    """Whether nothing but notices comes before step *number*."""
    return all(step.kind is StepKind.NOTICE for step in definition.steps[: number - 1])


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """*steps* of which the first that is no notice is the first contact, and no other one."""
    found: list[Step] = []
    has_first = False
    for step in steps:
        kind = step.kind
        if kind is not StepKind.NOTICE:
            kind = StepKind.FIRST if not has_first else StepKind.REMINDER if kind is StepKind.FIRST else kind
            has_first = True
        found.append(replace(step, kind=kind))
    return tuple(found)


def without_step(definition: PlanDefinition, number: int) -> PlanDefinition:
    """*definition* less one step; what comes first then is the first contact."""
    return replace(definition, steps=in_order([*definition.steps[: number - 1], *definition.steps[number:]]))
