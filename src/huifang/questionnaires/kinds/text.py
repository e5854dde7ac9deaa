"""Text: a line or a paragraph in the customer's own words."""

from dataclasses import dataclass
from typing import ClassVar

from huifang.questionnaires.kinds.base import Given, clean
from huifang.questionnaires.records import AnswerValue, Comparison, Condition, Question

SHORT_CHARACTERS_MAX = 200
LONG_CHARACTERS_MAX = 2000


@dataclass(frozen=True, slots=True)
class Text:
    """Free text; ``is_long`` of the question tells a line from a paragraph."""

    name: ClassVar[str] = "text"
    metric: ClassVar[str] = ""
    template: ClassVar[str] = "survey/kinds/text.html"
    form_template: ClassVar[str] = "survey/kinds/words.html"
    is_one_tap: ClassVar[bool] = False
    has_options: ClassVar[bool] = False

    def limit(self, question: Question) -> int:
        """How many characters are taken."""
        return LONG_CHARACTERS_MAX if question.is_long else SHORT_CHARACTERS_MAX

    def parse(self, question: Question, given: Given) -> AnswerValue | None:
        """The words without blank ends; None where there are none."""
        words = clean(given.text or (given.values[0] if given.values else ""), limit=self.limit(question))
        return AnswerValue(text=words) if words else None

    def seconds(self, question: Question) -> float:
        """Typing on a phone."""
        return 18.0 if question.is_long else 9.0

    def is_low(self, number: int) -> bool:
        """Words are no score."""
        return False

    def can_meet(self, question: Question, condition: Condition) -> bool:
        """One can only ask whether anything was written."""
        return condition.test is Comparison.ANSWERED
