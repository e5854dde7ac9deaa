"""Reads the editor's form into a definition, changes its parts, and says what each row shows. No database.

Fields: ``order`` repeats the questions' keys in their order; ``k.KEY.…`` belongs to one question; a text
has one field a language (``k.KEY.title.en``).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext, gettext_noop

from huifang.kernel.texts import LANGUAGES, pick
from huifang.questionnaires import checks
from huifang.questionnaires.kinds.registry import kind_of
from huifang.questionnaires.kinds.scale import Scale
from huifang.questionnaires.records import (
    Comparison,
    Condition,
    Definition,
    Option,
    Question,
    QuestionKind,
    Texts,
)
from huifang.questionnaires.rules import question_seconds

_KIND_NAMES = {
    QuestionKind.CSAT: gettext_noop("Satisfaction, 1 to 5 (CSAT)"),
    QuestionKind.NPS: gettext_noop("Recommendation, 0 to 10 (NPS)"),
    QuestionKind.CES: gettext_noop("Effort, 1 to 7 (CES)"),
    QuestionKind.SINGLE: gettext_noop("One choice"),
    QuestionKind.MULTIPLE: gettext_noop("Several choices"),
    QuestionKind.TEXT: gettext_noop("Their own words"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question in the editor. *branches* are (group, choices) of what it may depend on."""

    number: int
    depth: int
    question: Question
    kind_name: str
    scale: list[tuple[str, Texts]]
    has_options: bool
    has_ends: bool
    show_if: str
    branches: list[tuple[str, list[tuple[str, str]]]]
    seconds: int
    is_first: bool
    is_last: bool


def read(data: QueryDict) -> Definition:
    """The definition that the form holds. Raises `DefinitionUnreadableError` where it was tampered with."""
    return checks.convert(
        {
            "questions": [_question(data, key) for key in data.getlist("order")],
            "about": _texts(data, "about"),
            "intro": _texts(data, "intro"),
            "thanks": _texts(data, "thanks"),
            "fallback_language": data.get("fallback_language", LANGUAGES[0]),
            "display": data.get("display", "one"),
        }
    )


def _texts(data: QueryDict, name: str) -> Texts:
    given = {language: data.get(f"{name}.{language}", "").strip() for language in LANGUAGES}
    return {language: text.replace("\r\n", "\n") for language, text in given.items() if text}


def _question(data: QueryDict, key: str) -> dict[str, object]:
    field = f"k.{key}"
    return {
        "key": key,
        "kind": data.get(f"{field}.kind", ""),
        "title": _texts(data, f"{field}.title"),
        "hint": _texts(data, f"{field}.hint"),
        "low_label": _texts(data, f"{field}.low"),
        "high_label": _texts(data, f"{field}.high"),
        "is_required": f"{field}.required" in data,
        "is_long": f"{field}.long" in data,
        "options": [
            {
                "key": option,
                "label": _texts(data, f"{field}.option.{option}"),
                "is_other": data.get(f"{field}.other") == option,
            }
            for option in data.getlist(f"{field}.options")
        ],
        "labels": {
            number: texts
            for number in data.getlist(f"{field}.scale")
            if (texts := _texts(data, f"{field}.label.{number}"))
        },
        "show_if": [_condition(each) for each in data.get(f"{field}.show_if", "").split("&") if each],
    }


def _condition(code: str) -> dict[str, object]:
    """A condition from its code, "score:at_most:3" or "reason:any_of:slow+failed"."""
    question, test, rest = (*code.split(":"), "", "")[:3]
    if test in {Comparison.AT_MOST, Comparison.AT_LEAST}:
        return {"question": question, "test": test, "number": int(rest) if rest.isdecimal() else None}
    return {"question": question, "test": test, "options": [each for each in rest.split("+") if each]}


def code_of(conditions: Iterable[Condition]) -> str:
    """The code that `_condition` reads back, joined by "&"."""
    return "&".join(
        f"{each.question}:{each.test.value}:{'+'.join(each.options) if each.number is None else each.number}"
        for each in conditions
    )


def change(definition: Definition, act: str) -> Definition:
    """*definition* after one act: "up:KEY", "add:KIND", "add-option:KEY". An unknown one does nothing."""
    name, _, rest = act.partition(":")
    questions = list(definition.questions)
    if name == "add" and rest in set(QuestionKind):
        questions.append(_new_question(QuestionKind(rest), questions))
    place = next((at for at, question in enumerate(questions) if question.key == rest.split(":")[0]), None)
    if place is not None:
        _change_at(questions, place, name, rest.partition(":")[2])
    return msgspec.structs.replace(definition, questions=tuple(questions))


def _change_at(questions: list[Question], place: int, name: str, option: str) -> None:
    match name:
        case "remove":
            del questions[place]
        case "up" if place > 0:
            questions.insert(place - 1, questions.pop(place))
        case "down":
            questions.insert(place + 1, questions.pop(place))
        case "add-option":
            options = questions[place].options
            added = Option(key=_free_key("option", (each.key for each in options)), label={})
            questions[place] = msgspec.structs.replace(questions[place], options=(*options, added))
        case "remove-option":
            kept = tuple(each for each in questions[place].options if each.key != option)
            questions[place] = msgspec.structs.replace(questions[place], options=kept)


def _new_question(kind: QuestionKind, questions: Iterable[Question]) -> Question:
    key = _free_key(kind.value, (each.key for each in questions))
    is_choice = kind in {QuestionKind.SINGLE, QuestionKind.MULTIPLE}
    options = tuple(Option(key=f"option_{number}", label={}) for number in (1, 2)) if is_choice else ()
    return Question(key=key, kind=kind, title={}, options=options)


def _free_key(stem: str, taken: Iterable[str]) -> str:
    used = set(taken)
    candidates = (stem if number == 1 else f"{stem}_{number}" for number in range(1, len(used) + 2))
    return next(key for key in candidates if key not in used)


def kind_names() -> list[tuple[str, str]]:
    """The kinds of question that can be added, as (value, name)."""
    return [(kind.value, gettext(name)) for kind, name in _KIND_NAMES.items()]


def rows(definition: Definition, language: str) -> list[Row]:
    """The questions as the editor shows them, with what reads in *language*."""
    depths: dict[str, int] = {}
    made = []
    for place, question in enumerate(definition.questions):
        depths[question.key] = max(
            (depths.get(condition.question, 0) + 1 for condition in question.show_if), default=0
        )
        kind = kind_of(question)
        made.append(
            Row(
                number=place + 1,
                depth=min(depths[question.key], 3),
                question=question,
                kind_name=gettext(_KIND_NAMES[question.kind]),
                scale=_scale(question),
                has_options=kind.has_options,
                has_ends=question.kind in {QuestionKind.NPS, QuestionKind.CES},
                show_if=code_of(question.show_if),
                branches=list(_branches(definition.questions[:place], question, language)),
                seconds=round(question_seconds(question, language)),
                is_first=place == 0,
                is_last=place == len(definition.questions) - 1,
            )
        )
    return made


def _scale(question: Question) -> list[tuple[str, Texts]]:
    kind = kind_of(question)
    if question.kind is not QuestionKind.CSAT or not isinstance(kind, Scale):
        return []
    return [(str(number), question.labels.get(str(number), {})) for number in reversed(kind.numbers())]


def _branches(
    earlier: Iterable[Question], question: Question, language: str
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    offered: set[str] = set()
    for place, each in enumerate(earlier, start=1):
        choices = [
            (code_of([condition]), _told(condition, place, each, language)) for condition in _possible(each)
        ]
        offered.update(code for code, _ in choices)
        yield pick(each.title, language) or each.key, choices
    present = code_of(question.show_if)
    if present and present not in offered:
        yield gettext("As it is now"), [(present, present)]


def _possible(question: Question) -> Iterator[Condition]:
    kind = kind_of(question)
    yield Condition(question=question.key, test=Comparison.ANSWERED)
    if isinstance(kind, Scale):
        for number in kind.numbers()[:-1]:
            yield Condition(question=question.key, test=Comparison.AT_MOST, number=number)
        for number in kind.numbers()[1:]:
            yield Condition(question=question.key, test=Comparison.AT_LEAST, number=number)
    for option in question.options:
        yield Condition(question=question.key, test=Comparison.ANY_OF, options=(option.key,))
        yield Condition(question=question.key, test=Comparison.NONE_OF, options=(option.key,))


def _told(condition: Condition, place: int, question: Question, language: str) -> str:
    labels: Mapping[str, str] = {option.key: pick(option.label, language) for option in question.options}
    named = ", ".join(labels.get(key) or key for key in condition.options)
    match condition.test:
        case Comparison.AT_MOST:
            return gettext("if question {place} is at most {number}").format(
                place=place, number=condition.number
            )
        case Comparison.AT_LEAST:
            return gettext("if question {place} is at least {number}").format(
                place=place, number=condition.number
            )
        case Comparison.ANY_OF:
            return gettext("if question {place} is “{option}”").format(place=place, option=named)
        case Comparison.NONE_OF:
            return gettext("if question {place} is not “{option}”").format(place=place, option=named)
        case _:
            return gettext("if question {place} was answered").format(place=place)
