"""Contact consent: whether the customer may be contacted for one purpose by one channel."""

from typing import ClassVar

from huifang.kernel.refusals import gettext_noop
from huifang.questionnaires.answer_errors import AnswerInvalidError
from huifang.questionnaires.kinds.base import Given, Plain, keys_can_meet
from huifang.questionnaires.records import AnswerValue, Condition, Question

YES, NO = "yes", "no"
CHOICES = (YES, NO)
LABELS = {YES: gettext_noop("Yes, you may"), NO: gettext_noop("No, please do not")}


class Contact(Plain):
    """Yes or no, neither of them marked beforehand. It goes to the consent ledger with the words shown."""

    name: ClassVar[str] = "contact"
    template: ClassVar[str] = "survey/kinds/single.html"
    form_template: ClassVar[str] = "survey/kinds/radios.html"
    is_one_tap: ClassVar[bool] = True
    needs_customer: ClassVar[bool] = True

    def parse(self, question: Question, given: Given) -> AnswerValue | None:
        """Exactly one of yes and no."""
        values = [value for value in given.values if value]
        if not values:
            return None
        if len(values) > 1 or values[0] not in CHOICES:
            raise AnswerInvalidError(question=question.key)
        return AnswerValue(choices=(values[0],))

    def seconds(self, question: Question) -> float:
        """One tap, after thinking about it."""
        return 4.0

    def can_meet(self, question: Question, condition: Condition) -> bool:
        """Yes and no are its options."""
        return keys_can_meet(set(CHOICES), condition)
