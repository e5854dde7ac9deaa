"""The forms of a plan's plain clauses. Each reads itself from a definition and gives back the changed one."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from huifang.console.names import PURPOSES, named
from huifang.kernel.texts import LANGUAGES
from huifang.plans.durations import say_duration
from huifang.plans.forms.conditions import ConditionsMixin
from huifang.plans.forms.fields import ClauseForm, DurationField, replace
from huifang.plans.records import PlanDefinition


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
        return replace(
            definition, name={"zh-Hans": data["zh"], "en": data["en"]}, fallback_language=data["fallback"]
        )


class WaitForm(ClauseForm):
    """How long after the trigger."""

    delay = DurationField(label=gettext_lazy("Wait after what starts it"))

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        return {"delay": say_duration(definition.delay)}

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Another delay."""
        return replace(definition, delay=self.cleaned_data["delay"])


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
        return replace(definition, purpose=self.cleaned_data["purpose"], conditions=self.read)


class AskForm(ClauseForm):
    """Which questionnaire, and whether its links count who opened them."""

    questionnaire = forms.TypedChoiceField(label=gettext_lazy("Questionnaire"), coerce=int)
    tracks_links = forms.BooleanField(
        label=gettext_lazy("Links count who opened them"),
        required=False,
        help_text=gettext_lazy("Without it messages hold the questionnaire's own address."),
    )

    def __init__(self, *args: Any, choices: Iterable[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["questionnaire"].choices = list(choices)  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        return {"questionnaire": definition.questionnaire_id, "tracks_links": definition.tracks_links}

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Another questionnaire."""
        data = self.cleaned_data
        return replace(definition, questionnaire_id=data["questionnaire"], tracks_links=data["tracks_links"])
