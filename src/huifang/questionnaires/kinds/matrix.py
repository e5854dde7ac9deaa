"""Matrix: one and the same choice for each of several rows."""

from typing import ClassVar

from huifang.questionnaires.answer_errors import AnswerIncompleteError, AnswerInvalidError
from huifang.questionnaires.kinds.base import Given, Plain, keys_can_meet
from huifang.questionnaires.records import AnswerValue, Condition, Question


def cell(row: str, column: str) -> str:
    """How the choice of *column* in *row* is kept."""
    return f"{row}:{column}"


class Matrix(Plain):
    """One option a row, kept as "row:column"; on a phone each row is a small question of its own."""

    name: ClassVar[str] = "matrix"
    form_template: ClassVar[str] = "survey/kinds/matrix.html"
    has_options: ClassVar[bool] = True

    def parse(self, question: Question, given: Given) -> AnswerValue | None:
        """A choice in some rows; in each of them where the question is required."""
        rows, columns = [row.key for row in question.rows], {option.key for option in question.options}
        chosen = {row: column for row, column in given.cells.items() if column}
        if not chosen.keys() <= set(rows) or not set(chosen.values()) <= columns:
            raise AnswerInvalidError(question=question.key)
        if chosen and question.is_required and len(chosen) < len(rows):
            raise AnswerIncompleteError(question=question.key)
        cells = tuple(cell(row, chosen[row]) for row in rows if row in chosen)
        return AnswerValue(choices=cells) if cells else None

    def seconds(self, question: Question) -> float:
        """The options are read once, then a tap a row."""
        return 2.0 + 0.8 * len(question.options) + 2.5 * len(question.rows)

    def can_meet(self, question: Question, condition: Condition) -> bool:
        """A condition names cells."""
        every = {cell(row.key, column.key) for row in question.rows for column in question.options}
        return keys_can_meet(every, condition)
