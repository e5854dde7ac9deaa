"""Attempts in the database, in batches: stored, claimed, settled. Plain SQL, nothing decided."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from django.db import connection

from huifang.decisions.policy import ContactClass
from huifang.delivery.records import NewAttempt
from huifang.kernel.ids import AttemptId

_RANK: Mapping[str, int] = {ContactClass.SECURITY: 0, ContactClass.CASE: 1}


def existing(keys: Sequence[str]) -> dict[str, AttemptId]:
    """Those of *keys* that have an attempt."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, id FROM delivery_attempt WHERE key = ANY(%s)", [list(keys)])
        return {key: AttemptId(found) for key, found in cursor.fetchall()}


def _json(value: Mapping[str, str]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _wording(attempt: NewAttempt) -> tuple[bytes, str, str]:
    subject, body = _json(attempt.subject), _json(attempt.body)
    return sha256(f"{subject}\n{body}".encode()).digest(), subject, body


def insert(attempts: Sequence[NewAttempt], *, now: datetime) -> dict[str, AttemptId]:
    """Store new attempts and the wordings that they use; returns ids by key."""
    wordings = [_wording(attempt) for attempt in attempts]
    rows = [
        (
            attempt.key,
            attempt.customer_id,
            attempt.channel,
            attempt.contact_class,
            attempt.purpose,
            attempt.round_key,
            digest,
            _json(attempt.variables),
            attempt.language,
            attempt.fallback_language,
            attempt.label,
            attempt.plan_id,
            attempt.enrolment_id,
            attempt.not_after,
            _RANK.get(attempt.contact_class, 2),
        )
        for attempt, (digest, _, _) in zip(attempts, wordings, strict=True)
    ]
    with connection.cursor() as cursor:
        distinct = sorted(set(wordings))
        cursor.execute(_WORDINGS, [list(column) for column in zip(*distinct, strict=True)])
        cursor.execute(_INSERT, [now, now, *(list(column) for column in zip(*rows, strict=True))])
        return {key: AttemptId(found) for key, found in cursor.fetchall()}


_WORDINGS = """
INSERT INTO delivery_wording (digest, subject, body)
SELECT * FROM unnest(%s::bytea[], %s::jsonb[], %s::jsonb[])
ON CONFLICT DO NOTHING
"""
_INSERT = """
INSERT INTO delivery_attempt (
    state, reason, provider, provider_message_id, tries, parts, may_have_gone, queued_at, due_at,
    key, customer_id, channel, contact_class, purpose, round_key, wording_id, variables,
    language, fallback_language, label, plan_id, enrolment_id, not_after, rank)
SELECT 'queued', '', '', '', 0, 0, false, %s, %s, t.*
FROM unnest(
    %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::jsonb[],
    %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[],
    %s::int[]) AS t
RETURNING key, id
"""


def customers_of(attempt_ids: Iterable[int]) -> list[int]:
    """The customers of *attempt_ids*, each once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT customer_id FROM delivery_attempt WHERE id = ANY(%s)", [list(attempt_ids)]
        )
        return [row[0] for row in cursor.fetchall()]
