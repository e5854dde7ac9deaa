"""The list of a plan that a person makes by hand or from a file: who is on it, and which ids were refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huifang.customers.queries import ids_of
from huifang.kernel import audit
from huifang.kernel.ids import CustomerId, PlanId
from huifang.plans.errors import ListTooLongError, UnknownPlanError
from huifang.plans.models import ListEntry, Plan

IDS_MAX = 200_000
ID_LENGTH_MAX = 200
REFUSED_SHOWN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReport:
    """What became of the ids that were given.

    *known* stood on the list already, *repeated* were given twice. *refused* are no customer's id; the first
    `REFUSED_SHOWN` of *refused_count*.
    """

    added: int
    known: int
    repeated: int
    refused: tuple[str, ...]
    refused_count: int


def add(*, plan_id: PlanId, external_ids: Sequence[str], by: str, now: datetime) -> ListReport:
    """Put customers on the list by the wallet's ids. Raises `UnknownPlanError`, `ListTooLongError`."""
    if len(external_ids) > IDS_MAX:
        raise ListTooLongError(count=len(external_ids), limit=IDS_MAX)
    given = [each.strip() for each in external_ids if each.strip()]
    wanted = list(dict.fromkeys(given))
    usable = [each for each in wanted if len(each) <= ID_LENGTH_MAX and each.isprintable()]
    found = ids_of(external_ids=usable)
    refused = [each for each in wanted if each not in found]
    customer_ids = sorted(set(found.values()))
    with transaction.atomic():
        _lock(plan_id)
        before = set(
            ListEntry.objects.filter(plan_id=plan_id, customer_id__in=customer_ids).values_list(
                "customer_id", flat=True
            )
        )
        new = [customer_id for customer_id in customer_ids if customer_id not in before]
        ListEntry.objects.bulk_create(
            [
                ListEntry(plan_id=plan_id, customer_id=customer_id, added_by=by, added_at=now)
                for customer_id in new
            ],
            batch_size=5000,
        )
        facts = {"added": len(new), "known": len(before), "refused": len(refused)}
        audit.record(actor=by, action="plan.list_added", subject=f"plan:{plan_id}", facts=facts, at=now)
    return ListReport(
        added=len(new),
        known=len(before),
        repeated=len(given) - len(wanted),
        refused=tuple(refused[:REFUSED_SHOWN]),
        refused_count=len(refused),
    )


def remove(*, plan_id: PlanId, external_ids: Sequence[str], by: str, now: datetime) -> int:
    """Take customers off the list who were not taken yet; how many."""
    ids = list(ids_of(external_ids=external_ids).values())
    with transaction.atomic():
        _lock(plan_id)
        removed, _ = ListEntry.objects.filter(plan_id=plan_id, customer_id__in=ids, taken_at=None).delete()
        audit.record(
            actor=by,
            action="plan.list_removed",
            subject=f"plan:{plan_id}",
            facts={"removed": removed},
            at=now,
        )
    return removed


def clear(*, plan_id: PlanId, by: str, now: datetime) -> int:
    """Take everybody off the list who was not taken yet; how many."""
    with transaction.atomic():
        _lock(plan_id)
        removed, _ = ListEntry.objects.filter(plan_id=plan_id, taken_at=None).delete()
        audit.record(
            actor=by,
            action="plan.list_cleared",
            subject=f"plan:{plan_id}",
            facts={"removed": removed},
            at=now,
        )
    return removed


def waiting(*, plan_id: PlanId, limit: int) -> list[CustomerId]:
    """The first customers on the list who were not taken yet."""
    found = ListEntry.objects.filter(plan_id=plan_id, taken_at=None).order_by("pk")
    return [CustomerId(each) for each in found.values_list("customer_id", flat=True)[:limit]]


def everybody(*, plan_id: PlanId) -> list[CustomerId]:
    """Everybody who is on the list, taken or not, in the order in which they were put on it."""
    found = ListEntry.objects.filter(plan_id=plan_id).order_by("pk")
    return [CustomerId(each) for each in found.values_list("customer_id", flat=True)]


def _lock(plan_id: PlanId) -> None:
    if Plan.objects.select_for_update().filter(pk=plan_id).first() is None:
        raise UnknownPlanError(plan_id=plan_id)
