"""Reads a response together with all its answers in one query, and one answer back from the database."""

import datetime as dates
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Model, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject

from huifang.questionnaires.models import Answer
from huifang.questionnaires.records import AnswerValue

_Row = TypeVar("_Row", bound=Model)
_COLUMN = "said_so_far"


def with_answers(found: QuerySet[_Row], *, path: str = "pk") -> QuerySet[_Row]:
    """*found* with the answers of the response at *path* beside each row, for `said`."""
    answers = Answer.objects.filter(response=OuterRef(path)).order_by("pk")
    row = JSONObject(
        key=F("question_key"),
        number=F("number"),
        text=F("text"),
        choices=F("choices"),
        # As text: JSON has no exact decimals.
        amount=Cast("amount", TextField()),
        day=F("day"),
        file=F("file"),
        is_live=F("is_live"),
    )
    rows: QuerySet[_Row] = found.annotate(**{_COLUMN: ArraySubquery(answers.values_list(row))})
    return rows


def said(row: Model) -> dict[str, tuple[AnswerValue, bool]]:
    """The answers beside *row* by question, each with whether it is live; none for a new response."""
    rows: list[Mapping[str, Any]] = getattr(row, _COLUMN, None) or []
    return {each["key"]: (_value(each), each["is_live"]) for each in rows}


def _value(row: Mapping[str, Any]) -> AnswerValue:
    return AnswerValue(
        number=row["number"],
        text=row["text"],
        choices=tuple(row["choices"]),
        amount=None if row["amount"] is None else Decimal(row["amount"]),
        day=dates.date.fromisoformat(row["day"]) if row["day"] else None,
        file=row["file"] or "",
    )
