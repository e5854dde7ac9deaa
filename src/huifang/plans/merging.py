"""Moves everything of one customer to another, where two turn out to be one. Never two open for one plan."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.fields import TextField
from django.db.models.functions import Cast, Concat

from huifang.decisions.reasons import Reason
from huifang.kernel.ids import CustomerId
from huifang.plans.models import Decision, Enrolment, ListEntry, Reward
from huifang.plans.records import EnrolmentState
from huifang.plans.situations import round_key

_CUSTOMER_LOCK = 0x504C414E  # the dispatcher's own, of `store`: it looks at neither of them meanwhile
_SETTLED = (EnrolmentState.ANSWERED, EnrolmentState.ENDED, EnrolmentState.REFUSED)


def customers_merged(*, kept_id: CustomerId, gone_id: CustomerId, now: datetime) -> list[str]:
    """Give the kept customer what the gone one has; returns the rounds that end by it. Idempotent."""
    with transaction.atomic():
        _lock(kept_id, gone_id)
        ended = _end_doubles(kept_id, gone_id, now=now)
        _free_keys(kept_id, gone_id)
        for model in (Enrolment, Decision, Reward):
            model._default_manager.filter(customer_id=gone_id).update(customer_id=kept_id)
        _lists(kept_id, gone_id)
    return [round_key(pk) for pk in ended]


def _lock(*customer_ids: int) -> None:
    keys = sorted({customer_id & 0x7FFF_FFFF for customer_id in customer_ids})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, k) FROM unnest(%s::int[]) AS k", [_CUSTOMER_LOCK, keys]
        )


def _end_doubles(kept_id: int, gone_id: int, *, now: datetime) -> list[int]:
    """Where both are under way in one plan, the one that has reached somebody goes on, else the older."""
    rows = Enrolment.objects.select_for_update().filter(customer_id__in=[kept_id, gone_id])
    by_plan: dict[int, list[Enrolment]] = {}
    for row in rows.exclude(state__in=_SETTLED).order_by("pk"):
        by_plan.setdefault(row.plan_id, []).append(row)
    over: list[int] = []
    for found in by_plan.values():
        goes_on = min(found, key=lambda row: (not row.reached, row.created_at, row.pk))
        over += [row.pk for row in found if row.pk != goes_on.pk]
    Enrolment.objects.filter(pk__in=over).update(
        state=EnrolmentState.ENDED,
        due_at=None,
        ended_at=now,
        end_reason=Reason.ALREADY_ENROLLED,
        wait_reason="",
        wait_until=None,
    )
    return over


def _free_keys(kept_id: int, gone_id: int) -> None:
    """A day or a pulse enrols each customer under one key: the gone one's gets a number of its own."""
    text = TextField()
    own = Concat(F("message_id"), Value(":merged:", text), Cast("pk", text), output_field=text)
    taken = Enrolment.objects.filter(customer_id=kept_id).values("plan_id", "message_id")
    for row in Enrolment.objects.filter(customer_id=gone_id).values("pk", "plan_id", "message_id"):
        if taken.filter(plan_id=row["plan_id"], message_id=row["message_id"]).exists():
            Enrolment.objects.filter(pk=row["pk"]).update(message_id=own)
    decided = set(
        Decision.objects.filter(customer_id=kept_id, stage="enrol").values_list("plan_id", "message_id")
    )
    mine = Decision.objects.filter(customer_id=gone_id, stage="enrol")
    clashing = [
        pk for pk, plan, key in mine.values_list("pk", "plan_id", "message_id") if (plan, key) in decided
    ]
    Decision.objects.filter(pk__in=clashing).update(message_id=own)


def _lists(kept_id: int, gone_id: int) -> None:
    """On one list once: taken where either was."""
    for row in ListEntry.objects.filter(customer_id=gone_id):
        same = ListEntry.objects.filter(plan_id=row.plan_id, customer_id=kept_id).first()
        if same is None:
            row.customer_id = kept_id
            row.save(update_fields=["customer_id"])
            continue
        same.taken_at = min((at for at in (same.taken_at, row.taken_at) if at), default=None)
        same.save(update_fields=["taken_at"])
        row.delete()
