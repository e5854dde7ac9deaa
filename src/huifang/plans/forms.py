"""The forms of a plan's clauses. Each reads itself from a definition and gives back the changed one."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext, gettext_lazy

from huifang.console.names import CHANNELS, CONTACT_CLASSES, PURPOSES, named
from huifang.decisions.conditions import Condition, Op
from huifang.kernel.texts import LANGUAGES
from huifang.plans import phrases
from huifang.plans.durations import read_duration, say_duration
from huifang.plans.records import Occurrence, PlanDefinition, Step, StepKind, Trigger

CONDITION_ROWS = 4
_CHANNELS = ("in_app", "sms", "email")
_replace = msgspec.structs.replace


class DurationField(forms.CharField):
    """A duration in natural words: "2 days", "36 h", "90分钟"."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", gettext_lazy("For example: 2 days, 36 hours, 90 minutes."))
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        """The duration. Raises `forms.ValidationError`."""
        text = super().clean(value)
        found = read_duration(text)
        if found is None:
            raise forms.ValidationError(gettext("Write a duration such as 2 days or 36 hours."))
        return found


class AmountField(forms.CharField):
    """An amount as people write it: "500", "1,000.50", "¥500"; empty for none."""

    def clean(self, value: Any) -> Any:
        """The amount or None. Raises `forms.ValidationError`."""
        text = super().clean(value).strip().lstrip("¥￥$€£").replace(",", "").replace("，", "").strip()
        if not text:
            return None
        try:
            return float(text)
        except ValueError:
            raise forms.ValidationError(gettext("Write an amount such as 500.")) from None


class PercentField(forms.DecimalField):
    """A percentage that is kept in basis points."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, **options)

    def clean(self, value: Any) -> Any:
        """Basis points."""
        return int(super().clean(value) * 100)


class ClauseForm(forms.Form):
    """A form of one clause."""

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        raise NotImplementedError

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """*definition* with what was written."""
        raise NotImplementedError


class NameForm(ClauseForm):
    """What the plan is called, in each language."""

    zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=80)
    en = forms.CharField(label=gettext_lazy("Name in English"), max_length=80)
    fallback = forms.ChoiceField(
        label=gettext_lazy("Language for customers whose language is not known"),
        choices=[(code, code) for code in LANGUAGES],
    )

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        name = definition.name
        return {
            "zh": name.get("zh-Hans", ""),
            "en": name.get("en", ""),
            "fallback": definition.fallback_language,
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["fallback"].choices = [(code, named("language", code)) for code in LANGUAGES]  # type: ignore[attr-defined]

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Rename."""
        data = self.cleaned_data
        return _replace(
            definition, name={"zh-Hans": data["zh"], "en": data["en"]}, fallback_language=data["fallback"]
        )


class WhenForm(ClauseForm):
    """The event that starts the plan."""

    event = forms.CharField(
        label=gettext_lazy("Event"),
        max_length=200,
        widget=forms.TextInput(attrs={"list": "event-names", "autocomplete": "off"}),
        help_text=gettext_lazy("Any event that the wallet sends."),
    )
    occurrence = forms.ChoiceField(
        label=gettext_lazy("Which of a customer's events"),
        choices=[
            (Occurrence.FIRST.value, gettext_lazy("The first")),
            (Occurrence.EVERY.value, gettext_lazy("Every one")),
        ],
    )
    amount = AmountField(
        label=gettext_lazy("Least amount"), required=False, help_text=gettext_lazy("Empty for any amount.")
    )

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        trigger = definition.trigger
        amount = "" if trigger.amount_at_least is None else f"{trigger.amount_at_least:.10g}"
        return {"event": trigger.event, "occurrence": trigger.occurrence.value, "amount": amount}

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Another trigger."""
        data = self.cleaned_data
        trigger = Trigger(
            event=data["event"], occurrence=Occurrence(data["occurrence"]), amount_at_least=data["amount"]
        )
        return _replace(definition, trigger=trigger)


class WaitForm(ClauseForm):
    """How long after the event."""

    delay = DurationField(label=gettext_lazy("Wait after the event"))

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        return {"delay": say_duration(definition.delay)}

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Another delay."""
        return _replace(definition, delay=self.cleaned_data["delay"])


class ConditionsMixin(forms.Form):
    """Rows of field, comparison and value; an empty field drops its row."""

    def add_rows(self, conditions: Iterable[Condition]) -> None:
        """Make the rows, filled with *conditions*."""
        ops = [(op.value, gettext(phrases.OPS[op.value])) for op in Op]
        given = list(conditions)
        for row in range(max(CONDITION_ROWS, len(given) + 1)):
            known = given[row] if row < len(given) else None
            self.fields[f"field_{row}"] = forms.CharField(
                required=False,
                initial=known.field if known else "",
                widget=forms.TextInput(attrs={"list": "condition-fields", "autocomplete": "off"}),
                label=gettext("What"),
            )
            self.fields[f"op_{row}"] = forms.ChoiceField(
                required=False,
                choices=ops,
                initial=known.op if known else Op.IS.value,
                label=gettext("Comparison"),
            )
            self.fields[f"value_{row}"] = forms.CharField(
                required=False, initial=_shown(known), label=gettext("Value")
            )

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """The rows as bound fields."""
        numbers = [name.removeprefix("field_") for name in self.fields if name.startswith("field_")]
        return [(self[f"field_{n}"], self[f"op_{n}"], self[f"value_{n}"]) for n in numbers]

    def conditions(self) -> tuple[Condition, ...]:
        """What was written. Adds an error to a row that cannot be."""
        found = []
        for field, op, value in self.rows:
            name = self.cleaned_data.get(field.name, "")
            if not name:
                continue
            try:
                found.append(_condition(name, Op(self.cleaned_data[op.name]), self.cleaned_data[value.name]))
            except ValueError:
                self.add_error(value.name, gettext("This value cannot be compared so."))
        return tuple(found)

    def clean(self) -> dict[str, Any] | None:
        """Also reads the rows."""
        data = super().clean()
        self.read = self.conditions()
        return data


def _shown(condition: Condition | None) -> str:
    if condition is None or condition.value is None:
        return ""
    value = condition.value
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _condition(field: str, op: Op, text: str) -> Condition:
    """Raises `ValueError`."""
    if op in (Op.EXISTS, Op.MISSING):
        return Condition(field=field, op=op, value=None)
    if op is Op.IN:
        words = tuple(_scalar(word.strip()) for word in text.replace("，", ",").split(",") if word.strip())
        return Condition(field=field, op=op, value=words)
    return Condition(field=field, op=op, value=_scalar(text.strip()))


def _scalar(text: str) -> str | float | int:
    plain = text.replace(",", "")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return text


class IfForm(ConditionsMixin, ClauseForm):
    """Whom the plan is for."""

    purpose = forms.ChoiceField(
        label=gettext_lazy("They agreed to"),
        choices=[(code, gettext_lazy(PURPOSES[code])) for code in ("service_follow_up", "marketing")],
    )

    def __init__(self, *args: Any, definition: PlanDefinition, **options: Any) -> None:
        super().__init__(*args, **options)
        self.add_rows(definition.conditions)

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        return {"purpose": definition.purpose}

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Other conditions."""
        return _replace(definition, purpose=self.cleaned_data["purpose"], conditions=self.read)


class StepForm(ConditionsMixin, ClauseForm):
    """One contact."""

    channel = forms.ChoiceField(label=gettext_lazy("How"), choices=[])
    kind = forms.ChoiceField(
        label=gettext_lazy("When it is taken"),
        choices=[
            (StepKind.REMINDER.value, gettext_lazy("After silence")),
            (StepKind.FALLBACK.value, gettext_lazy("Where the step before cannot be made")),
        ],
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
            "{merchant}, {preference_link}."
        ),
    )

    def __init__(self, *args: Any, definition: PlanDefinition, number: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.number = number
        step = definition.steps[number - 1] if number <= len(definition.steps) else None
        used = {step.channel} if step else set()
        names = [*_CHANNELS, *sorted(used - set(_CHANNELS))]
        self.fields["channel"].choices = [(code, gettext(CHANNELS[code])) for code in names]  # type: ignore[attr-defined]
        if number == 1:
            del self.fields["kind"]
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
            "kind": step.kind.value,
            "after": say_duration(step.after),
            "subject_zh": step.subject.get("zh-Hans", ""),
            "subject_en": step.subject.get("en", ""),
            "body_zh": step.body.get("zh-Hans", ""),
            "body_en": step.body.get("en", ""),
        }

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """The step written, or added at the end."""
        data = self.cleaned_data
        kind = StepKind.FIRST if self.number == 1 else StepKind(data["kind"] or StepKind.REMINDER)
        step = Step(
            channel=data["channel"],
            kind=kind,
            after=data["after"],
            subject=_texts(data["subject_zh"], data["subject_en"]),
            body=_texts(data["body_zh"], data["body_en"]),
            conditions=self.read,
        )
        steps = [*definition.steps[: self.number - 1], step, *definition.steps[self.number :]]
        return _replace(definition, steps=tuple(steps))


def _texts(zh: str, en: str) -> dict[str, str]:
    return {language: text for language, text in (("zh-Hans", zh), ("en", en)) if text}


def without_step(definition: PlanDefinition, number: int) -> PlanDefinition:
    """*definition* less one step; what comes first then is the first contact."""
    steps = [step for at, step in enumerate(definition.steps, start=1) if at != number]
    if steps:
        steps[0] = _replace(steps[0], kind=StepKind.FIRST)
    return _replace(definition, steps=tuple(steps))


class AskForm(ClauseForm):
    """Which questionnaire."""

    questionnaire = forms.TypedChoiceField(label=gettext_lazy("Questionnaire"), coerce=int)

    def __init__(self, *args: Any, choices: Iterable[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["questionnaire"].choices = list(choices)  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        return {"questionnaire": definition.questionnaire_id}

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Another questionnaire."""
        return _replace(definition, questionnaire_id=self.cleaned_data["questionnaire"])


class NeverForm(ClauseForm):
    """What holds the plan back."""

    cooldown = DurationField(label=gettext_lazy("Not the same customer again within"))
    valid_for = DurationField(label=gettext_lazy("No contact any more after"))
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        min_value=0,
        max_value=100,
        help_text=gettext_lazy("Where two plans want one customer, the higher goes first."),
    )
    contact_class = forms.ChoiceField(
        label=gettext_lazy("Contact class"),
        choices=[(code, gettext_lazy(text)) for code, text in CONTACT_CLASSES.items()],
        help_text=gettext_lazy("Only case and security contacts are outside the contact budget."),
    )

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        return {
            "cooldown": say_duration(definition.cooldown),
            "valid_for": say_duration(definition.valid_for),
            "priority": definition.priority,
            "contact_class": definition.contact_class,
        }

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Other limits."""
        return _replace(definition, **self.cleaned_data)


class CompareForm(ClauseForm):
    """Who takes part, and who is the control group."""

    holdout = PercentField(label=gettext_lazy("Holdout"), min_value=0, max_value=99)
    sampling = PercentField(
        label=gettext_lazy("Share of customers who take part"), min_value=0, max_value=100
    )

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        return {
            "holdout": f"{definition.holdout_basis_points / 100:g}",
            "sampling": f"{definition.sampling_basis_points / 100:g}",
        }

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Other shares."""
        return _replace(
            definition,
            holdout_basis_points=self.cleaned_data["holdout"],
            sampling_basis_points=self.cleaned_data["sampling"],
        )
