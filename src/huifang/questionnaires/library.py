"""Questions to take over: ready ones that come with the product, and those that people of the house keep."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources

import msgspec
from django.db import transaction

from huifang.kernel import audit
from huifang.questionnaires import checks
from huifang.questionnaires.errors import UnknownLibraryQuestionError
from huifang.questionnaires.models import LibraryQuestion
from huifang.questionnaires.records import Definition, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One question of the library; *name* says which, "own:ID" or "ready:KEY"."""

    name: str
    question: Question
    is_own: bool


@cache
def ready() -> list[Kept]:
    """The questions that come with the product."""
    file = resources.files("huifang.questionnaires").joinpath("library.json")
    data = json.loads(file.read_text(encoding="utf-8"))
    found = checks.convert({"questions": data["questions"]}).questions
    return [Kept(name=f"ready:{each.key}", question=each, is_own=False) for each in found]


def own() -> list[Kept]:
    """What people of the house kept, newest first."""
    return [
        Kept(name=f"own:{each.pk}", question=_read(each), is_own=True)
        for each in LibraryQuestion.objects.order_by("-pk")
    ]


def _read(row: LibraryQuestion) -> Question:
    return checks.convert({"questions": [row.definition]}).questions[0]


def search(words: str) -> list[Kept]:
    """Own and ready questions in whose texts all of *words* occur, own ones first."""
    wanted = words.lower().split()
    every = [*own(), *ready()]
    return [each for each in every if all(word in _texts(each.question) for word in wanted)]


def _texts(question: Question) -> str:
    labels: Iterable[dict[str, str]] = (each.label for each in (*question.rows, *question.options))
    every = [question.title, question.hint, *labels]
    return " ".join([question.kind.value, *(text for texts in every for text in texts.values())]).lower()


def find(name: str) -> Question:
    """The question called *name*. Raises `UnknownLibraryQuestionError`."""
    found = next((each for each in [*ready(), *own()] if each.name == name), None)
    if found is None:
        raise UnknownLibraryQuestionError(name=name)
    return found.question


def keep(*, question: Question, by: str, now: datetime) -> int:
    """Put *question* into the library, without its conditions; its number."""
    alone = msgspec.structs.replace(question, show_if=())
    checks.check_draft(Definition(questions=(alone,)))
    with transaction.atomic():
        made = LibraryQuestion.objects.create(definition=msgspec.to_builtins(alone), made_at=now, made_by=by)
        subject = f"library_question:{made.pk}"
        audit.record(actor=by, action="library.kept", subject=subject, facts={"key": alone.key}, at=now)
    return int(made.pk)


def drop(*, number: int, by: str, now: datetime) -> None:
    """Take an own question out. Raises `UnknownLibraryQuestionError`."""
    with transaction.atomic():
        if not LibraryQuestion.objects.filter(pk=number).delete()[0]:
            raise UnknownLibraryQuestionError(name=f"own:{number}")
        audit.record(
            actor=by, action="library.dropped", subject=f"library_question:{number}", facts={}, at=now
        )
