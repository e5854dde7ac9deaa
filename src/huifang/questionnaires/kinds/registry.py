"""Every question kind by its name: the one place to add one."""

from huifang.questionnaires.kinds.base import Kind
from huifang.questionnaires.kinds.ces import Ces
from huifang.questionnaires.kinds.contact import Contact
from huifang.questionnaires.kinds.csat import Csat
from huifang.questionnaires.kinds.date import Date
from huifang.questionnaires.kinds.files import Image, Voice
from huifang.questionnaires.kinds.matrix import Matrix
from huifang.questionnaires.kinds.multiple import Multiple
from huifang.questionnaires.kinds.nps import Nps
from huifang.questionnaires.kinds.number import Number
from huifang.questionnaires.kinds.single import Single
from huifang.questionnaires.kinds.stars import Stars
from huifang.questionnaires.kinds.text import Text
from huifang.questionnaires.records import Question, QuestionKind

KINDS: dict[QuestionKind, Kind] = {
    QuestionKind.CSAT: Csat(),
    QuestionKind.NPS: Nps(),
    QuestionKind.CES: Ces(),
    QuestionKind.STARS: Stars(),
    QuestionKind.SINGLE: Single(),
    QuestionKind.MULTIPLE: Multiple(),
    QuestionKind.MATRIX: Matrix(),
    QuestionKind.NUMBER: Number(),
    QuestionKind.DATE: Date(),
    QuestionKind.TEXT: Text(),
    QuestionKind.CONTACT: Contact(),
    QuestionKind.VOICE: Voice(),
    QuestionKind.IMAGE: Image(),
}


def kind_of(question: Question) -> Kind:
    """The kind of *question*."""
    return KINDS[question.kind]
