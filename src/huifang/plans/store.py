"""Set-based SQL of the runner and the dispatcher: claiming, enrolling and moving on in batches."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from django.db import connection

from huifang.decisions.eligibility import Seen
from huifang.kernel import connections
from huifang.plans.situations import Verdict

_CUSTOMER_LOCK = 0x504C414E  # class of the advisory lock under which one customer is dispatched
_encoder = msgspec.json.Encoder()
_LOOK_AHEAD = 20  # due rows looked at for each customer that is claimed


class NewEnrolment(msgspec.Struct, frozen=True, kw_only=True):
    """One enrolment to be stored."""

    plan_id: int
    version_id: int
    customer_id: int
    message_id: str
    occurred_at: datetime
    facts: dict[str, object]
    context: dict[str, str]
    state: str
    priority: int
    contact_class: str
    next_step: int
    planned_at: datetime
    due_at: datetime | None
    deadline: datetime
    end_reason: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """How one enrolment stands after a dispatcher has looked at it."""

    id: int
    state: str
    next_step: int
    planned_at: datetime
    due_at: datetime | None
    reached: bool
    wait_reason: str = ""
    wait_until: datetime | None = None
    end_reason: str = ""
    ended_at: datetime | None = None


class NewDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision to be stored; its columns are those of `models.Decision`."""

    at: datetime
    plan_id: int
    version_id: int
    customer_id: int
    enrolment_id: int | None
    message_id: str
    stage: str
    step: int
    channel: str
    outcome: str
    reason: str
    until: datetime | None
    rule: str
    detail: dict[str, str]
    exempt: list[str]


# Index scan on plans_due, oldest first. The lock is tried row by row until the limit is full, so a
# second dispatcher passes over what the first one holds. Materialised: it must not be tried earlier.
_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT customer_id FROM (
        SELECT customer_id, due_at FROM plans_enrolment
        WHERE state IN ('waiting', 'contacting') AND due_at <= %(now)s
        ORDER BY due_at LIMIT %(rows)s) AS first_due
    GROUP BY customer_id ORDER BY min(due_at)
)
SELECT customer_id FROM due
WHERE pg_try_advisory_xact_lock(%(lock)s, (customer_id & 2147483647)::int) LIMIT %(limit)s
"""

_ENROL = """
INSERT INTO plans_enrolment (plan_id, version_id, customer_id, message_id, occurred_at, facts, context, state,
    priority, contact_class, next_step, planned_at, due_at, deadline, end_reason, reached, wait_reason,
    created_at)
SELECT plan_id, version_id, customer_id, message_id, occurred_at, facts, context, state, priority,
    contact_class, next_step, planned_at, due_at, deadline, end_reason, false, '', %s
FROM json_to_recordset(%s::json) AS new (plan_id bigint, version_id bigint, customer_id bigint,
    message_id text, occurred_at timestamptz, facts jsonb, context jsonb, state text, priority smallint,
    contact_class text, next_step smallint, planned_at timestamptz, due_at timestamptz,
    deadline timestamptz, end_reason text)
ON CONFLICT (plan_id, customer_id, message_id) DO NOTHING
RETURNING plan_id, customer_id, message_id, id
"""

_MOVE = """
UPDATE plans_enrolment AS enrolment
SET state = new.state, next_step = new.next_step, planned_at = new.planned_at, due_at = new.due_at,
    reached = new.reached, wait_reason = new.wait_reason, wait_until = new.wait_until,
    end_reason = new.end_reason, ended_at = new.ended_at
FROM json_to_recordset(%s::json) AS new (id bigint, state text, next_step smallint, planned_at timestamptz,
    due_at timestamptz, reached boolean, wait_reason text, wait_until timestamptz, end_reason text,
    ended_at timestamptz)
WHERE enrolment.id = new.id
"""

_DECIDE = """
INSERT INTO plans_decision (at, plan_id, version_id, customer_id, enrolment_id, message_id, stage, step,
    channel, outcome, reason, until, rule, detail, exempt)
SELECT at, plan_id, version_id, customer_id, enrolment_id, message_id, stage, step, channel, outcome, reason,
    until, rule, detail, exempt
FROM json_to_recordset(%s::json) AS new (at timestamptz, plan_id bigint, version_id bigint,
    customer_id bigint, enrolment_id bigint, message_id text, stage text, step smallint, channel text,
    outcome text, reason text, until timestamptz, rule text, detail jsonb, exempt jsonb)
ON CONFLICT DO NOTHING
"""

# Index scan on plans_of_customer.
_HISTORY = """
SELECT plan_id, customer_id, max(created_at), bool_or(state IN ('waiting', 'contacting', 'parked'))
FROM plans_enrolment WHERE customer_id = ANY(%s) AND plan_id = ANY(%s)
GROUP BY plan_id, customer_id
"""

# Nested loop from the keys to the unique index plans_decided_once.
_DECIDED = """
SELECT d.plan_id, d.customer_id, d.message_id FROM plans_decision AS d
JOIN unnest(%s::bigint[], %s::bigint[], %s::text[]) AS k (plan_id, customer_id, message_id)
    USING (plan_id, customer_id, message_id)
WHERE d.stage = 'enrol'
"""


def claim_customers(*, now: datetime, limit: int) -> list[int]:
    """Customers with something due, the longest due first, held until the transaction ends."""
    values: dict[str, datetime | int] = {
        "now": now,
        "rows": limit * _LOOK_AHEAD,
        "limit": limit,
        "lock": _CUSTOMER_LOCK,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        return [row[0] for row in cursor.fetchall()]


def histories(
    *, customer_ids: Sequence[int], plan_ids: Sequence[int]
) -> dict[tuple[int, int], tuple[datetime, bool]]:
    """By (plan, customer): when they last entered, and whether an enrolment is still open."""
    with connection.cursor() as cursor:
        connections.read_quickly(cursor)
        cursor.execute(_HISTORY, [connections.array(customer_ids), connections.array(plan_ids)])
        return {(row[0], row[1]): (row[2], row[3]) for row in cursor.fetchall()}


def decided(keys: Collection[tuple[int, int, str]]) -> set[tuple[int, int, str]]:
    """Those of *keys* (plan, customer, cause) about which it was decided already."""
    if not keys:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, [list(column) for column in zip(*keys, strict=True)])
        return {(row[0], row[1], row[2]) for row in cursor.fetchall()}


def insert_enrolments(new: Sequence[NewEnrolment], *, now: datetime) -> dict[tuple[int, int, str], int]:
    """Ids by (plan, customer, message); what is there already is left alone and left out."""
    if not new:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ENROL, [now, _json(new)])
        return {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}


def move(changes: Sequence[Change]) -> None:
    """Write how the enrolments stand; their rows are locked by the caller."""
    if not changes:
        return
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [_json(changes)])


def decision_row(  # noqa: PLR0913 - a row has its columns, each by name
    verdict: Verdict,
    *,
    at: datetime,
    plan_id: int,
    version_id: int,
    customer_id: int,
    message_id: str,
    stage: str,
    enrolment_id: int | None,
) -> NewDecision:
    """The row that keeps *verdict*."""
    return NewDecision(
        at=at,
        plan_id=plan_id,
        version_id=version_id,
        customer_id=customer_id,
        enrolment_id=enrolment_id,
        message_id=message_id,
        stage=stage,
        step=verdict.step + 1,
        channel=verdict.channel,
        outcome=verdict.outcome.value,
        reason=verdict.reason.value if verdict.reason else "",
        until=verdict.until,
        rule=str(verdict.rule),
        detail=_shown(verdict.seen),
        exempt=sorted(verdict.exempt),
    )


def _shown(seen: Mapping[str, Seen]) -> dict[str, str]:
    return {name: one.isoformat() if isinstance(one, datetime) else str(one) for name, one in seen.items()}


def insert_decisions(rows: Iterable[NewDecision]) -> None:
    """Keep decisions; an event that was decided about already is left alone."""
    every = list(rows)
    if every:
        with connection.cursor() as cursor:
            cursor.execute(_DECIDE, [_json(every)])


def _json(rows: Sequence[NewEnrolment | NewDecision | Change]) -> str:
    """*rows* as one text: arrays of values cost the sender many times as much."""
    return _encoder.encode(rows).decode()
