"""Writes one answer of an invited customer in one statement, which is one transaction and one commit.

What it rests on was read before, without a lock. So the statement takes the invitation's lock, as whoever
answers does, and looks again: is the invitation open, is the response the very row that was read? Where it
is not, nothing is written, and the caller goes the long way.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from huifang.kernel import outbox
from huifang.questionnaires.records import AnswerValue

# Plan: each part finds one row by its key.
_HELD = """
WITH held AS MATERIALIZED (
    SELECT id, customer_id, plan_id, channel, mode, context FROM questionnaires_invitation
    WHERE id = %(invitation)s AND customer_id = %(customer)s AND closed_at IS NULL AND expires_at > %(now)s
    FOR UPDATE
),
"""
# Whoever was quicker has made the row already: then nothing is written here.
_BEGIN = """
noted AS (
    INSERT INTO questionnaires_response
        (id, invitation_id, questionnaire_id, version_id, version_number, customer_id, plan_id, channel, mode,
         language, wallet_kind, region, app_version, context, place, seed, state, skipped, low_score,
         has_text, started_at, completed_at, last_answered_at)
    SELECT %(response)s, id, %(questionnaire)s, %(version)s, %(number)s, customer_id, plan_id, channel, mode,
           %(language)s, %(wallet_kind)s, %(region)s,
           left(coalesce(nullif(context->>'app_version', ''), %(app_version)s), 60),
           context, '', '', %(state)s, %(skipped)s, %(low_score)s, %(has_text)s,
           %(now)s, %(completed_at)s, %(now)s
    FROM held
    ON CONFLICT (invitation_id) DO NOTHING
    RETURNING id, questionnaire_id, customer_id, plan_id, channel
)
"""
# Every change of a response gives its row another xmin.
_GO_ON = """
noted AS (
    UPDATE questionnaires_response AS response
    SET language = %(language)s, state = %(state)s, skipped = %(skipped)s, low_score = %(low_score)s,
        has_text = %(has_text)s, completed_at = %(completed_at)s, last_answered_at = %(now)s
    FROM held
    WHERE response.id = %(response)s AND response.invitation_id = held.id AND response.xmin = %(row)s::xid
    RETURNING response.id, response.questionnaire_id, response.customer_id, response.plan_id, response.channel
)
"""
_SAY = """
, said AS (
    INSERT INTO questionnaires_answer
        (response_id, question_key, place, kind, metric, number, text, choices, amount, day, file,
         option_order, is_live, answered_at, mode, questionnaire_id, customer_id, plan_id, channel)
    SELECT noted.id, %(question)s, %(at)s, %(kind)s, %(metric)s, %(value)s, %(text)s, %(choices)s::text[],
           %(amount)s, %(day)s, NULL, '{}', true, %(now)s, held.mode,
           noted.questionnaire_id, noted.customer_id, noted.plan_id, noted.channel
    FROM noted, held
    ON CONFLICT (response_id, question_key) DO UPDATE
    SET number = excluded.number, text = excluded.text, choices = excluded.choices,
        amount = excluded.amount, day = excluded.day, file = excluded.file,
        answered_at = excluded.answered_at, mode = excluded.mode
)
"""
_TELL = f", told AS ({outbox.INSERT} {outbox.FROM_ENTRIES}, noted)"
_NEXT_ID = "SELECT nextval(pg_get_serial_sequence('questionnaires_response', 'id'))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What one statement writes. *row* is the response's as it was read, "" where there was none yet."""

    invitation_id: int
    customer_id: int
    response_id: int
    row: str
    columns: dict[str, Any]
    question: str = ""
    place: int = 0
    kind: str = ""
    metric: str = ""
    value: AnswerValue | None = None
    facts: str = ""


def next_id() -> int:
    """The id of a response that is about to begin."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_ID)
        return int(cursor.fetchone()[0])


def write(note: Note, *, now: datetime) -> bool:
    """Write *note*; False, and nothing, where what it rests on is no longer so."""
    value = note.value
    parts = [_HELD, _GO_ON if note.row else _BEGIN, _SAY if value else "", _TELL if note.facts else ""]
    given: dict[str, Any] = {
        "invitation": note.invitation_id,
        "customer": note.customer_id,
        "response": note.response_id,
        "row": note.row,
        "now": now,
        **note.columns,
    }
    if value:
        given |= {
            "question": note.question,
            "at": note.place,
            "kind": note.kind,
            "metric": note.metric,
            "value": value.number,
            "text": value.text,
            "choices": list(value.choices),
            "amount": value.amount,
            "day": value.day,
        }
    if note.facts:
        given |= {"outbox": note.facts, "outbox_at": now}
    with connection.cursor() as cursor:
        cursor.execute(f"{''.join(parts)} SELECT id FROM noted", given)  # noqa: S608 - made of constants
        return cursor.fetchone() is not None
