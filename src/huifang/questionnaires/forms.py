"""Reads what customers send from the public page: ``a.KEY`` answers, ``t.KEY`` holds the words beside it."""

from django.http import QueryDict

from huifang.questionnaires.answering import Submission
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.records import Definition, Display


def read_submission(definition: Definition, data: QueryDict, *, language: str) -> Submission:
    """What a page sent. An optional question that was shown and left empty counts as skipped.

    On a page of its own a required question is handed on even when empty, so that it is refused with
    a reason; on a page with all of them it stays open and is shown again.
    """
    if skip := data.get("skip"):
        return Submission(given={}, skipped=[skip], language=language)
    shown = data.getlist("q")
    given = {key: _given(data, key) for key in shown}
    if definition.display is Display.ALL:
        required = {question.key for question in definition.questions if question.is_required}
        given = {key: each for key, each in given.items() if any(each.values) or key not in required}
    return Submission(given=given, language=language)


def _given(data: QueryDict, key: str) -> Given:
    return Given(values=data.getlist(f"a.{key}"), text=data.get(f"t.{key}", ""))
