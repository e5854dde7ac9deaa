"""Every question kind by its name: the one place to add one."""

from huifang.questionnaires.kinds.base import Kind
from huifang.questionnaires.kinds.ces import Ces
from huifang.questionnaires.kinds.csat import Csat
from huifang.questionnaires.kinds.multiple import Multiple
from huifang.questionnaires.kinds.nps import Nps
from huifang.questionnaires.kinds.single import Single
from huifang.questionnaires.kinds.text import Text
from huifang.questionnaires.records import Question, QuestionKind

KINDS: dict[QuestionKind, Kind] = {
    QuestionKind.CSAT: Csat(),
    QuestionKind.NPS: Nps(),
    QuestionKind.CES: Ces(),
    QuestionKind.SINGLE: Single(),
    QuestionKind.MULTIPLE: Multiple(),
    QuestionKind.TEXT: Text(),
}


def kind_of(question: Question) -> Kind:
    """The kind of *question*."""
    return KINDS[question.kind]
