"""Finds what nobody looks after: attempts of workers that died, and those whose time is over."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from huifang.decisions.reasons import Reason
from huifang.delivery import accounts, leases, ledger, settling
from huifang.delivery.errors import AccountInvalidError, UnknownProviderError
from huifang.delivery.leases import Left
from huifang.delivery.models import Attempt
from huifang.delivery.records import AttemptState
from huifang.delivery.rules.backoff import TRIES_MAX
from huifang.delivery.settling import Outcome

BATCH = 500
S = AttemptState


def sweep(*, now: datetime) -> int:
    """One round over everything; returns how many attempts moved on."""
    return settle_orphans(now=now) + expire_queued(now=now) + expire_inbox(now=now)


def settle_orphans(*, now: datetime) -> int:
    """Settle attempts whose worker died between claim and outcome.

    What the worker did not have in hand has not left, and goes back into the queue. The rest is sent again
    where the provider honours keys, else ``unknown``: nobody can say whether the message went, so it counts,
    and is never sent again.
    """
    held_by = Attempt.objects.filter(state=S.SENDING).order_by().values_list("claimed_by", flat=True)
    return sum(_settle_of(number, now=now) for number in held_by.distinct() if number is not None)


def _settle_of(worker: int, *, now: datetime) -> int:
    with transaction.atomic():
        left = leases.take_over(worker)
        if left is None:
            return 0
        found = Attempt.objects.filter(state=S.SENDING, claimed_by=worker).select_related("account")
        outcomes = [_orphan(attempt, left, now=now) for attempt in found[:BATCH]]
        return settling.settle(outcomes, held_by=worker)


def _orphan(attempt: Attempt, left: Left, *, now: datetime) -> Outcome:
    if not left.may_have_gone(attempt.pk) and not attempt.may_have_gone:
        # The try counts: it may have been this very attempt that cost the worker its life.
        state = S.QUEUED if attempt.tries < TRIES_MAX else S.FAILED
        return Outcome(attempt=attempt, state=state, reason="worker_lost", at=now, due_at=attempt.due_at)
    if attempt.tries < TRIES_MAX and attempt.not_after > now and _honours_keys(attempt):
        return Outcome(
            attempt=attempt, state=S.QUEUED, reason="worker_lost", at=now, due_at=now, may_have_gone=True
        )
    return Outcome(
        attempt=attempt,
        state=S.UNKNOWN,
        reason="worker_lost",
        at=now,
        handed_over_at=attempt.claimed_at or now,
    )


def _honours_keys(attempt: Attempt) -> bool:
    if attempt.account is None:
        return False
    try:
        return accounts.open_account(attempt.account).port.honours_keys
    except (AccountInvalidError, UnknownProviderError):
        return False


def expire_queued(*, now: datetime) -> int:
    """End attempts that were not handed over in time; one that may have gone becomes ``unknown``."""
    with transaction.atomic():
        late = Attempt.objects.filter(state=S.QUEUED, not_after__lte=now).order_by("not_after", "pk")
        ids = list(late.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return 0
        ledger.lock_customers(
            Attempt.objects.filter(pk__in=ids).values_list("customer_id", flat=True).order_by("customer_id")
        )
        rows = list(Attempt.objects.filter(pk__in=ids, state=S.QUEUED).select_for_update(skip_locked=True))
        _end([row for row in rows if not row.may_have_gone], S.EXPIRED, now=now)
        _end([row for row in rows if row.may_have_gone], S.UNKNOWN, now=now)
    return len(rows)


def _end(rows: Sequence[Attempt], state: AttemptState, *, now: datetime) -> None:
    if not rows:
        return
    ids = [row.pk for row in rows]
    if state is S.EXPIRED:
        Attempt.objects.filter(pk__in=ids).update(state=state, reason=Reason.EXPIRED, settled_at=now)
        ledger.release(ids)
    else:
        Attempt.objects.filter(pk__in=ids).update(state=state, settled_at=now, handed_over_at=now)
        ledger.close(dict.fromkeys(ids, now))
    settling.announce((row, state, Reason.EXPIRED if state is S.EXPIRED else row.reason, now) for row in rows)


def expire_inbox(*, now: datetime) -> int:
    """End in-app messages that nobody fetched in time. They keep their slots: they were there to be seen."""
    with transaction.atomic():
        late = Attempt.objects.filter(channel="in_app", state=S.ACCEPTED, not_after__lte=now)
        rows = list(late.select_for_update(skip_locked=True)[:BATCH])
        ids = [row.pk for row in rows]
        Attempt.objects.filter(pk__in=ids).update(state=S.EXPIRED, reason=Reason.EXPIRED, settled_at=now)
        settling.announce((row, S.EXPIRED, Reason.EXPIRED, now) for row in rows)
    return len(rows)
