"""Checks a definition: what no draft may have, and what forbids publishing it. Pure."""

import re
from collections.abc import Iterator

import msgspec

from huifang.kernel.refusals import Refusal
from huifang.questionnaires import branches, definition_errors, telling
from huifang.questionnaires.kinds.number import PLACES_MAX
from huifang.questionnaires.kinds.registry import kind_of
from huifang.questionnaires.records import Definition, Question, QuestionKind

QUESTIONS_MAX = 40
OPTIONS_MAX = 20
TITLE_CHARACTERS_MAX = 300
ROWS_MAX, QUOTAS_MAX, FIELDS_MAX = 12, 20, 20
CHANNELS = ("*", "in_app", "sms", "email", "push", "im", "phone")
PURPOSES = ("service_follow_up", "marketing", "call_recording")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


def parse(data: bytes | str) -> Definition:
    """Read a definition from JSON. Raises `DefinitionUnreadableError`."""
    try:
        return msgspec.json.decode(data, type=Definition)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise definition_errors.DefinitionUnreadableError(detail=error) from None


def convert(data: object) -> Definition:
    """Read a definition from JSON values. Raises `DefinitionUnreadableError`."""
    try:
        return msgspec.convert(data, type=Definition)
    except msgspec.ValidationError as error:
        raise definition_errors.DefinitionUnreadableError(detail=error) from None


def check_draft(definition: Definition) -> None:
    """Raise the first fault that not even a draft may have: of keys, branches and length."""
    for fault in _structure_faults(definition):
        raise fault


def check(definition: Definition) -> None:
    """Raise the first fault that forbids publishing."""
    for fault in faults(definition):
        raise fault


def faults(definition: Definition) -> list[Refusal]:
    """Everything that forbids publishing, in the order of the questions."""
    return [*_structure_faults(definition), *_text_faults(definition)]


def _structure_faults(definition: Definition) -> Iterator[Refusal]:
    if len(definition.questions) > QUESTIONS_MAX:
        yield definition_errors.TooManyQuestionsError(limit=QUESTIONS_MAX)
    if circle := branches.circle(definition):
        yield definition_errors.BranchLoopError(questions=" → ".join(map(str, circle)))
    earlier: dict[str, Question] = {}
    for number, question in enumerate(definition.questions, start=1):
        if not _KEY.fullmatch(question.key) or question.key in earlier:
            yield definition_errors.QuestionKeyError(key=question.key)
        yield from _branch_faults(number, question, earlier)
        yield from _length_faults(number, question)
        yield from _range_faults(number, question)
        earlier[question.key] = question
    yield from _shuffle_faults(definition)
    yield from _quota_faults(definition, earlier)
    yield from _hidden_faults(definition, earlier)


def _range_faults(number: int, question: Question) -> Iterator[Refusal]:
    lowest, highest, first, last = question.lowest, question.highest, question.earliest, question.latest
    is_empty = lowest is not None and highest is not None and lowest > highest
    if is_empty or (first and last and first > last) or not 0 <= question.places <= PLACES_MAX:
        yield definition_errors.RangeError(number=number)
    if question.purpose not in PURPOSES or question.channel not in CHANNELS:
        yield definition_errors.ConsentTermsError(number=number)


def _shuffle_faults(definition: Definition) -> Iterator[Refusal]:
    """What changes places may hang on nothing that does, nor may anything between its places."""
    places = [at for at, each in enumerate(definition.questions) if each.key in definition.shuffled]
    if len(places) < len(set(definition.shuffled)):
        yield definition_errors.ShuffleError(key=", ".join(definition.shuffled))
        return
    order = {question.key: at for at, question in enumerate(definition.questions)}
    for at, question in enumerate(definition.questions):
        for condition in question.show_if:
            other = order.get(condition.question, -1)
            is_late = other in places and (at in places or at < max(places))
            if is_late or (at in places and other > min(places)):
                yield definition_errors.ShuffleBranchError(number=at + 1, other=condition.question)


def _quota_faults(definition: Definition, asked: dict[str, Question]) -> Iterator[Refusal]:
    keys = [quota.key for quota in definition.quotas]
    if len(keys) > QUOTAS_MAX or len(set(keys)) < len(keys) or not all(map(_KEY.fullmatch, keys)):
        yield definition_errors.QuotaError(key=", ".join(keys))
    for quota in definition.quotas:
        is_met = all(
            each.question in asked and kind_of(asked[each.question]).can_meet(asked[each.question], each)
            for each in quota.when
        )
        if not is_met or not 0 < quota.limit < 10_000_000:
            yield definition_errors.QuotaError(key=quota.key)


def _hidden_faults(definition: Definition, asked: dict[str, Question]) -> Iterator[Refusal]:
    """Hidden fields and pipes: found for ever by their keys, and only from what came before."""
    keys = [each.key for each in definition.hidden]
    for key in keys:
        if not _KEY.fullmatch(key) or key in asked or keys.count(key) > 1 or len(keys) > FIELDS_MAX:
            yield definition_errors.QuestionKeyError(key=key)
    known = set(keys)
    for number, question in enumerate(definition.questions, start=1):
        if key := next((each for each in _taken_up(question) if each not in known), ""):
            yield definition_errors.PipeError(number=number, key=key)
        known.add(question.key)


def _taken_up(question: Question) -> Iterator[str]:
    labels = [each.label for each in (*question.rows, *question.options)]
    for texts in (question.title, question.hint, *labels):
        for text in texts.values():
            yield from (key for key, _ in telling.pipes(text))


def _anonymous_faults(definition: Definition) -> Iterator[Refusal]:
    if not definition.is_anonymous:
        return
    if definition.hidden:
        yield definition_errors.AnonymousKindError(number=0, kind="hidden")
    for number, question in enumerate(definition.questions, start=1):
        if kind_of(question).needs_customer:
            yield definition_errors.AnonymousKindError(number=number, kind=question.kind.value)


def _branch_faults(number: int, question: Question, earlier: dict[str, Question]) -> Iterator[Refusal]:
    for condition in question.show_if:
        asked = earlier.get(condition.question)
        if asked is None:
            yield definition_errors.BranchError(number=number, other=condition.question)
        elif not kind_of(asked).can_meet(asked, condition):
            yield definition_errors.BranchTestError(number=number, other=condition.question)


def _length_faults(number: int, question: Question) -> Iterator[Refusal]:
    texts = [question.title, question.hint, question.low_label, question.high_label]
    texts += [each.label for each in (*question.rows, *question.options)]
    texts += [*question.labels.values(), question.unit]
    if len(question.labels) > OPTIONS_MAX or any(
        len(text) > TITLE_CHARACTERS_MAX for each in texts for text in each.values()
    ):
        yield definition_errors.TextTooLongError(number=number, limit=TITLE_CHARACTERS_MAX)


def _text_faults(definition: Definition) -> Iterator[Refusal]:
    if not definition.questions:
        yield definition_errors.NoQuestionsError()
    language = definition.fallback_language
    for number, question in enumerate(definition.questions, start=1):
        if not question.title.get(language):
            yield definition_errors.TextMissingError(number=number, language=language)
        if kind_of(question).has_options:
            yield from _option_faults(number, question, language)
        if question.kind is QuestionKind.MATRIX:
            yield from _row_faults(number, question, language)
    yield from _anonymous_faults(definition)


def _option_faults(number: int, question: Question, language: str) -> Iterator[Refusal]:
    keys = [option.key for option in question.options]
    if not 2 <= len(keys) <= OPTIONS_MAX or len(set(keys)) < len(keys) or not all(map(_KEY.fullmatch, keys)):
        yield definition_errors.OptionsError(number=number, limit=OPTIONS_MAX)
    if not all(option.label.get(language) for option in question.options):
        yield definition_errors.LabelMissingError(number=number, language=language)


def _row_faults(number: int, question: Question, language: str) -> Iterator[Refusal]:
    keys = [row.key for row in question.rows]
    if not 1 <= len(keys) <= ROWS_MAX or len(set(keys)) < len(keys) or not all(map(_KEY.fullmatch, keys)):
        yield definition_errors.RowsError(number=number, limit=ROWS_MAX)
    if not all(row.label.get(language) for row in question.rows):
        yield definition_errors.LabelMissingError(number=number, language=language)
