"""The kinds that are answered by a number on a scale."""

from typing import ClassVar

from huifang.questionnaires.answer_errors import AnswerInvalidError
from huifang.questionnaires.kinds.base import Given, Plain
from huifang.questionnaires.records import AnswerValue, Comparison, Condition, Question


class Scale(Plain):
    """Whole numbers from ``lowest`` to ``highest``; up to ``low_at_most`` somebody should look."""

    name: ClassVar[str]
    metric: ClassVar[str]
    template: ClassVar[str]
    form_template: ClassVar[str]
    lowest: ClassVar[int]
    highest: ClassVar[int]
    low_at_most: ClassVar[int]
    answer_seconds: ClassVar[float]
    is_one_tap: ClassVar[bool] = True

    def numbers(self) -> range:
        """The scale, lowest first."""
        return range(self.lowest, self.highest + 1)

    def parse(self, question: Question, given: Given) -> AnswerValue | None:
        """One number of the scale."""
        if not any(given.values):
            return None
        text = given.values[0]
        if len(given.values) > 1 or text not in map(str, self.numbers()):
            raise AnswerInvalidError(question=question.key)
        return AnswerValue(number=int(text))

    def seconds(self, question: Question) -> float:
        """One tap."""
        return self.answer_seconds

    def is_low(self, number: int) -> bool:
        """Whether *number* is in the low part of the scale."""
        return number <= self.low_at_most

    def can_meet(self, question: Question, condition: Condition) -> bool:
        """A number condition must lie on the scale and leave something out."""
        if condition.test is Comparison.ANSWERED:
            return True
        if condition.number is None or condition.options:
            return False
        if condition.test is Comparison.AT_MOST:
            return self.lowest <= condition.number < self.highest
        return condition.test is Comparison.AT_LEAST and self.lowest < condition.number <= self.highest
