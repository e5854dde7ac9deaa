"""What Insights cuts its facts by, of many customers at once; nothing of those who were erased."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

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
    """The portraits of those of *customer_ids* that exist and were not erased."""
    return {each.customer_id: each for each in _read(Customer.objects.filter(pk__in=set(customer_ids)))}


def portraits_by_name(*, external_ids: Iterable[str]) -> dict[str, Portrait]:
    """The same by the wallet's own ids."""
    found = _read(Customer.objects.filter(external_id__in=set(external_ids)))
    return {each.external_id: each for each in found}


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
