"""Reads the editor's form into a definition, changes its parts, and says what each row shows. No database.

Fields: ``order`` repeats the questions' keys in their order; ``k.KEY.…`` belongs to one question; a text
has one field a language (``k.KEY.title.en``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext, gettext_noop

from huifang.kernel.texts import LANGUAGES, pick
from huifang.questionnaires import checks, telling
from huifang.questionnaires.kinds.contact import CHOICES
from huifang.questionnaires.kinds.matrix import cell
from huifang.questionnaires.kinds.registry import KINDS, kind_of
from huifang.questionnaires.kinds.scale import Scale
from huifang.questionnaires.records import (
    Comparison,
    Condition,
    Definition,
    Option,
    Question,
    QuestionKind,
    Source,
    Texts,
)
from huifang.questionnaires.rules import question_seconds

_KIND_NAMES = {
    QuestionKind.CSAT: gettext_noop("Satisfaction, 1 to 5 (CSAT)"),
    QuestionKind.NPS: gettext_noop("Recommendation, 0 to 10 (NPS)"),
    QuestionKind.CES: gettext_noop("Effort, 1 to 7 (CES)"),
    QuestionKind.STARS: gettext_noop("Stars, 1 to 5"),
    QuestionKind.SINGLE: gettext_noop("One choice"),
    QuestionKind.MULTIPLE: gettext_noop("Several choices"),
    QuestionKind.MATRIX: gettext_noop("One choice a row"),
    QuestionKind.NUMBER: gettext_noop("A number"),
    QuestionKind.DATE: gettext_noop("A date"),
    QuestionKind.TEXT: gettext_noop("Their own words"),
    QuestionKind.CONTACT: gettext_noop("Consent to be contacted"),
    QuestionKind.VOICE: gettext_noop("A voice note"),
    QuestionKind.IMAGE: gettext_noop("A picture"),
}
_SOURCE_NAMES = {
    Source.CONTEXT: gettext_noop("what we know when we ask"),
    Source.LINK: gettext_noop("the link, as it comes"),
    Source.SIGNED_LINK: gettext_noop("the link, if it is signed"),
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
    moves: bool
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
            "is_anonymous": "is_anonymous" in data,
            "shuffled": [key for key in data.getlist("order") if f"k.{key}.moves" in data],
            "hidden": _hidden(data),
            "quotas": _quotas(data),
            "full": _texts(data, "full"),
        }
    )


def _texts(data: QueryDict, name: str) -> Texts:
    given = {language: data.get(f"{name}.{language}", "").strip() for language in LANGUAGES}
    return {language: text.replace("\r\n", "\n") for language, text in given.items() if text}


def _hidden(data: QueryDict) -> list[dict[str, object]]:
    """The hidden fields; a row without a name is none."""
    rows = zip(data.getlist("hidden.key"), data.getlist("hidden.source"), strict=False)
    return [{"key": key.strip(), "source": source} for key, source in rows if key.strip()]


def _quotas(data: QueryDict) -> list[dict[str, object]]:
    """The quotas; a row without a name is none."""
    columns = (data.getlist(f"quota.{name}") for name in ("key", "limit", "when"))
    return [
        {
            "key": key.strip(),
            "limit": int(limit) if limit.isdecimal() else 0,
            "when": [_condition(each) for each in when.split("&") if each],
        }
        for key, limit, when in zip(*columns, strict=False)
        if key.strip()
    ]


def hidden_rows(definition: Definition) -> list[tuple[str, str]]:
    """The hidden fields, name and source, and an empty one to fill in."""
    return [*((each.key, each.source.value) for each in definition.hidden), ("", Source.CONTEXT.value)]


def hidden_sources() -> list[tuple[str, str]]:
    """Where a hidden field may come from."""
    return [(source.value, gettext(name)) for source, name in _SOURCE_NAMES.items()]


def quota_rows(definition: Definition) -> list[tuple[str, str, str]]:
    """The quotas, name, limit and condition, and an empty one to fill in."""
    return [*((each.key, str(each.limit), code_of(each.when)) for each in definition.quotas), ("", "", "")]


def quota_choices(definition: Definition, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whom a quota may count, as (group, choices); everybody is not among them."""
    present = [each.when for each in definition.quotas]
    return list(_branches(definition.questions, present, language))


def _keyed(data: QueryDict, field: str, name: str) -> list[dict[str, object]]:
    """The options, or rows, of a question; one of them may take words, one may rule out the rest."""
    return [
        {
            "key": key,
            "label": _texts(data, f"{field}.{name}.{key}"),
            "is_other": name == "option" and data.get(f"{field}.other") == key,
            "is_exclusive": name == "option" and data.get(f"{field}.exclusive") == key,
        }
        for key in data.getlist(f"{field}.{name}s")
    ]


def _bounds(data: QueryDict, field: str) -> dict[str, object]:
    """What bounds a number or a date; what is empty bounds nothing."""
    names = ("lowest", "highest", "earliest", "latest", "purpose", "channel")
    given = {name: data.get(f"{field}.{name}", "").strip() for name in names}
    places = data.get(f"{field}.places", "")
    found: dict[str, object] = {name: text for name, text in given.items() if text}
    return found | {"places": int(places)} if places.isdecimal() else found


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
        "options": _keyed(data, field, "option"),
        "rows": _keyed(data, field, "row"),
        "unit": _texts(data, f"{field}.unit"),
        "is_shuffled": f"{field}.shuffled" in data,
        **_bounds(data, field),
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
            options = (*questions[place].options, _new_option("option", questions[place].options))
            questions[place] = msgspec.structs.replace(questions[place], options=options)
        case "add-row":
            rows = (*questions[place].rows, _new_option("row", questions[place].rows))
            questions[place] = msgspec.structs.replace(questions[place], rows=rows)
        case "remove-option":
            kept = tuple(each for each in questions[place].options if each.key != option)
            questions[place] = msgspec.structs.replace(questions[place], options=kept)
        case "remove-row":
            kept = tuple(each for each in questions[place].rows if each.key != option)
            questions[place] = msgspec.structs.replace(questions[place], rows=kept)
        case "copy":
            key = _free_key(questions[place].key, (each.key for each in questions))
            questions.insert(place + 1, msgspec.structs.replace(questions[place], key=key))


def _new_option(stem: str, present: Iterable[Option]) -> Option:
    return Option(key=_free_key(stem, (each.key for each in present)), label={})


def insert(definition: Definition, question: Question) -> Definition:
    """*definition* with *question* at its end, under a key that is free."""
    key = _free_key(question.key, (each.key for each in definition.questions))
    added = msgspec.structs.replace(question, key=key, show_if=())
    return msgspec.structs.replace(definition, questions=(*definition.questions, added))


def _new_question(kind: QuestionKind, questions: Iterable[Question]) -> Question:
    key = _free_key(kind.value, (each.key for each in questions))
    options = tuple(Option(key=f"option_{number}", label={}) for number in (1, 2))
    rows = tuple(Option(key=f"row_{number}", label={}) for number in (1, 2))
    return Question(
        key=key,
        kind=kind,
        title={},
        options=options if KINDS[kind].has_options else (),
        rows=rows if kind is QuestionKind.MATRIX else (),
    )


def _free_key(stem: str, taken: Iterable[str]) -> str:
    used = set(taken)
    stem = stem[:36]
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
                moves=question.key in definition.shuffled,
                show_if=code_of(question.show_if),
                branches=list(_branches(definition.questions[:place], [question.show_if], language)),
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
    earlier: Iterable[Question], present: Iterable[Sequence[Condition]], language: str
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """What *earlier* questions offer to depend on, and what of *present* they do not, as (group, choices)."""
    places = {each.key: (place, each) for place, each in enumerate(earlier, start=1)}
    offered: set[str] = set()
    for place, each in places.values():
        choices = [
            (code_of([condition]), _told(condition, place, each, language)) for condition in _possible(each)
        ]
        offered.update(code for code, _ in choices)
        yield pick(each.title, language) or each.key, choices
    others = {code_of(each): each for each in present if each and code_of(each) not in offered}
    if others:
        yield (
            gettext("As it is now"),
            [(code, _all_told(conditions, places, language)) for code, conditions in others.items()],
        )


def _all_told(
    conditions: Sequence[Condition], places: Mapping[str, tuple[int, Question]], language: str
) -> str:
    """All of *conditions* in words; one about a question that is gone, by its code."""
    return " + ".join(
        _told(each, *places[each.question], language) if each.question in places else code_of([each])
        for each in conditions
    )


def _possible(question: Question) -> Iterator[Condition]:
    kind = kind_of(question)
    yield Condition(question=question.key, test=Comparison.ANSWERED)
    if isinstance(kind, Scale):
        for number in kind.numbers()[:-1]:
            yield Condition(question=question.key, test=Comparison.AT_MOST, number=number)
        for number in kind.numbers()[1:]:
            yield Condition(question=question.key, test=Comparison.AT_LEAST, number=number)
    for key in _keys(question):
        yield Condition(question=question.key, test=Comparison.ANY_OF, options=(key,))
        yield Condition(question=question.key, test=Comparison.NONE_OF, options=(key,))


def _keys(question: Question) -> list[str]:
    """What can be chosen of *question*, by key."""
    if question.kind is QuestionKind.CONTACT:
        return list(CHOICES)
    if question.rows:
        return [cell(row.key, option.key) for row in question.rows for option in question.options]
    return [option.key for option in question.options]


def _told(condition: Condition, place: int, question: Question, language: str) -> str:
    named = ", ".join(telling.label_of(question, key, language) for key in condition.options)
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
