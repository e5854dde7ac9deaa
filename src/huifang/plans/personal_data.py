"""Exports and erases one customer in this room. Called for a data subject request only."""

from datetime import datetime

from django.db import transaction
from django.db.models import TextField, Value
from django.db.models.functions import Cast, Concat

from huifang.customers.queries import profiles
from huifang.decisions.reasons import Reason
from huifang.kernel.ids import CustomerId
from huifang.plans import queries
from huifang.plans.models import Decision, Enrolment, ListEntry, Rehearsal, Reward
from huifang.plans.outcomes import OPEN
from huifang.plans.records import EnrolmentState

_ROWS_MAX = 100_000
_UNDER_WAY = (*OPEN, EnrolmentState.PARKED)


def export(*, customer_id: CustomerId) -> dict[str, object]:
    """Every follow-up and decision of the customer, as JSON values and datetimes."""
    facts = dict(Enrolment.objects.filter(customer_id=customer_id).values_list("pk", "facts"))
    return {
        "follow_ups": [
            {
                "plan": each.plan_name,
                "state": each.state.value,
                "because_of_event_at": each.occurred_at,
                "facts": facts[each.id],
                "end_reason": each.end_reason,
            }
            for each in queries.enrolments_of(customer_id=customer_id, limit=_ROWS_MAX)
        ],
        "decisions": [
            {
                "at": each.at,
                "plan": each.plan_name,
                "channel": each.channel,
                "outcome": each.outcome,
                "reason": each.reason,
            }
            for each in queries.decisions_of(customer_id=customer_id, limit=_ROWS_MAX)
        ],
        "rewards": [
            {
                "at": each.issued_at,
                "kind": each.kind.value,
                "name": each.name,
                "points": each.points,
                "code": each.code,
                "state": each.state,
            }
            for each in queries.rewards_of(customer_id=customer_id, limit=_ROWS_MAX)
        ],
        "on_lists": [
            {"plan": row.plan_id, "added_at": row.added_at}
            for row in ListEntry.objects.filter(customer_id=customer_id).order_by("pk")
        ],
    }


def erase(*, customer_id: CustomerId, now: datetime) -> None:
    """Take out what could lead back to the customer: facts, message ids, lists, samples of rehearsals.

    The bare follow-ups and decisions stay, so that counts and effects stay right. What is under way ends.
    Call it before the customers room forgets the wallet's id.
    """
    with transaction.atomic():
        Enrolment.objects.select_for_update().filter(customer_id=customer_id, state__in=_UNDER_WAY).update(
            state=EnrolmentState.ENDED, due_at=None, ended_at=now, end_reason=Reason.CUSTOMER_REFUSED
        )
        erased = Concat(Value("erased:"), Cast("pk", TextField()))
        Enrolment.objects.filter(customer_id=customer_id).update(facts={}, context={}, message_id=erased)
        Reward.objects.filter(customer_id=customer_id).update(customer_id=None, enrolment_id=None)
        ListEntry.objects.filter(customer_id=customer_id).delete()
        Decision.objects.filter(customer_id=customer_id).update(detail={}, message_id=erased)
        for profile in profiles(customer_ids=[customer_id]).values():
            _forget_sample(profile.external_id)


def _forget_sample(external_id: str) -> None:
    """Take one id out of the samples that rehearsals show."""
    for row in Rehearsal.objects.select_for_update().filter(result__isnull=False):
        result = row.result or {}
        samples = result["samples"]
        kept = {reason: [each for each in ids if each != external_id] for reason, ids in samples.items()}
        if kept != samples:
            row.result = {**result, "samples": kept}
            row.save(update_fields=["result"])
