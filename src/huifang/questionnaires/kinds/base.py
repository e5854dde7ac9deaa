"""What every question kind can do. Pure: no Django, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from huifang.questionnaires.errors import AnswerInvalidError, AnswerTooLongError
from huifang.questionnaires.records import AnswerValue, Comparison, Condition, Question

OTHER_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a form or an API call sent for one question."""

    values: Sequence[str] = ()
    text: str = ""


class Kind(Protocol):
    """One kind of question. ``metric`` is "" unless its answers make a score.

    ``template`` asks it alone on a screen, ``form_template`` among others in one form.
    """

    name: ClassVar[str]
    metric: ClassVar[str]
    template: ClassVar[str]
    form_template: ClassVar[str]
    is_one_tap: ClassVar[bool]
    has_options: ClassVar[bool]

    def parse(self, question: Question, given: Given) -> AnswerValue | None:
        """The answer in *given*; None where nothing was answered. Raises `AnswerInvalidError`."""

    def seconds(self, question: Question) -> float:
        """How long an answer takes once the question is read."""

    def is_low(self, number: int) -> bool:
        """Whether this score calls for somebody's attention."""

    def can_meet(self, question: Question, condition: Condition) -> bool:
        """Whether some answer to *question* meets *condition*."""


def clean(text: str, *, limit: int) -> str:
    """*text* as it is stored: no control characters, no blank ends. Raises `AnswerTooLongError`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(sign for sign in text if sign in "\n\t" or ord(sign) >= 32).strip()
    if len(kept) > limit:
        raise AnswerTooLongError(limit=limit)
    return kept


def chosen_options(question: Question, values: Sequence[str]) -> tuple[str, ...]:
    """*values* in the order of the options, each once. Raises `AnswerInvalidError` on an unknown one."""
    keys = [option.key for option in question.options]
    if any(value not in keys for value in values):
        raise AnswerInvalidError(question=question.key)
    return tuple(key for key in keys if key in values)


def words_of_other(question: Question, choices: tuple[str, ...], text: str) -> str:
    """The words beside "other", where that was chosen."""
    is_other = any(option.is_other and option.key in choices for option in question.options)
    return clean(text, limit=OTHER_CHARACTERS_MAX) if is_other else ""


def options_can_meet(question: Question, condition: Condition) -> bool:
    """Whether a question with options can meet *condition*."""
    if condition.test is Comparison.ANSWERED:
        return True
    keys = {option.key for option in question.options}
    wanted = set(condition.options)
    if not wanted or not wanted <= keys:
        return False
    return condition.test is Comparison.ANY_OF or (condition.test is Comparison.NONE_OF and wanted != keys)
