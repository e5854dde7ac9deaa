"""Text: a line or a paragraph in the customer's own words."""

from typing import ClassVar

from huifang.questionnaires.kinds.base import Given, Plain, clean
from huifang.questionnaires.records import AnswerValue, Question

SHORT_CHARACTERS_MAX = 200
LONG_CHARACTERS_MAX = 2000


class Text(Plain):
    """Free text; ``is_long`` of the question tells a line from a paragraph."""

    name: ClassVar[str] = "text"
    template: ClassVar[str] = "survey/kinds/text.html"
    form_template: ClassVar[str] = "survey/kinds/words.html"

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
