"""Multiple choice: any of several options."""

from typing import ClassVar

from huifang.questionnaires.answer_errors import AnswerExclusiveError
from huifang.questionnaires.kinds.base import Given, Plain, chosen_options, options_can_meet, words_of_other
from huifang.questionnaires.records import AnswerValue, Condition, Question


class Multiple(Plain):
    """Any options, by check boxes and one button; "other" may bring a few words."""

    name: ClassVar[str] = "multiple"
    template: ClassVar[str] = "survey/kinds/multiple.html"
    form_template: ClassVar[str] = "survey/kinds/boxes.html"
    has_options: ClassVar[bool] = True

    def parse(self, question: Question, given: Given) -> AnswerValue | None:
        """One option or more."""
        choices = chosen_options(question, [value for value in given.values if value])
        if not choices:
            return None
        if len(choices) > 1 and any(
            option.is_exclusive and option.key in choices for option in question.options
        ):
            raise AnswerExclusiveError(question=question.key)
        return AnswerValue(choices=choices, text=words_of_other(question, choices, given.text))

    def seconds(self, question: Question) -> float:
        """A tap for some of the options and one to go on."""
        return 3.0 + 1.2 * len(question.options)

    def can_meet(self, question: Question, condition: Condition) -> bool:
        """Its options must be among the question's."""
        return options_can_meet(question, condition)
