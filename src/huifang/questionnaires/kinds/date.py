"""Date: a day, within a range where one is set."""

import datetime as dates
from typing import ClassVar

from huifang.questionnaires.answer_errors import AnswerNotDateError, AnswerOutOfRangeError
from huifang.questionnaires.kinds.base import Given, Plain
from huifang.questionnaires.records import AnswerValue, Question

_EARLIEST, _LATEST = dates.date(1900, 1, 1), dates.date(2199, 12, 31)

_DASHES = str.maketrans("年月日/.", "-----")


class Date(Plain):
    """A day of the calendar, without a time or a zone."""

    name: ClassVar[str] = "date"
    form_template: ClassVar[str] = "survey/kinds/date.html"

    def bounds(self, question: Question) -> tuple[dates.date, dates.date]:
        """The first and the last day that is taken."""
        return question.earliest or _EARLIEST, question.latest or _LATEST

    def parse(self, question: Question, given: Given) -> AnswerValue | None:
        """A day as the browser sends it, or as people write one where it has no calendar: 2026/11/22."""
        text = (given.values[0] if given.values else given.text).strip()
        if not text:
            return None
        try:
            year, month, day = text.translate(_DASHES).strip("-").split("-")
            found = dates.date(int(year), int(month), int(day))
        except (ValueError, OverflowError):
            raise AnswerNotDateError(question=question.key) from None
        first, last = self.bounds(question)
        if not first <= found <= last:
            raise AnswerOutOfRangeError(lowest=first.isoformat(), highest=last.isoformat())
        return AnswerValue(day=found)

    def seconds(self, question: Question) -> float:
        """A calendar, or eight digits."""
        return 7.0
