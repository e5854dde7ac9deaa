"""Attempts that must not leave any more: of a plan that is not live, of a round that has its answer.

A plan is held by a row that the last gate reads, so that an attempt which is queued a moment after the
plan was paused, or goes back into the queue, is held all the same.
"""

from datetime import datetime

from django.db import transaction

from huifang.decisions.reasons import Reason
from huifang.delivery import ledger, settling
from huifang.delivery.models import Attempt, HeldPlan
from huifang.delivery.records import AttemptState
from huifang.kernel.ids import CustomerId, PlanId

S = AttemptState


def hold(plan_id: PlanId, *, is_ended: bool, now: datetime) -> None:
    """Let nothing of the plan leave from now on."""
    HeldPlan.objects.update_or_create(plan_id=plan_id, defaults={"is_ended": is_ended, "since": now})


def let_go(plan_id: PlanId, *, now: datetime) -> None:
    """The plan is live: what waited only for that is due now."""
    if HeldPlan.objects.filter(plan_id=plan_id).delete()[0]:
        waiting = Attempt.objects.filter(plan_id=plan_id, state=S.QUEUED, reason=Reason.PLAN_NOT_ACTIVE)
        waiting.update(due_at=now)


def held() -> dict[int, bool]:
    """The plans that are held, and whether they have ended."""
    return dict(HeldPlan.objects.values_list("plan_id", "is_ended"))


def call_off(customer_id: CustomerId, round_key: str, *, reason: Reason, now: datetime) -> int:
    """Withhold what is queued of one round; returns how many. What may have gone counts as a contact."""
    with transaction.atomic():
        ledger.lock_customers([customer_id])
        waiting = Attempt.objects.filter(customer_id=customer_id, round_key=round_key, state=S.QUEUED)
        rows = list(waiting.select_for_update().order_by("pk"))
        unmade = [row.pk for row in rows if not row.may_have_gone]
        gone = [row.pk for row in rows if row.may_have_gone]
        Attempt.objects.filter(pk__in=unmade).update(state=S.WITHHELD, reason=reason, settled_at=now)
        Attempt.objects.filter(pk__in=gone).update(state=S.UNKNOWN, settled_at=now, handed_over_at=now)
        ledger.release(unmade)
        ledger.close(dict.fromkeys(gone, now))
        settling.announce(
            (row, S.UNKNOWN, row.reason, now) if row.may_have_gone else (row, S.WITHHELD, reason, now)
            for row in rows
        )
    return len(rows)
