"""What delivery can do: take an attempt, change the policy."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from huifang.decisions.policy import Policy
from huifang.delivery import ledger, policies, store
from huifang.delivery.errors import BudgetSpentError
from huifang.delivery.records import BudgetSpent, NewAttempt
from huifang.delivery.rules.slots import Full, Taken
from huifang.kernel.ids import AttemptId

BATCH_MAX = 1000


def enqueue(*, attempt: NewAttempt, now: datetime) -> AttemptId:
    """Take one attempt, in the caller's transaction. Idempotent by its key.

    Raises `BudgetSpentError` where the contact ledger has no room.
    """
    result = enqueue_many(attempts=[attempt], now=now)[0]
    if isinstance(result, BudgetSpent):
        raise BudgetSpentError(scope=result.scope, free_at=result.free_at)
    return result


def enqueue_many(*, attempts: Sequence[NewAttempt], now: datetime) -> list[AttemptId | BudgetSpent]:
    """Take a batch (at most `BATCH_MAX`) in the caller's transaction; the results stand in its order.

    Their customers stay locked until the transaction ends, so that two workers
    never hold one customer: the locks are taken in one order, so call it once a transaction.
    """
    assert transaction.get_connection().in_atomic_block, "attempts are taken inside a transaction"
    assert len(attempts) <= BATCH_MAX, "too many attempts for one batch"
    ledger.lock_customers(attempt.customer_id for attempt in attempts)
    known = store.existing([attempt.key for attempt in attempts])
    new = {attempt.key: attempt for attempt in attempts if attempt.key not in known}
    outcome: dict[str, AttemptId | BudgetSpent] = {**known, **_take(list(new.values()), now=now)}
    return [outcome[attempt.key] for attempt in attempts]


def _take(new: list[NewAttempt], *, now: datetime) -> dict[str, AttemptId | BudgetSpent]:
    """Claim slots and store. Where the database itself says no, each attempt is tried alone."""
    if not new:
        return {}
    policy = policies.current()
    try:
        with transaction.atomic():
            return _claim(new, policy, now=now)
    except IntegrityError:
        if len(new) == 1:
            return {new[0].key: BudgetSpent(key=new[0].key, scope="ledger")}
    outcome: dict[str, AttemptId | BudgetSpent] = {}
    for attempt in new:
        outcome.update(_take([attempt], now=now))
    return outcome


def _claim(new: Sequence[NewAttempt], policy: Policy, *, now: datetime) -> dict[str, AttemptId | BudgetSpent]:
    book = ledger.open_book([attempt.customer_id for attempt in new], policy, now=now)
    outcome: dict[str, AttemptId | BudgetSpent] = {}
    taken: dict[str, tuple[NewAttempt, tuple[Taken, ...]]] = {}
    for attempt in new:
        found = book.take(attempt, policy, now=now)
        if isinstance(found, Full):
            outcome[attempt.key] = BudgetSpent(key=attempt.key, scope=found.scope, free_at=found.free_at)
        else:
            taken[attempt.key] = (attempt, found)
    if taken:
        ids = store.insert([attempt for attempt, _ in taken.values()], now=now)
        ledger.write({ids[key]: each for key, each in taken.items()}, now=now)
        outcome.update(ids)
    return outcome
