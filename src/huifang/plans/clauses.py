"""Finds the form of each clause of a plan, and the words that its fields suggest."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import get_language

from huifang.customers.queries import segments
from huifang.delivery.queries import message_templates
from huifang.delivery.records import TemplateRecord
from huifang.events.queries import event_names
from huifang.kernel.texts import pick, product_language
from huifang.plans import sentences
from huifang.plans.forms.clauses import AskForm, IfForm, NameForm, WaitForm
from huifang.plans.forms.fields import ClauseForm
from huifang.plans.forms.incentive import ThankForm
from huifang.plans.forms.limits import CompareForm, NeverForm, QuotaForm, StopForm
from huifang.plans.forms.steps import StepForm
from huifang.plans.forms.trigger import WhenForm
from huifang.plans.records import PlanDefinition
from huifang.questionnaires.queries import questionnaire_choices

Make = Callable[[PlanDefinition, Any], ClauseForm]
# The clause of the sentence in which a form opens, where it is not of the form's own name.
PLACES = {"step": "contact", "quota": "never"}


def form_of(clause: str, definition: PlanDefinition, data: Any = None) -> ClauseForm | None:
    """The form of one clause ("wait", "step-2", "step-new"), or None where there is no such clause."""
    if clause.startswith("step-"):
        return _step_form(clause.removeprefix("step-"), definition, data)
    make = _FORMS.get(clause)
    return make(definition, data) if make else None


def place_of(clause: str) -> str:
    """The clause of the sentence in which the form of *clause* opens."""
    word = clause.partition("-")[0]
    return PLACES.get(word, word)


def templates_for(form: object) -> list[TemplateRecord]:
    """The message templates that a step may take its words from; none for any other clause."""
    return message_templates() if isinstance(form, StepForm) else []


def take_words(form: object, template_id: str) -> None:
    """Start a step from a message template; one that is not there any more changes nothing."""
    wanted = next((each for each in templates_for(form) if str(each.id) == template_id), None)
    if isinstance(form, StepForm) and wanted:
        form.take_words(wanted)


def suggestions() -> Mapping[str, list[str]]:
    """Words to choose from: events that were seen, traits, and fields of conditions."""
    events = sentences.event_choices(name.name for name in event_names())
    fields = ["wallet_kind", "language", "region", "event:amount", "event:category"]
    fields += [f"{kind}:{event}" for event in events[:20] for kind in ("count", "sum")]
    return {"events": events, "fields": fields, "traits": [sentences.REGISTERED_AT, "birthday"]}


def _when(definition: PlanDefinition, data: Any) -> ClauseForm:
    choices = [(each.id, sentences.say_segment(each.name)) for each in segments()]
    return WhenForm(data, segments=choices, initial=WhenForm.initial_of(definition))


def _ask(definition: PlanDefinition, data: Any) -> ClauseForm:
    language = product_language(get_language() or "")
    choices = [(choice.id, pick(choice.name, language)) for choice in questionnaire_choices()]
    return AskForm(data, choices=choices, initial=AskForm.initial_of(definition))


def _plain(form: type[ClauseForm]) -> Make:
    return lambda definition, data: form(data, initial=form.initial_of(definition))


def _whole(form: type[IfForm | QuotaForm | ThankForm]) -> Make:
    return lambda definition, data: form(data, definition=definition, initial=form.initial_of(definition))


_FORMS: dict[str, Make] = {
    "name": _plain(NameForm),
    "when": _when,
    "wait": _plain(WaitForm),
    "if": _whole(IfForm),
    "ask": _ask,
    "thank": _whole(ThankForm),
    "never": _plain(NeverForm),
    "quota": _whole(QuotaForm),
    "compare": _plain(CompareForm),
    "stop": _plain(StopForm),
}


def _step_form(word: str, definition: PlanDefinition, data: Any) -> StepForm | None:
    number = len(definition.steps) + 1 if word == "new" else int(word) if word.isdecimal() else 0
    if not 1 <= number <= len(definition.steps) + (word == "new"):
        return None
    initial = StepForm.initial_of_step(definition, number)
    return StepForm(data, definition=definition, number=number, initial=initial)
