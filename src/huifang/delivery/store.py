"""Attempts in the database, in batches: stored and claimed. Plain SQL, nothing decided."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from django.db import connection

from huifang.decisions.policy import ContactClass
from huifang.delivery.models import Attempt, ChannelAccount, Wording
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


def digest_of(subject: Mapping[str, str], body: Mapping[str, str]) -> bytes:
    """By which a wording is found."""
    return sha256(f"{_json(subject)}\n{_json(body)}".encode()).digest()


def _wording(attempt: NewAttempt) -> tuple[bytes, str, str]:
    subject, body = _json(attempt.subject), _json(attempt.body)
    return sha256(f"{subject}\n{body}".encode()).digest(), subject, body


def _choices(attempt: NewAttempt) -> str | None:
    if not attempt.choices:
        return None
    rows = [{"value": each.value, "label": each.label, "path": each.path} for each in attempt.choices]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


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
            _choices(attempt),
            attempt.is_tracked,
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
    language, fallback_language, label, plan_id, enrolment_id, not_after, rank, choices, is_tracked)
SELECT 'queued', '', '', '', 0, 0, false, %s, %s, t.*
FROM unnest(
    %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::jsonb[],
    %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[],
    %s::int[], %s::jsonb[], %s::bool[]) AS t
RETURNING key, id
"""


def is_due(channel: str, *, now: datetime) -> bool:
    """Whether anything waits for *channel*."""
    return Attempt.objects.filter(channel=channel, state="queued", due_at__lte=now).exists()


def claim(
    account: ChannelAccount, limit: int, *, worker: int, takes_all: bool, now: datetime
) -> list[Attempt]:
    """Take at most *limit* due attempts for *worker* through *account*, in the order in which they leave.

    Without *takes_all* only those that no other account may send.
    """
    given = [account.channel, now, account.pk, takes_all, limit, now, worker, account.pk, account.provider]
    found = list(Attempt.objects.raw(_CLAIM, given))
    found.sort(key=lambda attempt: (attempt.rank, attempt.due_at, attempt.pk))
    _attach_wordings(found)
    return found


# Index scan on delivery_attempt_due; rows that another worker takes are skipped, not waited for.
_CLAIM = """
WITH due AS (
    SELECT id FROM delivery_attempt
    WHERE channel = %s AND state = 'queued' AND due_at <= %s
      AND (account_id = %s OR (account_id IS NULL AND %s))
    ORDER BY rank, due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE delivery_attempt a
SET state = 'sending', claimed_at = %s, claimed_by = %s, account_id = %s, provider = %s, tries = tries + 1
FROM due WHERE a.id = due.id
RETURNING a.*
"""
# A wording never changes, it is found by its hash: what was read once is good for ever.
_wordings: dict[bytes, Wording] = {}
_WORDINGS_MAX = 2000


def _attach_wordings(attempts: Sequence[Attempt]) -> None:
    wanted = {bytes(attempt.wording_id) for attempt in attempts}
    if len(_wordings) > _WORDINGS_MAX:
        _wordings.clear()
    missing = wanted - set(_wordings)
    if missing:
        found = Wording.objects.in_bulk(list(missing))
        _wordings.update({bytes(digest): wording for digest, wording in found.items()})
    for attempt in attempts:
        attempt.wording = _wordings[bytes(attempt.wording_id)]


def customers_of(attempt_ids: Iterable[int]) -> list[int]:
    """The customers of *attempt_ids*, each once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT customer_id FROM delivery_attempt WHERE id = ANY(%s)", [list(attempt_ids)]
        )
        return [row[0] for row in cursor.fetchall()]
