"""What a careful author would change before publishing: length, shape, languages, wording. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from huifang.kernel.refusals import gettext_noop
from huifang.kernel.texts import LANGUAGES
from huifang.questionnaires import branches, rules, telling, wording
from huifang.questionnaires.records import Definition, Question, QuestionKind

SECONDS_WISE_MAX = 60
OPTIONS_WISE_MAX = 9
ROWS_WISE_MAX = 6
READING_WISE_SECONDS = 7.0
_WRITTEN = {QuestionKind.TEXT, QuestionKind.VOICE, QuestionKind.IMAGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Warning:
    """Something that may be published but is better changed. *text* has ``{fact}`` placeholders.

    *key* is the question that it is about, "" for the whole; *suggestion* says what to do instead.
    """

    code: str
    text: str
    facts: dict[str, object] = field(default_factory=dict)
    key: str = ""
    suggestion: str = ""


def warnings(definition: Definition) -> list[Warning]:
    """What a careful author would change before publishing."""
    return [
        *_shape_warnings(definition),
        *_branch_warnings(definition),
        *_language_warnings(definition),
        *_wording_warnings(definition),
    ]


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
    if definition.questions and definition.questions[0].kind in _WRITTEN:
        yield Warning(
            code="text_first",
            text=gettext_noop("It starts with a text to write. One tap is an easier start."),
            key=definition.questions[0].key,
        )
    for number, question in enumerate(definition.questions, start=1):
        yield from _question_warnings(number, question)


def _question_warnings(number: int, question: Question) -> Iterator[Warning]:
    if question.kind in _WRITTEN and question.is_required:
        yield Warning(
            code="text_required",
            text=gettext_noop(
                "Question {number} cannot be skipped though it asks for writing; many leave there."
            ),
            facts={"number": number},
            key=question.key,
        )
    reading = max((rules.reading_seconds(text) for text in question.title.values()), default=0)
    if reading > READING_WISE_SECONDS:
        yield Warning(
            code="long_question",
            text=gettext_noop("Question {number} takes {seconds} seconds to read. Say it in one breath."),
            facts={"number": number, "seconds": round(reading)},
            key=question.key,
        )
    if len(question.options) > OPTIONS_WISE_MAX or len(question.rows) > ROWS_WISE_MAX:
        yield Warning(
            code="many_options",
            text=gettext_noop(
                "Question {number} gives more to choose from than a phone shows at once; few read to the end."
            ),
            facts={"number": number},
            key=question.key,
        )


def _branch_warnings(definition: Definition) -> Iterator[Warning]:
    numbers = {question.key: number for number, question in enumerate(definition.questions, start=1)}
    for question in branches.unreachable(definition):
        yield Warning(
            code="unreachable",
            text=gettext_noop("Nobody can ever reach question {number}: its conditions rule each other out."),
            facts={"number": numbers[question.key]},
            key=question.key,
        )
    required = {question.key for question in definition.questions if question.is_required}
    for question in definition.questions:
        texts = (question.title, question.hint)
        pipes = [pipe for each in texts for text in each.values() for pipe in telling.pipes(text)]
        if any(not fallback and key not in required for key, fallback in pipes):
            yield Warning(
                code="pipe_without_fallback",
                text=gettext_noop(
                    "Question {number} takes up an answer that may be missing. "
                    "Write what stands there then: [[key|these words]]."
                ),
                facts={"number": numbers[question.key]},
                key=question.key,
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
        for language, text in question.title.items():
            for rule, word in wording.found_in(text, language):
                yield Warning(
                    code=rule.code,
                    text=rule.text,
                    facts={"number": number, "word": word},
                    key=question.key,
                    suggestion=rule.suggestion,
                )
