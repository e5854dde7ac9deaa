"""Reads a response together with all its answers in one query, and one answer back from the database.

The two queries of the survey page are written by hand: there, to compile them took most of a request.
"""

import datetime as dates
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from django.db import connection
from django.db.models import JSONField, Model, QuerySet
from django.db.models.expressions import RawSQL

from huifang.kernel.ids import InvitationId
from huifang.questionnaires.models import Response
from huifang.questionnaires.records import AnswerValue

_COLUMN = "said_so_far"
# Amounts as text: JSON has no exact decimals.
_SAID = """
SELECT jsonb_agg(jsonb_build_object(
    'key', said.question_key, 'number', said.number, 'text', said.text, 'choices', said.choices,
    'amount', said.amount::text, 'day', said.day, 'file', said.file, 'is_live', said.is_live
) ORDER BY said.id) FROM questionnaires_answer AS said WHERE said.response_id = questionnaires_response.id
"""
# Plan: two look-ups by key, and the answers by theirs.
_INVITED = f"""
SELECT invited.customer_id, invited.version_id, invited.language, invited.context, invited.thanks_path,
       invited.is_spent, invited.closed_at, invited.expires_at, invited.key, invited.mode,
       questionnaires_response.state, questionnaires_response.language, questionnaires_response.skipped,
       questionnaires_response.context, questionnaires_response.has_text, questionnaires_response.id,
       questionnaires_response.xmin::text, ({_SAID})
FROM questionnaires_invitation AS invited
LEFT JOIN questionnaires_response ON questionnaires_response.invitation_id = invited.id
WHERE invited.id = %s
"""  # noqa: S608 - made of constants


class Invited(NamedTuple):
    """An invitation and what it led to; *state* is None where nothing was said yet.

    *row* changes with every change of the response. *is_on_path*: no answer was put off by a branch.
    """

    customer_id: int | None
    version_id: int
    language: str
    context: dict[str, str]
    thanks_path: str
    is_spent: bool
    closed_at: datetime | None
    expires_at: datetime
    key: str
    mode: str
    state: str | None
    spoken: str | None
    skipped: list[str] | None
    kept: dict[str, str] | None
    has_text: bool | None
    response_id: int | None
    row: str | None
    answers: dict[str, AnswerValue]
    is_on_path: bool = True


def invited(invitation_id: InvitationId) -> Invited | None:
    """The invitation with its response and all its answers, None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_INVITED, [invitation_id])
        row = cursor.fetchone()
    if row is None:
        return None
    # Django's connections hand JSON on as text.
    found = Invited(*row)
    said = msgspec.json.decode(row[-1]) if row[-1] else ()
    return found._replace(
        context=msgspec.json.decode(row[3]),
        kept=msgspec.json.decode(found.kept) if isinstance(found.kept, str) else None,
        answers={each["key"]: _value(each) for each in said},
        is_on_path=all(each["is_live"] for each in said),
    )


def with_answers(found: QuerySet[Response]) -> QuerySet[Response]:
    """*found* with its answers beside each row, for `said`."""
    column = RawSQL(_SAID, (), output_field=JSONField())  # noqa: S611 - a constant
    rows: QuerySet[Response] = found.annotate(**{_COLUMN: column})
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
