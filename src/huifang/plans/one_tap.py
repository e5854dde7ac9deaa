"""The answers to a questionnaire's first question, as buttons in a message. None counts until confirmed."""

from urllib.parse import quote

from huifang.delivery.records import Choice
from huifang.kernel.texts import LANGUAGES, pick
from huifang.plans.records import Step
from huifang.questionnaires.records import Definition, Question, QuestionKind

PLACEHOLDER = "{scale}"
_SCALES = {
    QuestionKind.CSAT: range(1, 6),
    QuestionKind.STARS: range(1, 6),
    QuestionKind.CES: range(1, 8),
    QuestionKind.NPS: range(11),
}
_BUTTONS_MAX = 11


def is_wanted(step: Step) -> bool:
    """Whether the step's message shows the answers."""
    return any(PLACEHOLDER in text for text in (*step.subject.values(), *step.body.values()))


def has_choices(definition: Definition) -> bool:
    """Whether the first question can be answered by one tap."""
    return bool(_answers(definition.questions[0], LANGUAGES[0]))


def choices_of(definition: Definition, path: str, language: str) -> tuple[Choice, ...]:
    """A button an answer, where the first question is answered by one tap; each opens the page at *path*."""
    question = definition.questions[0]
    return tuple(
        Choice(value=value, label=label, path=f"{path}?a={quote(question.key)}:{quote(value)}")
        for value, label in _answers(question, language)
    )


def _answers(question: Question, language: str) -> list[tuple[str, str]]:
    scale = _SCALES.get(question.kind)
    if scale is not None:
        return [(str(number), _label(question, number, scale, language)) for number in scale]
    if question.kind is QuestionKind.SINGLE and len(question.options) <= _BUTTONS_MAX:
        return [
            (option.key, pick(option.label, language, language))
            for option in question.options
            if not option.is_other
        ]
    return []


def _label(question: Question, number: int, scale: range, language: str) -> str:
    """The number, or what the questionnaire calls it."""
    named = question.labels.get(str(number))
    ends = {scale[0]: question.low_label, scale[-1]: question.high_label}
    texts = named or ends.get(number)
    text = pick(texts, language, language) if texts else ""
    return f"{number} {text}" if text else str(number)
