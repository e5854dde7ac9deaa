"""Turns a question into what a template shows: its texts in one language, its choices, what was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext, gettext_noop

from huifang.kernel.texts import pick
from huifang.questionnaires import rules
from huifang.questionnaires.kinds.registry import kind_of
from huifang.questionnaires.kinds.scale import Scale
from huifang.questionnaires.kinds.text import Text
from huifang.questionnaires.records import AnswerValue, Definition, Progress, Question, QuestionKind

_CSAT_LABELS = {
    5: gettext_noop("Very satisfied"),
    4: gettext_noop("Satisfied"),
    3: gettext_noop("Neither"),
    2: gettext_noop("Dissatisfied"),
    1: gettext_noop("Very dissatisfied"),
}
_ENDS = {
    QuestionKind.NPS: (gettext_noop("Not at all likely"), gettext_noop("Very likely")),
    QuestionKind.CES: (gettext_noop("Very hard"), gettext_noop("Very easy")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to tap. *bars* draws a level: true for each filled bar."""

    value: str
    label: str
    is_chosen: bool
    bars: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question as a template shows it."""

    key: str
    kind: str
    template: str
    form_template: str
    title: str
    hint: str
    choices: tuple[Choice, ...]
    other: Choice | None
    text: str
    low_label: str
    high_label: str
    is_long: bool
    is_required: bool
    is_one_tap: bool
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One mark of the progress line: done, now or to come."""

    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a customer is in a questionnaire: their answers, skips and language."""

    definition: Definition
    language: str
    answers: Mapping[str, AnswerValue] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()

    def current(self, wanted: str = "") -> Question | None:
        """The question asked for where it is shown, else the next open one; None when all is done."""
        found = rules.question_on_path(self.definition, self.answers, wanted) if wanted else None
        return found or rules.next_question(self.definition, self.answers, self.skipped)

    def open_questions(self) -> list[Question]:
        """What is shown and neither answered nor skipped."""
        return rules.open_questions(self.definition, self.answers, self.skipped)

    def progress(self, current: Question) -> Progress:
        """How far *current* is."""
        return rules.progress(self.definition, self.answers, self.skipped, current, self.language)


def steps(progress: Progress) -> list[Step]:
    """The marks of the progress line."""
    return [
        Step(state="done" if place < progress.place else "now" if place == progress.place else "")
        for place in range(1, progress.total + 1)
    ]


def ask(question: Question, position: Position, *, chosen: str = "", text: str = "") -> Asked:
    """*question* as it is shown; *chosen* and *text* go before a stored answer."""
    kind = kind_of(question)
    stored = position.answers.get(question.key, AnswerValue())
    marked = _marked(stored, chosen)
    every = _choices(question, position, marked)
    others = {option.key for option in question.options if option.is_other}
    low, high = _ends(question, position)
    return Asked(
        key=question.key,
        kind=question.kind.value,
        template=kind.template,
        form_template=kind.form_template,
        title=_say(question.title, position),
        hint=_say(question.hint, position),
        choices=tuple(choice for choice in every if choice.value not in others),
        other=next((choice for choice in every if choice.value in others), None),
        text=text or stored.text,
        low_label=low,
        high_label=high,
        is_long=question.is_long,
        is_required=question.is_required,
        is_one_tap=kind.is_one_tap,
        limit=kind.limit(question) if isinstance(kind, Text) else 200,
    )


def _say(texts: Mapping[str, str], position: Position) -> str:
    return pick(texts, position.language, position.definition.fallback_language)


def _marked(stored: AnswerValue, chosen: str) -> set[str]:
    if chosen:
        return {chosen}
    return {str(stored.number)} if stored.number is not None else set(stored.choices)


def _choices(question: Question, position: Position, marked: set[str]) -> list[Choice]:
    kind = kind_of(question)
    if not isinstance(kind, Scale):
        return [
            Choice(value=option.key, label=_say(option.label, position), is_chosen=option.key in marked)
            for option in question.options
        ]
    numbers = kind.numbers()
    is_levels = question.kind is QuestionKind.CSAT
    return [
        Choice(
            value=str(number),
            label=_scale_label(question, position, number),
            is_chosen=str(number) in marked,
            bars=tuple(place <= number for place in numbers) if is_levels else (),
        )
        for number in (reversed(numbers) if is_levels else numbers)
    ]


def _scale_label(question: Question, position: Position, number: int) -> str:
    said = _say(question.labels.get(str(number), {}), position)
    if said or question.kind is not QuestionKind.CSAT:
        return said
    return gettext(_CSAT_LABELS[number])


def _ends(question: Question, position: Position) -> tuple[str, str]:
    low, high = _ENDS.get(question.kind, ("", ""))
    return (
        _say(question.low_label, position) or (gettext(low) if low else ""),
        _say(question.high_label, position) or (gettext(high) if high else ""),
    )
