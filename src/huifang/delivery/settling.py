"""Writes what became of attempts: state, ledger, contact points and the fact, in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction

from huifang.customers import services as customers
from huifang.customers.errors import UnknownCustomerError
from huifang.delivery import ledger, telling
from huifang.delivery.errors import Effect
from huifang.delivery.models import Attempt
from huifang.delivery.records import AttemptSettled, AttemptState
from huifang.kernel import clock, outbox
from huifang.kernel.ids import AttemptId, CustomerId, EnrolmentId, PlanId

S = AttemptState
_FINISHED = frozenset({S.ACCEPTED, S.DELIVERED, S.FAILED, S.UNKNOWN, S.WITHHELD, S.EXPIRED})


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of one attempt that this worker holds.

    *handed_over_at* None: nothing reached the provider, so the ledger gets its
    slots back, unless *state* is ``queued``: then it is tried again at *due_at*,
    and the try did not count where *is_uncounted*; *only_by* names the one account that may.
    """

    attempt: Attempt
    state: AttemptState
    at: datetime
    reason: str = ""
    handed_over_at: datetime | None = None
    due_at: datetime | None = None
    is_uncounted: bool = False
    may_have_gone: bool = False
    provider_message_id: str = ""
    parts: int = 0
    cost: Decimal | None = None
    address_index: bytes | None = None
    only_by: int | None = None
    effect: Effect = field(default=Effect.NONE)


def settle(outcomes: Sequence[Outcome], *, held_by: int) -> int:
    """Store *outcomes* of attempts that worker *held_by* still holds; returns how many it did."""
    if not outcomes:
        return 0
    # Each on its own, and first: one transaction that locked customers one by one would wait crosswise
    # with those that lock them in order. Told again after a crash, they change nothing more.
    for outcome in outcomes:
        spread(outcome.attempt, outcome.effect, outcome.reason, at=outcome.at)
    with transaction.atomic():
        # The ledger first, attempts second: everybody locks in this order.
        unmade = [outcome for outcome in outcomes if _is_unmade(outcome)]
        ledger.lock_customers(outcome.attempt.customer_id for outcome in unmade)
        mine = _write(outcomes, held_by=held_by)
        ledger.close(
            {
                outcome.attempt.pk: outcome.handed_over_at
                for outcome in outcomes
                if outcome.handed_over_at and outcome.attempt.pk in mine
            }
        )
        ledger.release([outcome.attempt.pk for outcome in unmade if outcome.attempt.pk in mine])
        announce(
            (outcome.attempt, outcome.state, outcome.reason, outcome.at)
            for outcome in outcomes
            if outcome.state in _FINISHED and outcome.attempt.pk in mine
        )
    return len(mine)


def _is_unmade(outcome: Outcome) -> bool:
    return outcome.handed_over_at is None and outcome.state is not S.QUEUED


def announce(settled: Iterable[tuple[Attempt, str, str, datetime]]) -> None:
    """Tell the rooms above what became of attempts."""
    facts = [
        AttemptSettled(
            attempt_id=AttemptId(attempt.pk),
            key=attempt.key,
            customer_id=CustomerId(attempt.customer_id),
            channel=attempt.channel,
            plan_id=None if attempt.plan_id is None else PlanId(attempt.plan_id),
            enrolment_id=None if attempt.enrolment_id is None else EnrolmentId(attempt.enrolment_id),
            outcome=str(state),
            reason=reason,
            at=at,
        )
        for attempt, state, reason, at in settled
    ]
    outbox.record(*facts)
    telling.settled(facts, now=clock.now())


def spread(attempt: Attempt, effect: Effect, reason: str, *, at: datetime) -> None:
    """What a failure says about the customer: a dead contact point is retired, a refusal is a refusal."""
    customer_id = CustomerId(attempt.customer_id)
    try:
        if effect is Effect.DEAD:
            customers.retire_contact_point(
                customer_id=customer_id, channel=attempt.channel, reason=reason, at=at
            )
        elif effect is Effect.REFUSED:
            customers.suppress(
                customer_id=customer_id, reason="provider", source=f"{attempt.channel}:{reason}", at=at
            )
    except UnknownCustomerError:  # erased meanwhile: nobody is left to be reached
        return


def _write(outcomes: Sequence[Outcome], *, held_by: int) -> set[int]:
    rows = [_row(outcome) for outcome in outcomes]
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [*(list(column) for column in zip(*rows, strict=True)), held_by])
        return {row[0] for row in cursor.fetchall()}


def _row(outcome: Outcome) -> tuple[object, ...]:
    return (
        outcome.attempt.pk,
        str(outcome.state),
        outcome.reason,
        outcome.due_at,
        outcome.handed_over_at,
        None if outcome.state is S.QUEUED else outcome.at,
        outcome.provider_message_id,
        outcome.parts,
        outcome.cost,
        outcome.address_index,
        outcome.may_have_gone,
        1 if outcome.is_uncounted else 0,
        outcome.only_by,
    )


# By primary key; only rows that this worker still holds change.
_SETTLE = """
UPDATE delivery_attempt a
SET state = t.state, reason = t.reason, due_at = coalesce(t.due_at, a.due_at),
    handed_over_at = t.handed_over_at, settled_at = t.settled_at,
    provider_message_id = t.provider_message_id, parts = t.parts, cost = t.cost,
    address_index = coalesce(t.address_index, a.address_index),
    may_have_gone = t.may_have_gone, tries = a.tries - t.uncounted, claimed_by = NULL,
    account_id = CASE WHEN t.state = 'queued' AND NOT t.may_have_gone THEN t.only_by
                      ELSE a.account_id END
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
            %s::text[], %s::int[], %s::numeric[], %s::bytea[], %s::bool[], %s::int[], %s::bigint[])
     AS t (id, state, reason, due_at, handed_over_at, settled_at, provider_message_id, parts, cost,
           address_index, may_have_gone, uncounted, only_by)
WHERE a.id = t.id AND a.state = 'sending' AND a.claimed_by = %s
RETURNING a.id
"""
