"""Checks a definition: what forbids publishing it, and what a careful author would change. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from huifang.kernel.refusals import Refusal, gettext_noop
from huifang.kernel.texts import LANGUAGES
from huifang.questionnaires import errors, rules
from huifang.questionnaires.kinds.registry import kind_of
from huifang.questionnaires.records import Definition, Question, QuestionKind, Texts

QUESTIONS_MAX = 40
OPTIONS_MAX = 20
TITLE_CHARACTERS_MAX = 300
SECONDS_WISE_MAX = 60
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LEADING: dict[str, tuple[str, ...]] = {
    "zh-Hans": (
        *("难道", "您一定", "想必", "是不是很", "是否非常满意"),
        *("贴心", "优质的", "领先的", "给个好评", "五星好评"),
    ),
    "en": (
        *("don't you", "wouldn't you", "obviously", "surely", "how much do you love"),
        *("excellent", "amazing", "award-winning", "world-class", "great service"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Warning:
    """Something that may be published but is better changed. *text* has ``{fact}`` placeholders."""

    code: str
    text: str
    facts: dict[str, object] = field(default_factory=dict)


def parse(data: bytes | str) -> Definition:
    """Read a definition from JSON. Raises `DefinitionUnreadableError`."""
    try:
        return msgspec.json.decode(data, type=Definition)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise errors.DefinitionUnreadableError(detail=str(error)) from None


def convert(data: object) -> Definition:
    """Read a definition from JSON values. Raises `DefinitionUnreadableError`."""
    try:
        return msgspec.convert(data, type=Definition)
    except msgspec.ValidationError as error:
        raise errors.DefinitionUnreadableError(detail=str(error)) from None


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
        yield errors.TooManyQuestionsError(limit=QUESTIONS_MAX)
    earlier: dict[str, Question] = {}
    for number, question in enumerate(definition.questions, start=1):
        if not _KEY.fullmatch(question.key) or question.key in earlier:
            yield errors.QuestionKeyError(key=question.key)
        yield from _branch_faults(number, question, earlier)
        yield from _length_faults(number, question)
        earlier[question.key] = question


def _branch_faults(number: int, question: Question, earlier: dict[str, Question]) -> Iterator[Refusal]:
    for condition in question.show_if:
        asked = earlier.get(condition.question)
        if asked is None:
            yield errors.BranchError(number=number, other=condition.question)
        elif not kind_of(asked).can_meet(asked, condition):
            yield errors.BranchTestError(number=number, other=condition.question)


def _length_faults(number: int, question: Question) -> Iterator[Refusal]:
    texts = [question.title, question.hint, question.low_label, question.high_label]
    texts += [*(option.label for option in question.options), *question.labels.values()]
    if len(question.labels) > OPTIONS_MAX or any(
        len(text) > TITLE_CHARACTERS_MAX for each in texts for text in each.values()
    ):
        yield errors.TextTooLongError(number=number, limit=TITLE_CHARACTERS_MAX)


def _text_faults(definition: Definition) -> Iterator[Refusal]:
    if not definition.questions:
        yield errors.NoQuestionsError()
    language = definition.fallback_language
    for number, question in enumerate(definition.questions, start=1):
        if not question.title.get(language):
            yield errors.TextMissingError(number=number, language=language)
        if kind_of(question).has_options:
            yield from _option_faults(number, question, language)


def _option_faults(number: int, question: Question, language: str) -> Iterator[Refusal]:
    keys = [option.key for option in question.options]
    if not 2 <= len(keys) <= OPTIONS_MAX or len(set(keys)) < len(keys) or not all(map(_KEY.fullmatch, keys)):
        yield errors.OptionsError(number=number, limit=OPTIONS_MAX)
    if not all(option.label.get(language) for option in question.options):
        yield errors.LabelMissingError(number=number, language=language)


def warnings(definition: Definition) -> list[Warning]:
    """What a careful author would change before publishing."""
    return [*_shape_warnings(definition), *_language_warnings(definition), *_wording_warnings(definition)]


def _shape_warnings(definition: Definition) -> Iterator[Warning]:
    seconds = rules.seconds(definition) if definition.questions else 0
    if seconds > SECONDS_WISE_MAX:
        yield Warning(
            code="too_long",
            text=gettext_noop(
                "It takes about {seconds} seconds. Many stop after {limit}: leave something out."
            ),
            facts={"seconds": seconds, "limit": SECONDS_WISE_MAX},
        )
    if not definition.intro:
        yield Warning(
            code="no_intro",
            text=gettext_noop("Nothing says who asks, why, and what becomes of the answers."),
        )
    if definition.questions and definition.questions[0].kind is QuestionKind.TEXT:
        yield Warning(
            code="text_first",
            text=gettext_noop("It starts with a text to write. One tap is an easier start."),
        )
    for number, question in enumerate(definition.questions, start=1):
        if question.kind is QuestionKind.TEXT and question.is_required:
            yield Warning(
                code="text_required",
                text=gettext_noop(
                    "Question {number} cannot be skipped though it asks for writing; many leave there."
                ),
                facts={"number": number},
            )


def _language_warnings(definition: Definition) -> Iterator[Warning]:
    used = {language for texts in rules.texts_of(definition) for language, text in texts.items() if text}
    for language in LANGUAGES:
        if language in used and language not in rules.languages(definition):
            yield Warning(
                code="language_incomplete",
                text=gettext_noop("Some texts are missing in {language}; it is offered once all are there."),
                facts={"language": language},
            )


def _wording_warnings(definition: Definition) -> Iterator[Warning]:
    for number, question in enumerate(definition.questions, start=1):
        for word in _leading_words(question.title):
            yield Warning(
                code="leading_words",
                text=gettext_noop(
                    "Question {number} leads the answer: “{word}”. Ask it so that both answers are welcome."
                ),
                facts={"number": number, "word": word},
            )


def _leading_words(texts: Texts) -> Iterator[str]:
    for language, text in texts.items():
        yield from (word for word in _LEADING.get(language, ()) if word in text.lower())
