"""Multiple choice: any of several options."""

from dataclasses import dataclass
from typing import ClassVar

from huifang.questionnaires.kinds.base import Given, chosen_options, options_can_meet, words_of_other
from huifang.questionnaires.records import AnswerValue, Condition, Question


@dataclass(frozen=True, slots=True)
class Multiple:
    """Any options, by check boxes and one button; "other" may bring a few words."""

    name: ClassVar[str] = "multiple"
    metric: ClassVar[str] = ""
    template: ClassVar[str] = "survey/kinds/multiple.html"
    form_template: ClassVar[str] = "survey/kinds/boxes.html"
    is_one_tap: ClassVar[bool] = False
    has_options: ClassVar[bool] = True

    def parse(self, question: Question, given: Given) -> AnswerValue | None:
        """One option or more."""
        choices = chosen_options(question, [value for value in given.values if value])
        if not choices:
            return None
        return AnswerValue(choices=choices, text=words_of_other(question, choices, given.text))

    def seconds(self, question: Question) -> float:
        """A tap for some of the options and one to go on."""
        return 3.0 + 1.2 * len(question.options)

    def is_low(self, number: int) -> bool:
        """A choice is no score."""
        return False

    def can_meet(self, question: Question, condition: Condition) -> bool:
        """Its options must be among the question's."""
        return options_can_meet(question, condition)
