"""Single choice: one of several options."""

from typing import ClassVar

from huifang.questionnaires.answer_errors import AnswerInvalidError
from huifang.questionnaires.kinds.base import Given, Plain, chosen_options, options_can_meet, words_of_other
from huifang.questionnaires.records import AnswerValue, Condition, Question


class Single(Plain):
    """One option, by one tap; "other" may bring a few words."""

    name: ClassVar[str] = "single"
    template: ClassVar[str] = "survey/kinds/single.html"
    form_template: ClassVar[str] = "survey/kinds/radios.html"
    is_one_tap: ClassVar[bool] = True
    has_options: ClassVar[bool] = True

    def parse(self, question: Question, given: Given) -> AnswerValue | None:
        """Exactly one option."""
        values = [value for value in given.values if value]
        if not values:
            return None
        choices = chosen_options(question, values)
        if len(choices) != 1:
            raise AnswerInvalidError(question=question.key)
        return AnswerValue(choices=choices, text=words_of_other(question, choices, given.text))

    def seconds(self, question: Question) -> float:
        """One tap after reading the options."""
        return 2.0 + 0.8 * len(question.options)

    def can_meet(self, question: Question, condition: Condition) -> bool:
        """Its options must be among the question's."""
        return options_can_meet(question, condition)
