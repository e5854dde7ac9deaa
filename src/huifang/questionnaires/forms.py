"""Reads what customers send from the public pages.

``a.KEY`` answers, ``a.KEY.ROW`` a row of a matrix, ``t.KEY`` holds the words beside it, ``f.KEY`` a file.
"""

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict

from huifang.questionnaires import rules
from huifang.questionnaires.answering import Submission
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.kinds.files import File
from huifang.questionnaires.kinds.registry import kind_of
from huifang.questionnaires.records import Definition, Display, Question, Source

Files = Mapping[str, "UploadedFile[Any]"]


def read_submission(
    definition: Definition, data: QueryDict, *, language: str, files: Files | None = None
) -> Submission:
    """What a page sent. An optional question that was shown and left empty counts as skipped.

    On a page of its own a required question is handed on even when empty, so that it is refused with
    a reason; on a page with all of them it stays open and is shown again.
    """
    if skip := data.get("skip"):
        return Submission(given={}, skipped=[skip], language=language)
    asked = {question.key: question for question in definition.questions}
    given = {key: _given(asked[key], data, files or {}) for key in data.getlist("q") if key in asked}
    if definition.display is Display.ALL:
        given = {key: each for key, each in given.items() if is_given(each) or not asked[key].is_required}
    return Submission(given=given, language=language)


def _given(question: Question, data: QueryDict, files: Files) -> Given:
    name = f"a.{question.key}"
    return Given(
        values=data.getlist(name),
        text=data.get(f"t.{question.key}", ""),
        cells={row.key: data.get(f"{name}.{row.key}", "") for row in question.rows},
        file=_file(question, files),
    )


def _file(question: Question, files: Files) -> bytes:
    """The file as it came, one byte more than is taken where it is too large."""
    kind, found = kind_of(question), files.get(f"f.{question.key}")
    if found is None or not isinstance(kind, File):
        return b""
    return bytes(found.read(kind.bytes_max + 1))


def is_given(given: Given) -> bool:
    """Whether anything was filled in."""
    return bool(any(given.values) or given.text or any(given.cells.values()) or given.file)


def given_to(question: Question, data: QueryDict) -> Given:
    """What was sent for *question*, without its file, to show it once more beside a refusal."""
    return _given(question, data, {})


def fields_of_link(
    definition: Definition, request: HttpRequest, *, is_signed: bool = False
) -> dict[str, str]:
    """The hidden fields that the address brought; those that must be signed only where it *is_signed*."""
    sources = [Source.LINK, Source.SIGNED_LINK] if is_signed else [Source.LINK]
    return rules.taken_fields(definition, request.GET.dict(), sources=sources)


def tapped(text: str, *, first_key: str) -> tuple[str, str]:
    """The question and the value of ``?a=KEY:VALUE``; without a key it is the first question's."""
    key, colon, value = text[:120].partition(":")
    return (key, value) if colon else (first_key, key)
