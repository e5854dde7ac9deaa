"""Number: an amount or a count, within bounds and with a unit."""

import re
from decimal import Decimal
from typing import ClassVar

from huifang.questionnaires.answer_errors import AnswerNotNumberError, AnswerOutOfRangeError
from huifang.questionnaires.kinds.base import Given, Plain
from huifang.questionnaires.records import AnswerValue, Comparison, Condition, Question

PLACES_MAX = 6
_GREATEST = Decimal(10) ** 15
# What phones type: full-width digits of Chinese keyboards, and commas between thousands.
_PLAIN = str.maketrans("０１２３４５６７８９．－＋，", "0123456789.-+,")
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d{1,16})(\.\d{1,6})?", re.ASCII)


class Number(Plain):
    """A number, kept exactly."""

    name: ClassVar[str] = "number"
    form_template: ClassVar[str] = "survey/kinds/number.html"

    def bounds(self, question: Question) -> tuple[Decimal, Decimal]:
        """The least and the greatest number that is taken."""
        return (
            -_GREATEST if question.lowest is None else question.lowest,
            _GREATEST if question.highest is None else question.highest,
        )

    def parse(self, question: Question, given: Given) -> AnswerValue | None:
        """A number within the bounds, with no more decimals than asked for."""
        text = (given.values[0] if given.values else given.text).translate(_PLAIN).replace(" ", "")
        if not text:
            return None
        if len(given.values) > 1 or not _NUMBER.fullmatch(text):
            raise AnswerNotNumberError(question=question.key)
        amount = Decimal(text.replace(",", ""))
        if amount != round(amount, question.places):
            raise AnswerNotNumberError(question=question.key)
        lowest, highest = self.bounds(question)
        if not lowest <= amount <= highest:
            raise AnswerOutOfRangeError(lowest=f"{lowest:f}", highest=f"{highest:f}")
        return AnswerValue(amount=amount)

    def seconds(self, question: Question) -> float:
        """A few digits."""
        return 5.0

    def can_meet(self, question: Question, condition: Condition) -> bool:
        """A bound must lie among the numbers and leave something out."""
        if condition.test is Comparison.ANSWERED:
            return True
        if condition.number is None or condition.options:
            return False
        lowest, highest = self.bounds(question)
        if condition.test is Comparison.AT_MOST:
            return lowest <= condition.number < highest
        return condition.test is Comparison.AT_LEAST and lowest < condition.number <= highest
