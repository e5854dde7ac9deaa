"""What every question kind can do. Pure: no Django, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from huifang.questionnaires.answer_errors import AnswerInvalidError, AnswerTooLongError
from huifang.questionnaires.records import AnswerValue, Comparison, Condition, Question

OTHER_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a form or an API call sent for one question; *cells* by row of a matrix, *file* as it came."""

    values: Sequence[str] = ()
    text: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    file: bytes = b""


class Kind(Protocol):
    """One kind of question. ``metric`` is "" unless its answers make a score.

    ``template`` asks it alone on a screen, ``form_template`` among others in one form. ``needs_customer``:
    its answer is worth nothing, or gives its author away, where nobody may know who answers.
    """

    name: ClassVar[str]
    metric: ClassVar[str]
    template: ClassVar[str]
    form_template: ClassVar[str]
    is_one_tap: ClassVar[bool]
    has_options: ClassVar[bool]
    takes_file: ClassVar[bool]
    needs_customer: ClassVar[bool]

    def parse(self, question: Question, given: Given) -> AnswerValue | None:
        """The answer in *given*; None where nothing was answered. Raises `AnswerInvalidError`."""

    def seconds(self, question: Question) -> float:
        """How long an answer takes once the question is read."""

    def is_low(self, number: int) -> bool:
        """Whether this score calls for somebody's attention."""

    def can_meet(self, question: Question, condition: Condition) -> bool:
        """Whether some answer to *question* meets *condition*."""


class Plain:
    """What most kinds share: no score, no options, no file, and only "answered" can be asked about them."""

    metric: ClassVar[str] = ""
    template: ClassVar[str] = "survey/kinds/alone.html"
    is_one_tap: ClassVar[bool] = False
    has_options: ClassVar[bool] = False
    takes_file: ClassVar[bool] = False
    needs_customer: ClassVar[bool] = False

    def is_low(self, number: int) -> bool:
        """No score, so never low."""
        return False

    def can_meet(self, question: Question, condition: Condition) -> bool:
        """One can only ask whether anything was answered."""
        return condition.test is Comparison.ANSWERED


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
    return keys_can_meet({option.key for option in question.options}, condition)


def keys_can_meet(keys: set[str], condition: Condition) -> bool:
    """Whether choosing among *keys* can meet *condition*."""
    if condition.test is Comparison.ANSWERED:
        return True
    wanted = set(condition.options)
    if not wanted or not wanted <= keys:
        return False
    return condition.test is Comparison.ANY_OF or (condition.test is Comparison.NONE_OF and wanted != keys)
