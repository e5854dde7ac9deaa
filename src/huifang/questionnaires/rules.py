"""Decides what a customer is asked next, how far they are, and how long it takes. Never touches a database.

Answers are looked at in the order of the questions: a question counts only where its branch is open, so an
answer that a changed mind has put off the path neither opens a branch nor counts.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

import msgspec

from huifang.kernel.texts import LANGUAGES, pick
from huifang.questionnaires.answer_errors import AnswerMissingError
from huifang.questionnaires.definition_errors import ThanksPathError
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.kinds.registry import kind_of
from huifang.questionnaires.records import (
    AnswerValue,
    Comparison,
    Condition,
    Definition,
    Progress,
    Question,
    Quota,
    Source,
    Texts,
)

CJK_CHARACTERS_PER_SECOND = 7.0
LATIN_WORDS_PER_SECOND = 4.0
BRANCH_SHARE = 0.5  # a question behind a condition is met by about half of those who answer

Answers = Mapping[str, AnswerValue]


CONTEXT_ENTRIES_MAX, CONTEXT_CHARACTERS_MAX = 20, 200
_OWN_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")


def check_thanks_path(path: str) -> None:
    """Raise `ThanksPathError` for an address that leads elsewhere than to a page of this product."""
    if path and not _OWN_PATH.fullmatch(path):
        raise ThanksPathError(path=path)


def kept_context(context: Mapping[str, str]) -> dict[str, str]:
    """*context* as it is stored: short texts without control characters, not too many of them."""
    cleaned = {
        name[:40]: "".join(sign for sign in value if sign.isprintable())[:CONTEXT_CHARACTERS_MAX]
        for name, value in context.items()
    }
    return dict([(name, value) for name, value in cleaned.items() if name and value][:CONTEXT_ENTRIES_MAX])


def magnitude(value: AnswerValue) -> int | Decimal | None:
    """The number in *value*, on a scale or asked for."""
    return value.amount if value.number is None else value.number


def meets(condition: Condition, answers: Answers) -> bool:
    """Whether *answers* meet *condition*; a missing answer meets none."""
    value = answers.get(condition.question)
    if value is None:
        return False
    match condition.test:
        case Comparison.ANSWERED:
            return True
        case Comparison.AT_MOST:
            found = magnitude(value)
            return found is not None and condition.number is not None and found <= condition.number
        case Comparison.AT_LEAST:
            found = magnitude(value)
            return found is not None and condition.number is not None and found >= condition.number
        case Comparison.ANY_OF:
            return not set(condition.options).isdisjoint(value.choices)
        case Comparison.NONE_OF:
            return bool(value.choices) and set(condition.options).isdisjoint(value.choices)


def path(definition: Definition, answers: Answers) -> list[Question]:
    """The questions that are shown, given *answers*, in order."""
    live: dict[str, AnswerValue] = {}
    shown: list[Question] = []
    for question in definition.questions:
        if not all(meets(condition, live) for condition in question.show_if):
            continue
        shown.append(question)
        if question.key in answers:
            live[question.key] = answers[question.key]
    return shown


def live_answers(definition: Definition, answers: Answers) -> dict[str, AnswerValue]:
    """The answers that lie on the path."""
    return {
        question.key: answers[question.key]
        for question in path(definition, answers)
        if question.key in answers
    }


def _open(definition: Definition, answers: Answers, skipped: frozenset[str]) -> Iterator[Question]:
    for question in path(definition, answers):
        is_skipped = question.key in skipped and not question.is_required
        if question.key not in answers and not is_skipped:
            yield question


def next_question(
    definition: Definition, answers: Answers, skipped: frozenset[str] = frozenset()
) -> Question | None:
    """The first shown question that is neither answered nor skipped; None when all is done."""
    return next(_open(definition, answers, skipped), None)


def open_questions(
    definition: Definition, answers: Answers, skipped: frozenset[str] = frozenset()
) -> list[Question]:
    """All shown questions that are neither answered nor skipped."""
    return list(_open(definition, answers, skipped))


def question_on_path(definition: Definition, answers: Answers, key: str) -> Question | None:
    """The shown question with this *key*, or None."""
    return next((question for question in path(definition, answers) if question.key == key), None)


def previous_question(definition: Definition, answers: Answers, key: str) -> Question | None:
    """The shown question before the one with this *key*."""
    before: Question | None = None
    for question in path(definition, answers):
        if question.key == key:
            return before
        before = question
    return None


def progress(
    definition: Definition, answers: Answers, skipped: frozenset[str], current: Question, language: str
) -> Progress:
    """How far a customer at *current* is.

    The place is that among all questions, hidden ones too: counted among the shown ones, an answer that
    opens a branch would move the customer backwards.
    """
    keys = [question.key for question in definition.questions]
    left = [question for question in open_questions(definition, answers, skipped) if question != current]
    return Progress(
        place=keys.index(current.key) + 1,
        total=len(keys),
        seconds_left=_rounded(sum(question_seconds(question, language) for question in [current, *left])),
    )


def parse_answer(question: Question, given: Given) -> AnswerValue | None:
    """The answer in *given*, None for a skip. Raises `AnswerMissingError`, `AnswerInvalidError`."""
    value = kind_of(question).parse(question, given)
    if value is None and question.is_required:
        raise AnswerMissingError(question=question.key)
    return value


def with_file(value: AnswerValue, file: str) -> AnswerValue:
    """*value* with the id of a stored file in place of a fresh one."""
    return msgspec.structs.replace(value, file=file, fresh=None)


def is_low(definition: Definition, answers: Answers) -> bool:
    """Whether any score on the path is low: CSAT to 2, NPS to 6, CES to 3."""
    return any(
        value.number is not None and kind_of(question).is_low(value.number)
        for question in path(definition, answers)
        if (value := answers.get(question.key)) is not None
    )


def cells(definition: Definition, answers: Answers) -> list[Quota]:
    """The quotas under which a response with *answers* falls so far."""
    live = live_answers(definition, answers)
    return [quota for quota in definition.quotas if all(meets(each, live) for each in quota.when)]


def is_full(definition: Definition, answers: Answers, full: Collection[str]) -> bool:
    """Whether a quota that is *full* (by key) stands in the way of these answers."""
    return any(quota.key in full for quota in cells(definition, answers))


def without(definition: Definition, *, customer: bool) -> Definition:
    """What can be asked: kinds that need a *customer* are left out where none may be known."""
    if customer or not any(kind_of(question).needs_customer for question in definition.questions):
        return definition
    kept = tuple(question for question in definition.questions if not kind_of(question).needs_customer)
    return msgspec.structs.replace(definition, questions=kept)


def taken_fields(
    definition: Definition, given: Mapping[str, str], *, sources: Collection[Source]
) -> dict[str, str]:
    """The hidden fields of *given* that come from one of *sources*, cleaned."""
    wanted = {field.key for field in definition.hidden if field.source in sources}
    return kept_context({key: value for key, value in given.items() if key in wanted})


def reading_seconds(text: str) -> float:
    """How long *text* takes to read, Chinese by characters and English by words."""
    characters = sum("\u3400" <= sign <= "\u9fff" for sign in text)
    words = len("".join(" " if "\u3400" <= sign <= "\u9fff" else sign for sign in text).split())
    return characters / CJK_CHARACTERS_PER_SECOND + words / LATIN_WORDS_PER_SECOND


def question_seconds(question: Question, language: str) -> float:
    """How long *question* takes to read and answer."""
    texts = (question.title, question.hint)
    reading = sum(reading_seconds(pick(each, language)) for each in texts)
    return reading + kind_of(question).seconds(question)


def seconds(definition: Definition, language: str = "") -> int:
    """How long the questionnaire takes; without *language*, in the slowest of its languages.

    A question behind a condition counts half.
    """
    wanted = [language] if language else languages(definition) or [definition.fallback_language]
    return max(
        _rounded(
            sum(
                question_seconds(question, each) * (BRANCH_SHARE if question.show_if else 1.0)
                for question in definition.questions
            )
        )
        for each in wanted
    )


def _rounded(exact: float) -> int:
    """Whole fives: an estimate should not look like a measurement."""
    return max(5, 5 * round(exact / 5)) if exact else 0


def texts_of(definition: Definition) -> Iterator[Texts]:
    """Every text that a customer must see: titles and labels."""
    for question in definition.questions:
        yield question.title
        for option in (*question.rows, *question.options):
            yield option.label


def languages(definition: Definition) -> list[str]:
    """The product's languages in which every question and option has a text, fallback first."""
    whole = [each for each in LANGUAGES if all(texts.get(each) for texts in texts_of(definition))]
    return sorted(whole, key=lambda each: each != definition.fallback_language)


def language_for(definition: Definition, *wanted: str) -> str:
    """The first of *wanted* in which the questionnaire is whole, else its fallback language."""
    whole = languages(definition)
    return next((each for each in wanted if each in whole), definition.fallback_language)
