"""What Insights cuts its facts by, of many customers at once; nothing of those who were erased."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from huifang.customers import store
from huifang.customers.models import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """The groups that one customer belongs to."""

    customer_id: int
    external_id: str
    wallet_kind: str
    region: str
    language: str
    time_zone: str


def portraits(*, customer_ids: Iterable[int]) -> dict[int, Portrait]:
    """The portraits of *customer_ids*, of a merged one the other's; unknown and erased ones are left out."""
    asked = set(customer_ids)
    now_called = store.kept(list(asked))
    found = _read(Customer.objects.filter(pk__in={now_called.get(pk, pk) for pk in asked}))
    known = {each.customer_id: each for each in found}
    return {pk: known[key] for pk in asked if (key := now_called.get(pk, pk)) in known}


def portraits_by_name(*, external_ids: Iterable[str]) -> dict[str, Portrait]:
    """The same by the wallet's own ids."""
    rows = Customer.objects.filter(external_id__in=set(external_ids), erased_at=None)
    keys = dict(rows.values_list("external_id", "pk"))
    known = portraits(customer_ids=keys.values())
    return {name: known[key] for name, key in keys.items() if key in known}


def _read(found: QuerySet[Customer]) -> list[Portrait]:
    rows = found.filter(erased_at=None).values_list(
        "pk", "external_id", "wallet_kind", "region", "language", "time_zone"
    )
    return [
        Portrait(
            customer_id=row[0],
            external_id=row[1],
            wallet_kind=row[2],
            region=row[3],
            language=row[4],
            time_zone=row[5],
        )
        for row in rows
    ]
