"""Turns a question into what is shown of it: its texts in one language, its choices, what was chosen.

`ask` knows nothing of pages: a template, a widget, a script for agents or a text message renders `Asked`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypedDict

from django.utils.translation import gettext, gettext_noop

from huifang.kernel.texts import pick
from huifang.questionnaires import rules, telling
from huifang.questionnaires.kinds.base import OTHER_CHARACTERS_MAX, Given
from huifang.questionnaires.kinds.contact import CHOICES, LABELS, Contact
from huifang.questionnaires.kinds.date import Date
from huifang.questionnaires.kinds.files import MEGABYTE, File
from huifang.questionnaires.kinds.matrix import Matrix, cell
from huifang.questionnaires.kinds.number import Number
from huifang.questionnaires.kinds.registry import kind_of
from huifang.questionnaires.kinds.scale import Scale
from huifang.questionnaires.kinds.text import LONG_CHARACTERS_MAX, Text
from huifang.questionnaires.records import AnswerValue, Definition, Option, Progress, Question, QuestionKind

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
class Line:
    """One row of a matrix: its name in a form, its label, its choices."""

    key: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question as it is shown. *least* and *most* bound a number or a date, *accept* a file's type."""

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
    lines: tuple[Line, ...] = ()
    value: str = ""
    unit: str = ""
    least: str = ""
    most: str = ""
    step: str = ""
    accept: str = ""
    megabytes: int = 0
    has_file: bool = False
    marked: Choice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One mark of the progress line: done, now or to come."""

    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a customer is in a questionnaire: their answers, skips, language, and what was known before."""

    definition: Definition
    language: str
    context: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, AnswerValue] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()

    def current(self, wanted: str = "") -> Question | None:
        """The question asked for where it is shown, else the next open one; None when all is done."""
        found = rules.question_on_path(self.definition, self.answers, wanted) if wanted else None
        return found or rules.next_question(self.definition, self.answers, self.skipped)

    def say(self, texts: Mapping[str, str]) -> str:
        """The text in the language of this customer, with what it takes up of earlier answers."""
        text = pick(texts, self.language, self.definition.fallback_language)
        if "[[" not in text:
            return text
        live = rules.live_answers(self.definition, self.answers)
        return telling.fill(text, telling.known(self.definition, live, self.context, self.language))

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


def ask(question: Question, position: Position, *, chosen: str = "", sent: Given | None = None) -> Asked:
    """*question* as it is shown; *chosen*, and what was *sent* and refused, go before a stored answer."""
    kind = kind_of(question)
    stored = position.answers.get(question.key, AnswerValue())
    if sent is not None:
        stored = _as_sent(question, sent)
    every = _choices(question, position, _marked(stored, chosen))
    others = {option.key for option in question.options if option.is_other}
    low, high = _ends(question, position)
    return Asked(
        key=question.key,
        kind=question.kind.value,
        template=kind.template,
        form_template=kind.form_template,
        title=position.say(question.title),
        hint=position.say(question.hint),
        choices=tuple(choice for choice in every if choice.value not in others),
        other=next((choice for choice in every if choice.value in others), None),
        text=stored.text,
        low_label=low,
        high_label=high,
        is_long=question.is_long,
        is_required=question.is_required,
        is_one_tap=kind.is_one_tap,
        limit=_limit(question),
        marked=next((choice for choice in every if choice.value == chosen), None) if chosen else None,
        **_particulars(question, position, stored, sent.values[0] if sent and sent.values else ""),
    )


def _as_sent(question: Question, sent: Given) -> AnswerValue:
    """What was sent, right or wrong, in the place of an answer: the page gives it back to be mended."""
    cells = tuple(cell(row, column) for row, column in sent.cells.items() if column)
    is_words = isinstance(kind_of(question), Text)
    return AnswerValue(
        choices=cells or tuple(sent.values),
        text=sent.values[0] if is_words and sent.values else sent.text,
    )


def _limit(question: Question) -> int:
    kind = kind_of(question)
    if kind.takes_file:
        return LONG_CHARACTERS_MAX
    return kind.limit(question) if isinstance(kind, Text) else OTHER_CHARACTERS_MAX


class _Particulars(TypedDict, total=False):
    """What only some kinds have."""

    lines: tuple[Line, ...]
    value: str
    unit: str
    least: str
    most: str
    step: str
    accept: str
    megabytes: int
    has_file: bool


def _particulars(question: Question, position: Position, stored: AnswerValue, typed: str) -> _Particulars:
    kind = kind_of(question)
    if isinstance(kind, Matrix):
        return {"lines": tuple(_line(question, row, position, stored) for row in question.rows)}
    if isinstance(kind, Number):
        return {
            "value": typed or telling.plain_amount(stored),
            "unit": position.say(question.unit),
            "least": "" if question.lowest is None else f"{question.lowest:f}",
            "most": "" if question.highest is None else f"{question.highest:f}",
            "step": f"{Decimal(1).scaleb(-question.places):f}",
        }
    if isinstance(kind, Date):
        first, last = kind.bounds(question)
        day = stored.day.isoformat() if stored.day else ""
        return {"value": typed or day, "least": first.isoformat(), "most": last.isoformat()}
    if isinstance(kind, File):
        return {
            "accept": kind.accept,
            "megabytes": kind.bytes_max // MEGABYTE,
            "has_file": bool(stored.file),
        }
    return {}


def _line(question: Question, row: Option, position: Position, stored: AnswerValue) -> Line:
    return Line(
        key=row.key,
        label=position.say(row.label),
        choices=tuple(
            Choice(
                value=option.key,
                label=position.say(option.label),
                is_chosen=cell(row.key, option.key) in stored.choices,
            )
            for option in question.options
        ),
    )


def _marked(stored: AnswerValue, chosen: str) -> set[str]:
    if chosen:
        return {chosen}
    return {str(stored.number)} if stored.number is not None else set(stored.choices)


def _choices(question: Question, position: Position, marked: set[str]) -> list[Choice]:
    kind = kind_of(question)
    if isinstance(kind, Contact):
        return [Choice(value=key, label=gettext(LABELS[key]), is_chosen=key in marked) for key in CHOICES]
    if not isinstance(kind, Scale):
        return [
            Choice(value=option.key, label=position.say(option.label), is_chosen=option.key in marked)
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
    said = position.say(question.labels.get(str(number), {}))
    if said or question.kind is not QuestionKind.CSAT:
        return said
    return gettext(_CSAT_LABELS[number])


def _ends(question: Question, position: Position) -> tuple[str, str]:
    low, high = _ENDS.get(question.kind, ("", ""))
    return (
        position.say(question.low_label) or (gettext(low) if low else ""),
        position.say(question.high_label) or (gettext(high) if high else ""),
    )
